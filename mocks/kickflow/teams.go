package kickflow

import (
	"iter"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// Team is a node of an organization chart.
type Team struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Code        string  `json:"code"`
	Notes       *string `json:"notes"`
	ApproveOnly bool    `json:"approveOnly"` // nobody can apply from it
	CreatedAt   string  `json:"createdAt"`
	UpdatedAt   string  `json:"updatedAt"`
	ChartID     string  `json:"organizationChartId"`
	ParentID    *string `json:"parentId"`
}

func teamID(t Team) string { return t.ID }

type teamView struct {
	Team
	ChartID    hidden `json:"organizationChartId,omitempty"`
	ParentID   hidden `json:"parentId,omitempty"`
	FullName   string `json:"fullName"`
	UsersCount int    `json:"usersCount"`
}

type teamDetail struct {
	teamView
	Parent   *teamView    `json:"parent"`
	Children []teamView   `json:"children"`
	Users    []memberView `json:"users"` // at most a hundred: documented
}

const shownMembers = 100

func (k *api) teamOps(ops fake.Ops) {
	k.teams = fake.NewTable(k.State, "teams", teamID, func(t *Team) {
		k.born(&t.ID, &t.Code, &t.CreatedAt, &t.UpdatedAt)
		if t.ChartID == "" {
			t.ChartID = k.currentChart().ID
		}
	})
	index(k.teams, "code", true, func(t Team) []string { return []string{t.ChartID + "/" + t.Code} })
	index(k.teams, "chart", false, func(t Team) []string { return []string{t.ChartID} })
	index(k.teams, "parent", false, func(t Team) []string { return []string{t.ChartID + "/" + given(t.ParentID)} })
	k.memberOps(ops)
	teams := fake.Resource[Team]{Table: k.teams, Param: "teamId", Find: k.findTeam, Rule: k.teamRule,
		View: func(_ *fake.Request, t Team) any { return k.teamDetail(t) }}
	ops["listTeams"] = k.listTeams
	ops["getTeam"], ops["createTeam"], ops["updateTeam"] = teams.Get, teams.Create, teams.Update
	ops["deleteTeam"] = k.deleteTeam
}

// findTeam looks in the path's chart only.
func (k *api) findTeam(r *fake.Request, id string) (Team, error) {
	c, err := k.chart(r)
	if err != nil {
		return Team{}, err
	}
	if row := k.teams.One("code", c.ID+"/"+id); row != nil {
		return row.Value, nil
	}
	if t, ok := k.teams.Find(id); ok && t.ChartID == c.ID {
		return t, nil
	}
	return Team{}, absent("the chart has no such team")
}

func (k *api) teamRule(r *fake.Request, old, t *Team) error {
	c, err := k.chart(r)
	if err != nil {
		return err
	}
	t.ChartID, t.UpdatedAt = c.ID, stamp(r.Now())
	parent := strings.ToLower(given(t.ParentID))
	if t.ParentID = &parent; parent == "" {
		t.ParentID = nil
	}
	if row := k.teams.One("code", c.ID+"/"+t.Code); t.Code != "" && row != nil && row.Value.ID != given(old).ID {
		return invalid("code", taken)
	}
	if old != nil {
		err = k.inTeamScope(r, old.ID)
	}
	if old == nil || parent != given(old.ParentID) {
		err = first(err, k.inTeamScope(r, parent))
	}
	return first(err, need("name", t.Name), k.teamFits(*t, parent))
}

// inTeamScope refuses a team outside the caller's scope. A scope covers what lies below (inferred).
func (k *api) inTeamScope(r *fake.Request, id string) error {
	return k.scoped(r, "team", func(p Permission) bool { return k.teamWithin(id, p.TeamIDs) })
}

func (k *api) teamWithin(id string, roots []string) bool {
	for t := range k.upwards(id) {
		if slices.Contains(roots, t.ID) {
			return true
		}
	}
	return false
}

