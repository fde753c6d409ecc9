package org

import (
	"net/http"
	"slices"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

var masterTypes = []string{"text", "text_long", "number", "integer", "checkbox", "pull_down", "date"}

func masterID(m Master) string { return m.ID }

// MasterOps makes the tables of general masters and adds their operations.
func (a *API) MasterOps(ops fake.Ops) {
	a.Masters = fake.NewTable(a.State, "generalMasters", masterID, a.fillMaster)
	dialect.Index(a.Masters, "code", true, func(m Master) []string { return []string{m.Code} })
	a.itemOps(ops)
	known := dialect.Orders[Master]{
		"name":      func(m *Master) string { return m.Name },
		"code":      func(m *Master) string { return m.Code },
		"createdAt": func(m *Master) string { return m.CreatedAt },
	}
	masters := fake.Resource[Master]{Table: a.Masters, Param: "generalMasterId", Find: a.findMaster,
		View: func(_ *fake.Request, m Master) any { return a.MasterView(m) },
		Drop: func(r *fake.Request, m Master) error {
			if err := a.mayEditMaster(r, m.ID); err != nil {
				return err
			}
			a.Items.DeleteIf(func(i Item) bool { return i.MasterID == m.ID })
			return nil
		}}
	ops["listGeneralMasters"] = func(r *fake.Request) (any, error) {
		seen := dialect.FilterRows(a.Masters, func(m *Master) bool { return a.mayReadMaster(r, m.ID) })
		return dialect.ListRows(r, seen, known, func(m Master) any { return a.MasterView(m) })
	}
	ops["getGeneralMaster"], ops["deleteGeneralMaster"] = masters.Get, masters.Delete
	ops["createGeneralMaster"] = func(r *fake.Request) (any, error) {
		m := Master{DefaultSortBy: "name"}
		if err := dialect.FirstError(a.mayEditMaster(r, ""), a.changeMaster(r, &m)); err != nil {
			return nil, err
		}
		m, err := a.Masters.Insert(m)
		return a.MasterView(m), err
	}
	ops["updateGeneralMaster"] = dialect.On(a.pathMaster, func(r *fake.Request, m Master) (any, error) {
		if err := dialect.FirstError(a.mayEditMaster(r, m.ID), a.changeMaster(r, &m)); err != nil {
			return nil, err
		}
		return a.MasterView(m), a.Masters.Set(m)
	})
}

func (a *API) pathMaster(r *fake.Request) (Master, error) {
	return a.findMaster(r, r.Path("generalMasterId"))
}

func (a *API) fillMaster(m *Master) {
	dialect.SetDefaults(a, &m.ID, &m.Code, &m.CreatedAt, &m.UpdatedAt)
	if m.DefaultSortBy == "" {
		m.DefaultSortBy = "name"
	}
	m.Fields = slices.Clone(m.Fields)
	if m.Fields == nil {
		m.Fields = []MasterField{}
	}
	for i := range m.Fields {
		f := &m.Fields[i]
		dialect.SetDefaults(a, &f.ID, &f.Code, &f.CreatedAt, &f.UpdatedAt)
		f.FieldOrder = i + 1
	}
}

// findMaster hides masters outside the caller's scope (inferred).
func (a *API) findMaster(r *fake.Request, id string) (Master, error) {
	m, err := dialect.FindRow(a.Masters, id)
	if err == nil && !a.mayReadMaster(r, m.ID) {
		return m, dialect.Refuse(http.StatusNotFound, "the general master is outside the caller's scope")
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

// changeMaster applies a body to a general master. Fields are matched by code; omitted fields stay
// (inferred).
func (a *API) changeMaster(r *fake.Request, m *Master) error {
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
	dialect.Set(&m.Code, body.Code)
	dialect.Set(&m.Name, body.Name)
	dialect.Set(&m.DefaultSortBy, body.DefaultSortBy)
	if r.Has("description") {
		m.Description = body.Description
	}
	m.UpdatedAt, m.Fields = dialect.FormatTime(r.Now()), slices.Clone(old)
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
		dialect.Set(&f.Title, b.Title)
		dialect.Set(&f.FieldType, b.FieldType)
		dialect.Set(&f.Required, b.Required)
		dialect.Set(&f.Visible, b.Visible)
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
		m.Code = dialect.RandomCode(a)
	}
	return dialect.FirstError(dialect.RequireText("name", m.Name), dialect.FreeCode(a.Masters, masterID, m.Code, own))
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
