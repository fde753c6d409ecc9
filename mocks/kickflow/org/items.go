package org

import (
	"slices"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/form"
)

// itemOps makes the tables of items and adds their operations.
func (a *API) itemOps(ops fake.Ops) {
	a.Items = fake.NewTable(a.State, "generalMasterItems", func(i Item) string { return i.ID }, func(i *Item) {
		dialect.SetDefaults(a, &i.ID, &i.Code, &i.CreatedAt, &i.UpdatedAt)
		i.Inputs = slices.Clone(i.Inputs)
		for n := range i.Inputs {
			dialect.SetDefaults(a, &i.Inputs[n].ID, nil, &i.Inputs[n].CreatedAt, &i.Inputs[n].UpdatedAt)
		}
	})
	dialect.Index(a.Items, "master", false, func(i Item) []string { return []string{i.MasterID} })
	dialect.Index(a.Items, "code", true, func(i Item) []string { return []string{i.MasterID + "/" + i.Code} })
	ops["listGeneralMasterItems"] = dialect.On(a.pathMaster, a.listItems)
	ops["getGeneralMasterItem"] = func(r *fake.Request) (any, error) {
		_, i, err := a.findItem(r)
		return a.itemView(i), err
	}
	ops["createGeneralMasterItem"] = dialect.On(a.pathMaster, func(r *fake.Request, m Master) (any, error) {
		i := Item{MasterID: m.ID}
		if err := a.changeItem(r, m, &i); err != nil {
			return nil, err
		}
		i, err := a.Items.Insert(i)
		return a.itemView(i), err
	})
	ops["updateGeneralMasterItem"] = func(r *fake.Request) (any, error) {
		m, i, err := a.findItem(r)
		if err != nil {
			return nil, err
		}
		if err := a.changeItem(r, m, &i); err != nil {
			return nil, err
		}
		return a.itemView(i), a.Items.Set(i)
	}
	ops["deleteGeneralMasterItem"] = func(r *fake.Request) (any, error) {
		m, i, err := a.findItem(r)
		if err := dialect.FirstError(err, a.mayEditMaster(r, m.ID)); err != nil {
			return nil, err
		}
		a.Items.Delete(i.ID)
		return nil, nil
	}
}

func (a *API) findItem(r *fake.Request) (Master, Item, error) {
	m, err := a.pathMaster(r)
	if err != nil {
		return m, Item{}, err
	}
	id := r.Path("itemId")
	if row := a.Items.One("code", m.ID+"/"+id); row != nil {
		return m, row.Value, nil
	}
	if i, ok := a.Items.Find(id); ok && i.MasterID == m.ID {
		return m, i, nil
	}
	return m, Item{}, dialect.Absent("the general master has no such item")
}

// listItems sorts by the master's default field unless the request names another: documented.
func (a *API) listItems(r *fake.Request, m Master) (any, error) {
	known := dialect.Orders[Item]{
		"name":      func(i *Item) string { return i.Name },
		"code":      func(i *Item) string { return i.Code },
		"createdAt": func(i *Item) string { return i.CreatedAt },
	}
	rows := slices.Collect(a.Items.By("master", m.ID))
	dialect.Sorted(rows, known[m.DefaultSortBy], false)
	return dialect.ListRows(r, slices.Values(rows), known, func(i Item) any { return a.itemView(i) })
}

func (a *API) changeItem(r *fake.Request, m Master, i *Item) error {
	own := i.ID
	var body struct {
		Code, Name, Description *string
		StartsOn, EndsOn        *string
		Inputs                  []struct {
			Code  string
			Value any
		}
	}
	if err := dialect.FirstError(a.mayEditMaster(r, m.ID), r.Decode(&body)); err != nil {
		return err
	}
	dialect.Set(&i.Code, body.Code)
	dialect.Set(&i.Name, body.Name)
	for field, change := range map[string][2]**string{"description": {&i.Description, &body.Description},
		"startsOn": {&i.StartsOn, &body.StartsOn}, "endsOn": {&i.EndsOn, &body.EndsOn}} {
		if r.Has(field) {
			*change[0] = *change[1]
		}
	}
	i.UpdatedAt = dialect.FormatTime(r.Now())
	if err := dialect.Dates(map[string]*string{"startsOn": i.StartsOn, "endsOn": i.EndsOn}); err != nil {
		return err
	}
	if i.StartsOn != nil && i.EndsOn != nil && *i.EndsOn < *i.StartsOn {
		return dialect.Invalid("endsOn", dialect.Wrong)
	}
	if row := a.Items.One("code", m.ID+"/"+i.Code); i.Code != "" && row != nil && row.Value.ID != own {
		return dialect.Invalid("code", dialect.Taken)
	}
	if !r.Has("inputs") {
		return dialect.RequireText("name", i.Name)
	}
	values := map[string]any{}
	for _, in := range body.Inputs {
		if _, twice := values[in.Code]; twice {
			return dialect.Invalid("inputs."+in.Code, dialect.Taken)
		}
		values[in.Code] = in.Value
	}
	return dialect.FirstError(dialect.RequireText("name", i.Name), a.fillItem(m, i, values))
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
