package route

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/form"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
)

// WorkflowOps makes the tables of workflows and adds their operations.
func (a *API) WorkflowOps(ops fake.Ops) {
	a.Workflows = org.NewTable(a.API, "workflows", func(w Workflow) string { return w.VersionID }, a.fillWorkflow)
	org.Index(a.Workflows, "name", false, func(w Workflow) []string { return []string{w.ID, w.Code, w.VersionID} })
	org.Index(a.Workflows, "folder", false, func(w Workflow) []string { return []string{w.FolderID} })
	known := dialect.Orders[Workflow]{
		"name": nil, "status": nil, "createdAt": nil, "updatedAt": nil,
	}
	ops["listWorkflows"] = func(r *fake.Request) (any, error) {
		wanted := r.QueryAll("status")
		match := fake.Query[Workflow]{Name: fmt.Sprintf("status %q", wanted), Match: func(w *Workflow) bool {
			return w.listed() && (len(wanted) == 0 || slices.Contains(wanted, w.Status))
		}}
		return dialect.ListTable(r, a.Workflows, match, known, a.WorkflowView)
	}
	ops["getWorkflow"] = func(r *fake.Request) (any, error) {
		name := r.Path("workflowId")
		w := a.Workflow(name)
		if w == nil || name != w.ID && name != w.Code {
			return nil, dialect.Absent("no such workflow")
		}
		return a.workflowDetail(w), nil
	}
}

func (a *API) fillWorkflow(w *Workflow) {
	dialect.SetDefaults(a, &w.ID, &w.Code, &w.CreatedAt, &w.UpdatedAt)
	dialect.SetID(a, &w.VersionID)
	w.VersionCreatedAt = cmp.Or(w.VersionCreatedAt, w.CreatedAt)
	w.VersionNumber, w.Status = max(w.VersionNumber, 1), cmp.Or(w.Status, "visible")
	w.VisibleToManager, w.TitleInputMode = cmp.Or(w.VisibleToManager, "none"), cmp.Or(w.TitleInputMode, "none")
	w.AllowEditingOfViewers = cmp.Or(w.AllowEditingOfViewers, new(true))
	w.CommentingEnabled = cmp.Or(w.CommentingEnabled, new(true))
	w.ReportFormats = append([]string{}, w.ReportFormats...) // never null
	w.SectionList, w.RouteConditions = slices.Clone(w.SectionList), slices.Clone(w.RouteConditions)
	w.TicketViewers = slices.Clone(w.TicketViewers)
	for i := range w.SectionList {
		w.SectionList[i].SetDefaults(a)
	}
	for i := range w.TicketViewers {
		dialect.SetID(a, &w.TicketViewers[i].ID)
	}
	for i := range w.RouteConditions {
		b := &w.RouteConditions[i]
		dialect.SetID(a, &b.ID)
		b.ConditionType, b.CombinationType = cmp.Or(b.ConditionType, "always"), cmp.Or(b.CombinationType, "all")
		b.ConditionFields = form.WithIDs(a, b.ConditionFields)
	}
}

func (a *API) workflowDetail(w *Workflow) fake.Raw {
	var branches []fake.Raw
	for _, b := range w.RouteConditions {
		var route fake.Raw
		if x := a.route(b.RouteID); x != nil {
			route = a.routeView(x)
		}
		branches = append(branches, dialect.Fields(b, "routeId", "conditionFields").Add("route", route).
			Add("conditionFields", a.conditionViews(w, b.ConditionFields)).Raw())
	}
	return a.workflowWithForm(w).Add("routeConditions", branches).Raw()
}

// RouteOps makes the tables of routes and adds their operations.
func (a *API) RouteOps(ops fake.Ops) {
	a.Routes = org.NewTable(a.API, "routes", func(x Route) string { return x.VersionID }, a.fillRoute)
	org.Index(a.Routes, "name", false, func(x Route) []string { return []string{x.ID, x.Code, x.VersionID} })
	org.Index(a.Routes, "folder", false, func(x Route) []string { return []string{x.FolderID} })
	known := dialect.Orders[Route]{"createdAt": nil, "folderId": nil}
	ops["listRoutes"] = func(r *fake.Request) (any, error) {
		wanted, folder := r.QueryAll("status"), strings.ToLower(r.Query("folderId"))
		match := fake.Query[Route]{Name: fmt.Sprintf("status %q folder %q", wanted, folder)}
		match.Match = func(x *Route) bool {
			return x.listed() && (len(wanted) == 0 || slices.Contains(wanted, x.Status)) &&
				(folder == "" || x.FolderID == folder)
		}
		return dialect.ListTable(r, a.Routes, match, known, a.routeView)
	}
	ops["getRoute"] = func(r *fake.Request) (any, error) {
		name := r.Path("routeId")
		x := a.route(name)
		if x == nil || name != x.ID && name != x.Code {
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
		dialect.SetCode(a, &s.Code)
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
	org.ChangeIf(a.Routes, func(x *Route) bool {
		return x.Current && x.Status == "visible" && slices.ContainsFunc(x.Steps, nobody)
	}, func(x *Route) { x.Status, broken[x.ID], broken[x.Code] = "error", true, true })
	org.ChangeIf(a.Workflows, func(w *Workflow) bool {
		return w.Current && w.Status == "visible" &&
			slices.ContainsFunc(w.RouteConditions, func(b Branch) bool { return broken[b.RouteID] })
	}, func(w *Workflow) { w.Status = "invisible" })
}
