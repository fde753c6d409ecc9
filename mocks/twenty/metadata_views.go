package twenty

import (
	"maps"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// standardApplication is the identifier by which all servers know the standard metadata; what a workspace
// makes itself goes by the workspace's own application.
const standardApplication = "20202020-64aa-4b6f-b003-9c74b97cee20"

func (a *api) universalApplication(id string) string {
	if id == a.tables.Workspace().StandardApplicationID {
		return standardApplication
	}
	return id
}

// viewAnswer is a view as a change answers it: fixtures/twenty/metadata_views.
type viewAnswer struct {
	schema.View
	Application     string   `json:"applicationUniversalIdentifier"`
	Object          string   `json:"objectMetadataUniversalIdentifier"`
	CalendarField   *string  `json:"calendarFieldMetadataUniversalIdentifier"`
	KanbanField     *string  `json:"kanbanAggregateOperationFieldMetadataUniversalIdentifier"`
	GroupField      *string  `json:"mainGroupByFieldMetadataUniversalIdentifier"`
	Overrides       any      `json:"universalOverrides"`
	FieldIDs        []string `json:"viewFieldIds"`
	FieldGroupIDs   []string `json:"viewFieldGroupIds"`
	FilterIDs       []string `json:"viewFilterIds"`
	GroupIDs        []string `json:"viewGroupIds"`
	FilterGroupIDs  []string `json:"viewFilterGroupIds"`
	SortIDs         []string `json:"viewSortIds"`
	FieldUniversal  []string `json:"viewFieldUniversalIdentifiers"`
	FieldGroups     []string `json:"viewFieldGroupUniversalIdentifiers"`
	FilterUniversal []string `json:"viewFilterUniversalIdentifiers"`
	GroupUniversal  []string `json:"viewGroupUniversalIdentifiers"`
	FilterGroups    []string `json:"viewFilterGroupUniversalIdentifiers"`
	SortUniversal   []string `json:"viewSortUniversalIdentifiers"`
}

// viewRead is a view as it is read, with its parts.
type viewRead struct {
	viewAnswer
	Fields       []viewFieldView  `json:"viewFields"`
	FieldGroups  []map[string]any `json:"viewFieldGroups"`
	Filters      []map[string]any `json:"viewFilters"`
	FilterGroups []map[string]any `json:"viewFilterGroups"`
	Sorts        []map[string]any `json:"viewSorts"`
	Groups       []map[string]any `json:"viewGroups"`
}

// viewFieldView is a column as clients see it.
type viewFieldView struct {
	schema.ViewField
	Application  string  `json:"applicationUniversalIdentifier"`
	Field        string  `json:"fieldMetadataUniversalIdentifier"`
	View         string  `json:"viewUniversalIdentifier"`
	Group        *string `json:"viewFieldGroupUniversalIdentifier"`
	Overrides    any     `json:"universalOverrides"`
	IsOverridden bool    `json:"isOverridden"`
}

func (a *api) answeredView(v schema.View) viewAnswer {
	out := viewAnswer{View: v, Application: a.universalApplication(v.ApplicationID), FieldIDs: []string{}, FieldUniversal: []string{}}
	sch := a.tables.Schema()
	if m := sch.ByID(v.ObjectMetadataID); m != nil {
		out.Object = m.UniversalIdentifier
	}
	universal := func(id *string) *string {
		if id == nil || sch.Attr(*id) == nil {
			return nil
		}
		return &sch.Attr(*id).UniversalIdentifier
	}
	out.CalendarField, out.KanbanField = universal(v.CalendarFieldMetadataID), universal(v.KanbanAggregateOperationFieldMetadataID)
	out.GroupField = universal(v.MainGroupByFieldMetadataID)
	for c := range a.tables.ViewFields.By("view", v.ID) {
		out.FieldIDs, out.FieldUniversal = append(out.FieldIDs, c.Value.ID), append(out.FieldUniversal, c.Value.UniversalIdentifier)
	}
	out.FieldGroupIDs, out.FieldGroups = a.partIDs("viewFieldGroups", v.ID)
	out.FilterIDs, out.FilterUniversal = a.partIDs("viewFilters", v.ID)
	out.GroupIDs, out.GroupUniversal = a.partIDs("viewGroups", v.ID)
	out.FilterGroupIDs, out.FilterGroups = a.partIDs("viewFilterGroups", v.ID)
	out.SortIDs, out.SortUniversal = a.partIDs("viewSorts", v.ID)
	return out
}

func (a *api) partIDs(kind, view string) (ids, universal []string) {
	ids, universal = []string{}, []string{}
	for p := range a.tables.Parts.By("parent", view) {
		if p.Value.Kind == kind {
			ids, universal = append(ids, p.Value.ID), append(universal, p.Value.UniversalIdentifier)
		}
	}
	return ids, universal
}

func (a *api) readView(v schema.View) viewRead {
	return viewRead{viewAnswer: a.answeredView(v), Fields: a.columnsOf(v.ID), FieldGroups: a.partsOf("viewFieldGroups", v.ID),
		Filters: a.partsOf("viewFilters", v.ID), FilterGroups: a.partsOf("viewFilterGroups", v.ID),
		Sorts: a.partsOf("viewSorts", v.ID), Groups: a.partsOf("viewGroups", v.ID)}
}

func (a *api) columnsOf(view string) []viewFieldView {
	out := []viewFieldView{}
	for c := range a.tables.ViewFields.By("view", view) {
		out = append(out, a.shownColumn(c.Value))
	}
	return out
}

func (a *api) shownColumn(c schema.ViewField) viewFieldView {
	out := viewFieldView{ViewField: c, Application: a.universalApplication(c.ApplicationID)}
	if attr := a.tables.Schema().Attr(c.FieldMetadataID); attr != nil {
		out.Field = attr.UniversalIdentifier
	}
	v, _ := a.tables.Views.Find(c.ViewID)
	out.View = v.UniversalIdentifier
	if c.ViewFieldGroupID != nil {
		if group, ok := a.tables.Parts.Find(*c.ViewFieldGroupID); ok {
			out.Group = &group.UniversalIdentifier
		}
	}
	return out
}

func (a *api) partsOf(kind, parent string) []map[string]any {
	out := []map[string]any{}
	for p := range a.tables.Parts.By("parent", parent) {
		if p.Value.Kind == kind {
			out = append(out, a.shownPart(p.Value))
		}
	}
	return out
}

// shownPart is a part as clients see it: what it says, and what all metadata has.
func (a *api) shownPart(p schema.Part) map[string]any {
	out := maps.Clone(p.Says)
	maps.Copy(out, map[string]any{"id": p.ID, "workspaceId": p.WorkspaceID, "applicationId": p.ApplicationID, "universalIdentifier": p.UniversalIdentifier,
		"applicationUniversalIdentifier": a.universalApplication(p.ApplicationID), "createdAt": p.CreatedAt, "updatedAt": p.UpdatedAt, "deletedAt": p.DeletedAt})
	out[schema.PartKinds[p.Kind].Parent] = p.ParentID
	if v, ok := a.tables.Views.Find(p.ParentID); ok {
		out["viewUniversalIdentifier"] = v.UniversalIdentifier
	}
	if p.Kind == "viewFieldGroups" {
		ids, universal := []string{}, []string{}
		for c := range a.tables.ViewFields.By("view", p.ParentID) {
			if c.Value.ViewFieldGroupID != nil && *c.Value.ViewFieldGroupID == p.ID {
				ids, universal = append(ids, c.Value.ID), append(universal, c.Value.UniversalIdentifier)
			}
		}
		out["viewFieldIds"], out["viewFieldUniversalIdentifiers"] = ids, universal
	}
	return out
}

func (a *api) listViews(r *fake.Request) (any, error) {
	out := []viewRead{}
	for v := range a.tables.Views.All() {
		if object := r.Query("objectMetadataId"); object == "" || v.ObjectMetadataID == object {
			out = append(out, a.readView(v))
		}
	}
	return out, nil
}

func (a *api) getView(r *fake.Request) (any, error) {
	v, err := a.tables.View(r.Path("id"))
	if err != nil {
		return nil, refused(err)
	}
	return a.readView(v), nil
}

func (a *api) createView(r *fake.Request) (any, error) {
	v, err := a.tables.CreateView(object(r))
	if err != nil {
		return nil, refused(err)
	}
	return a.answeredView(v), nil
}

func (a *api) updateView(r *fake.Request) (any, error) {
	v, err := a.tables.UpdateView(r.Path("id"), object(r))
	if err != nil {
		return nil, refused(err)
	}
	return a.answeredView(v), nil
}

func (a *api) deleteView(r *fake.Request) (any, error) {
	if err := a.tables.DeleteView(r.Path("id")); err != nil {
		return nil, refused(err)
	}
	return success, nil
}

var success = map[string]bool{"success": true}
