package twenty

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// metadataRow is a row of the data model, and what its form in webhooks has besides.
type metadataRow struct {
	kind, id string
	row      any
	extra    node
	owners   []string // without them the row goes silently
}

// body writes the row in the form of webhooks.
func (r metadataRow) body() *ordered {
	row := r.row
	if p, ok := row.(schema.Part); ok {
		row = p.Row()
	}
	return keysInOrder(r.kind, row, r.extra)
}

// sameAs reports whether two states of a row are equal before they are written.
func (r metadataRow) sameAs(other metadataRow) bool {
	return reflect.DeepEqual(r.row, other.row) && reflect.DeepEqual(r.extra, other.extra)
}

// metadataState holds the rows by identifier, and the order of their events.
type metadataState struct {
	rows  map[string]metadataRow
	order []string
}

func (s *metadataState) add(r metadataRow) {
	s.rows[r.id] = r
	s.order = append(s.order, r.id)
}

// tellingMetadata sends the events for the rows that a change of the data model altered.
func (a *api) tellingMetadata(do fake.Handler) fake.Handler {
	return func(r *fake.Request) (any, error) {
		if !a.Writing() || !a.metadataWanted() {
			return do(r)
		}
		before := a.metadataState()
		out, err := do(r)
		if err == nil {
			caller, _ := identify(r.State, credentialOf(r.HTTP), r.Now())
			a.tellMetadata(before, a.metadataState(), caller)
		}
		return out, err
	}
}

// metadataWanted reports whether a webhook may want an event of the data model.
func (a *api) metadataWanted() bool {
	for _, hook := range a.servedWebhooks() {
		for _, o := range hook.Operations {
			if o != nil && (*o == "*.*" || len(*o) > len("metadata.") && (*o)[:len("metadata.")] == "metadata.") {
				return true
			}
		}
	}
	return false
}

// metadataState reads all rows, objects first. The kinds and the order of their keys are recorded for objects,
// fields, views, their columns, and page layouts; for the other parts of views they are inferred.
func (a *api) metadataState() *metadataState {
	s := &metadataState{rows: map[string]metadataRow{}}
	for o := range a.tables.Objects.All() {
		s.add(metadataRow{kind: "objectMetadata", id: o.ID, row: o, extra: objectExtra})
	}
	for f := range a.tables.Fields.All() {
		s.add(metadataRow{kind: "fieldMetadata", id: f.ID, row: f, extra: fieldExtra(f)})
	}
	for v := range a.tables.Views.All() {
		s.add(a.toldView(v))
	}
	parts := map[string][]schema.Part{}
	for p := range a.tables.Parts.All() {
		parts[p.Kind] = append(parts[p.Kind], p)
	}
	for _, k := range schema.PartKinds {
		for _, p := range parts[k.Route] {
			s.add(metadataRow{kind: k.Metadata, id: p.ID, row: p, owners: ownersOf(p)})
		}
	}
	a.addDerived(s)
	return s
}

// addDerived adds what comes with objects and fields: indexes, the search field of a custom object, menu entries.
func (a *api) addDerived(s *metadataState) {
	for _, m := range a.tables.Schema().Models {
		for _, ix := range m.Indexes() {
			s.add(toldIndex(m, ix))
		}
		if m.Custom && m.Label() != nil && m.Label().Name == "name" {
			if vector := m.Attr("searchVector"); vector != nil {
				s.add(toldSearchField(m, m.Label(), vector))
			}
		}
	}
	workspace := a.tables.Workspace().ID
	for i := range a.tables.CommandItems.All() {
		s.add(metadataRow{kind: "commandMenuItem", id: i.ID, row: menuItemRow(i, workspace)})
	}
	for i := range a.tables.NavigationItems.All() {
		target, _ := i.Get("targetObjectMetadataId").(string)
		s.add(metadataRow{kind: "navigationMenuItem", id: i.ID, owners: []string{target},
			row: menuItemRow(i, workspace)})
	}
}

// toldIndex is an index. Indexes of the search vector are no custom ones, and their universal identifiers are derived.
func toldIndex(m *schema.Model, ix schema.Index) metadataRow {
	f := ix.Attrs[0]
	id, universal := schema.RowID("index", f.ID, ix.Name[:8]), schema.RowID("universal index", f.ID)
	if ix.Type == "GIN" {
		universal = schema.DerivedID(m.UniversalIdentifier, "index")
	}
	row := node{"isSystemSideEffect": true, "indexType": ix.Type, "isUnique": ix.Unique, "name": ix.Name,
		"objectMetadataId": m.ID,
		"isCustom":         ix.Type != "GIN", "createdAt": f.CreatedAt, "updatedAt": f.CreatedAt, "id": id,
		"workspaceId": m.WorkspaceID, "applicationId": m.ApplicationID, "universalIdentifier": universal}
	if f.ApplicationID != "" {
		row["applicationId"] = f.ApplicationID
	}
	return metadataRow{kind: "index", id: id, row: row}
}

