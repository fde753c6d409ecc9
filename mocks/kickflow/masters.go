package kickflow

import (
	"net/http"
	"slices"

	"github.com/afba07b5/mockserver/fake"
)

// Master is a general master: a table that the tenant defines.
type Master struct {
	ID                        string        `json:"id"`
	Code                      string        `json:"code"`
	Name                      string        `json:"name"`
	Description               *string       `json:"description"`
	DefaultSortBy             string        `json:"defaultSortBy"` // name or code
	InitialDisplayCode        bool          `json:"initialDisplayCode"`
	InitialDisplayCreatedAt   bool          `json:"initialDisplayCreatedAt"`
	InitialDisplayDescription bool          `json:"initialDisplayDescription"`
	CreatedAt                 string        `json:"createdAt"`
	UpdatedAt                 string        `json:"updatedAt"`
	Fields                    []MasterField `json:"fields"`
}

// MasterField is a column of a general master.
type MasterField struct {
	ID             string   `json:"id"`
	Title          string   `json:"title"`
	Description    *string  `json:"description"`
	Code           string   `json:"code"`
	FieldType      string   `json:"fieldType"`
	Required       bool     `json:"required"`
	FieldOrder     int      `json:"fieldOrder"`
	Visible        bool     `json:"visible"`
	InitialDisplay bool     `json:"initialDisplay"`
	Options        []string `json:"options"` // null unless checkbox or pull_down
	CreatedAt      string   `json:"createdAt"`
	UpdatedAt      string   `json:"updatedAt"`
}

type masterView struct {
	Master
	ItemsCount int `json:"itemsCount"`
}

var masterTypes = []string{"text", "text_long", "number", "integer", "checkbox", "pull_down", "date"}

func masterID(m Master) string { return m.ID }

func (a *api) masterOps(ops fake.Ops) {
	a.masters = fake.NewTable(a.State, "generalMasters", masterID, a.fillMaster)
	index(a.masters, "code", true, func(m Master) []string { return []string{m.Code} })
	a.itemOps(ops)
	known := orders[Master]{
		"name":      func(m *Master) string { return m.Name },
		"code":      func(m *Master) string { return m.Code },
		"createdAt": func(m *Master) string { return m.CreatedAt },
	}
	masters := fake.Resource[Master]{Table: a.masters, Param: "generalMasterId", Find: a.findMaster,
		View: func(_ *fake.Request, m Master) any { return a.masterView(m) },
		Drop: func(r *fake.Request, m Master) error {
			if err := a.mayEditMaster(r, m.ID); err != nil {
				return err
			}
			a.items.DeleteIf(func(i Item) bool { return i.MasterID == m.ID })
			return nil
		}}
	ops["listGeneralMasters"] = func(r *fake.Request) (any, error) {
		seen := filterRows(a.masters, func(m *Master) bool { return a.mayReadMaster(r, m.ID) })
		return listRows(r, seen, known, func(m Master) any { return a.masterView(m) })
	}
	ops["getGeneralMaster"], ops["deleteGeneralMaster"] = masters.Get, masters.Delete
	ops["createGeneralMaster"] = func(r *fake.Request) (any, error) {
		m := Master{DefaultSortBy: "name"}
		if err := firstError(a.mayEditMaster(r, ""), a.changeMaster(r, &m)); err != nil {
			return nil, err
		}
		m, err := a.masters.Insert(m)
		return a.masterView(m), err
	}
	ops["updateGeneralMaster"] = func(r *fake.Request) (any, error) {
		m, err := a.findMaster(r, r.Path("generalMasterId"))
		if err != nil {
			return nil, err
		}
		if err := firstError(a.mayEditMaster(r, m.ID), a.changeMaster(r, &m)); err != nil {
			return nil, err
		}
		return a.masterView(m), a.masters.Set(m)
	}
}

func (a *api) fillMaster(m *Master) {
	a.setCommonDefaults(&m.ID, &m.Code, &m.CreatedAt, &m.UpdatedAt)
	if m.DefaultSortBy == "" {
		m.DefaultSortBy = "name"
	}
	m.Fields = slices.Clone(m.Fields)
	if m.Fields == nil {
		m.Fields = []MasterField{}
	}
	for i := range m.Fields {
		f := &m.Fields[i]
		a.setCommonDefaults(&f.ID, &f.Code, &f.CreatedAt, &f.UpdatedAt)
		f.FieldOrder = i + 1
	}
}

// findMaster hides masters outside the caller's scope (inferred).
func (a *api) findMaster(r *fake.Request, id string) (Master, error) {
	m, err := findRow(a.masters, id)
	if err == nil && !a.mayReadMaster(r, m.ID) {
		return m, refuse(http.StatusNotFound, "the general master is outside the caller's scope")
	}
	return m, err
}

func (a *api) mayReadMaster(r *fake.Request, id string) bool {
	covers := func(p Permission) bool { return slices.Contains(p.GeneralMasterIDs, id) }
	return a.manages(caller(r).ID, "master", covers) || a.manages(caller(r).ID, "master_read", covers)
}

func (a *api) mayEditMaster(r *fake.Request, id string) error {
	return a.scoped(r, "master", func(p Permission) bool { return slices.Contains(p.GeneralMasterIDs, id) })
}

// changeMaster applies a body to a general master. Fields are matched by code; omitted fields stay
// (inferred).
func (a *api) changeMaster(r *fake.Request, m *Master) error {
	own, old := m.ID, m.Fields
	var body struct {
		Code, Name, Description, DefaultSortBy *string
		Fields                                 []struct {
			Title, Description, FieldType *string
			Code                          string
			Required, Visible             *bool
			Options                       []string
		}
	}
	if err := r.Decode(&body); err != nil {
		return err
	}
	set(&m.Code, body.Code)
	set(&m.Name, body.Name)
	set(&m.DefaultSortBy, body.DefaultSortBy)
	if r.Has("description") {
		m.Description = body.Description
	}
	m.UpdatedAt, m.Fields = formatTime(r.Now()), slices.Clone(old)
	seen := map[string]bool{}
	for _, b := range body.Fields {
		if seen[b.Code] {
			return invalid("fields.code", taken)
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
	if m.Code == "" {
		m.Code = randomCode(a.State)
	}
	return firstError(requireText("name", m.Name), freeCode(a.masters, masterID, m.Code, own))
}

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
		return invalid("fields.options", blank)
	}
	if !slices.Contains(masterTypes, f.FieldType) {
		return invalid("fields.fieldType", unlisted)
	}
	return firstError(requireText("fields.title", f.Title), requireText("fields.code", f.Code))
}

func (a *api) masterView(m Master) masterView {
	v := masterView{Master: m}
	for range a.items.By("master", m.ID) {
		v.ItemsCount++
	}
	return v
}
