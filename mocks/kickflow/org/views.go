package org

import (
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

// PlainUser is a user as seen without the permission user, and inside other resources.
type PlainUser struct {
	User
	LastUsedOn   dialect.Hidden `json:"lastUsedOn,omitempty"`
	CustomFields dialect.Hidden `json:"customFields,omitempty"`
}

// Person returns a user as shown inside another resource, or nil.
func (a *API) Person(id string) *PlainUser {
	u, ok := a.Users.Find(id)
	if !ok {
		return nil
	}
	return &PlainUser{User: u}
}

func (a *API) People(ids []string) []PlainUser {
	out := []PlainUser{}
	for _, id := range ids {
		if p := a.Person(id); p != nil {
			out = append(out, *p)
		}
	}
	return out
}

type TeamView struct {
	Team
	ChartID    dialect.Hidden `json:"organizationChartId,omitempty"`
	ParentID   dialect.Hidden `json:"parentId,omitempty"`
	FullName   string         `json:"fullName"`
	UsersCount int            `json:"usersCount"`
}

// TeamPath returns the full name.
func (a *API) TeamPath(t Team) (name string) {
	for up := range a.Upwards(t.ID) {
		name = up.Name + dialect.Slash + name
	}
	return strings.TrimSuffix(name, dialect.Slash)
}

func (a *API) teamView(t Team) TeamView {
	v := TeamView{Team: t, FullName: a.TeamPath(t)}
	for range a.Memberships.By("team", t.ID) {
		v.UsersCount++
	}
	return v
}

func (a *API) TeamRef(id string) *TeamView {
	t, ok := a.Teams.Find(id)
	if !ok {
		return nil
	}
	v := a.teamView(t)
	return &v
}

func (a *API) GradeRef(id string) *Grade {
	if g, ok := a.Grades.Find(id); ok {
		return &g
	}
	return nil
}

type MasterView struct {
	Master
	ItemsCount int `json:"itemsCount"`
}

func (a *API) MasterView(m Master) MasterView {
	v := MasterView{Master: m}
	for range a.Items.By("master", m.ID) {
		v.ItemsCount++
	}
	return v
}

type ItemView struct {
	Item
	MasterID dialect.Hidden  `json:"generalMasterId,omitempty"`
	Inputs   []itemInputView `json:"inputs"`
}

type itemInputView struct {
	ItemInput
	FieldCode dialect.Hidden `json:"fieldCode,omitempty"`
	Field     MasterField    `json:"field"`
}

func (a *API) itemView(i Item) ItemView {
	v := ItemView{Item: i, Inputs: []itemInputView{}}
	m, _ := a.Masters.Find(i.MasterID)
	for _, in := range i.Inputs {
		n := slices.IndexFunc(m.Fields, func(f MasterField) bool { return f.Code == in.FieldCode })
		if n >= 0 {
			v.Inputs = append(v.Inputs, itemInputView{ItemInput: in, Field: m.Fields[n]})
		}
	}
	return v
}

func (a *API) ItemRef(id string) *ItemView {
	if i, ok := a.Items.Find(id); ok {
		return dialect.To(a.itemView(i))
	}
	return nil
}

// memberView is a user as a member, without userType: documented.
type memberView struct {
	PlainUser
	UserType dialect.Hidden `json:"userType,omitempty"`
	Grades   []Grade        `json:"grades"`
	Leader   bool           `json:"leader"`
}

func (a *API) memberView(m Membership) memberView {
	v := memberView{Leader: m.Leader, Grades: []Grade{}}
	if p := a.Person(m.UserID); p != nil {
		v.PlainUser = *p
	}
	for _, id := range m.GradeIDs {
		if g, ok := a.Grades.Find(id); ok {
			v.Grades = append(v.Grades, g)
		}
	}
	return v
}