// toldSearchField says that a field of an object is searched.
func toldSearchField(m *schema.Model, field, vector *schema.Attr) metadataRow {
	id := schema.RowID("search field", field.ID)
	row := node{"isSystemSideEffect": true, "objectMetadataId": m.ID, "fieldMetadataId": field.ID,
		"tsVectorFieldMetadataId": vector.ID, "position": 0,
		"createdAt": vector.CreatedAt, "updatedAt": vector.CreatedAt, "id": id, "workspaceId": m.WorkspaceID,
		"applicationId":       m.ApplicationID,
		"universalIdentifier": schema.DerivedID(m.UniversalIdentifier, "search field")}
	return metadataRow{kind: "searchFieldMetadata", id: id, row: row}
}

// menuItemRow is an entry of a menu. Those that came with an object are side effects.
func menuItemRow(i schema.MenuItem, workspace string) node {
	row := node(maps.Clone(i.Says))
	maps.Copy(row, node{"isSystemSideEffect": i.UniversalID != "", "isActive": true, "createdAt": i.CreatedAt,
		"updatedAt": i.UpdatedAt, "id": i.ID,
		"workspaceId": workspace, "applicationId": i.ApplicationID, "universalIdentifier": cmp.Or(i.UniversalID, i.ID)})
	if len(i.Overrides) > 0 {
		row["overrides"] = i.Overrides
	}
	return row
}

// ownersOf are the rows with which a part goes: its view, layout or tab, its object and its field.
func ownersOf(p schema.Part) []string {
	ids := js.Only[string]([]any{p.ParentID, p.Get("fieldMetadataId"), p.Get("objectMetadataId")})
	return js.Where(ids, func(id string) bool { return id != "" })
}

//go:embed documents/webhook-keys.json
var webhookKeys []byte

// rowKeys are the keys of each kind of rows in the order of deliveries.
var rowKeys = sync.OnceValue(func() (keys map[string][]string) {
	if err := json.Unmarshal(webhookKeys, &keys); err != nil {
		panic(err) // embedded
	}
	return keys
})

// keysInOrder writes a row with the keys of its kind, and those that all rows end with.
func keysInOrder(kind string, row any, extra node) *ordered {
	out, values := &ordered{}, jsonObject[any](row)
	for _, key := range append(slices.Clone(rowKeys()[kind]), "id", "workspaceId", "applicationId",
		"universalIdentifier") {
		if value, ok := extra[key]; ok {
			out.set(key, value)
		} else {
			out.set(key, json.RawMessage(jsonb.Encode(values[key])))
		}
	}
	return out
}

// jsonObject returns a row as the object that it is in JSON.
func jsonObject[V any](row any) (out map[string]V) {
	raw, err := json.Marshal(row)
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		panic(err) // rows are plain data
	}
	return out
}

var objectExtra = node{"isAuditLogged": true, "targetTableName": "DEPRECATED"}

// fieldExtra returns the keys that webhooks add to the row of a field.
func fieldExtra(f schema.Field) node {
	extra := node{"isSystemSideEffect": f.IsSystem, "relationTargetFieldMetadataId": nil,
		"relationTargetObjectMetadataId": nil}
	if f.TargetObjectID != "" {
		extra["relationTargetFieldMetadataId"], extra["relationTargetObjectMetadataId"] = f.TargetFieldID,
			f.TargetObjectID
	}
	extra["settings"] = columnOrder(f.Settings)
	return extra
}

// columnOrder sorts the keys of settings as the database keeps them: short ones first.
func columnOrder(settings any) any {
	given, ok := settings.(map[string]any)
	if !ok {
		return settings
	}
	out := &ordered{}
	for _, key := range slices.SortedFunc(maps.Keys(given),
		func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) }) {
		out.set(key, given[key])
	}
	return out
}

