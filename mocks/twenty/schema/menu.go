package schema

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// MenuItem is an entry of the navigation menu or of the command menu.
type MenuItem struct {
	ID            string         `json:"id"`
	UniversalID   string         `json:"universalIdentifier,omitempty"` // "" if it is the id
	ApplicationID string         `json:"applicationId"`
	Says          map[string]any `json:"says"`                // by the name that GraphQL gives it
	Overrides     map[string]any `json:"overrides,omitempty"` // changes of a standard entry
	CreatedAt     string         `json:"createdAt"`
	UpdatedAt     string         `json:"updatedAt"`
}

// Get returns what an entry says about a key, changes included.
func (i MenuItem) Get(key string) any {
	if v, ok := i.Overrides[key]; ok {
		return v
	}
	return i.Says[key]
}

func (i MenuItem) text(key string) string {
	text, _ := i.Get(key).(string)
	return text
}

// reference is a key that names another piece of metadata.
type reference struct{ key, metadata string }

// menuKind holds the differences between the two menus.
type menuKind struct {
	metadata   string // in reports
	changing   string // in messages of reports
	title      string // in messages
	code       string // of errors
	defaults   map[string]any
	references []reference
	check      func(*Tables, MenuItem) []Complaint
}

// Menu is one of the two menus of a workspace.
type Menu struct {
	*menuKind
	tables *Tables
	Items  *fake.Table[MenuItem]
}

// fillMenuItem gives an entry of a seed what all entries of its menu have.
func (t *Tables) fillMenuItem(k *menuKind) func(*MenuItem) {
	return func(i *MenuItem) {
		workspace := ""
		t.inherit(&i.ApplicationID, &workspace, &i.CreatedAt, &i.UpdatedAt)
		says := maps.Clone(k.defaults)
		if says == nil {
			says = map[string]any{}
		}
		maps.Copy(says, i.Says)
		i.Says = says
	}
}

// NavigationMenu is the menu at the side. Evidence for both menus: fixtures/twenty/surface_menu_items.
func (t *Tables) NavigationMenu() Menu { return Menu{&navigationKind, t, t.NavigationItems} }

// CommandMenu is the menu of what can be done.
func (t *Tables) CommandMenu() Menu { return Menu{&commandKind, t, t.CommandItems} }

var navigationKind = menuKind{metadata: "navigationMenuItem", changing: "navigation menu items",
	title: "Navigation menu item", code: "NAVIGATION_MENU_ITEM",
	references: []reference{{"targetObjectMetadataId", objectMetadata}, {"viewId", "view"},
		{"folderId", "navigationMenuItem"}, {"pageLayoutId", "pageLayout"}},
	check: checkNavigation}

var commandKind = menuKind{metadata: "commandMenuItem", changing: "command menu item", title: "Command menu item",
	code:     "COMMAND_MENU_ITEM",
	defaults: map[string]any{"position": 0.0, "isPinned": false, "availabilityType": "GLOBAL", "isActive": true},
	references: []reference{{"availabilityObjectMetadataId", objectMetadata}, {"frontComponentId", "frontComponent"},
		{"pageLayoutId", "pageLayout"}},
	check: checkCommand}

// needs are the required keys of each type of navigation entry, and the errors for entries without
// them.
var needs = map[string]struct {
	keys    []string
	message string
}{
	"FOLDER": {[]string{"name"}, "Folder name is required"},
	"LINK":   {[]string{"link"}, "link is required for LINK type"},
	"OBJECT": {[]string{"targetObjectMetadataId"}, "targetObjectMetadataId is required for OBJECT type"},
	"VIEW":   {[]string{"viewId"}, "viewId is required for VIEW type"},
	"RECORD": {[]string{"targetRecordId", "targetObjectMetadataId"},
		"targetRecordId and targetObjectMetadataId are required for RECORD type"},
	"PAGE_LAYOUT": {[]string{"pageLayoutId"}, "pageLayoutId is required for PAGE_LAYOUT type"},
}

func checkNavigation(t *Tables, i MenuItem) (found []Complaint) {
	need := needs[i.text("type")]
	if slices.ContainsFunc(need.keys, func(key string) bool { return i.text(key) == "" }) {
		found = append(found, complain("INVALID_NAVIGATION_MENU_ITEM_INPUT", need.message))
	}
	folder, _ := t.NavigationItems.Find(i.text("folderId"))
	switch {
	case folder.ID == "":
	case folder.ID == i.ID:
		found = append(found, complain("CIRCULAR_DEPENDENCY", "Navigation menu item cannot be its own parent"))
	case folder.text("folderId") != "":
		found = append(found, complain("MAX_DEPTH_EXCEEDED",
			"Navigation menu item hierarchy exceeds maximum depth of 2"))
	}
	return found
}

