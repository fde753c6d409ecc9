package route

import (
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
)

type folderView struct {
	Folder
	ParentFolderID dialect.Hidden `json:"parentFolderId,omitempty"`
	Deleted        dialect.Hidden `json:"deleted,omitempty"`
	FullName       string         `json:"fullName"`
	WorkflowsCount int            `json:"workflowsCount"`
	RoutesCount    int            `json:"routesCount"`
	PipelinesCount int            `json:"pipelinesCount"`
}

// folderPath returns the full name.
func (a *API) folderPath(f Folder) string {
	name := f.Name
	for _, up := range a.ancestors(f) {
		name = up.Name + dialect.Slash + name
	}
	return name
}

// FolderView shows a folder.
func (a *API) FolderView(f Folder) folderView {
	v := folderView{Folder: f, FullName: a.folderPath(f)}
	for w := range a.Workflows.By("folder", f.ID) {
		if w.Value.Current && w.Value.Status != "deleted" {
			v.WorkflowsCount++
		}
	}
	for x := range a.Routes.By("folder", f.ID) {
		if x.Value.Current && x.Value.Status != "deleted" {
			v.RoutesCount++
		}
	}
	return v
}

type workflowView struct {
	WorkflowFields
	Author        *org.PlainUser `json:"author"`
	VersionAuthor *org.PlainUser `json:"versionAuthor"`
	Folder        *folderView    `json:"folder,omitempty"`
	Categories    []Category     `json:"categories"`
}

type workflowInTicket struct {
	workflowView
	SectionList      []any                `json:"sectionList"`
	TicketViewers    []workflowViewerView `json:"ticketViewers"`
	CloudSignSetting dialect.Hidden       `json:"cloudSignSetting"`
}

type workflowViewerView struct {
	ID    string         `json:"id"`
	User  *org.PlainUser `json:"user"`
	Team  *org.TeamView  `json:"team"`
	Grade *org.Grade     `json:"grade"`
}

// WorkflowView shows a workflow in a list.
func (a *API) WorkflowView(w Workflow) workflowView {
	return workflowView{WorkflowFields: w.WorkflowFields, Author: a.Person(w.AuthorID),
		VersionAuthor: a.Person(w.VersionAuthorID), Folder: dialect.View(a.Folders, w.FolderID, a.FolderView),
		Categories: dialect.Views(a.categories, w.CategoryIDs, dialect.AsStored)}
}

// WorkflowInTicket shows a workflow with its form.
func (a *API) WorkflowInTicket(w Workflow) workflowInTicket {
	v := workflowInTicket{workflowView: a.WorkflowView(w), SectionList: []any{}, TicketViewers: []workflowViewerView{}}
	for _, s := range w.SectionList {
		v.SectionList = append(v.SectionList, a.sectionView(w, s))
	}
	for _, o := range w.TicketViewers {
		v.TicketViewers = append(v.TicketViewers,
			workflowViewerView{o.ID, a.Person(o.UserID), a.TeamRef(o.TeamID), a.GradeRef(o.GradeID)})
	}
	return v
}

type routeView struct {
	RouteFields
	Author        *org.PlainUser `json:"author"`
	VersionAuthor *org.PlainUser `json:"versionAuthor"`
	Folder        folderView     `json:"folder"`
}

// RouteDetail is a route with its steps.
type RouteDetail struct {
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

// documentedTarget is a targetView as in the definition.
type documentedTarget struct {
	Team        *org.TeamView `json:"team,omitempty"`
	Descendants bool          `json:"descendants"`
	GradeSymbol *string       `json:"gradeSymbol"`
	Grades      []org.Grade   `json:"grades"`
	Variable    *string       `json:"variable"`
}

// documentedThreshold is a stepThresholdView as in the definition.
type documentedThreshold struct {
	ID       string        `json:"id"`
	Variable *string       `json:"variable,omitempty"`
	FieldKey string        `json:"fieldKey"`
	Symbol   string        `json:"symbol"`
	Value    *string       `json:"value,omitempty"`
	Grade    *org.Grade    `json:"grade,omitempty"`
	Team     *org.TeamView `json:"team,omitempty"`
	Item     *org.ItemView `json:"generalMasterItem,omitempty"`
}

func (a *API) routeView(x Route) routeView {
	f, _ := a.Folders.Find(x.FolderID)
	return routeView{RouteFields: x.RouteFields, Author: a.Person(x.AuthorID),
		VersionAuthor: a.Person(x.VersionAuthorID), Folder: a.FolderView(f)}
}

// RouteDetail shows a route with its steps.
func (a *API) RouteDetail(x Route) RouteDetail {
	d := RouteDetail{routeView: a.routeView(x), Steps: []routeStepView{}}
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

func (a *API) targetView(t Target) any {
	v := targetView{Team: a.TeamRef(t.TeamID), Descendants: t.Descendants, GradeSymbol: t.GradeSymbol,
		Grades: dialect.Views(a.Grades, t.GradeIDs, dialect.AsStored), Variable: t.Variable}
	if a.documented() {
		return documentedTarget(v)
	}
	return v
}

func (a *API) stepCondition(c *StepCondition) *stepConditionView {
	v := &stepConditionView{StepCondition: *c, Fields: []any{}}
	for _, f := range c.Fields {
		var shown any = stepThresholdView{f.ID, f.Variable, f.FieldKey, f.Symbol, f.Value, a.GradeRef(f.GradeID),
			a.TeamRef(f.TeamID), a.ItemRef(f.ItemID)}
		if a.documented() {
			shown = documentedThreshold(shown.(stepThresholdView))
		}
		v.Fields = append(v.Fields, shown)
	}
	return v
}