// asMade returns a row in the form of its creation event: the settings of a relation are as the
// server first wrote them, and identifiers are unique.
func asMade(r metadataRow) *ordered {
	body := r.body()
	settings, ok := body.values["settings"].(*ordered)
	if !ok {
		settings = &ordered{}
	}
	written := &ordered{}
	for _, key := range append([]string{"relationType", "onDelete", "joinColumnName"}, settings.keys...) {
		if value, said := settings.values[key]; said {
			written.set(key, value)
		}
	}
	out := inOrder().with(body)
	if settings.values["relationType"] != nil {
		out.set("settings", written)
	}
	for _, key := range []string{"position", "configuration"} { // of a widget, which was not read from the database yet
		if raw, ok := out.values[key].(json.RawMessage); ok {
			if v, err := js.ParseJSON(string(raw)); err == nil {
				jsonb.Arrange(v, "made."+key, schema.KeyOrder)
				out.set(key, json.RawMessage(jsonb.Encode(v)))
			}
		}
	}
	if r.kind == "fieldMetadata" && jsText(body.values["defaultValue"]) == `"uuid"` &&
		jsText(body.values["isSystem"]) == "true" {
		out.set("isUnique", true)
	}
	return out
}

// toldView is a view as the database has it.
func (a *api) toldView(v schema.View) metadataRow {
	return metadataRow{kind: "view", id: v.ID, row: v, owners: []string{v.ObjectMetadataID},
		extra: node{"isCustom": v.ApplicationID == a.tables.Workspace().CustomApplicationID}}
}

// tellMetadata sends the events for the differences between two states: created, changed and
// deleted rows. Rows deleted with their owner have no event: recorded for the views of a deleted
// object.
func (a *api) tellMetadata(before, after *metadataState, caller *schema.Caller) {
	for _, id := range after.order {
		now := after.rows[id]
		old, was := before.rows[id]
		if !was {
			a.tellRow(now, "created", node{"after": asMade(now)}, caller)
			continue
		}
		if changes := changesOf(old, now); changes != nil && now.kind != "index" { // inferred for a renamed index
			a.tellRow(now, "updated", changes, caller)
		}
	}
	for _, id := range before.order {
		old := before.rows[id]
		if _, stays := after.rows[id]; stays ||
			slices.ContainsFunc(old.owners, func(o string) bool { return before.has(o) && !after.has(o) }) {
			continue
		}
		a.tellRow(old, "deleted", node{"before": asGone(old)}, caller)
	}
}

func (s *metadataState) has(id string) bool { _, ok := s.rows[id]; return ok }

// asGone returns a row in the form of its deletion event: objects have one more key.
func asGone(r metadataRow) *ordered {
	body := r.body()
	if r.kind != "objectMetadata" {
		return body
	}
	return inOrder("dataSourceId", nil).with(body)
}

// changesOf compares two states of a row and returns nil if they are equal. The time of the change
// is not part of the event.
func changesOf(old, now metadataRow) any {
	if now.sameAs(old) { // which is true of nearly all rows, and known before they are written
		return nil
	}
	before, written := old.body(), now.body()
	updated, diff, after := []string{}, &ordered{}, &ordered{}
	for _, key := range written.keys {
		was, is := before.values[key], written.values[key]
		if key == "updatedAt" {
			is = was
		}
		after.set(key, is)
		if a, b := jsText(was), jsText(is); a != b {
			updated = append(updated, key)
			diff.set(key, inOrder("before", was, "after", is))
		}
	}
	if len(updated) == 0 {
		return nil
	}
	return inOrder("updatedFields", updated, "diff", diff, "before", before, "after", after)
}

// tellRow sends an event to the webhooks that want it. That calls with a user's token name the user is inferred.
func (a *api) tellRow(row metadataRow, action string, properties any, caller *schema.Caller) {
	event := inOrder("type", action, "metadataName", row.kind, "recordId", row.id, "properties", properties)
	if action == "created" && row.kind != "objectMetadata" {
		event = inOrder("type", action, "recordId", row.id, "metadataName", row.kind, "properties", properties)
	}
	for _, hook := range a.servedWebhooks() {
		if !hook.WantsMetadata(row.kind, action) {
			continue
		}
		name := "metadata." + row.kind + "." + action
		body := inOrder("targetUrl", hook.TargetURL, "eventName", name, "workspaceId", hook.WorkspaceID,
			"webhookId", hook.ID, "eventDate", a.Now().UTC().Format("2006-01-02T15:04:05.000Z"))
		switch {
		case caller == nil:
		case caller.Key != nil:
			body.set("apiKeyId", caller.Key.ID)
		case caller.User != nil:
			body.set("userId", caller.User.ID)
		}
		body.set("event", event)
		raw := jsText(body)
		a.Deliver(fake.Delivery{Event: name, URL: hook.TargetURL, Body: raw, Timeout: 5 * time.Second, Follow: true,
			Header: a.signed(hook.Secret, raw)})
	}
}
