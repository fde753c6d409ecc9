package twenty

import (
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// standardApplication is the identifier of the standard metadata on all servers; metadata made in a
// workspace belongs to the workspace's own application.
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

// viewRead is a view with its parts, as answers show it.
type viewRead struct {
	viewAnswer
	Fields       []map[string]any `json:"viewFields"`
	FieldGroups  []map[string]any `json:"viewFieldGroups"`
	Filters      []map[string]any `json:"viewFilters"`
	FilterGroups []map[string]any `json:"viewFilterGroups"`
	Sorts        []map[string]any `json:"viewSorts"`
	Groups       []map[string]any `json:"viewGroups"`
}

func (a *api) answeredView(v schema.View) viewAnswer {
	out := viewAnswer{View: v, Application: a.universalApplication(v.ApplicationID)}
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
	out.CalendarField, out.KanbanField = universal(v.CalendarFieldMetadataID),
		universal(v.KanbanAggregateOperationFieldMetadataID)
	out.GroupField = universal(v.MainGroupByFieldMetadataID)
	out.FieldIDs, out.FieldUniversal = a.partIDs("viewFields", v.ID)
	out.FieldGroupIDs, out.FieldGroups = a.partIDs("viewFieldGroups", v.ID)
	out.FilterIDs, out.FilterUniversal = a.partIDs("viewFilters", v.ID)
	out.GroupIDs, out.GroupUniversal = a.partIDs("viewGroups", v.ID)
	out.FilterGroupIDs, out.FilterGroups = a.partIDs("viewFilterGroups", v.ID)
	out.SortIDs, out.SortUniversal = a.partIDs("viewSorts", v.ID)
	return out
}

func (a *api) readView(v schema.View) viewRead {
	parts := func(kind string) []map[string]any { return a.answeredParts(kind, v.ID) }
	return viewRead{viewAnswer: a.answeredView(v), Fields: parts("viewFields"), FieldGroups: parts("viewFieldGroups"),
		Filters:      parts("viewFilters"),
		FilterGroups: parts("viewFilterGroups"), Sorts: parts("viewSorts"), Groups: parts("viewGroups")}
}

func (a *api) listViews(r *fake.Request) (any, error) {
	out := []viewRead{}
	for _, v := range a.tables.ListedViews() {
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
	v, err := a.tables.CreateView(object(r), membership(r))
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

// membership is the identifier of the caller's membership in the workspace, nil for an API key.
func membership(r *fake.Request) *string {
	caller, _ := r.Caller.(*schema.Caller)
	return caller.Membership()
}
