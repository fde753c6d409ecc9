package schema

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Part is a piece of a view or a page layout: a row of one of the kinds of PartKinds.
type Part struct {
	ID                  string `json:"id"`
	WorkspaceID         string `json:"workspaceId"`
	ApplicationID       string `json:"applicationId"`
	UniversalIdentifier string `json:"universalIdentifier"`
	Kind                string `json:"kind"` // the route of its kind
	// of the view, layout or tab it belongs to; of the object of a layout
	ParentID string `json:"parentId"`
	// its columns but the parent; those that are missing have their defaults
	Says map[string]any `json:"says"`
	// changes of a standard part of a layout, by column
	Overrides map[string]any `json:"overrides,omitempty"`
	CreatedAt string         `json:"createdAt"`
	UpdatedAt string         `json:"updatedAt"`
	DeletedAt *string        `json:"deletedAt"`
}

// fillPart gives a row of a seed what all have in common and the defaults of its kind.
func (t *Tables) fillPart(p *Part) {
	t.inherit(&p.ApplicationID, &p.WorkspaceID, &p.CreatedAt, &p.UpdatedAt)
	k := KindOfPart(p.Kind)
	if k == nil {
		return // a seed's mistake
	}
	says := map[string]any{}
	for _, c := range k.Columns {
		if c.Name != k.Parent {
			says[c.Name] = c.Default
		}
	}
	maps.Copy(says, p.Says)
	p.Says = says
}

// Get returns a column of the row.
func (p Part) Get(column string) any {
	if column == KindOfPart(p.Kind).Parent {
		if p.ParentID == "" {
			return nil
		}
		return p.ParentID
	}
	if v, ok := p.Overrides[column]; ok {
		return v
	}
	return p.Says[column]
}

// Row returns the columns of the row, with those that all metadata has.
func (p Part) Row() map[string]any {
	out := map[string]any{"id": p.ID, "workspaceId": p.WorkspaceID, "applicationId": p.ApplicationID,
		"universalIdentifier": p.UniversalIdentifier, "createdAt": p.CreatedAt, "updatedAt": p.UpdatedAt,
		"deletedAt": nil}
	if p.DeletedAt != nil {
		out["deletedAt"] = *p.DeletedAt
	}
	k := KindOfPart(p.Kind)
	for _, c := range k.Columns {
		out[c.Name] = p.Get(c.Name)
	}
	if k.Overridable {
		out["overrides"], out["isOverridden"] = nil, p.Overrides != nil
		if p.Overrides != nil {
			out["overrides"] = p.Overrides
		}
	}
	return out
}

func (p *Part) set(column string, value any) {
	if column == KindOfPart(p.Kind).Parent {
		p.ParentID, _ = value.(string)
		return
	}
	p.Says[column] = value
}

// Text returns a column that holds a text, "" if it is null.
func (p Part) Text(column string) string {
	text, _ := p.Get(column).(string)
	return text
}

func (p Part) number(column string) float64 {
	n, _ := p.Get(column).(float64)
	return n
}

// partError returns the error of one kind.
func partError(status int, code, message string) *ChangeError {
	return &ChangeError{Status: status, Code: code, Message: message}
}

func (k *PartKind) missing(message, id string) *ChangeError {
	return partError(404, k.Code+"_NOT_FOUND", strings.ReplaceAll(message, "{}", id))
}

// MissingPart returns the error for a missing part.
func (k *PartKind) MissingPart(id string) *ChangeError {
	if k.Layout {
		return k.missing(k.Name+` with ID "{}" not found`, id)
	}
	return k.missing(k.Name+" (id: {}) not found", id)
}

// PartOf returns a part that is there and not deleted.
func (t *Tables) PartOf(k *PartKind, id string) (Part, error) {
	p, ok := t.Parts.Find(id)
	if !ok || p.Kind != k.Route || p.DeletedAt != nil {
		return Part{}, k.MissingPart(id)
	}
	return p, nil
}

