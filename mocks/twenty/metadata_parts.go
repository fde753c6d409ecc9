package twenty

import (
	"maps"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// partOps answers for the parts of views and for page layouts, which differ in little but their names. Only
// the lists of view parts were recorded, and those were empty; the rest is inferred.
func (a *api) partOps() fake.Ops {
	ops := fake.Ops{
		"listViewFields": a.listViewFields, "getViewField": a.getViewField, "createViewField": a.viewing(a.createViewField),
		"updateViewField": a.viewing(a.updateViewField), "deleteViewField": a.viewing(a.deleteViewField),
	}
	for kind := range schema.PartKinds {
		many := strings.ToUpper(kind[:1]) + kind[1:]
		maps.Copy(ops, a.opsOf(kind, many, strings.TrimSuffix(many, "s")))
	}
	delete(ops, "listViewFieldGroups") // field groups come with their views alone
	for _, verb := range []string{"get", "create", "update", "delete"} {
		delete(ops, verb+"ViewFieldGroup")
	}
	return ops
}

func (a *api) opsOf(kind, many, one string) fake.Ops {
	return fake.Ops{
		"list" + many: func(r *fake.Request) (any, error) {
			out := []map[string]any{}
			for p := range a.tables.Parts.All() {
				if parent := r.Query(schema.PartKinds[kind].Parent); p.Kind == kind && (parent == "" || p.ParentID == parent) {
					out = append(out, a.shownPart(p))
				}
			}
			return out, nil
		},
		"get" + one: a.part(func(r *fake.Request) (schema.Part, error) { return a.tables.Part(kind, r.Path("id")) }),
		"create" + one: a.viewing(a.part(func(r *fake.Request) (schema.Part, error) {
			return a.tables.CreatePart(kind, object(r))
		})),
		"update" + one: a.viewing(a.part(func(r *fake.Request) (schema.Part, error) {
			return a.tables.UpdatePart(kind, r.Path("id"), object(r))
		})),
		"delete" + one: a.viewing(func(r *fake.Request) (any, error) {
			if err := a.tables.DeletePart(kind, r.Path("id")); err != nil {
				return nil, refused(err)
			}
			return success, nil
		}),
	}
}

func (a *api) part(do func(*fake.Request) (schema.Part, error)) fake.Handler {
	return func(r *fake.Request) (any, error) {
		p, err := do(r)
		if err != nil {
			return nil, refused(err)
		}
		return a.shownPart(p), nil
	}
}

func (a *api) listViewFields(r *fake.Request) (any, error) {
	if view := r.Query("viewId"); view != "" {
		return a.columnsOf(view), nil
	}
	out := []viewFieldView{}
	for c := range a.tables.ViewFields.All() {
		out = append(out, a.shownColumn(c))
	}
	return out, nil
}

func (a *api) getViewField(r *fake.Request) (any, error) {
	c, ok := a.tables.ViewFields.Find(r.Path("id"))
	if !ok {
		return nil, refused(schema.ViewFieldGone)
	}
	return a.shownColumn(c), nil
}

func (a *api) createViewField(r *fake.Request) (any, error) {
	c, err := a.tables.CreateViewField(object(r))
	if err != nil {
		return nil, refused(err)
	}
	return a.shownColumn(c), nil
}

func (a *api) updateViewField(r *fake.Request) (any, error) {
	c, err := a.tables.UpdateViewField(r.Path("id"), object(r))
	if err != nil {
		return nil, refused(err)
	}
	return a.shownColumn(c), nil
}

func (a *api) deleteViewField(r *fake.Request) (any, error) {
	if !a.tables.ViewFields.Delete(r.Path("id")) {
		return nil, refused(schema.ViewFieldGone)
	}
	return success, nil
}
