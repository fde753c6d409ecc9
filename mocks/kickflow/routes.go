package kickflow

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

// Route is one version of an approval route: ordered steps. The API can only read routes.
type Route struct {
	RouteFields
	FolderID        string      `json:"folderId"`
	AuthorID        string      `json:"authorId,omitempty"`
	VersionAuthorID string      `json:"versionAuthorId,omitempty"`
	Steps           []RouteStep `json:"steps"`
}

// RouteFields are shown as stored.
type RouteFields struct {
	ID               string  `json:"id"`
	Code             string  `json:"code"`
	Status           string  `json:"status"` // visible, deleted or error
	VersionID        string  `json:"versionId"`
	VersionNumber    int     `json:"versionNumber"`
	Name             string  `json:"name"`
	Description      string  `json:"description"`
	Notes            *string `json:"notes"`
	Current          bool    `json:"current"`
	CreatedAt        string  `json:"createdAt"`
	UpdatedAt        string  `json:"updatedAt"`
	VersionCreatedAt string  `json:"versionCreatedAt"`
}

// RouteStep says who decides at a step, and how many of them must agree.
type RouteStep struct {
	StepFields
	UserIDs   []string       `json:"userIds,omitempty"`
	Targets   []Target       `json:"targets,omitempty"`
	Condition *StepCondition `json:"condition,omitempty"`
	// the ticket's sub-status while the step is open
	SubStatusID string `json:"subStatusId,omitempty"`
}

// StepFields are shown as stored.
type StepFields struct {
	ID                            string  `json:"id"`
	StepOrder                     int     `json:"stepOrder"`
	StepType                      string  `json:"stepType"`
	Title                         string  `json:"title"`
	ActionType                    string  `json:"actionType"` // approve, confirm or none
	Instruction                   *string `json:"instruction"`
	RequiredApprovalsNumber       int     `json:"requiredApprovalsNumber"`
	RequiredApprovalsPercent      int     `json:"requiredApprovalsPercent"`
	FallbackType                  *string `json:"fallbackType"`
	AllowSelfApproval             bool    `json:"allowSelfApproval"`
	ManagerSelectionType          string  `json:"managerSelectionType"` // closest or all
	AllowRaising                  bool    `json:"allowRaising"`
	MinCustomAssignees            *int    `json:"minCustomAssignees"`
	ApproverAssignmentInstruction *string `json:"approverAssignmentInstruction"`
	Code                          string  `json:"code"`
}

// Target narrows the assignees: by team, by grade, or by the field that a variable names.
type Target struct {
	TeamID      string   `json:"teamId,omitempty"`
	Descendants bool     `json:"descendants"`
	GradeSymbol *string  `json:"gradeSymbol"`
	GradeIDs    []string `json:"gradeIds,omitempty"`
	Variable    *string  `json:"variable"`
}

// StepCondition says when a step is skipped.
type StepCondition struct {
	ID              string          `json:"id"`
	ConditionType   string          `json:"conditionType"`   // always, conditional or conditional_skip
	CombinationType string          `json:"combinationType"` // all or any
	Fields          []StepThreshold `json:"routeStepConditionFields"`
}

// StepThreshold compares a variable with a value, a grade, a team or an item.
type StepThreshold struct {
	form.Threshold
	Variable *string `json:"variable"`
	FieldKey string  `json:"fieldKey"`
}

type routeView struct {
	RouteFields
	Author        *org.PlainUser `json:"author"`
	VersionAuthor *org.PlainUser `json:"versionAuthor"`
	Folder        folderView     `json:"folder"`
}

type routeDetail struct {
	routeView
	Steps []routeStepView `json:"steps"`
}

type routeStepView struct {
	StepFields
	Users     []org.PlainUser    `json:"users"`
	Targets   []any              `json:"targets"` // targetView or documentedTarget
	Condition *stepConditionView `json:"routeStepCondition"`
}

type targetView struct {
	Team        *org.TeamView `json:"team"`
	Descendants bool          `json:"descendants"`
	GradeSymbol *string       `json:"gradeSymbol"`
	Grades      []org.Grade   `json:"grades"`
	Variable    *string       `json:"variable"`
}

type stepConditionView struct {
	StepCondition
	Fields []any `json:"routeStepConditionFields"` // stepThresholdView or documentedThreshold
}

