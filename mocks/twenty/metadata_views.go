package twenty

import (
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
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

// answeredView is a view as a change answers it, with the identifiers of its parts: fixtures/twenty/metadata_views.
func (a *api) answeredView(v schema.View) node {
	out, sch := jsonObject[any](v), a.tables.Schema()
	out["name"] = a.tables.ViewName(v)
	out["applicationUniversalIdentifier"], out["universalOverrides"] = a.universalApplication(v.ApplicationID), nil
	if m := sch.ByID(v.ObjectMetadataID); m != nil {
		out["objectMetadataUniversalIdentifier"] = m.UniversalIdentifier
	}
	for _, key := range []string{"calendarField", "kanbanAggregateOperationField", "mainGroupByField"} {
		out[key+"MetadataUniversalIdentifier"] = nil
		id, _ := out[key+"MetadataId"].(string)
		if attr := sch.Attr(id); attr != nil {
			out[key+"MetadataUniversalIdentifier"] = attr.UniversalIdentifier
		}
	}
	for _, k := range schema.PartKinds {
		if k.Parent == "viewId" {
			out[k.Metadata+"Ids"], out[k.Metadata+"UniversalIdentifiers"] = a.partIDs(k.Route, v.ID)
		}
	}
	return out
}

// readView is a view with its parts, as answers show it.
func (a *api) readView(v schema.View) node {
	out := a.answeredView(v)
	for _, k := range schema.PartKinds {
		if k.Parent == "viewId" {
			out[k.Route] = js.Map(a.tables.PartsOf(k, v.ID), a.answeredPart)
		}
	}
	return out
}

func mayCreateView(r *fake.Request) error {
	return restError(schema.MayCreateView(r.Caller.(*schema.Caller), object(r)["visibility"]))
}

func (a *api) mayModifyView(r *fake.Request) error {
	return restError(a.tables.MayModifyView(r.Caller.(*schema.Caller), r.Path("id")))
}

func (a *api) listViews(r *fake.Request) (any, error) {
	return js.Map(a.tables.ViewsOf(r.Query("objectMetadataId"), membership(r)), a.readView), nil
}

func (a *api) getView(r *fake.Request) (any, error) {
	return shown(a.readView)(a.tables.View(r.Path("id")))
}

func (a *api) createView(r *fake.Request) (any, error) {
	return shown(a.answeredView)(a.tables.CreateView(object(r), membership(r)))
}

func (a *api) updateView(r *fake.Request) (any, error) {
	return shown(a.answeredView)(a.tables.UpdateView(r.Path("id"), object(r), membership(r)))
}

func (a *api) deleteView(r *fake.Request) (any, error) {
	return success, restError(a.tables.DeleteView(r.Path("id")))
}

// shown answers a row as show writes it, or its error in REST's shape.
func shown[T, R any](show func(T) R) func(T, error) (any, error) {
	return func(row T, err error) (any, error) {
		if err != nil {
			return nil, restError(err)
		}
		return show(row), nil
	}
}

var success = map[string]bool{"success": true}

// membership is the identifier of the caller's membership in the workspace, nil for an API key.
func membership(r *fake.Request) *string {
	caller, _ := r.Caller.(*schema.Caller)
	return caller.Membership()
}
