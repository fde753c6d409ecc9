package graphql

import (
	"maps"
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// viewParts are the kinds of parts of views: their type in the schema and their route.
var viewParts = map[string]string{"ViewFilter": "viewFilters", "ViewFilterGroup": "viewFilterGroups", "ViewSort": "viewSorts", "ViewGroup": "viewGroups", "ViewFieldGroup": "viewFieldGroups"}

// viewResolvers read and change views and their parts.
func viewResolvers() map[string]resolver {
	changes := map[string]resolver{
		"Mutation.createView": func(c *call, _ any, args map[string]any) (any, error) { return c.tables.CreateView(input(args, "")) },
		"Mutation.updateView": func(c *call, _ any, args map[string]any) (any, error) {
			return c.tables.UpdateView(idOf(args), input(args, ""))
		},
		"Mutation.deleteView":  removed(func(c *call, id string) error { return c.tables.DeleteView(id) }),
		"Mutation.destroyView": removed(func(c *call, id string) error { return c.tables.DeleteView(id) }),
		"Mutation.createViewField": func(c *call, _ any, args map[string]any) (any, error) {
			return c.tables.CreateViewField(input(args, ""))
		},
		"Mutation.createManyViewFields": func(c *call, _ any, args map[string]any) (any, error) {
			return eachInput(args, func(body map[string]any) (any, error) { return c.tables.CreateViewField(body) })
		},
		"Mutation.updateViewField": func(c *call, _ any, args map[string]any) (any, error) {
			return c.tables.UpdateViewField(idOf(args), input(args, "update"))
		},
		"Mutation.deleteViewField": dropViewField, "Mutation.destroyViewField": dropViewField,
		"Mutation.updateManyViewGroups": changeGroups,
	}
	for typ, kind := range viewParts {
		maps.Copy(changes, partChanges(typ, kind))
	}
	out := map[string]resolver{
		"Query.getViews":      getViews,
		"Query.getView":       func(c *call, _ any, args map[string]any) (any, error) { return orNone(c.tables.Views.Find(idOf(args))) },
		"Query.getViewFields": func(c *call, _ any, args map[string]any) (any, error) { return c.columns(args["viewId"]), nil },
		"Query.getViewField": func(c *call, _ any, args map[string]any) (any, error) {
			return orNone(c.tables.ViewFields.Find(idOf(args)))
		},
		"View.viewFields": func(c *call, parent any, _ map[string]any) (any, error) {
			return c.columns(parent.(schema.View).ID), nil
		},
		"ViewFieldGroup.viewFields": func(c *call, parent any, _ map[string]any) (any, error) {
			return slices.DeleteFunc(c.columns(member(parent, "viewId")), func(column any) bool {
				return member(column, "viewFieldGroupId") != member(parent, "id")
			}), nil
		},
	}
	for typ, kind := range viewParts {
		out["View."+kind] = func(c *call, parent any, _ map[string]any) (any, error) {
			return c.parts(kind, parent.(schema.View).ID), nil
		}
		out["Query.get"+typ+"s"] = func(c *call, _ any, args map[string]any) (any, error) { return c.parts(kind, args["viewId"]), nil }
		out["Query.get"+typ] = func(c *call, _ any, args map[string]any) (any, error) {
			p, err := c.tables.Part(kind, idOf(args))
			if err != nil {
				return nil, nil
			}
			return shownPart(p), nil
		}
	}
	for name, change := range changes {
		out[name] = setting(schema.SettingViews, change)
	}
	return out
}

// partChanges are the mutations of one kind of part.
func partChanges(typ, kind string) map[string]resolver {
	create := func(c *call, body map[string]any) (any, error) {
		p, err := c.tables.CreatePart(kind, body)
		return orRefused(shownPart(p), err)
	}
	drop := func(c *call, _ any, args map[string]any) (any, error) {
		p, err := c.tables.Part(kind, idOf(args))
		if err == nil {
			err = c.tables.DeletePart(kind, p.ID)
		}
		if typ == "ViewSort" || typ == "ViewFilterGroup" {
			return orRefused(true, err)
		}
		return orRefused(shownPart(p), err)
	}
	return map[string]resolver{
		"Mutation.create" + typ: func(c *call, _ any, args map[string]any) (any, error) { return create(c, input(args, "")) },
		"Mutation.createMany" + typ + "s": func(c *call, _ any, args map[string]any) (any, error) {
			return eachInput(args, func(body map[string]any) (any, error) { return create(c, body) })
		},
		"Mutation.update" + typ: func(c *call, _ any, args map[string]any) (any, error) {
			body := input(args, "update")
			if body == nil {
				body = input(args, "")
			}
			p, err := c.tables.UpdatePart(kind, idOf(args), body)
			return orRefused(shownPart(p), err)
		},
		"Mutation.delete" + typ: drop, "Mutation.destroy" + typ: drop,
	}
}

// eachInput makes several rows, of the argument "inputs".
func eachInput(args map[string]any, make func(map[string]any) (any, error)) (any, error) {
	out := []any{}
	for _, one := range items(args["inputs"]) {
		row, err := make(asMap(one))
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, nil
}

func changeGroups(c *call, _ any, args map[string]any) (any, error) {
	return eachInput(args, func(in map[string]any) (any, error) {
		id, _ := in["id"].(string)
		p, err := c.tables.UpdatePart("viewGroups", id, asMap(in["update"]))
		return orRefused(shownPart(p), err)
	})
}

func removed(remove func(c *call, id string) error) resolver {
	return func(c *call, _ any, args map[string]any) (any, error) { return orRefused(true, remove(c, idOf(args))) }
}

func dropViewField(c *call, _ any, args map[string]any) (any, error) {
	column, ok := c.tables.ViewFields.Find(idOf(args))
	if !ok {
		return nil, schema.ViewFieldGone
	}
	c.tables.ViewFields.Delete(column.ID)
	return column, nil
}

func orNone[T any](row T, ok bool) (any, error) {
	if !ok {
		return nil, nil
	}
	return row, nil
}

func getViews(c *call, _ any, args map[string]any) (any, error) {
	out := []any{}
	types := args["viewTypes"]
	for v := range c.tables.Views.All() {
		if object, said := args["objectMetadataId"].(string); said && v.ObjectMetadataID != object {
			continue
		}
		if types != nil && !slices.Contains(items(types), any(v.Type)) {
			continue
		}
		out = append(out, v)
	}
	return out, nil
}

func (c *call) columns(view any) []any {
	id, _ := view.(string)
	out := []any{}
	for row := range c.tables.ViewFields.By("view", id) {
		out = append(out, row.Value)
	}
	return out
}

// parts are those of a view, or of all views if none is named.
func (c *call) parts(kind string, view any) any {
	id, named := view.(string)
	out := []any{}
	for p := range c.tables.Parts.All() {
		if p.Kind == kind && (!named || p.ParentID == id) {
			out = append(out, shownPart(p))
		}
	}
	return out
}

// shownPart is a part with what its client said beside the common keys.
func shownPart(p schema.Part) map[string]any {
	out := maps.Clone(p.Says)
	if out == nil {
		out = map[string]any{}
	}
	maps.Copy(out, map[string]any{"id": p.ID, "viewId": p.ParentID, "workspaceId": p.WorkspaceID, "createdAt": p.CreatedAt, "updatedAt": p.UpdatedAt, "deletedAt": orNull(text(p.DeletedAt))})
	return out
}
