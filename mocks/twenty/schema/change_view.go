package schema

import (
	"cmp"
	"maps"
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// View returns a view that is not deleted.
func (t *Tables) View(id string) (View, error) {
	v, ok := t.Views.Find(id)
	if !ok || v.DeletedAt != nil {
		return v, viewMissing(" (id: " + id + ") not found")
	}
	return v, nil
}

func viewMissing(what string) *ChangeError {
	return &ChangeError{Status: 404, Code: "VIEW_NOT_FOUND", Message: "View" + what}
}

// ListedViews returns the views that are not deleted.
func (t *Tables) ListedViews() []View {
	return js.Where(slices.Collect(t.Views.All()), func(v View) bool { return v.DeletedAt == nil })
}

// ViewsOf returns the views of an object, or of all objects, that a member of the workspace sees, by position
// (documented: packages/twenty-server/src/engine/metadata-modules/view/services/view.service.ts).
func (t *Tables) ViewsOf(object string, member *string) []View {
	views := slices.DeleteFunc(t.ListedViews(), func(v View) bool {
		return object != "" && v.ObjectMetadataID != object || v.Visibility == "UNLISTED" &&
			(member == nil || !same(member, v.CreatedByUserWorkspaceID))
	})
	slices.SortStableFunc(views, func(a, b View) int { return cmp.Compare(a.Position, b.Position) })
	return views
}

// MayCreateView returns the error of a caller who may not create a view: members create views for themselves, and a
// permission allows views for all. MayModifyView is the same for a view that is there, and parts of it. Documented:
// packages/twenty-server/src/engine/metadata-modules/view-permissions/services/view-access.service.ts.
func MayCreateView(c *Caller, visibility any) error {
	if unlisted := visibility == "UNLISTED"; unlisted && c.User != nil || !unlisted && c.MaySet(SettingViews) {
		return nil
	}
	return viewDenied(400, "CREATE", "create workspace-level views")
}

// MayModifyView returns the error of a caller who may not change a view.
func (t *Tables) MayModifyView(c *Caller, id string) error {
	v, ok := t.Views.Find(id)
	if !ok || c.MaySet(SettingViews) ||
		v.Visibility == "UNLISTED" && c.User != nil && same(c.Membership(), v.CreatedByUserWorkspaceID) {
		return nil
	}
	return viewDenied(403, "MODIFY", "modify this view")
}

func viewDenied(status int, code, what string) error {
	return &ChangeError{Status: status, Code: "VIEW_" + code + "_PERMISSION_DENIED",
		Message: "You do not have permission to " + what, UserMessage: "You don't have permission to " + what + "."}
}

// MayChangePart returns the error of a caller who may not change the view of a part that is there or to be made.
func (t *Tables) MayChangePart(c *Caller, k *PartKind, id string, body map[string]any) error {
	if p, ok := t.Parts.Find(id); ok && p.Kind == k.Route {
		return t.MayModifyView(c, p.ParentID)
	}
	view, _ := body["viewId"].(string)
	return t.MayModifyView(c, view)
}

// viewColumns are what a view stores of a body. Documented: packages/twenty-server/src/engine/metadata-modules/
// view/entities/view.entity.ts; the messages are those of the database about other metadata.
var viewColumns = []PartColumn{nameColumn,
	{Name: "type", Default: TableView,
		Values: []string{TableView, "KANBAN", "CALENDAR", "FIELDS_WIDGET", "TABLE_WIDGET"}},
	{Name: "key", Values: []string{"INDEX"}, Fixed: true}, {Name: "icon", Must: true, Type: "text"},
	positionColumn, {Name: "isCompact", Default: false, Type: "boolean"},
	{Name: "openRecordIn", Default: "SIDE_PANEL", Values: []string{"SIDE_PANEL", "RECORD_PAGE"}},
	{Name: "kanbanAggregateOperation", Values: aggregates}, {Name: "anyFieldFilterValue", Type: "text"},
	{Name: "calendarLayout", Values: []string{"DAY", "WEEK", "MONTH"}},
	{Name: "visibility", Default: "WORKSPACE", Values: []string{"WORKSPACE", "UNLISTED"}},
	{Name: "shouldHideEmptyGroups", Default: false, Type: "boolean"}, {Name: "kanbanColumnWidth", Type: "integer"},
	{Name: "kanbanAggregateOperationFieldMetadataId", Type: "text"},
	{Name: "calendarFieldMetadataId", Type: "text"}, {Name: "mainGroupByFieldMetadataId", Type: "text"}}

// unstorable returns a body with what the database stores of it, and why it rejects something of it, or "".
func unstorable(body map[string]any, create bool) (out map[string]any, why string) {
	out = maps.Clone(body)
	for _, c := range viewColumns {
		value, said := body[c.Name]
		if create && value == nil && c.Default != nil || !create && (!said || c.Fixed) {
			continue
		}
		stored, message := c.stored("view", value)
		if why = cmp.Or(why, message); said && message == "" {
			out[c.Name] = stored
		} else {
			delete(out, c.Name)
		}
	}
	return out, why
}

// CreateView creates a view from a body, with one group for each value that it is grouped by. maker
// is the user's membership in the workspace, nil for an API key: fixtures/twenty/metadata_views,
// surface_views_layouts.
func (t *Tables) CreateView(body map[string]any, maker *string) (View, error) {
	object, _ := body["objectMetadataId"].(string)
	if t.Schema().ByID(object) == nil {
		return View{}, relationMissing(objectMetadata, "objectMetadataId")
	}
	w, now := t.Workspace(), stamp(t.State.Now())
	v := View{ID: t.chosenID(body), WorkspaceID: w.ID, ApplicationID: w.CustomApplicationID,
		UniversalIdentifier: t.State.NewID(), Type: TableView, Key: textAt(body, "key"),
		OpenRecordIn: "SIDE_PANEL", Visibility: "WORKSPACE", IsActive: true, ObjectMetadataID: object, IsCustom: true,
		CreatedByUserWorkspaceID: maker, CreatedAt: now, UpdatedAt: now}
	body, message := unstorable(body, true)
	v.apply(body)
	v.Name = js.OneSpaced(v.Name)
	_, taken := t.Views.Find(v.ID)
	if err := t.checkView(v, View{}, "create", cmp.Or(message, badID("view", v.ID, taken))); err != nil {
		return View{}, err
	}
	v, err := t.Views.Insert(v)
	if err != nil {
		return v, err
	}
	if err := t.groupBy(v); err != nil {
		return v, err
	}
	return v, t.touch()
}

// UpdateView applies the changes in a body. A view that a member takes off the workspace's list becomes the member's
// (documented: packages/twenty-server/src/engine/metadata-modules/flat-view/utils/
// from-update-view-input-to-flat-view-to-update-or-throw.util.ts).
func (t *Tables) UpdateView(id string, body map[string]any, member *string) (View, error) {
	old, ok := t.Views.Find(id)
	if !ok {
		return View{}, viewMissing(" to update not found")
	}
	v := old
	body, message := unstorable(tidied(body).(map[string]any), false)
	v.apply(body)
	if member != nil && v.Visibility == "UNLISTED" && old.Visibility == "WORKSPACE" {
		v.CreatedByUserWorkspaceID = member
	}
	if same(v, old) && message == "" {
		return old, nil
	}
	if err := t.checkView(v, old, "update", message); err != nil {
		return View{}, err
	}
	v.UpdatedAt = stamp(t.State.Now())
	if err := t.Views.Set(v); err != nil {
		return v, err
	}
	if !same(v.MainGroupByFieldMetadataID, old.MainGroupByFieldMetadataID) {
		if err := t.groupBy(v); err != nil {
			return v, err
		}
	}
	return v, t.touch()
}

// DeleteView deletes a view; its parts stay as they are, and it may be deleted again.
func (t *Tables) DeleteView(id string) error {
	v, ok := t.Views.Find(id)
	if !ok {
		return viewMissing(" to delete not found")
	}
	now := stamp(t.State.Now())
	v.DeletedAt, v.UpdatedAt = &now, now
	if err := t.Views.Set(v); err != nil {
		return err
	}
	return t.touch()
}

// DestroyView removes a view with all its parts.
func (t *Tables) DestroyView(id string) error {
	if _, ok := t.Views.Find(id); !ok {
		return viewMissing(" to destroy not found")
	}
	t.forgetViews(func(v View) bool { return v.ID == id })
	return t.touch()
}

// checkView rejects missing fields, a board without groups, and what the database rejects. Messages
// beyond those of surface_views_layouts are known from the vendor's public source.
func (t *Tables) checkView(v, old View, change, unstorable string) error {
	field := func(id *string) *Attr {
		if id == nil {
			return nil
		}
		return t.Schema().Attr(*id)
	}
	for _, c := range []struct {
		column string
		id     *string
	}{{"calendarFieldMetadataId", v.CalendarFieldMetadataID},
		{"kanbanAggregateOperationFieldMetadataId", v.KanbanAggregateOperationFieldMetadataID},
		{"mainGroupByFieldMetadataId", v.MainGroupByFieldMetadataID}} {
		if c.id != nil && field(c.id) == nil {
			return relationMissing(fieldMetadata, c.column)
		}
	}
	seen := newFindings(change)
	entity := map[string]any{"universalIdentifier": v.UniversalIdentifier}
	becomes := v.Type == "KANBAN" && old.Type != "KANBAN"
	regrouped := v.Type == "KANBAN" && !same(v.MainGroupByFieldMetadataID, old.MainGroupByFieldMetadataID)
	switch group := field(v.MainGroupByFieldMetadataID); {
	case becomes && group == nil:
		seen.add("view", entity, []Complaint{complain(invalidView, "Kanban view must have a main group by field")})
	case (becomes || regrouped) && group != nil && group.Type != Select:
		seen.add("view", entity,
			[]Complaint{{Code: invalidView, Message: "Kanban main group by field must be a SELECT field",
				UserMessage: "Kanban main group by field must be a select field"}})
	}
	if err := seen.changeError(change[:len(change)-1] + "ing view"); err != nil {
		return err
	}
	if unstorable == "" && v.Type == "CALENDAR" && (v.CalendarLayout == nil || v.CalendarFieldMetadataID == nil) {
		unstorable = `new row for relation "view" violates check constraint "CHK_VIEW_CALENDAR_INTEGRITY"`
	}
	if unstorable != "" {
		return rejected(change, "view", v.UniversalIdentifier, unstorable)
	}
	return nil
}

// apply takes what a body says of the columns, as the database stores it.
func (v *View) apply(body map[string]any) {
	says := map[string]any{}
	for _, c := range viewColumns {
		if value, said := body[c.Name]; said && !c.Fixed && (value != nil || c.Default == nil && !c.Must) {
			says[c.Name] = value
		}
	}
	*v = with(*v, says)
}
