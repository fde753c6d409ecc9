package twenty

import (
	"maps"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// partOps answers for the parts of views and for page layouts, which differ in little but their names. Only
// the lists of view parts were recorded, and those were empty; the rest is inferred.
func (t *api) partOps() fake.Ops {
	ops := fake.Ops{
		"listViewFields": t.listViewFields, "getViewField": t.getViewField, "createViewField": t.viewing(t.createViewField),
		"updateViewField": t.viewing(t.updateViewField), "deleteViewField": t.viewing(t.deleteViewField),
	}
	for kind := range schema.PartKinds {
		many := strings.ToUpper(kind[:1]) + kind[1:]
		maps.Copy(ops, t.opsOf(kind, many, strings.TrimSuffix(many, "s")))
	}
	delete(ops, "listViewFieldGroups") // field groups come with their views alone
	for _, verb := range []string{"get", "create", "update", "delete"} {
		delete(ops, verb+"ViewFieldGroup")
	}
	return ops
}

func (t *api) opsOf(kind, many, one string) fake.Ops {
	return fake.Ops{
		"list" + many: func(r *fake.Request) (any, error) {
			out := []map[string]any{}
			for p := range t.tables.Parts.All() {
				if parent := r.Query(schema.PartKinds[kind].Parent); p.Kind == kind && (parent == "" || p.ParentID == parent) {
					out = append(out, t.shownPart(p))
				}
			}
			return out, nil
		},
		"get" + one: t.part(func(r *fake.Request) (schema.Part, error) { return t.tables.Part(kind, r.Path("id")) }),
		"create" + one: t.viewing(t.part(func(r *fake.Request) (schema.Part, error) {
			return t.tables.CreatePart(kind, object(r))
		})),
		"update" + one: t.viewing(t.part(func(r *fake.Request) (schema.Part, error) {
			return t.tables.UpdatePart(kind, r.Path("id"), object(r))
		})),
		"delete" + one: t.viewing(func(r *fake.Request) (any, error) {
			if err := t.tables.DeletePart(kind, r.Path("id")); err != nil {
				return nil, refused(err)
			}
			return success, nil
		}),
	}
}

func (t *api) part(do func(*fake.Request) (schema.Part, error)) fake.Handler {
	return func(r *fake.Request) (any, error) {
		p, err := do(r)
		if err != nil {
			return nil, refused(err)
		}
		return t.shownPart(p), nil
	}
}

func (t *api) listViewFields(r *fake.Request) (any, error) {
	if view := r.Query("viewId"); view != "" {
		return t.columnsOf(view), nil
	}
	out := []viewFieldView{}
	for c := range t.tables.ViewFields.All() {
		out = append(out, t.shownColumn(c))
	}
	return out, nil
}

func (t *api) getViewField(r *fake.Request) (any, error) {
	c, ok := t.tables.ViewFields.Find(r.Path("id"))
	if !ok {
		return nil, refused(schema.ViewFieldGone)
	}
	return t.shownColumn(c), nil
}

func (t *api) createViewField(r *fake.Request) (any, error) {
	c, err := t.tables.CreateViewField(object(r))
	if err != nil {
		return nil, refused(err)
	}
	return t.shownColumn(c), nil
}

func (t *api) updateViewField(r *fake.Request) (any, error) {
	c, err := t.tables.UpdateViewField(r.Path("id"), object(r))
	if err != nil {
		return nil, refused(err)
	}
	return t.shownColumn(c), nil
}

func (t *api) deleteViewField(r *fake.Request) (any, error) {
	if !t.tables.ViewFields.Delete(r.Path("id")) {
		return nil, refused(schema.ViewFieldGone)
	}
	return success, nil
}
