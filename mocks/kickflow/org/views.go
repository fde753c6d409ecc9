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

func plain(u User) PlainUser { return PlainUser{User: u} }

// Person returns a user as shown inside another resource, or nil.
func (a *API) Person(id string) *PlainUser { return dialect.View(a.Users, id, plain) }

// People returns users as shown inside another resource.
func (a *API) People(ids []string) []PlainUser { return dialect.Views(a.Users, ids, plain) }

// TeamView is a team as shown inside another resource.
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

// TeamRef returns a team as shown inside another resource, or nil.
func (a *API) TeamRef(id string) *TeamView { return dialect.View(a.Teams, id, a.teamView) }

// GradeRef returns a grade, or nil.
func (a *API) GradeRef(id string) *Grade { return dialect.View(a.Grades, id, dialect.AsStored) }

// MasterView is a general master with the number of its items.
type MasterView struct {
	Master
	ItemsCount int `json:"itemsCount"`
}

// MasterView shows a general master.
func (a *API) MasterView(m Master) MasterView {
	v := MasterView{Master: m}
	for range a.Items.By("master", m.ID) {
		v.ItemsCount++
	}
	return v
}

// ItemView is an item with the fields of its master.
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

// ItemRef returns an item as shown inside another resource, or nil.
func (a *API) ItemRef(id string) *ItemView { return dialect.View(a.Items, id, a.itemView) }

// memberView is a user as a member, without userType: documented.
type memberView struct {
	PlainUser
	UserType dialect.Hidden `json:"userType,omitempty"`
	Grades   []Grade        `json:"grades"`
	Leader   bool           `json:"leader"`
}

func (a *API) memberView(m Membership) memberView {
	return memberView{PlainUser: dialect.Deref(a.Person(m.UserID)), Leader: m.Leader,
		Grades: dialect.Views(a.Grades, m.GradeIDs, dialect.AsStored)}
}
