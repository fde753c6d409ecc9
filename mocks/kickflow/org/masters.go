package org

import (
	"cmp"
	"slices"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/form"
)

var masterTypes = []string{"text", "text_long", "number", "integer", "checkbox", "pull_down", "date"}

// MasterOps makes the tables of general masters and adds their operations.
func (a *API) MasterOps(ops fake.Ops) {
	a.Masters = NewTable(a, "generalMasters", func(m Master) string { return m.ID }, a.fillMaster)
	Index(a.Masters, "code", true, func(m Master) []string { return []string{m.Code} })
	a.itemOps(ops)
	known := dialect.Orders[Master]{"name": nil, "code": nil, "createdAt": nil}
	masters := fake.Resource[Master]{Table: a.Masters, Param: "generalMasterId",
		Find: a.findMaster, Rule: a.masterRule,
		View: func(_ *fake.Request, m Master) any { return a.MasterView(&m) },
		Drop: func(r *fake.Request, m Master) error {
			if err := a.mayEditMaster(r, m.ID); err != nil {
				return err
			}
			a.Items.DeleteIf(func(i Item) bool { return i.MasterID == m.ID })
			return nil
		}}
	ops["listGeneralMasters"] = func(r *fake.Request) (any, error) {
		seen := FilterRows(a.Masters.Rows(),
			func(m *Master) bool { return a.mayReadMaster(r, m.ID) })
		return dialect.ListRows(r, seen, known, a.MasterView)
	}
	ops["getGeneralMaster"], ops["createGeneralMaster"] = masters.Get, masters.Create
	ops["updateGeneralMaster"], ops["deleteGeneralMaster"] = masters.Update, masters.Delete
}

func (a *API) pathMaster(r *fake.Request) (Master, error) {
	return a.findMaster(r, r.Path("generalMasterId"))
}

func (a *API) fillMaster(m *Master) {
	dialect.SetDefaults(a, &m.ID, &m.Code, &m.CreatedAt, &m.UpdatedAt)
	m.DefaultSortBy = cmp.Or(m.DefaultSortBy, "name")
	m.Fields = append([]MasterField{}, m.Fields...) // never null
	for i := range m.Fields {
		f := &m.Fields[i]
		dialect.SetDefaults(a, &f.ID, &f.Code, &f.CreatedAt, &f.UpdatedAt)
		f.FieldOrder = i + 1
	}
}

// findMaster hides masters outside the caller's scope (inferred).
func (a *API) findMaster(r *fake.Request, id string) (Master, error) {
	m, err := FindRow(a.Masters, id)
	if err == nil && !a.mayReadMaster(r, m.ID) {
		return m, dialect.NotFound("the general master is outside the caller's scope")
	}
	return m, err
}

func (a *API) mayReadMaster(r *fake.Request, id string) bool {
	covers := func(p Permission) bool { return slices.Contains(p.GeneralMasterIDs, id) }
	return a.Manages(Caller(r).ID, "master", covers) || a.Manages(Caller(r).ID, "master_read", covers)
}

func (a *API) mayEditMaster(r *fake.Request, id string) error {
	return a.Scoped(r, "master", func(p Permission) bool { return slices.Contains(p.GeneralMasterIDs, id) })
}

// masterRule matches the fields of a body by code, which were decoded into m by their position;
// omitted fields stay (inferred).
func (a *API) masterRule(r *fake.Request, old, m *Master) error {
	own := dialect.Deref(old)
	var body struct {
		Fields []struct {
			Title, Description, FieldType *string
			Code                          string
			Required, Visible             *bool
			Options                       []string
		}
	}
	if err := dialect.FirstError(a.mayEditMaster(r, own.ID), r.Decode(&body)); err != nil {
		return err
	}
	m.UpdatedAt, m.Fields = dialect.FormatTime(r.Now()), slices.Clone(own.Fields)
	seen := map[string]bool{}
	for _, b := range body.Fields {
		if seen[b.Code] {
			return dialect.Invalid("fields.code", dialect.Taken)
		}
		seen[b.Code] = true
		i := slices.IndexFunc(m.Fields, func(f MasterField) bool { return f.Code == b.Code })
		if i < 0 {
			i = len(m.Fields)
			m.Fields = append(m.Fields, MasterField{ID: a.NewID(), Code: b.Code, FieldOrder: i + 1, Visible: true,
				InitialDisplay: true, CreatedAt: m.UpdatedAt})
		}
		f := &m.Fields[i]
		set(&f.Title, b.Title)
		set(&f.FieldType, b.FieldType)
		set(&f.Required, b.Required)
		set(&f.Visible, b.Visible)
		if b.Description != nil {
			f.Description = b.Description
		}
		if b.Options != nil {
			f.Options = b.Options
		}
		f.UpdatedAt = m.UpdatedAt
		if err := f.check(); err != nil {
			return err
		}
	}
	return dialect.FirstError(dialect.RequireText("name", m.Name),
		RequireUnique(a.Masters, "code", m.Code, own.ID))
}

// set sets a field to a value that was sent.
func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// check requires options for the types that select among some, and drops them for other types:
// documented.
func (f *MasterField) check() error {
	if f.FieldType != "checkbox" && f.FieldType != "pull_down" {
		f.Options = nil
	} else if len(f.Options) == 0 {
		return dialect.Invalid("fields.options", dialect.Blank)
	}
	if !slices.Contains(masterTypes, f.FieldType) {
		return dialect.Invalid("fields.fieldType", dialect.Unlisted)
	}
	return dialect.FirstError(dialect.RequireText("fields.title", f.Title), dialect.RequireText("fields.code", f.Code))
}