const triggerWorkflow = "TRIGGER_WORKFLOW_VERSION"

func checkCommand(_ *Tables, i MenuItem) (found []Complaint) {
	const code = "INVALID_COMMAND_MENU_ITEM_INPUT"
	if i.text("label") == "" {
		found = append(found, complain(code, "Label is required"))
	}
	if key := i.text("engineComponentKey"); key != triggerWorkflow && i.Get("workflowVersionId") != nil {
		found = append(found, Complaint{Code: code,
			Message:     "workflowVersionId must not be set for engine component key " + key,
			UserMessage: "Workflow version must not be set for this item type"})
	}
	return found
}

// List returns the entries for which show is true, by position; entries with equal positions in
// order of creation.
func (m Menu) List(show func(MenuItem) bool) []MenuItem {
	out := js.Map(js.Where(slices.Collect(m.Items.All()), show), m.tables.withLabels)
	slices.SortStableFunc(out, func(a, b MenuItem) int {
		return cmp.Compare(numberOf(a.Get("position")), numberOf(b.Get("position")))
	})
	return out
}

func numberOf(v any) float64 {
	n, _ := v.(float64)
	return n
}

// Get returns an entry.
func (m Menu) Get(id string) (MenuItem, error) {
	i, ok := m.Items.Find(id)
	if !ok {
		return i, &ChangeError{Status: 404, Code: m.code + "_NOT_FOUND", Message: m.title + " not found",
			UserMessage: m.title + " not found."}
	}
	return i, nil
}

// Create makes entries, all or none.
func (m Menu) Create(inputs ...map[string]any) (made []MenuItem, err error) {
	failed := newFindings("create")
	for _, in := range inputs {
		i, err := m.fresh(in)
		if err != nil {
			return nil, err
		}
		if failed.add(m.metadata, map[string]any{"universalIdentifier": i.ID}, m.check(m.tables, i)) {
			continue
		}
		row, err := m.Items.Insert(i)
		if err != nil {
			return nil, err
		}
		made = append(made, row)
	}
	return made, failed.changeError("creating " + m.changing)
}

// fresh makes an entry of an input. Without a position it comes last on its level.
func (m Menu) fresh(in map[string]any) (MenuItem, error) {
	now := stamp(m.tables.State.Now())
	i := MenuItem{ID: m.tables.State.NewID(), ApplicationID: m.tables.Workspace().CustomApplicationID,
		Says: map[string]any{}, CreatedAt: now, UpdatedAt: now}
	maps.Copy(i.Says, m.defaults)
	for key, v := range in {
		if v != nil {
			i.Says[key] = v
		}
	}
	delete(i.Says, "id")
	if id := textAt(in, "id"); id != nil {
		i.ID = *id
	}
	if _, taken := m.Items.Find(i.ID); taken {
		return i, alreadyThere(i.ID)
	}
	if i.Says["position"] == nil {
		i.Says["position"] = m.lastPosition(i) + 1
	}
	return i, m.checkReferences(in)
}

func (m Menu) checkReferences(in map[string]any) error {
	for _, r := range m.references {
		id, ok := in[r.key].(string)
		if !ok {
			continue
		}
		known := m.tables.universal(r.metadata, id) != nil
		if r.metadata == m.metadata {
			_, known = m.Items.Find(id)
		}
		if !known {
			return relationMissing(r.metadata, r.key)
		}
	}
	return nil
}

// Update changes an entry. Changes of a standard entry are stored apart from its values.
func (m Menu) Update(id string, in map[string]any) (MenuItem, error) {
	was, err := m.Get(id)
	if err != nil {
		return was, err
	}
	i := was
	if m.tables.isStandard(i) && m.metadata == commandKind.metadata {
		i.Overrides = changed(i.Overrides, in)
	} else {
		i.Says = changed(i.Says, in)
	}
	if reflect.DeepEqual(i, was) {
		return i, nil
	}
	if err := m.checkReferences(in); err != nil {
		return i, err
	}
	failed := newFindings("update")
	failed.add(m.metadata, map[string]any{"universalIdentifier": i.ID}, m.check(m.tables, i))
	if err := failed.changeError("updating " + m.changing); err != nil {
		return i, err
	}
	i.UpdatedAt = stamp(m.tables.State.Now())
	return i, m.Items.Set(i)
}

func changed(values, in map[string]any) map[string]any {
	out := map[string]any{}
	maps.Copy(out, values)
	maps.Copy(out, in)
	if delete(out, "id"); len(out) == 0 {
		return nil
	}
	return out
}

func (t *Tables) isStandard(i MenuItem) bool {
	return i.ApplicationID == t.Workspace().StandardApplicationID
}

