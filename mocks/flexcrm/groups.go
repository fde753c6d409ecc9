package flexcrm

import (
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
)

// Group is a group of users.
type Group struct {
	ID            int64  `json:"id"`
	Name          string `json:"name"`
	Memo          string `json:"memo"`
	Rank          int64  `json:"rank"`
	ManagerUserID int64  `json:"manager_user_id"`
	Timestamps
}

// Position is a duty (職責) that users have.
type Position struct {
	ID            int64  `json:"id"`
	Name          string `json:"name"`
	Rank          int64  `json:"rank"`
	ManagerUserID int64  `json:"manager_user_id"`
	Timestamps
}

// Department is a node of the organisation tree.
type Department struct {
	ID            int64  `json:"id"`
	Name          string `json:"name"`
	Code          string `json:"code"`
	Rank          int64  `json:"rank"`
	Hierarchy     string `json:"hierarchy"`       // the numbers of its ancestors and itself: /1/4/9/
	ManagerUserID string `json:"manager_user_id"` // a text here, a number in groups and positions
	Timestamps
	Parent int64 `json:"parent"` // 0 = none
}

func (a *api) organisationOps() fake.Ops {
	return fake.Ops{
		"listGroups":       listOf(a.groups, "maxCount"),
		"getGroup":         bare(a.groups),
		"updateGroup":      a.updateGroup,
		"listPositions":    listOf(a.positions, "maxCount"),
		"getPosition":      bare(a.positions),
		"listDepartments":  listOf(a.departments, "maxcount"),
		"getDepartment":    a.getDepartment,
		"createDepartment": a.createDepartment,
		"updateDepartment": a.updateDepartment,
	}
}

// bare answers with a row alone, without status.
func bare[T any](t *fake.Table[T]) fake.Handler {
	return func(r *fake.Request) (any, error) {
		row, err := rowOf(r, t, "record_id")
		if err != nil {
			return nil, err
		}
		return row.JSON(), nil
	}
}

func (a *api) updateGroup(r *fake.Request) (any, error) {
	row, err := rowOf(r, a.groups, "record_id")
	if err != nil {
		return nil, err
	}
	f, g := readForm(r), row.Value
	f.text("name", &g.Name)
	f.text("memo", &g.Memo)
	f.number("rank", &g.Rank)
	if f.err != nil {
		return nil, f.err
	}
	g.Timestamps.by(caller(r), r.Now())
	return done, a.groups.Set(g)
}

// getDepartment answers with a department that has status as its last key.
func (a *api) getDepartment(r *fake.Request) (any, error) {
	row, err := rowOf(r, a.departments, "record_id")
	if err != nil {
		return nil, err
	}
	text := row.JSON()
	return append(text[:len(text)-1:len(text)-1], `,"status":"success"}`...), nil
}

// createDepartment does not return the new number.
func (a *api) createDepartment(r *fake.Request) (any, error) {
	f := readForm(r)
	f.require("name")
	var d Department
	if err := a.readDepartment(f, &d); err != nil {
		return nil, err
	}
	d.Timestamps.by(caller(r), r.Now())
	_, err := a.departments.Insert(d)
	return created(r, done), err
}

// updateDepartment moves a department together with its descendants. An id in the body is ignored
// (assumed).
func (a *api) updateDepartment(r *fake.Request) (any, error) {
	row, err := rowOf(r, a.departments, "record_id")
	if err != nil {
		return nil, err
	}
	d := row.Value
	if err := a.readDepartment(readForm(r), &d); err != nil {
		return nil, err
	}
	above, _ := a.departments.Find(rowKey(d.Parent))
	d.Hierarchy = hierarchy(above, d)
	d.Timestamps.by(caller(r), r.Now())
	if err := a.departments.Set(d); err != nil {
		return nil, err
	}
	if from := row.Value.Hierarchy; from != d.Hierarchy {
		table.Each(a.departments, func(below Department) Department {
			if rest, ok := strings.CutPrefix(below.Hierarchy, from); ok && below.ID != d.ID {
				below.Hierarchy = d.Hierarchy + rest
			}
			return below
		})
	}
	return done, nil
}

func (a *api) readDepartment(f *form, d *Department) error {
	f.text("name", &d.Name)
	f.text("code", &d.Code)
	f.number("rank", &d.Rank)
	f.number("parent", &d.Parent)
	if f.err != nil {
		return f.err
	}
	if d.Name == "" {
		return refuse("a department has a name")
	}
	if d.Parent == 0 {
		return nil
	}
	above, err := rowAt(a.departments, strconv.FormatInt(d.Parent, 10))
	if err != nil {
		return err
	}
	if own := strconv.FormatInt(d.ID, 10); d.ID != 0 &&
		slices.Contains(strings.Split(above.Value.Hierarchy, "/"), own) {
		return refuse("department %s cannot be below itself", own)
	}
	return nil
}

func hierarchy(above, d Department) string {
	if above.Hierarchy == "" {
		above.Hierarchy = "/"
	}
	return above.Hierarchy + strconv.FormatInt(d.ID, 10) + "/"
}

func fillDepartment(a *api) func(*Department) {
	return func(d *Department) {
		d.ID = a.Number("departments", d.ID)
		if d.Hierarchy == "" {
			above, _ := a.departments.Find(rowKey(d.Parent))
			d.Hierarchy = hierarchy(above, *d)
		}
		d.Timestamps.fill(a.Now())
	}
}
