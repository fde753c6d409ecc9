package kickflow

import "github.com/afba07b5/mockserver/fake"

// Category groups workflows.
type Category struct {
	ID        string `json:"id"`
	Code      string `json:"code"`
	Name      string `json:"name"`
	CreatedAt string `json:"createdAt"`
	UpdatedAt string `json:"updatedAt"`
}

func (a *api) categoryOps(ops fake.Ops) {
	a.categories = fake.NewTable(a.State, "categories", func(c Category) string { return c.ID }, func(c *Category) {
		a.setCommonDefaults(&c.ID, &c.Code, &c.CreatedAt, &c.UpdatedAt)
	})
	known := orders[Category]{
		"name":      func(c *Category) string { return c.Name },
		"createdAt": func(c *Category) string { return c.CreatedAt },
		"updatedAt": func(c *Category) string { return c.UpdatedAt },
	}
	// Categories have no scope, so a user who manages only some folders manages no category
	// (inferred).
	whole := func(r *fake.Request) error { return a.scoped(r, "workflow_misc", nil) }
	categories := fake.Resource[Category]{Table: a.categories, Param: "categoryId",
		Rule: func(r *fake.Request, _, c *Category) error {
			c.UpdatedAt = formatTime(r.Now())
			return firstError(whole(r), requireText("name", c.Name))
		},
		Drop: func(r *fake.Request, _ Category) error { return whole(r) },
	}
	ops["listCategories"] = func(r *fake.Request) (any, error) {
		return listTable(r, a.categories, fake.Query[Category]{}, known, nil)
	}
	ops["createCategory"], ops["updateCategory"], ops["deleteCategory"] = categories.Create, categories.Update,
		categories.Delete
}
