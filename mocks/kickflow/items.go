package kickflow

import (
	"slices"

	"github.com/afba07b5/mockserver/fake"
)

// Item is a row of a general master.
type Item struct {
	ID          string      `json:"id"`
	Code        string      `json:"code"`
	Name        string      `json:"name"`
	Description *string     `json:"description"`
	CreatedAt   string      `json:"createdAt"`
	UpdatedAt   string      `json:"updatedAt"`
	StartsOn    *string     `json:"startsOn"`
	EndsOn      *string     `json:"endsOn"`
	Inputs      []ItemInput `json:"inputs"`
	MasterID    string      `json:"generalMasterId"`
}

// ItemInput is what an item has in a field of its master.
type ItemInput struct {
	ID        string `json:"id"`
	Value     any    `json:"value"`
	CreatedAt string `json:"createdAt"`
	UpdatedAt string `json:"updatedAt"`
	FieldCode string `json:"fieldCode"`
}

type itemView struct {
	Item
	MasterID hidden          `json:"generalMasterId,omitempty"`
	Inputs   []itemInputView `json:"inputs"`
}

type itemInputView struct {
	ItemInput
	FieldCode hidden      `json:"fieldCode,omitempty"`
	Field     MasterField `json:"field"`
}

func (k *api) itemOps(ops fake.Ops) {
	k.items = fake.NewTable(k.State, "generalMasterItems", func(i Item) string { return i.ID }, func(i *Item) {
		k.born(&i.ID, &i.Code, &i.CreatedAt, &i.UpdatedAt)
		i.Inputs = slices.Clone(i.Inputs)
		for n := range i.Inputs {
			k.born(&i.Inputs[n].ID, nil, &i.Inputs[n].CreatedAt, &i.Inputs[n].UpdatedAt)
		}
	})
	index(k.items, "master", false, func(i Item) []string { return []string{i.MasterID} })
	index(k.items, "code", true, func(i Item) []string { return []string{i.MasterID + "/" + i.Code} })
	ops["listGeneralMasterItems"] = k.listItems
	ops["getGeneralMasterItem"] = func(r *fake.Request) (any, error) {
		_, i, err := k.findItem(r)
		return k.itemView(i), err
	}
	ops["createGeneralMasterItem"] = func(r *fake.Request) (any, error) {
		m, err := k.findMaster(r, r.Path("generalMasterId"))
		if err != nil {
			return nil, err
		}
		i := Item{MasterID: m.ID}
		if err := k.changeItem(r, m, &i); err != nil {
			return nil, err
		}
		i, err = k.items.Insert(i)
		return k.itemView(i), err
	}
	ops["updateGeneralMasterItem"] = func(r *fake.Request) (any, error) {
		m, i, err := k.findItem(r)
		if err != nil {
			return nil, err
		}
		if err := k.changeItem(r, m, &i); err != nil {
			return nil, err
		}
		return k.itemView(i), k.items.Set(i)
	}
	ops["deleteGeneralMasterItem"] = func(r *fake.Request) (any, error) {
		m, i, err := k.findItem(r)
		if err := first(err, k.mayEditMaster(r, m.ID)); err != nil {
			return nil, err
		}
		k.items.Delete(i.ID)
		return nil, nil
	}
}

func (k *api) findItem(r *fake.Request) (Master, Item, error) {
	m, err := k.findMaster(r, r.Path("generalMasterId"))
	if err != nil {
		return m, Item{}, err
	}
	id := r.Path("itemId")
	if row := k.items.One("code", m.ID+"/"+id); row != nil {
		return m, row.Value, nil
	}
	if i, ok := k.items.Find(id); ok && i.MasterID == m.ID {
		return m, i, nil
	}
	return m, Item{}, absent("the general master has no such item")
}

// listItems sorts by the master's own field unless the request names another: documented.
func (k *api) listItems(r *fake.Request) (any, error) {
	m, err := k.findMaster(r, r.Path("generalMasterId"))
	if err != nil {
		return nil, err
	}
	known := orders[Item]{
		"name":      func(i *Item) string { return i.Name },
		"code":      func(i *Item) string { return i.Code },
		"createdAt": func(i *Item) string { return i.CreatedAt },
	}
	rows := slices.Collect(k.items.By("master", m.ID))
	sorted(rows, known[m.DefaultSortBy], false)
	return list(r, slices.Values(rows), known, func(i Item) any { return k.itemView(i) })
}

func (k *api) changeItem(r *fake.Request, m Master, i *Item) error {
	own := i.ID
	var body struct {
		Code, Name, Description *string
		StartsOn, EndsOn        *string
		Inputs                  []struct {
			Code  string
			Value any
		}
	}
	if err := first(k.mayEditMaster(r, m.ID), r.Decode(&body)); err != nil {
		return err
	}
	set(&i.Code, body.Code)
	set(&i.Name, body.Name)
	for field, change := range map[string][2]**string{"description": {&i.Description, &body.Description}, "startsOn": {&i.StartsOn, &body.StartsOn}, "endsOn": {&i.EndsOn, &body.EndsOn}} {
		if r.Has(field) {
			*change[0] = *change[1]
		}
	}
	i.UpdatedAt = stamp(r.Now())
	if err := dates(map[string]*string{"startsOn": i.StartsOn, "endsOn": i.EndsOn}); err != nil {
		return err
	}
	if i.StartsOn != nil && i.EndsOn != nil && *i.EndsOn < *i.StartsOn {
		return invalid("endsOn", wrong)
	}
	if row := k.items.One("code", m.ID+"/"+i.Code); i.Code != "" && row != nil && row.Value.ID != own {
		return invalid("code", taken)
	}
	if !r.Has("inputs") {
		return need("name", i.Name)
	}
	values := map[string]any{}
	for _, in := range body.Inputs {
		if _, twice := values[in.Code]; twice {
			return invalid("inputs."+in.Code, taken)
		}
		values[in.Code] = in.Value
	}
	return first(need("name", i.Name), k.fillItem(m, i, values))
}

// fillItem demands an input for every field, optional ones included: documented.
func (k *api) fillItem(m Master, i *Item, values map[string]any) error {
	old := i.Inputs
	i.Inputs = nil
	for _, f := range m.Fields {
		value, there := values[f.Code]
		stored, fits := plainValue(f.FieldType, f.Options, value)
		switch {
		case !there, f.Required && stored == nil:
			return invalid("inputs."+f.Code, blank)
		case !fits:
			return invalid("inputs."+f.Code, wrong)
		}
		in := ItemInput{ID: k.NewID(), FieldCode: f.Code, CreatedAt: i.UpdatedAt, UpdatedAt: i.UpdatedAt, Value: stored}
		if n := slices.IndexFunc(old, func(o ItemInput) bool { return o.FieldCode == f.Code }); n >= 0 {
			in.ID, in.CreatedAt = old[n].ID, old[n].CreatedAt
		}
		i.Inputs = append(i.Inputs, in)
		delete(values, f.Code)
	}
	for code := range values {
		return invalid("inputs."+code, missing)
	}
	return nil
}

func (k *api) itemView(i Item) itemView {
	v := itemView{Item: i, Inputs: []itemInputView{}}
	m, _ := k.masters.Find(i.MasterID)
	for _, in := range i.Inputs {
		n := slices.IndexFunc(m.Fields, func(f MasterField) bool { return f.Code == in.FieldCode })
		if n >= 0 {
			v.Inputs = append(v.Inputs, itemInputView{ItemInput: in, Field: m.Fields[n]})
		}
	}
	return v
}
