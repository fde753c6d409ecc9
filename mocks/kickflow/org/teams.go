package org

import (
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

const shownMembers = 100 // documented

// TeamOps makes the tables of teams and adds their operations.
func (a *API) TeamOps(ops fake.Ops) {
	a.Teams = NewTable(a, "teams", func(t Team) string { return t.ID }, func(t *Team) {
		dialect.SetDefaults(a, &t.ID, &t.Code, &t.CreatedAt, &t.UpdatedAt)
		if t.ChartID == "" {
			t.ChartID = a.CurrentChart().ID
		}
	})
	Index(a.Teams, "code", true, func(t Team) []string { return []string{t.ChartID + "/" + t.Code} })
	Index(a.Teams, "chart", false, func(t Team) []string { return []string{t.ChartID} })
	Index(a.Teams, "parent", false, func(t Team) []string {
		return []string{t.ChartID + "/" + dialect.Deref(t.ParentID)}
	})
	a.memberOps(ops)
	teams := fake.Resource[Team]{Table: a.Teams, Param: "teamId", Find: a.findTeam, Rule: a.teamRule,
		View: func(_ *fake.Request, t Team) any { return a.teamDetail(&t) }}
	ops["listTeams"] = a.listTeams
	ops["getTeam"], ops["createTeam"], ops["updateTeam"] = teams.Get, teams.Create, teams.Update
	ops["deleteTeam"] = dialect.On(a.teamToEdit, a.deleteTeam)
}

// findTeam searches the path's chart only.
func (a *API) findTeam(r *fake.Request, id string) (Team, error) {
	c, err := a.chart(r)
	if err != nil {
		return Team{}, err
	}
	if row := a.Teams.One("code", c.ID+"/"+id); row != nil {
		return row.Value, nil
	}
	if t, ok := a.Teams.Find(id); ok && t.ChartID == c.ID {
		return t, nil
	}
	return Team{}, dialect.Absent("the chart has no such team")
}

func (a *API) teamRule(r *fake.Request, old, t *Team) error {
	c, err := a.chart(r)
	if err != nil {
		return err
	}
	t.ChartID, t.UpdatedAt = c.ID, dialect.FormatTime(r.Now())
	parent := strings.ToLower(dialect.Deref(t.ParentID))
	if t.ParentID = &parent; parent == "" {
		t.ParentID = nil
	}
	err = RequireUnique(a.Teams, "code", c.ID+"/"+t.Code, dialect.Deref(old).ID)
	if old != nil {
		err = dialect.FirstError(err, a.inTeamScope(r, old.ID))
	}
	if old == nil || parent != dialect.Deref(old.ParentID) {
		err = dialect.FirstError(err, a.inTeamScope(r, parent))
	}
	return dialect.FirstError(err, dialect.RequireText("name", t.Name), a.teamFits(*t, parent))
}

// inTeamScope returns an error for a team outside the caller's scope. A scope includes descendants
// (inferred).
func (a *API) inTeamScope(r *fake.Request, id string) error {
	return a.Scoped(r, "team", func(p Permission) bool { return a.TeamWithin(id, p.TeamIDs) })
}

func (a *API) teamFits(t Team, parent string) error {
	if parent == "" {
		return nil
	}
	if up, ok := a.Teams.Find(parent); !ok || up.ChartID != t.ChartID {
		return dialect.Invalid("parentId", dialect.Missing)
	}
	if t.ID != "" && a.TeamWithin(parent, []string{t.ID}) {
		return dialect.Invalid("parentId", dialect.Wrong)
	}
	return nil
}

// listTeams lists the root teams or, with parentId, the children of a team: documented.
func (a *API) listTeams(r *fake.Request) (any, error) {
	c, err := a.chart(r)
	if err != nil {
		return nil, err
	}
	parent := ""
	if asked := r.Query("parentId"); asked != "" {
		up, err := a.findTeam(r, strings.ToLower(asked))
		if err != nil || up.ID != strings.ToLower(asked) { // a UUID, no code: documented
			return nil, dialect.Absent("the chart has no such parent team")
		}
		parent = up.ID
	}
	return dialect.ListRows(r, a.Teams.By("parent", c.ID+"/"+parent), nil, a.teamView)
}

// deleteTeam deletes the memberships too: documented. It also deletes the descendants: assumed.
func (a *API) deleteTeam(_ *fake.Request, t Team) (any, error) {
	a.dropTeams(func(other Team) bool { return a.TeamWithin(other.ID, []string{t.ID}) })
	return nil, nil
}

func (a *API) dropTeams(drop func(Team) bool) {
	gone := map[string]bool{}
	for t := range a.Teams.All() {
		gone[t.ID] = drop(t)
	}
	a.Teams.DeleteIf(func(t Team) bool { return gone[t.ID] })
	a.Memberships.DeleteIf(func(m Membership) bool { return gone[m.TeamID] })
}

func (a *API) teamDetail(t *Team) fake.Raw {
	children, members := []fake.Raw{}, []fake.Raw{}
	for row := range a.Teams.By("parent", t.ChartID+"/"+t.ID) {
		children = append(children, a.teamView(&row.Value))
	}
	for row := range a.Memberships.By("team", t.ID) {
		if len(members) < shownMembers {
			members = append(members, a.memberView(&row.Value))
		}
	}
	return a.teamFields(t).Add("parent", a.TeamRef(dialect.Deref(t.ParentID))).Add("children", children).
		Add("users", members).Raw()
}

func (a *API) teamFields(t *Team) dialect.Object {
	return dialect.Fields(t, "organizationChartId", "parentId").Add("fullName", a.TeamPath(t.ID)).
		Add("usersCount", Count(a.Memberships.By("team", t.ID)))
}

// teamView shows a team inside another resource.
func (a *API) teamView(t *Team) fake.Raw {
	return a.Cached("team", t, func() fake.Raw { return a.teamFields(t).Raw() })
}

// TeamRef shows a team inside another resource.
func (a *API) TeamRef(id string) fake.Raw { return dialect.Show(a.Teams, id, a.teamView) }

// TeamPath returns the full name of a team.
func (a *API) TeamPath(id string) (name string) {
	for _, up := range a.Upwards(id) {
		name = up.Name + dialect.Slash + name
	}
	return strings.TrimSuffix(name, dialect.Slash)
}

// memberView shows a user as a member, without userType: documented.
func (a *API) memberView(m *Membership) fake.Raw {
	u, _ := a.Users.Find(m.UserID)
	return dialect.Fields(u, append([]string{"userType"}, plain...)...).
		Add("grades", dialect.ShowEach(a.Grades, m.GradeIDs, nil)).Add("leader", m.Leader).Raw()
}

type newMember struct {
	ID       string
	Leader   bool
	GradeIDs []string
}

type newMembers struct {
	Users []newMember
}

// memberOps makes the tables of members and adds their operations.
func (a *API) memberOps(ops fake.Ops) {
	a.Memberships = NewTable(a, "memberships", Membership.key, func(m *Membership) {
		if g, ok := a.defaultGrade(); ok && len(m.GradeIDs) == 0 {
			m.GradeIDs = []string{g.ID}
		}
	})
	Index(a.Memberships, "team", false, func(m Membership) []string { return []string{m.TeamID} })
	Index(a.Memberships, "user", false, func(m Membership) []string { return []string{m.UserID} })
	Index(a.Memberships, "grade", false, func(m Membership) []string { return m.GradeIDs })
	ops["listTeamMembers"] = dialect.On(a.pathTeam, func(r *fake.Request, t Team) (any, error) {
		return dialect.ListRows(r, a.Memberships.By("team", t.ID), nil, a.memberView)
	})
	ops["createTeamMembers"] = dialect.OnBody(a.teamToEdit, a.createTeamMembers)
	ops["updateTeamMember"] = dialect.OnBody(a.teamToEdit, a.updateTeamMember)
	ops["deleteTeamMembers"] = dialect.OnBody(a.teamToEdit, a.deleteTeamMembers)
}

func (a *API) pathTeam(r *fake.Request) (Team, error) { return a.findTeam(r, r.Path("teamId")) }

// teamToEdit returns the path's team if it is in the caller's scope.
func (a *API) teamToEdit(r *fake.Request) (Team, error) {
	t, err := a.pathTeam(r)
	return t, dialect.FirstError(err, a.inTeamScope(r, t.ID))
}

func (a *API) createTeamMembers(_ *fake.Request, t Team, body newMembers) (any, error) {
	return nil, a.join(t, body.Users)
}

// join adds members to a team. Without grades they get the default one (inferred).
func (a *API) join(t Team, users []newMember) error {
	for _, u := range users {
		u.ID, u.GradeIDs = strings.ToLower(u.ID), dialect.Lower(u.GradeIDs)
		if !a.Alive(u.ID) {
			return dialect.Invalid("users.id", dialect.Missing)
		}
		if err := a.gradesThere("users.gradeIds", u.GradeIDs); err != nil {
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

func (a *API) gradesThere(field string, ids []string) error {
	for _, id := range ids {
		if !a.Grades.Has(id) {
			return dialect.Invalid(field, dialect.Missing)
		}
	}
	return nil
}

// led returns an error for a team with members and no leader: documented, the wording is assumed.
func (a *API) led(t Team) error {
	members := a.Memberships.By("team", t.ID)
	leaders := FilterRows(members, func(m *Membership) bool { return m.Leader })
	if Count(members) == 0 || Count(leaders) > 0 {
		return nil
	}
	return dialect.Stated(dialect.Definition, dialect.Invalid("base", "the team needs at least one leader"))
}

func (a *API) updateTeamMember(r *fake.Request, t Team, body newMember) (any, error) {
	u, err := a.pathUser(r)
	if err != nil {
		return nil, err
	}
	body.GradeIDs = dialect.Lower(body.GradeIDs)
	m, err := a.Memberships.Get(t.ID + "/" + u.ID)
	if err = dialect.FirstError(a.gradesThere("gradeIds", body.GradeIDs), err); err != nil {
		return nil, err
	}
	m.Leader, m.GradeIDs = body.Leader, body.GradeIDs
	return nil, dialect.FirstError(a.Memberships.Set(m), a.led(t))
}

func (a *API) deleteTeamMembers(_ *fake.Request, t Team, body people) (any, error) {
	for _, id := range dialect.Lower(body.UserIDs) {
		if !a.Memberships.Delete(t.ID + "/" + id) {
			return nil, dialect.Invalid("userIds", dialect.Missing)
		}
	}
	return nil, a.led(t)
}
