package kickflow

import (
	"iter"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

// Team is a node of an organization chart.
type Team struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Code        string  `json:"code"`
	Notes       *string `json:"notes"`
	ApproveOnly bool    `json:"approveOnly"` // cannot be applied from
	CreatedAt   string  `json:"createdAt"`
	UpdatedAt   string  `json:"updatedAt"`
	ChartID     string  `json:"organizationChartId"`
	ParentID    *string `json:"parentId"`
}

func teamID(t Team) string { return t.ID }

type teamView struct {
	Team
	ChartID    dialect.Hidden `json:"organizationChartId,omitempty"`
	ParentID   dialect.Hidden `json:"parentId,omitempty"`
	FullName   string         `json:"fullName"`
	UsersCount int            `json:"usersCount"`
}

type teamDetail struct {
	teamView
	Parent   *teamView    `json:"parent"`
	Children []teamView   `json:"children"`
	Users    []memberView `json:"users"` // at most a hundred: documented
}

const shownMembers = 100

func (a *api) teamOps(ops fake.Ops) {
	a.teams = fake.NewTable(a.State, "teams", teamID, func(t *Team) {
		dialect.SetDefaults(a, &t.ID, &t.Code, &t.CreatedAt, &t.UpdatedAt)
		if t.ChartID == "" {
			t.ChartID = a.currentChart().ID
		}
	})
	dialect.Index(a.teams, "code", true, func(t Team) []string { return []string{t.ChartID + "/" + t.Code} })
	dialect.Index(a.teams, "chart", false, func(t Team) []string { return []string{t.ChartID} })
	dialect.Index(a.teams, "parent", false, func(t Team) []string { return []string{t.ChartID + "/" + dialect.Deref(t.ParentID)} })
	a.memberOps(ops)
	teams := fake.Resource[Team]{Table: a.teams, Param: "teamId", Find: a.findTeam, Rule: a.teamRule,
		View: func(_ *fake.Request, t Team) any { return a.teamDetail(t) }}
	ops["listTeams"] = a.listTeams
	ops["getTeam"], ops["createTeam"], ops["updateTeam"] = teams.Get, teams.Create, teams.Update
	ops["deleteTeam"] = a.deleteTeam
}

// findTeam searches the path's chart only.
func (a *api) findTeam(r *fake.Request, id string) (Team, error) {
	c, err := a.chart(r)
	if err != nil {
		return Team{}, err
	}
	if row := a.teams.One("code", c.ID+"/"+id); row != nil {
		return row.Value, nil
	}
	if t, ok := a.teams.Find(id); ok && t.ChartID == c.ID {
		return t, nil
	}
	return Team{}, dialect.Absent("the chart has no such team")
}

func (a *api) teamRule(r *fake.Request, old, t *Team) error {
	c, err := a.chart(r)
	if err != nil {
		return err
	}
	t.ChartID, t.UpdatedAt = c.ID, dialect.FormatTime(r.Now())
	parent := strings.ToLower(dialect.Deref(t.ParentID))
	if t.ParentID = &parent; parent == "" {
		t.ParentID = nil
	}
	if row := a.teams.One("code", c.ID+"/"+t.Code); t.Code != "" && row != nil && row.Value.ID != dialect.Deref(old).ID {
		return dialect.Invalid("code", dialect.Taken)
	}
	if old != nil {
		err = a.inTeamScope(r, old.ID)
	}
	if old == nil || parent != dialect.Deref(old.ParentID) {
		err = dialect.FirstError(err, a.inTeamScope(r, parent))
	}
	return dialect.FirstError(err, dialect.RequireText("name", t.Name), a.teamFits(*t, parent))
}

// inTeamScope returns an error for a team outside the caller's scope. A scope includes descendants
// (inferred).
func (a *api) inTeamScope(r *fake.Request, id string) error {
	return a.scoped(r, "team", func(p Permission) bool { return a.TeamWithin(id, p.TeamIDs) })
}

func (a *api) TeamWithin(id string, roots []string) bool {
	for t := range a.upwards(id) {
		if slices.Contains(roots, t.ID) {
			return true
		}
	}
	return false
}

// upwards yields a team and then its ancestors up to the root.
func (a *api) upwards(id string) iter.Seq[Team] {
	return func(yield func(Team) bool) {
		for id != "" {
			t, ok := a.teams.Find(id)
			if !ok || !yield(t) {
				return
			}
			id = dialect.Deref(t.ParentID)
		}
	}
}

