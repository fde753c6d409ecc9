package org

import (
	"slices"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

// API is this part of the fake in one world.
type API struct {
	*fake.State
	Left         func(userID string)      // called when a user was deactivated
	Folder       func(id string) fake.Raw // returns a folder as others show it, nil if there is none
	views        cache
	Tenant       *fake.Table[Tenant]
	Tokens       *fake.Table[Token]
	customFields *fake.Table[CustomField]
	lineWorks    *fake.Table[LineWorks]
	Grades       *fake.Table[Grade]
	Users        *fake.Table[User]
	roles        *fake.Table[Role]
	roleMembers  *fake.Table[RoleMember]
	charts       *fake.Table[Chart]
	Teams        *fake.Table[Team]
	Memberships  *fake.Table[Membership]
	Masters      *fake.Table[Master]
	Items        *fake.Table[Item]
	audits       *fake.Table[AuditLog]
}

// New makes this part of the fake; its operations make most tables.
func New(s *fake.State) *API {
	return &API{
		State:  s,
		Tenant: fake.NewTable(s, "tenant", func(t Tenant) string { return t.ID }, nil),
		Tokens: fake.NewTable(s, "tokens", func(t Token) string { return t.Value }, nil),
	}
}

// Settings returns the tenant.
func (a *API) Settings() (t Tenant) {
	for t = range a.Tenant.All() {
		break
	}
	return t
}

// Enterprise reports whether the tenant's plan has files and custom fields.
func (a *API) Enterprise() bool {
	p := a.Settings().Plan
	return p == "enterprise" || p == "trial"
}

// CurrentChart returns the current organization chart.
func (a *API) CurrentChart() (current Chart) {
	for c := range a.charts.All() {
		if c.Current {
			current = c
		}
	}
	return current
}

func (a *API) defaultGrade() (Grade, bool) {
	for g := range a.Grades.All() {
		if g.IsDefault {
			return g, true
		}
	}
	return Grade{}, false
}

// TeamWithin reports whether a team is one of the roots or below one.
func (a *API) TeamWithin(id string, roots []string) bool {
	return slices.ContainsFunc(a.Upwards(id), func(t *Team) bool {
		return slices.Contains(roots, t.ID)
	})
}

// Upwards returns a team and then its ancestors up to the root.
func (a *API) Upwards(id string) []*Team {
	return Upwards(a.Teams, id, func(t *Team) *string { return t.ParentID })
}

// Alive reports whether a user exists and is not deactivated.
func (a *API) Alive(id string) bool {
	u, ok := a.Users.Find(id)
	return ok && u.Status != "deactivated"
}

// GradesOf returns the grades of a user in the current chart, or the grade itself.
func (a *API) GradesOf(id string) (grades []string) {
	if a.Grades.Row(id) != nil {
		return []string{id}
	}
	chart := a.CurrentChart().ID
	for m := range a.Memberships.By("user", id) {
		if t, _ := a.Teams.Find(m.Value.TeamID); t.ChartID == chart {
			grades = append(grades, m.Value.GradeIDs...)
		}
	}
	return grades
}

// LevelOf returns the level of a grade, 0 if there is no such grade.
func (a *API) LevelOf(grade string) int {
	g, _ := a.Grades.Find(grade)
	return g.Level
}

// Caller returns the user who sent a request.
func Caller(r *fake.Request) *User { return r.Caller.(*User) }

// grants returns the entries of a user's roles for a permission.
func (a *API) grants(userID, permission string) (grants []Permission) {
	for m := range a.roleMembers.By("user", userID) {
		role, _ := a.roles.Find(m.Value.RoleID)
		if !role.Editable { // the built-in role has every permission
			grants = append(grants, Permission{Permission: permission})
		}
		for _, p := range role.PermissionList {
			if p.Permission == permission {
				grants = append(grants, p)
			}
		}
	}
	return grants
}

// Holds reports whether the user has one of the permissions, possibly with a restricted scope.
func (a *API) Holds(userID string, permissions ...string) bool {
	return slices.ContainsFunc(permissions, func(permission string) bool {
		return len(a.grants(userID, permission)) > 0
	})
}

// Manages reports whether the user has the permission without restriction, or in a scope for which
// covers is true. If covers is nil, only an unrestricted permission counts.
func (a *API) Manages(userID, permission string, covers func(Permission) bool) bool {
	return slices.ContainsFunc(a.grants(userID, permission), func(p Permission) bool {
		return !p.Restricted || covers != nil && covers(p)
	})
}

// Scoped returns a 403 for a resource outside the caller's scope.
func (a *API) Scoped(r *fake.Request, permission string, covers func(Permission) bool) error {
	if a.Manages(Caller(r).ID, permission, covers) {
		return nil
	}
	return dialect.Stated(dialect.Definition,
		dialect.Forbidden("the permission "+permission+" is restricted to another scope"))
}