// Reset forgets the changes of a standard entry.
func (m Menu) Reset(id string) (MenuItem, error) {
	i, err := m.Get(id)
	if err != nil {
		return i, err
	}
	if !m.tables.isStandard(i) {
		message := "Custom command menu item cannot be reset to default"
		return i, &ChangeError{Status: 400, Code: m.code + "_CANNOT_BE_RESET", Message: message,
			UserMessage: message + "."}
	}
	i.Overrides, i.UpdatedAt = nil, stamp(m.tables.State.Now())
	return i, m.Items.Set(i)
}

// Delete removes an entry, with the content of a folder. A standard command stays and is switched
// off; that it is off is inferred, that lists still have it is recorded.
func (m Menu) Delete(id string) (MenuItem, error) {
	i, err := m.Get(id)
	if err != nil {
		return i, err
	}
	if m.tables.isStandard(i) && m.metadata == commandKind.metadata {
		off := i
		off.Overrides = changed(i.Overrides, map[string]any{"isActive": false})
		return i, m.Items.Set(off)
	}
	for _, child := range m.List(func(other MenuItem) bool { return other.text("folderId") == id }) {
		m.Items.Delete(child.ID)
	}
	m.Items.Delete(id)
	return i, nil
}

// objectWords are what the command that leads to an object says, with the object's own words in place of these.
var objectWords = map[string]any{"label": "Go to ${navigateToObjectMetadataItem.labelPlural}",
	"icon":       "${navigateToObjectMetadataItem.icon}",
	"shortLabel": "${navigateToObjectMetadataItem.labelPlural}"}

// withLabels replaces the placeholders in a command by the words of the object that it leads to. That the API shows
// the words is recorded for standard objects: fixtures/twenty/surface_menu_items.
func (t *Tables) withLabels(i MenuItem) MenuItem {
	payload, _ := i.Get("payload").(map[string]any)
	id, _ := payload["objectMetadataItemId"].(string)
	m := t.Schema().ByID(id)
	if m == nil {
		return i
	}
	words := strings.NewReplacer("${navigateToObjectMetadataItem.labelPlural}",
		Shown(m.Overrides, "labelPlural", m.LabelPlural),
		"${navigateToObjectMetadataItem.icon}", Shown(m.Overrides, "icon", or(m.Icon, "")))
	i.Says = maps.Clone(i.Says)
	for key := range objectWords {
		if text, ok := i.Says[key].(string); ok {
			i.Says[key] = words.Replace(text)
		}
	}
	return i
}

// menuEntries makes the entries that come with a new object, last in both menus:
// fixtures/twenty/webhook_deliveries_with_metadata_events.
func (d *draft) menuEntries() error {
	t, o := d.t, d.object
	command := MenuItem{ID: t.State.NewID(), UniversalID: derived(o.UniversalIdentifier, "command"),
		ApplicationID: o.ApplicationID, Says: maps.Clone(objectWords), CreatedAt: o.CreatedAt, UpdatedAt: o.UpdatedAt}
	maps.Copy(command.Says, map[string]any{"position": t.CommandMenu().lastPosition(command) + 1,
		"engineComponentKey": "NAVIGATION", "isPinned": false,
		"availabilityType": "GLOBAL", "conditionalAvailabilityExpression": "targetObjectReadPermissions." +
			o.NameSingular,
		"payload": map[string]any{"objectMetadataItemId": o.ID}})
	if _, err := t.CommandItems.Insert(command); err != nil {
		return err
	}
	entry := MenuItem{ID: t.State.NewID(), ApplicationID: o.ApplicationID,
		Says:      map[string]any{"type": "OBJECT", "targetObjectMetadataId": o.ID},
		CreatedAt: o.CreatedAt, UpdatedAt: o.UpdatedAt}
	entry.Says["position"] = t.NavigationMenu().lastPosition(entry) + 1
	_, err := t.NavigationItems.Insert(entry)
	return err
}

// forgetMenuEntries removes the entries that lead to an object.
func (t *Tables) forgetMenuEntries(object string) {
	t.NavigationItems.DeleteIf(func(i MenuItem) bool { return i.text("targetObjectMetadataId") == object })
	t.CommandItems.DeleteIf(func(i MenuItem) bool {
		payload, _ := i.Get("payload").(map[string]any)
		return payload["objectMetadataItemId"] == object
	})
}

// lastPosition is the highest position among the entries on the level of one.
func (m Menu) lastPosition(i MenuItem) (last float64) {
	for other := range m.Items.All() {
		if other.text("folderId") == i.text("folderId") && other.text("userWorkspaceId") == i.text("userWorkspaceId") {
			last = max(last, numberOf(other.Get("position")))
		}
	}
	return last
}