func (a *api) teamFits(t Team, parent string) error {
	if parent == "" {
		return nil
	}
	if up, ok := a.teams.Find(parent); !ok || up.ChartID != t.ChartID {
		return dialect.Invalid("parentId", dialect.Missing)
	}
	if t.ID != "" && a.TeamWithin(parent, []string{t.ID}) {
		return dialect.Invalid("parentId", dialect.Wrong)
	}
	return nil
}

// listTeams lists the root teams or, with parentId, the children of a team: documented.
func (a *api) listTeams(r *fake.Request) (any, error) {
	c, err := a.chart(r)
	if err != nil {
		return nil, err
	}
	parent := ""
	if asked := r.Query("parentId"); asked != "" {
		up, err := a.findTeam(r, strings.ToLower(asked))
		if err != nil {
			return nil, dialect.Absent("the chart has no such parent team")
		}
		parent = up.ID
	}
	return dialect.ListRows(r, a.teams.By("parent", c.ID+"/"+parent), nil, func(t Team) any { return a.teamView(t) })
}

// deleteTeam deletes the memberships too: documented. It also deletes the descendants: assumed.
func (a *api) deleteTeam(r *fake.Request) (any, error) {
	t, err := a.findTeam(r, r.Path("teamId"))
	if err == nil {
		err = a.inTeamScope(r, t.ID)
	}
	if err != nil {
		return nil, err
	}
	a.dropTeams(func(other Team) bool { return a.TeamWithin(other.ID, []string{t.ID}) })
	return nil, nil
}

func (a *api) dropTeams(drop func(Team) bool) {
	gone := map[string]bool{}
	for t := range a.teams.All() {
		gone[t.ID] = drop(t)
	}
	a.teams.DeleteIf(func(t Team) bool { return gone[t.ID] })
	a.memberships.DeleteIf(func(m Membership) bool { return gone[m.TeamID] })
}

// listUserTeams lists a user's teams in the current chart (inferred), on request only those to
// apply from.
func (a *api) listUserTeams(r *fake.Request) (any, error) {
	u, err := dialect.FindRow(a.users, r.Path("userId"))
	if err != nil {
		return nil, err
	}
	chart := a.currentChart().ID
	mine := func(yield func(*fake.Row[Team]) bool) {
		for m := range a.memberships.By("user", u.ID) {
			row := a.teams.Row(m.Value.TeamID)
			if row.Value.ChartID != chart || r.Query("submittable") == "true" && row.Value.ApproveOnly {
				continue
			}
			if !yield(row) {
				return
			}
		}
	}
	return dialect.ListRows(r, mine, nil, func(t Team) any { return a.teamView(t) })
}

// GradesOf returns the grades of a user in the current chart, or the grade itself.
func (a *api) GradesOf(id string) (grades []string) {
	if a.grades.Row(id) != nil {
		return []string{id}
	}
	chart := a.currentChart().ID
	for m := range a.memberships.By("user", id) {
		if t, _ := a.teams.Find(m.Value.TeamID); t.ChartID == chart {
			grades = append(grades, m.Value.GradeIDs...)
		}
	}
	return grades
}

// LevelOf returns the level of a grade, 0 if there is no such grade.
func (a *api) LevelOf(grade string) int {
	g, _ := a.grades.Find(grade)
	return g.Level
}

// teamPath returns the full name.
func (a *api) teamPath(t Team) (name string) {
	for up := range a.upwards(t.ID) {
		name = up.Name + dialect.Slash + name
	}
	return strings.TrimSuffix(name, dialect.Slash)
}

func (a *api) teamView(t Team) teamView {
	v := teamView{Team: t, FullName: a.teamPath(t)}
	for range a.memberships.By("team", t.ID) {
		v.UsersCount++
	}
	return v
}

func (a *api) teamRef(id string) *teamView {
	t, ok := a.teams.Find(id)
	if !ok {
		return nil
	}
	v := a.teamView(t)
	return &v
}

func (a *api) teamDetail(t Team) teamDetail {
	d := teamDetail{teamView: a.teamView(t), Parent: a.teamRef(dialect.Deref(t.ParentID)), Children: []teamView{},
		Users: []memberView{}}
	for row := range a.teams.By("parent", t.ChartID+"/"+t.ID) {
		d.Children = append(d.Children, a.teamView(row.Value))
	}
	for row := range a.memberships.By("team", t.ID) {
		if len(d.Users) < shownMembers {
			d.Users = append(d.Users, a.memberView(row.Value))
		}
	}
	return d
}
