package route

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

// RouteOps makes the tables of routes and adds their operations.
func (a *API) RouteOps(ops fake.Ops) {
	a.Routes = fake.NewTable(a.State, "routes", func(x Route) string { return x.VersionID }, a.fillRoute)
	dialect.Index(a.Routes, "name", false, func(x Route) []string { return []string{x.ID, x.Code, x.VersionID} })
	dialect.Index(a.Routes, "folder", false, func(x Route) []string { return []string{x.FolderID} })
	known := dialect.Orders[Route]{
		"createdAt": func(x *Route) string { return x.CreatedAt },
		"folderId":  func(x *Route) string { return x.FolderID },
	}
	ops["listRoutes"] = func(r *fake.Request) (any, error) {
		wanted, folder := r.QueryAll("status"), strings.ToLower(r.Query("folderId"))
		match := fake.Query[Route]{Name: fmt.Sprintf("status %q folder %q", wanted, folder)}
		match.Match = func(x *Route) bool {
			return x.Current && x.Status != "deleted" && (len(wanted) == 0 || slices.Contains(wanted, x.Status)) &&
				(folder == "" || x.FolderID == folder)
		}
		return dialect.ListTable(r, a.Routes, match, known, func(x Route) any { return a.routeView(x) })
	}
	ops["getRoute"] = func(r *fake.Request) (any, error) {
		name := r.Path("routeId")
		x, ok := a.route(name)
		if !ok || name != x.ID && name != x.Code {
			return nil, dialect.Absent("no such route")
		}
		return a.RouteDetail(x), nil
	}
}

func (a *API) fillRoute(x *Route) {
	dialect.SetDefaults(a, &x.ID, &x.Code, &x.CreatedAt, &x.UpdatedAt)
	dialect.SetID(a, &x.VersionID)
	x.VersionCreatedAt = cmp.Or(x.VersionCreatedAt, x.CreatedAt)
	x.VersionNumber, x.Status = max(x.VersionNumber, 1), cmp.Or(x.Status, "visible")
	x.Steps = slices.Clone(x.Steps)
	for i := range x.Steps {
		s := &x.Steps[i]
		dialect.SetID(a, &s.ID)
		if s.Code == "" {
			s.Code = dialect.RandomCode(a)
		}
		if s.StepOrder == 0 { // steps of one order are alternatives, distinguished by their conditions
			s.StepOrder = x.Steps[max(i-1, 0)].StepOrder + 1
		}
		s.StepType, s.ActionType = cmp.Or(s.StepType, "manager"), cmp.Or(s.ActionType, "approve")
		s.ManagerSelectionType = cmp.Or(s.ManagerSelectionType, "closest")
		c := dialect.Deref(s.Condition) // every step has one (client Rextlab/kickflow)
		dialect.SetID(a, &c.ID)
		c.ConditionType, c.CombinationType = cmp.Or(c.ConditionType, "always"), cmp.Or(c.CombinationType, "all")
		c.Fields = slices.Clone(c.Fields)
		for n := range c.Fields {
			dialect.SetID(a, &c.Fields[n].ID)
		}
		s.Condition = &c
	}
}

// BreakRoutes marks the current routes that have a step whose users have all left, and hides the
// workflows that use them: documented, kickflow.notion.site, 1225e175faa38005a9a5f10c83f507fb.
func (a *API) BreakRoutes() {
	nobody := func(s RouteStep) bool { return s.StepType == "user" && !slices.ContainsFunc(s.UserIDs, a.Alive) }
	broken := map[string]bool{}
	a.Routes.Each(func(x Route) Route {
		if x.Current && x.Status == "visible" && slices.ContainsFunc(x.Steps, nobody) {
			x.Status, broken[x.ID], broken[x.Code] = "error", true, true
		}
		return x
	})
	a.Workflows.Each(func(w Workflow) Workflow {
		if w.Current && w.Status == "visible" &&
			slices.ContainsFunc(w.RouteConditions, func(b Branch) bool { return broken[b.RouteID] }) {
			w.Status = "invisible"
		}
		return w
	})
}
