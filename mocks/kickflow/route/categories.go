package route

import (
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

func (a *API) CategoryOps(ops fake.Ops) {
	a.categories = fake.NewTable(a.State, "categories", func(c Category) string { return c.ID }, func(c *Category) {
		dialect.SetDefaults(a, &c.ID, &c.Code, &c.CreatedAt, &c.UpdatedAt)
	})
	known := dialect.Orders[Category]{
		"name":      func(c *Category) string { return c.Name },
		"createdAt": func(c *Category) string { return c.CreatedAt },
		"updatedAt": func(c *Category) string { return c.UpdatedAt },
	}
	// Categories have no scope, so a user who manages only some folders manages no category
	// (inferred).
	whole := func(r *fake.Request) error { return a.Scoped(r, "workflow_misc", nil) }
	categories := fake.Resource[Category]{Table: a.categories, Param: "categoryId",
		Rule: func(r *fake.Request, _, c *Category) error {
			c.UpdatedAt = dialect.FormatTime(r.Now())
			return dialect.FirstError(whole(r), dialect.RequireText("name", c.Name))
		},
		Drop: func(r *fake.Request, _ Category) error { return whole(r) },
	}
	ops["listCategories"] = func(r *fake.Request) (any, error) {
		return dialect.ListTable(r, a.categories, fake.Query[Category]{}, known, nil)
	}
	ops["createCategory"], ops["updateCategory"], ops["deleteCategory"] = categories.Create, categories.Update,
		categories.Delete
}