// upwards passes a team and then its parents up to the root.
func (k *api) upwards(id string) iter.Seq[Team] {
	return func(yield func(Team) bool) {
		for id != "" {
			t, ok := k.teams.Find(id)
			if !ok || !yield(t) {
				return
			}
			id = given(t.ParentID)
		}
	}
}

func (k *api) teamFits(t Team, parent string) error {
	if parent == "" {
		return nil
	}
	if up, ok := k.teams.Find(parent); !ok || up.ChartID != t.ChartID {
		return invalid("parentId", missing)
	}
	if t.ID != "" && k.teamWithin(parent, []string{t.ID}) {
		return invalid("parentId", wrong)
	}
	return nil
}

// listTeams shows the root teams or, with parentId, the children of a team: documented.
func (k *api) listTeams(r *fake.Request) (any, error) {
	c, err := k.chart(r)
	if err != nil {
		return nil, err
	}
	parent := ""
	if asked := r.Query("parentId"); asked != "" {
		up, err := k.findTeam(r, strings.ToLower(asked))
		if err != nil {
			return nil, absent("the chart has no such parent team")
		}
		parent = up.ID
	}
	return list(r, k.teams.By("parent", c.ID+"/"+parent), nil, func(t Team) any { return k.teamView(t) })
}

// deleteTeam takes the memberships along: documented. It takes the teams below along, too: assumed.
func (k *api) deleteTeam(r *fake.Request) (any, error) {
	t, err := k.findTeam(r, r.Path("teamId"))
	if err == nil {
		err = k.inTeamScope(r, t.ID)
	}
	if err != nil {
		return nil, err
	}
	k.dropTeams(func(other Team) bool { return k.teamWithin(other.ID, []string{t.ID}) })
	return nil, nil
}

func (k *api) dropTeams(drop func(Team) bool) {
	gone := map[string]bool{}
	for t := range k.teams.All() {
		gone[t.ID] = drop(t)
	}
	k.teams.DeleteIf(func(t Team) bool { return gone[t.ID] })
	k.memberships.DeleteIf(func(m Membership) bool { return gone[m.TeamID] })
}

// listUserTeams shows a user's teams in the current chart (inferred), those to apply from if asked for.
func (k *api) listUserTeams(r *fake.Request) (any, error) {
	u, err := find(k.users, r.Path("userId"))
	if err != nil {
		return nil, err
	}
	chart := k.currentChart().ID
	mine := func(yield func(*fake.Row[Team]) bool) {
		for m := range k.memberships.By("user", u.ID) {
			row := k.teams.Row(m.Value.TeamID)
			if row.Value.ChartID != chart || r.Query("submittable") == "true" && row.Value.ApproveOnly {
				continue
			}
			if !yield(row) {
				return
			}
		}
	}
	return list(r, mine, nil, func(t Team) any { return k.teamView(t) })
}

// teamPath is the full name.
func (k *api) teamPath(t Team) (name string) {
	for up := range k.upwards(t.ID) {
		name = up.Name + slash + name
	}
	return strings.TrimSuffix(name, slash)
}

func (k *api) teamView(t Team) teamView {
	v := teamView{Team: t, FullName: k.teamPath(t)}
	for range k.memberships.By("team", t.ID) {
		v.UsersCount++
	}
	return v
}

func (k *api) teamRef(id string) *teamView {
	t, ok := k.teams.Find(id)
	if !ok {
		return nil
	}
	v := k.teamView(t)
	return &v
}

func (k *api) teamDetail(t Team) teamDetail {
	d := teamDetail{teamView: k.teamView(t), Parent: k.teamRef(given(t.ParentID)), Children: []teamView{}, Users: []memberView{}}
	for row := range k.teams.By("parent", t.ChartID+"/"+t.ID) {
		d.Children = append(d.Children, k.teamView(row.Value))
	}
	for row := range k.memberships.By("team", t.ID) {
		if len(d.Users) < shownMembers {
			d.Users = append(d.Users, k.memberView(row.Value))
		}
	}
	return d
}
