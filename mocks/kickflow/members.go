package kickflow

import (
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// Membership says that a user belongs to a team, with one grade at least.
type Membership struct {
	TeamID   string   `json:"teamId"`
	UserID   string   `json:"userId"`
	Leader   bool     `json:"leader"`
	GradeIDs []string `json:"gradeIds"`
}

func (m Membership) key() string { return m.TeamID + "/" + m.UserID }

// memberView is a user as a member; its userType is left out: documented.
type memberView struct {
	plainUser
	UserType hidden  `json:"userType,omitempty"`
	Grades   []Grade `json:"grades"`
	Leader   bool    `json:"leader"`
}

type newMember struct {
	ID       string   `json:"id"`
	Leader   bool     `json:"leader"`
	GradeIDs []string `json:"gradeIds"`
}

func (k *api) memberOps(ops fake.Ops) {
	k.memberships = fake.NewTable(k.State, "memberships", Membership.key, func(m *Membership) {
		if g, ok := k.defaultGrade(); ok && len(m.GradeIDs) == 0 {
			m.GradeIDs = []string{g.ID}
		}
	})
	index(k.memberships, "team", false, func(m Membership) []string { return []string{m.TeamID} })
	index(k.memberships, "user", false, func(m Membership) []string { return []string{m.UserID} })
	index(k.memberships, "grade", false, func(m Membership) []string { return m.GradeIDs })
	ops["listTeamMembers"] = func(r *fake.Request) (any, error) {
		t, err := k.findTeam(r, r.Path("teamId"))
		if err != nil {
			return nil, err
		}
		return list(r, k.memberships.By("team", t.ID), nil, func(m Membership) any { return k.memberView(m) })
	}
	ops["createTeamMembers"] = k.createTeamMembers
	ops["updateTeamMember"] = k.updateTeamMember
	ops["deleteTeamMembers"] = k.deleteTeamMembers
}

// teamToEdit is the path's team, if it lies in the caller's scope.
func (k *api) teamToEdit(r *fake.Request) (Team, error) {
	t, err := k.findTeam(r, r.Path("teamId"))
	if err == nil {
		err = k.inTeamScope(r, t.ID)
	}
	return t, err
}

func (k *api) createTeamMembers(r *fake.Request) (any, error) {
	t, err := k.teamToEdit(r)
	if err != nil {
		return nil, err
	}
	var body struct {
		Users []newMember `json:"users"`
	}
	if err := r.Decode(&body); err != nil {
		return nil, err
	}
	return nil, k.join(t, body.Users)
}

// join adds members to a team. Without grades they get the default one (inferred).
func (k *api) join(t Team, users []newMember) error {
	for _, u := range users {
		u.ID, u.GradeIDs = strings.ToLower(u.ID), lower(u.GradeIDs)
		if !k.alive(u.ID) {
			return invalid("users.id", missing)
		}
		if err := k.gradesThere(u.GradeIDs); err != nil {
			return err
		}
		if _, ok := k.defaultGrade(); !ok && len(u.GradeIDs) == 0 {
			return invalid("users.gradeIds", blank)
		}
		if _, err := k.memberships.Insert(Membership{TeamID: t.ID, UserID: u.ID, Leader: u.Leader, GradeIDs: u.GradeIDs}); err != nil {
			return invalid("users.id", taken)
		}
	}
	return k.led(t)
}

func (k *api) gradesThere(ids []string) error {
	for _, id := range ids {
		if k.grades.Row(id) == nil {
			return invalid("gradeIds", missing)
		}
	}
	return nil
}

// led refuses a team with members and no leader: documented, the words are assumed.
func (k *api) led(t Team) error {
	empty := true
	for m := range k.memberships.By("team", t.ID) {
		if m.Value.Leader {
			return nil
		}
		empty = false
	}
	if empty {
		return nil
	}
	return stated(definition, invalid("base", "the team needs at least one leader"))
}

func (k *api) updateTeamMember(r *fake.Request) (any, error) {
	t, err := k.teamToEdit(r)
	if err != nil {
		return nil, err
	}
	u, err := find(k.users, r.Path("userId"))
	if err != nil {
		return nil, err
	}
	var body newMember
	if err := r.Decode(&body); err != nil {
		return nil, err
	}
	body.GradeIDs = lower(body.GradeIDs)
	if err := k.gradesThere(body.GradeIDs); err != nil {
		return nil, err
	}
	_, err = k.memberships.Update(t.ID+"/"+u.ID, func(m Membership) (Membership, error) {
		m.Leader, m.GradeIDs = body.Leader, body.GradeIDs
		return m, nil
	})
	return nil, first(err, k.led(t))
}

func (k *api) deleteTeamMembers(r *fake.Request) (any, error) {
	t, err := k.teamToEdit(r)
	if err != nil {
		return nil, err
	}
	var body struct {
		UserIDs []string `json:"userIds"`
	}
	if err := r.Decode(&body); err != nil {
		return nil, err
	}
	for _, id := range lower(body.UserIDs) {
		if !k.memberships.Delete(t.ID + "/" + id) {
			return nil, invalid("userIds", missing)
		}
	}
	return nil, k.led(t)
}

func (k *api) memberView(m Membership) memberView {
	v := memberView{Leader: m.Leader, Grades: []Grade{}}
	if p := k.person(m.UserID); p != nil {
		v.plainUser = *p
	}
	for _, id := range m.GradeIDs {
		if g, ok := k.grades.Find(id); ok {
			v.Grades = append(v.Grades, g)
		}
	}
	return v
}