// itemOps makes the tables of items and adds their operations.
func (a *API) itemOps(ops fake.Ops) {
	a.Items = NewTable(a, "generalMasterItems", func(i Item) string { return i.ID }, func(i *Item) {
		dialect.SetDefaults(a, &i.ID, &i.Code, &i.CreatedAt, &i.UpdatedAt)
		i.Inputs = slices.Clone(i.Inputs)
		for n := range i.Inputs {
			dialect.SetDefaults(a, &i.Inputs[n].ID, nil, &i.Inputs[n].CreatedAt, &i.Inputs[n].UpdatedAt)
		}
	})
	Index(a.Items, "master", false, func(i Item) []string { return []string{i.MasterID} })
	Index(a.Items, "code", true, func(i Item) []string { return []string{i.MasterID + "/" + i.Code} })
	ops["listGeneralMasterItems"] = dialect.On(a.pathMaster, a.listItems)
	items := fake.Resource[Item]{Table: a.Items, Param: "itemId",
		Find: a.findItem, Rule: a.itemRule,
		View: func(_ *fake.Request, i Item) any { return a.itemView(&i) },
		Drop: func(r *fake.Request, i Item) error { return a.mayEditMaster(r, i.MasterID) }}
	ops["getGeneralMasterItem"], ops["createGeneralMasterItem"] = items.Get, items.Create
	ops["updateGeneralMasterItem"], ops["deleteGeneralMasterItem"] = items.Update, items.Delete
}

func (a *API) findItem(r *fake.Request, id string) (Item, error) {
	m, err := a.pathMaster(r)
	if err != nil {
		return Item{}, err
	}
	if row := a.Items.One("code", m.ID+"/"+id); row != nil {
		return row.Value, nil
	}
	if i, ok := a.Items.Find(id); ok && i.MasterID == m.ID {
		return i, nil
	}
	return Item{}, dialect.Absent("the general master has no such item")
}

// listItems sorts by the master's default field unless the request names another: documented.
func (a *API) listItems(r *fake.Request, m Master) (any, error) {
	known := dialect.Orders[Item]{"name": nil, "code": nil, "createdAt": nil}
	rows := slices.Collect(a.Items.By("master", m.ID))
	dialect.Sorted(rows, dialect.TextOf[Item](m.DefaultSortBy), false)
	return dialect.ListRows(r, slices.Values(rows), known, a.itemView)
}

// itemRule replaces the inputs, which were decoded into i by their position.
func (a *API) itemRule(r *fake.Request, old, i *Item) error {
	m, err := a.pathMaster(r)
	if err != nil {
		return err
	}
	var body struct {
		Inputs []struct {
			Code  string
			Value any
		}
	}
	own := dialect.Deref(old)
	i.MasterID, i.UpdatedAt, i.Inputs = m.ID, dialect.FormatTime(r.Now()), own.Inputs
	err = dialect.FirstError(a.mayEditMaster(r, m.ID), r.Decode(&body),
		dialect.Period(i.StartsOn, i.EndsOn),
		RequireUnique(a.Items, "code", m.ID+"/"+i.Code, own.ID),
		dialect.RequireText("name", i.Name))
	if err != nil || !r.Has("inputs") {
		return err
	}
	values := map[string]any{}
	for _, in := range body.Inputs {
		if _, twice := values[in.Code]; twice {
			return dialect.Invalid("inputs."+in.Code, dialect.Taken)
		}
		values[in.Code] = in.Value
	}
	return a.fillItem(m, i, values)
}

// fillItem requires an input for every field, optional ones included: documented.
func (a *API) fillItem(m Master, i *Item, values map[string]any) error {
	old := i.Inputs
	i.Inputs = nil
	for _, f := range m.Fields {
		value, there := values[f.Code]
		stored, fits := form.PlainValue(f.FieldType, f.Options, value)
		switch {
		case !there, f.Required && stored == nil:
			return dialect.Invalid("inputs."+f.Code, dialect.Blank)
		case !fits:
			return dialect.Invalid("inputs."+f.Code, dialect.Wrong)
		}
		in := ItemInput{ID: a.NewID(), FieldCode: f.Code, CreatedAt: i.UpdatedAt, UpdatedAt: i.UpdatedAt, Value: stored}
		if n := slices.IndexFunc(old, func(o ItemInput) bool { return o.FieldCode == f.Code }); n >= 0 {
			in.ID, in.CreatedAt = old[n].ID, old[n].CreatedAt
		}
		i.Inputs = append(i.Inputs, in)
		delete(values, f.Code)
	}
	for code := range values {
		return dialect.Invalid("inputs."+code, dialect.Missing)
	}
	return nil
}

// MasterView shows a general master with the number of its items.
func (a *API) MasterView(m *Master) fake.Raw {
	return dialect.Fields(m).Add("itemsCount", Count(a.Items.By("master", m.ID))).Raw()
}

// ItemRef shows an item inside another resource.
func (a *API) ItemRef(id string) fake.Raw { return dialect.Show(a.Items, id, a.itemView) }

// itemView shows an item with the fields of its master.
func (a *API) itemView(i *Item) fake.Raw {
	var inputs []fake.Raw
	m, _ := a.Masters.Find(i.MasterID)
	for _, in := range i.Inputs {
		n := slices.IndexFunc(m.Fields, func(f MasterField) bool { return f.Code == in.FieldCode })
		if n >= 0 {
			inputs = append(inputs, dialect.Fields(in, "fieldCode").Add("field", m.Fields[n]).Raw())
		}
	}
	return dialect.Fields(i, "generalMasterId", "inputs").Add("inputs", inputs).Raw()
}
