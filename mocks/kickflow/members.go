package kickflow

import (
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

// Membership says that a user belongs to a team, with at least one grade.
type Membership struct {
	TeamID   string   `json:"teamId"`
	UserID   string   `json:"userId"`
	Leader   bool     `json:"leader"`
	GradeIDs []string `json:"gradeIds"`
}

func (m Membership) key() string { return m.TeamID + "/" + m.UserID }

// memberView is a user as a member, without userType: documented.
type memberView struct {
	plainUser
	UserType dialect.Hidden `json:"userType,omitempty"`
	Grades   []Grade        `json:"grades"`
	Leader   bool           `json:"leader"`
}

type newMember struct {
	ID       string   `json:"id"`
	Leader   bool     `json:"leader"`
	GradeIDs []string `json:"gradeIds"`
}

func (a *api) memberOps(ops fake.Ops) {
	a.memberships = fake.NewTable(a.State, "memberships", Membership.key, func(m *Membership) {
		if g, ok := a.defaultGrade(); ok && len(m.GradeIDs) == 0 {
			m.GradeIDs = []string{g.ID}
		}
	})
	dialect.Index(a.memberships, "team", false, func(m Membership) []string { return []string{m.TeamID} })
	dialect.Index(a.memberships, "user", false, func(m Membership) []string { return []string{m.UserID} })
	dialect.Index(a.memberships, "grade", false, func(m Membership) []string { return m.GradeIDs })
	ops["listTeamMembers"] = func(r *fake.Request) (any, error) {
		t, err := a.findTeam(r, r.Path("teamId"))
		if err != nil {
			return nil, err
		}
		return dialect.ListRows(r, a.memberships.By("team", t.ID), nil, func(m Membership) any { return a.memberView(m) })
	}
	ops["createTeamMembers"] = a.createTeamMembers
	ops["updateTeamMember"] = a.updateTeamMember
	ops["deleteTeamMembers"] = a.deleteTeamMembers
}

// teamToEdit returns the path's team if it is in the caller's scope.
func (a *api) teamToEdit(r *fake.Request) (Team, error) {
	t, err := a.findTeam(r, r.Path("teamId"))
	if err == nil {
		err = a.inTeamScope(r, t.ID)
	}
	return t, err
}

func (a *api) createTeamMembers(r *fake.Request) (any, error) {
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
func (a *api) join(t Team, users []newMember) error {
	for _, u := range users {
		u.ID, u.GradeIDs = strings.ToLower(u.ID), dialect.Lower(u.GradeIDs)
		if !a.alive(u.ID) {
			return dialect.Invalid("users.id", dialect.Missing)
		}
		if err := a.gradesThere(u.GradeIDs); err != nil {
			return err
		}
		if _, ok := a.defaultGrade(); !ok && len(u.GradeIDs) == 0 {
			return dialect.Invalid("users.gradeIds", dialect.Blank)
		}
		if _, err := a.memberships.Insert(
			Membership{TeamID: t.ID, UserID: u.ID, Leader: u.Leader, GradeIDs: u.GradeIDs}); err != nil {
			return dialect.Invalid("users.id", dialect.Taken)
		}
	}
	return a.led(t)
}

func (a *api) gradesThere(ids []string) error {
	for _, id := range ids {
		if a.grades.Row(id) == nil {
			return dialect.Invalid("gradeIds", dialect.Missing)
		}
	}
	return nil
}

// led returns an error for a team with members and no leader: documented, the wording is assumed.
func (a *api) led(t Team) error {
	empty := true
	for m := range a.memberships.By("team", t.ID) {
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

func (a *api) updateTeamMember(r *fake.Request) (any, error) {
	t, err := a.teamToEdit(r)
	if err != nil {
		return nil, err
	}
	u, err := dialect.FindRow(a.users, r.Path("userId"))
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
	_, err = a.memberships.Update(t.ID+"/"+u.ID, func(m Membership) (Membership, error) {
		m.Leader, m.GradeIDs = body.Leader, body.GradeIDs
		return m, nil
	})
	return nil, dialect.FirstError(err, a.led(t))
}

func (a *api) deleteTeamMembers(r *fake.Request) (any, error) {
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
		if !a.memberships.Delete(t.ID + "/" + id) {
			return nil, dialect.Invalid("userIds", dialect.Missing)
		}
	}
	return nil, a.led(t)
}

func (a *api) memberView(m Membership) memberView {
	v := memberView{Leader: m.Leader, Grades: []Grade{}}
	if p := a.person(m.UserID); p != nil {
		v.plainUser = *p
	}
	for _, id := range m.GradeIDs {
		if g, ok := a.grades.Find(id); ok {
			v.Grades = append(v.Grades, g)
		}
	}
	return v
}
