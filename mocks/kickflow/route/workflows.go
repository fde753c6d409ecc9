package route

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/form"
)

type workflowDetail struct {
	workflowInTicket
	RouteConditions []branchView `json:"routeConditions"`
}

type branchView struct {
	Branch
	RouteID         dialect.Hidden  `json:"routeId,omitempty"`
	Route           *routeView      `json:"route"`
	ConditionFields []conditionView `json:"conditionFields"`
}

// WorkflowOps makes the tables of workflows and adds their operations.
func (a *API) WorkflowOps(ops fake.Ops) {
	a.Workflows = fake.NewTable(a.State, "workflows", func(w Workflow) string { return w.VersionID }, a.fillWorkflow)
	dialect.Index(a.Workflows, "name", false, func(w Workflow) []string { return []string{w.ID, w.Code, w.VersionID} })
	dialect.Index(a.Workflows, "folder", false, func(w Workflow) []string { return []string{w.FolderID} })
	known := dialect.Orders[Workflow]{
		"name":      func(w *Workflow) string { return w.Name },
		"status":    func(w *Workflow) string { return w.Status },
		"createdAt": func(w *Workflow) string { return w.CreatedAt },
		"updatedAt": func(w *Workflow) string { return w.UpdatedAt },
	}
	ops["listWorkflows"] = func(r *fake.Request) (any, error) {
		wanted := r.QueryAll("status")
		match := fake.Query[Workflow]{Name: fmt.Sprintf("status %q", wanted), Match: func(w *Workflow) bool {
			return w.Current && w.Status != "deleted" && (len(wanted) == 0 || slices.Contains(wanted, w.Status))
		}}
		return dialect.ListTable(r, a.Workflows, match, known, func(w Workflow) any { return a.WorkflowView(w) })
	}
	ops["getWorkflow"] = func(r *fake.Request) (any, error) {
		name := r.Path("workflowId")
		w, ok := a.Workflow(name)
		if !ok || name != w.ID && name != w.Code {
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
	w.AllowEditingOfViewers, w.CommentingEnabled = cmp.Or(w.AllowEditingOfViewers, dialect.To(true)),
		cmp.Or(w.CommentingEnabled, dialect.To(true))
	if w.ReportFormats == nil {
		w.ReportFormats = []string{}
	}
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

func (a *API) workflowDetail(w Workflow) workflowDetail {
	v := workflowDetail{workflowInTicket: a.WorkflowInTicket(w), RouteConditions: []branchView{}}
	for _, b := range w.RouteConditions {
		shown := branchView{Branch: b, ConditionFields: a.conditionViews(w, b.ConditionFields)}
		if route, ok := a.route(b.RouteID); ok {
			shown.Route = dialect.To(a.routeView(route))
		}
		v.RouteConditions = append(v.RouteConditions, shown)
	}
	return v
}
