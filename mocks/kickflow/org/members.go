package org

import (
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

type newMember struct {
	ID       string   `json:"id"`
	Leader   bool     `json:"leader"`
	GradeIDs []string `json:"gradeIds"`
}

func (a *API) memberOps(ops fake.Ops) {
	a.Memberships = fake.NewTable(a.State, "memberships", Membership.key, func(m *Membership) {
		if g, ok := a.defaultGrade(); ok && len(m.GradeIDs) == 0 {
			m.GradeIDs = []string{g.ID}
		}
	})
	dialect.Index(a.Memberships, "team", false, func(m Membership) []string { return []string{m.TeamID} })
	dialect.Index(a.Memberships, "user", false, func(m Membership) []string { return []string{m.UserID} })
	dialect.Index(a.Memberships, "grade", false, func(m Membership) []string { return m.GradeIDs })
	ops["listTeamMembers"] = func(r *fake.Request) (any, error) {
		t, err := a.findTeam(r, r.Path("teamId"))
		if err != nil {
			return nil, err
		}
		return dialect.ListRows(r, a.Memberships.By("team", t.ID), nil, func(m Membership) any {
			return a.memberView(m)
		})
	}
	ops["createTeamMembers"] = a.createTeamMembers
	ops["updateTeamMember"] = a.updateTeamMember
	ops["deleteTeamMembers"] = a.deleteTeamMembers
}

// teamToEdit returns the path's team if it is in the caller's scope.
func (a *API) teamToEdit(r *fake.Request) (Team, error) {
	t, err := a.findTeam(r, r.Path("teamId"))
	if err == nil {
		err = a.inTeamScope(r, t.ID)
	}
	return t, err
}

func (a *API) createTeamMembers(r *fake.Request) (any, error) {
	t, err := a.teamToEdit(r)
	if err != nil {
		return nil, err
	}
	var body struct {
		Users []newMember `json:"users"`
	}
	if err := r.Decode(&body); err != nil {
		return nil, err
	}
	return nil, a.join(t, body.Users)
}

// join adds members to a team. Without grades they get the default one (inferred).
func (a *API) join(t Team, users []newMember) error {
	for _, u := range users {
		u.ID, u.GradeIDs = strings.ToLower(u.ID), dialect.Lower(u.GradeIDs)
		if !a.Alive(u.ID) {
			return dialect.Invalid("users.id", dialect.Missing)
		}
		if err := a.gradesThere(u.GradeIDs); err != nil {
			return err
		}
		if _, ok := a.defaultGrade(); !ok && len(u.GradeIDs) == 0 {
			return dialect.Invalid("users.gradeIds", dialect.Blank)
		}
		if _, err := a.Memberships.Insert(
			Membership{TeamID: t.ID, UserID: u.ID, Leader: u.Leader, GradeIDs: u.GradeIDs}); err != nil {
			return dialect.Invalid("users.id", dialect.Taken)
		}
	}
	return a.led(t)
}

func (a *API) gradesThere(ids []string) error {
	for _, id := range ids {
		if a.Grades.Row(id) == nil {
			return dialect.Invalid("gradeIds", dialect.Missing)
		}
	}
	return nil
}

// led returns an error for a team with members and no leader: documented, the wording is assumed.
func (a *API) led(t Team) error {
	empty := true
	for m := range a.Memberships.By("team", t.ID) {
		if m.Value.Leader {
			return nil
		}
		empty = false
	}
	if empty {
		return nil
	}
	return dialect.Stated(dialect.Definition, dialect.Invalid("base", "the team needs at least one leader"))
}

func (a *API) updateTeamMember(r *fake.Request) (any, error) {
	t, err := a.teamToEdit(r)
	if err != nil {
		return nil, err
	}
	u, err := dialect.FindRow(a.Users, r.Path("userId"))
	if err != nil {
		return nil, err
	}
	var body newMember
	if err := r.Decode(&body); err != nil {
		return nil, err
	}
	body.GradeIDs = dialect.Lower(body.GradeIDs)
	if err := a.gradesThere(body.GradeIDs); err != nil {
		return nil, err
	}
	_, err = a.Memberships.Update(t.ID+"/"+u.ID, func(m Membership) (Membership, error) {
		m.Leader, m.GradeIDs = body.Leader, body.GradeIDs
		return m, nil
	})
	return nil, dialect.FirstError(err, a.led(t))
}

func (a *API) deleteTeamMembers(r *fake.Request) (any, error) {
	t, err := a.teamToEdit(r)
	if err != nil {
		return nil, err
	}
	var body struct {
		UserIDs []string `json:"userIds"`
	}
	if err := r.Decode(&body); err != nil {
		return nil, err
	}
	for _, id := range dialect.Lower(body.UserIDs) {
		if !a.Memberships.Delete(t.ID + "/" + id) {
			return nil, dialect.Invalid("userIds", dialect.Missing)
		}
	}
	return nil, a.led(t)
}