type stepThresholdView struct {
	ID       string        `json:"id"`
	Variable *string       `json:"variable"`
	FieldKey string        `json:"fieldKey"`
	Symbol   string        `json:"symbol"`
	Value    *string       `json:"value"`
	Grade    *org.Grade    `json:"grade"`
	Team     *org.TeamView `json:"team"`
	Item     *org.ItemView `json:"generalMasterItem"`
}

func (a *api) routeOps(ops fake.Ops) {
	a.routes = fake.NewTable(a.State, "routes", func(x Route) string { return x.VersionID }, a.fillRoute)
	dialect.Index(a.routes, "name", false, func(x Route) []string { return []string{x.ID, x.Code, x.VersionID} })
	dialect.Index(a.routes, "folder", false, func(x Route) []string { return []string{x.FolderID} })
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
		return dialect.ListTable(r, a.routes, match, known, func(x Route) any { return a.routeView(x) })
	}
	ops["getRoute"] = func(r *fake.Request) (any, error) {
		name := r.Path("routeId")
		x, ok := a.route(name)
		if !ok || name != x.ID && name != x.Code {
			return nil, dialect.Absent("no such route")
		}
		return a.routeDetail(x), nil
	}
}

func (a *api) fillRoute(x *Route) {
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

// route returns a route by id or code, in its current version if there are several.
func (a *api) route(idOrCode string) (found Route, ok bool) {
	for row := range a.routes.By("name", idOrCode) {
		if x := row.Value; x.Status != "deleted" && (!ok || x.Current) {
			found, ok = x, true
		}
	}
	return found, ok
}

// breakRoutes marks the current routes that have a step whose users have all left, and hides the
// workflows that use them: documented, kickflow.notion.site, 1225e175faa38005a9a5f10c83f507fb.
func (a *api) breakRoutes() {
	nobody := func(s RouteStep) bool { return s.StepType == "user" && !slices.ContainsFunc(s.UserIDs, a.Alive) }
	broken := map[string]bool{}
	a.routes.Each(func(x Route) Route {
		if x.Current && x.Status == "visible" && slices.ContainsFunc(x.Steps, nobody) {
			x.Status, broken[x.ID], broken[x.Code] = "error", true, true
		}
		return x
	})
	a.workflows.Each(func(w Workflow) Workflow {
		if w.Current && w.Status == "visible" &&
			slices.ContainsFunc(w.RouteConditions, func(b Branch) bool { return broken[b.RouteID] }) {
			w.Status = "invisible"
		}
		return w
	})
}

func (a *api) routeView(x Route) routeView {
	f, _ := a.folders.Find(x.FolderID)
	return routeView{RouteFields: x.RouteFields, Author: a.Person(x.AuthorID),
		VersionAuthor: a.Person(x.VersionAuthorID), Folder: a.folderView(f)}
}

func (a *api) routeDetail(x Route) routeDetail {
	d := routeDetail{routeView: a.routeView(x), Steps: []routeStepView{}}
	for _, s := range x.Steps {
		v := routeStepView{StepFields: s.StepFields, Users: a.People(s.UserIDs), Targets: []any{},
			Condition: a.stepCondition(s.Condition)}
		for _, t := range s.Targets {
			v.Targets = append(v.Targets, a.targetView(t))
		}
		d.Steps = append(d.Steps, v)
	}
	return d
}

func (a *api) targetView(t Target) any {
	v := targetView{Team: a.TeamRef(t.TeamID), Descendants: t.Descendants, GradeSymbol: t.GradeSymbol,
		Grades: []org.Grade{}, Variable: t.Variable}
	for _, id := range t.GradeIDs {
		if g, ok := a.Grades.Find(id); ok {
			v.Grades = append(v.Grades, g)
		}
	}
	if a.documented() {
		return documentedTarget(v)
	}
	return v
}

func (a *api) stepCondition(c *StepCondition) *stepConditionView {
	v := &stepConditionView{StepCondition: *c, Fields: []any{}}
	for _, f := range c.Fields {
		shown := stepThresholdView{f.ID, f.Variable, f.FieldKey, f.Symbol, f.Value, a.GradeRef(f.GradeID),
			a.TeamRef(f.TeamID), a.ItemRef(f.ItemID)}
		if a.documented() {
			v.Fields = append(v.Fields, documentedThreshold(shown))
		} else {
			v.Fields = append(v.Fields, shown)
		}
	}
	return v
}