// PartsOf returns the parts of a kind below a parent, or all of a kind, in the order of its lists. Deleted parts
// are left out.
func (t *Tables) PartsOf(k *PartKind, parent string) []Part {
	var out []Part
	for p := range t.Parts.All() {
		if p.Kind == k.Route && p.DeletedAt == nil && (parent == "" || p.ParentID == parent) {
			out = append(out, p)
		}
	}
	if k.Sort != "" {
		slices.SortStableFunc(out, func(a, b Part) int {
			x, okX := a.Get(k.Sort).(float64)
			y, okY := b.Get(k.Sort).(float64)
			if okX != okY { // null is last
				return cmp.Compare(b2i(okY), b2i(okX))
			}
			return cmp.Compare(x, y)
		})
	}
	return out
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// CreatePart creates a part from a body.
func (t *Tables) CreatePart(k *PartKind, body map[string]any) (Part, error) {
	made, err := t.CreateParts(k, []map[string]any{body})
	if err != nil {
		return Part{}, err
	}
	return made[0], nil
}

// CreateParts makes several parts, or none.
func (t *Tables) CreateParts(k *PartKind, bodies []map[string]any) ([]Part, error) {
	var made []Part
	for _, body := range bodies {
		p, err := t.draftPart(k, body)
		if err != nil {
			return nil, err
		}
		made = append(made, p)
	}
	seen := newFindings("create")
	for _, p := range made {
		if check := partRules[k.Metadata].check; check != nil {
			seen.add(k.Metadata, t.partEntity(k, p), check(t, p, nil))
		}
	}
	phrase := "creating " + strings.ToLower(k.Name)
	if k.Several {
		phrase += "s"
	}
	if err := k.changeError(seen, phrase); err != nil {
		return nil, err
	}
	for _, p := range made {
		if err := t.storePart(k, p, nil); err != nil {
			return nil, err
		}
	}
	return made, t.touch()
}

// tidyColumns lose their blanks when a part is made; a change tidies all it says. Documented for each kind of
// metadata: packages/twenty-server/src/engine/metadata-modules/flat-*/utils/from-create-*-to-create.util.ts.
var tidyColumns = []string{"name", "title", "fieldValue"}

// chosenID is the identifier that a client gives what it creates, or a new one.
func (t *Tables) chosenID(body map[string]any) string {
	if id := body["id"]; id != nil {
		return *columnText(tidied(id))
	}
	return t.State.NewID()
}

func (t *Tables) draftPart(k *PartKind, body map[string]any) (Part, error) {
	w, now := t.Workspace(), stamp(t.State.Now())
	p := Part{ID: t.chosenID(body), WorkspaceID: w.ID, ApplicationID: w.CustomApplicationID,
		UniversalIdentifier: t.State.NewID(), Kind: k.Route, CreatedAt: now, UpdatedAt: now}
	if k.Layout {
		p.UniversalIdentifier = p.ID
	}
	t.fillPart(&p)
	for _, c := range k.Columns {
		if value := body[c.Name]; value != nil && (!c.Fixed || c.Refers != "") {
			if slices.Contains(tidyColumns, c.Name) {
				value = tidied(value)
			}
			p.set(c.Name, value)
		}
	}
	return p, t.resolvePart(k, p, body, true)
}

// resolvePart returns the errors that precede the validation: missing required keys, and dangling
// references.
func (t *Tables) resolvePart(k *PartKind, p Part, body map[string]any, create bool) error {
	// a guard looks the view up
	if view, ok := body["viewId"].(string); ok && create && k.Parent == "viewId" && !IsUUID(view) {
		return &ChangeError{Status: 500, Fault: badUUID(view)}
	}
	if require := partRules[k.Metadata].require; require != nil {
		if err := require(t, p, body, create); err != nil {
			return err
		}
	}
	for _, c := range k.Columns {
		value, said := body[c.Name]
		if c.Refers == "" || !create && (c.Fixed || !said) {
			continue
		}
		id, _ := value.(string)
		if (value != nil || c.Must) && t.universal(c.Refers, id) == nil {
			return relationMissing(c.Refers, c.Name)
		}
	}
	return nil
}

func badUUID(text string) string { return `invalid input syntax for type uuid: "` + text + `"` }

func relationMissing(metadata, column string) *ChangeError {
	return partError(404, "RELATION_UNIVERSAL_IDENTIFIER_NOT_FOUND", "Could not find "+metadata+" for given "+column)
}

// universal returns the universal identifier of a piece of metadata, or nil.
func (t *Tables) universal(metadata, id string) *string {
	switch metadata {
	case fieldMetadata:
		if a := t.Schema().Attr(id); a != nil {
			return &a.UniversalIdentifier
		}
	case objectMetadata:
		if m := t.Schema().ByID(id); m != nil {
			return &m.UniversalIdentifier
		}
	case "view":
		if v, ok := t.Views.Find(id); ok {
			return &v.UniversalIdentifier
		}
	default:
		if p, ok := t.Parts.Find(id); ok && KindOfPart(p.Kind).Metadata == metadata {
			return &p.UniversalIdentifier
		}
	}
	return nil
}

// Universals returns the universal identifiers that a part's answers name, by key; the value is nil for a
// reference that is null.
func (t *Tables) Universals(p Part) map[string]*string {
	out := map[string]*string{}
	for _, c := range KindOfPart(p.Kind).Columns {
		if c.Refers != "" {
			out[universalKey(c.Name)] = t.universal(c.Refers, p.Text(c.Name))
		}
	}
	return out
}

func universalKey(column string) string {
	return strings.TrimSuffix(column, "Id") + "UniversalIdentifier"
}

func (t *Tables) partEntity(k *PartKind, p Part) map[string]any {
	out := map[string]any{"universalIdentifier": p.UniversalIdentifier}
	for _, c := range k.Columns {
		if id := t.universal(c.Refers, p.Text(c.Name)); id != nil && slices.Contains(k.Entity, c.Name) {
			out[universalKey(c.Name)] = *id
		}
	}
	return out
}

// changeError returns the report of a failed validation. Over REST that of widgets is a bare text.
func (k *PartKind) changeError(seen *findings, phrase string) error {
	err := seen.changeError(phrase)
	if no, ok := err.(*ChangeError); ok && k.Layout {
		no.Status, no.BareReport = 500, true
	}
	return err
}

// UpdatePart applies the changes in a body, which may be under "update", as in GraphQL. Nothing
// changes, including the time of the last change, if the values are the present ones.
func (t *Tables) UpdatePart(k *PartKind, id string, body map[string]any) (Part, error) {
	if nested, ok := body["update"].(map[string]any); ok {
		body = nested
	}
	body = tidied(body).(map[string]any)
	old, err := t.storedPart(k, id, cmp.Or(k.Update, k.Name+" to update not found"))
	if err != nil {
		return Part{}, err
	}
	p := old
	p.Says = maps.Clone(old.Says)
	standard := k.Overridable && old.ApplicationID == t.Workspace().StandardApplicationID
	for _, c := range k.Columns {
		switch value, said := body[c.Name]; {
		case !said || c.Fixed || standard && same(value, old.Get(c.Name)):
		case standard:
			p.Overrides = changed(p.Overrides, map[string]any{c.Name: value})
		default:
			p.set(c.Name, value)
		}
	}
	if err := t.resolvePart(k, p, body, false); err != nil || same(p, old) {
		return p, err
	}
	seen := newFindings("update")
	if check := partRules[k.Metadata].check; check != nil {
		seen.add(k.Metadata, t.partEntity(k, p), check(t, p, &old))
	}
	if err := k.changeError(seen, "updating "+strings.ToLower(k.Name)); err != nil {
		return Part{}, err
	}
	p.UpdatedAt = stamp(t.State.Now())
	if err := t.storePart(k, p, &old); err != nil {
		return Part{}, err
	}
	return p, t.touch()
}

// storedPart finds a part by the identifier of a request, deleted ones too.
func (t *Tables) storedPart(k *PartKind, id, missing string) (Part, error) {
	p, ok := t.Parts.Find(id)
	switch {
	case !k.Layout && !IsUUID(id): // a guard looks the part up
		return Part{}, &ChangeError{Status: 500, Fault: badUUID(id)}
	case !ok || p.Kind != k.Route:
		return Part{}, k.missing(missing, id)
	}
	return p, nil
}

// storePart stores a row, or returns the database's error.
func (t *Tables) storePart(k *PartKind, p Part, old *Part) error {
	change, why := "update", ""
	for _, c := range k.Columns {
		value, message := c.stored(k.Metadata, p.Get(c.Name))
		if why = cmp.Or(why, message); !same(value, p.Get(c.Name)) {
			p.set(c.Name, value)
		}
	}
	if old == nil {
		_, taken := t.Parts.Find(p.ID)
		change, why = "create", cmp.Or(why, badID(k.Metadata, p.ID, taken))
	}
	if k.Metadata == "viewSort" && t.sortedAlready(p) {
		why = cmp.Or(why,
			`duplicate key value violates unique constraint "IDX_VIEW_SORT_FIELD_METADATA_ID_VIEW_ID_UNIQUE"`)
	}
	switch {
	case why != "":
		return rejected(change, k.Metadata, p.UniversalIdentifier, why)
	case old == nil:
		_, err := t.Parts.Insert(p)
		return err
	}
	return t.Parts.Set(p)
}

func rejected(change, metadata, universal, message string) *ChangeError {
	return &ChangeError{Status: 400, Message: message, Action: migrationText(change, metadata, universal)}
}

func migrationText(change, metadata, universal string) string {
	return "Migration action '" + change + "' for '" + metadata + "' (universalIdentifier: " + universal + ") failed"
}

// DeletePart deletes a part: parts of views are kept and may be deleted again, those of layouts are
// deleted with their descendants.
func (t *Tables) DeletePart(k *PartKind, id string) (Part, error) {
	verb := " to delete not found"
	if k.Layout {
		verb = " to destroy not found"
	}
	p, err := t.storedPart(k, id, cmp.Or(k.Delete, k.Name+verb))
	if err != nil {
		return p, err
	}
	if k.Layout {
		t.destroyBelow(p.ID)
		t.Parts.Delete(p.ID)
		return p, t.touch()
	}
	if err := t.deletable(k, p, "update"); err != nil {
		return p, err
	}
	now := stamp(t.State.Now())
	p.DeletedAt, p.UpdatedAt = &now, now
	if err := t.Parts.Set(p); err != nil {
		return p, err
	}
	return p, t.touch()
}

// DestroyPart removes a part of a view for good.
func (t *Tables) DestroyPart(k *PartKind, id string) (Part, error) {
	p, err := t.storedPart(k, id, cmp.Or(k.Delete, k.Name+" to destroy not found"))
	if err != nil {
		return p, err
	}
	if err := t.deletable(k, p, "delete"); err != nil {
		return p, err
	}
	t.Parts.Delete(id)
	return p, t.touch()
}

func (t *Tables) destroyBelow(id string) {
	for _, child := range t.below(id) {
		t.destroyBelow(child.ID)
		t.Parts.Delete(child.ID)
	}
}

// CopyLayout copies a page layout with its tabs and their widgets, and returns the copy's identifier.
func (t *Tables) CopyLayout(id string) (string, error) {
	p, ok := t.Parts.Find(id)
	if !ok {
		return t.State.NewID(), nil
	}
	return t.copyPart(p, p.ParentID)
}

func (t *Tables) copyPart(p Part, parent string) (string, error) {
	below := t.below(p.ID)
	p.ID, p.ParentID, p.CreatedAt = t.State.NewID(), parent, stamp(t.State.Now())
	p.UniversalIdentifier, p.UpdatedAt, p.ApplicationID = p.ID, p.CreatedAt, t.Workspace().CustomApplicationID
	if _, err := t.Parts.Insert(p); err != nil {
		return "", err
	}
	for _, child := range below {
		if _, err := t.copyPart(child, p.ID); err != nil {
			return "", err
		}
	}
	return p.ID, nil
}
