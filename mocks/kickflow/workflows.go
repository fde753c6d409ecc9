package kickflow

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/form"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
)

// Workflow is one version of a workflow: a form and the branches that select a route. The API can
// only read workflows; rows come from the seed, from WithWorkflows or from PublishWorkflow. A new
// version has new identifiers, including those of its fields, and the same codes; tickets keep the
// version they were created with.
type Workflow struct {
	WorkflowFields
	FolderID        string   `json:"folderId"`
	CategoryIDs     []string `json:"categoryIds,omitempty"`
	AuthorID        string   `json:"authorId,omitempty"`
	VersionAuthorID string   `json:"versionAuthorId,omitempty"`
	// may apply unless availableToEveryone; includes descendants
	AvailableTeamIDs []string         `json:"availableTeamIds,omitempty"`
	SectionList      form.Form        `json:"sectionList"`
	TicketViewers    []WorkflowViewer `json:"ticketViewers,omitempty"`
	RouteConditions  []Branch         `json:"routeConditions"`
}

// WorkflowFields are shown as stored.
type WorkflowFields struct {
	ID                              string   `json:"id"`
	Code                            string   `json:"code"`
	VersionID                       string   `json:"versionId"`
	VersionNumber                   int      `json:"versionNumber"`
	Name                            string   `json:"name"`
	Description                     string   `json:"description"`
	Status                          string   `json:"status"` // visible, invisible or deleted
	PublicTicket                    bool     `json:"publicTicket"`
	VisibleToManager                string   `json:"visibleToManager"` // none, direct or all
	VisibleToTeamMembers            bool     `json:"visibleToTeamMembers"`
	TitleDescription                *string  `json:"titleDescription"`
	TicketNumberFormat              *string  `json:"ticketNumberFormat"` // of [year] [month] [day] [fyear] and [number]
	Overwritable                    bool     `json:"overwritable"`
	CreatedAt                       string   `json:"createdAt"`
	UpdatedAt                       string   `json:"updatedAt"`
	TitleInputMode                  string   `json:"titleInputMode"` // none, input or calculate
	TitleFormula                    *string  `json:"titleFormula"`
	AllowEditingOfViewers           *bool    `json:"allowEditingOfViewers"` // default true
	CommentingEnabled               *bool    `json:"commentingEnabled"`     // default true
	CommentingRequiredOnApproval    bool     `json:"commentingRequiredOnApproval"`
	CommentingRequiredOnRejection   bool     `json:"commentingRequiredOnRejection"`
	CommentingRequiredOnDenial      bool     `json:"commentingRequiredOnDenial"`
	AvailableToEveryone             bool     `json:"availableToEveryone"`
	ReportFormats                   []string `json:"reportFormats"`
	HiddenOnWorkflowFilterForTicket bool     `json:"hiddenOnWorkflowFilterForTicket"`
	HiddenOnWorkflowSelectionScreen bool     `json:"hiddenOnWorkflowSelectionScreen"`
	ApprovalCancellable             bool     `json:"approvalCancellable"`
	ReportFileNameFormat            *string  `json:"reportFileNameFormat"`
	Current                         bool     `json:"current"`
	Notes                           *string  `json:"notes"`
	VersionCreatedAt                string   `json:"versionCreatedAt"`
	CollectEmailOnExternalPublish   bool     `json:"collectEmailOnExternalPublish"`
	NotifyGuestOnCompletion         bool     `json:"notifyGuestOnCompletion"`
	AllowCustomSteps                bool     `json:"allowCustomSteps"`
}

// WorkflowViewer is a viewer that every submitted ticket is shared with.
type WorkflowViewer struct {
	ID      string `json:"id"`
	UserID  string `json:"userId,omitempty"`
	TeamID  string `json:"teamId,omitempty"`
	GradeID string `json:"gradeId,omitempty"`
}

// Branch selects a route, or rejects the application with a message, if its conditions hold.
type Branch struct {
	ID                    string           `json:"id"`
	ConditionType         string           `json:"conditionType"`   // always, field or field_otherwise
	CombinationType       string           `json:"combinationType"` // all, any or custom
	CombinationExpression string           `json:"combinationExpression"`
	ErrorMessage          *string          `json:"errorMessage"`
	RouteID               string           `json:"routeId,omitempty"`
	ConditionFields       []form.Condition `json:"conditionFields,omitempty"`
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

type workflowDetail struct {
	workflowInTicket
	RouteConditions []branchView `json:"routeConditions"`
}

type workflowViewerView struct {
	ID    string         `json:"id"`
	User  *org.PlainUser `json:"user"`
	Team  *org.TeamView  `json:"team"`
	Grade *org.Grade     `json:"grade"`
}

type branchView struct {
	Branch
	RouteID         dialect.Hidden  `json:"routeId,omitempty"`
	Route           *routeView      `json:"route"`
	ConditionFields []conditionView `json:"conditionFields"`
}

func (a *api) workflowOps(ops fake.Ops) {
	a.workflows = fake.NewTable(a.State, "workflows", func(w Workflow) string { return w.VersionID }, a.fillWorkflow)
	dialect.Index(a.workflows, "name", false, func(w Workflow) []string { return []string{w.ID, w.Code, w.VersionID} })
	dialect.Index(a.workflows, "folder", false, func(w Workflow) []string { return []string{w.FolderID} })
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
		return dialect.ListTable(r, a.workflows, match, known, func(w Workflow) any { return a.workflowView(w) })
	}
	ops["getWorkflow"] = func(r *fake.Request) (any, error) {
		name := r.Path("workflowId")
		w, ok := a.workflow(name)
		if !ok || name != w.ID && name != w.Code {
			return nil, dialect.Absent("no such workflow")
		}
		return a.workflowDetail(w), nil
	}
}

func (a *api) fillWorkflow(w *Workflow) {
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

// workflow returns a workflow by id or code, in its current version if there are several.
func (a *api) workflow(idOrCode string) (found Workflow, ok bool) {
	for row := range a.workflows.By("name", idOrCode) {
		if w := row.Value; w.Status != "deleted" && (!ok || w.Current) {
			found, ok = w, true
		}
	}
	return found, ok
}

// workflowOf returns a workflow by id only, where the vendor accepts no code.
func (a *api) workflowOf(id string) (Workflow, bool) {
	w, ok := a.workflow(id)
	return w, ok && w.ID == id
}

func (a *api) workflowView(w Workflow) workflowView {
	v := workflowView{WorkflowFields: w.WorkflowFields, Author: a.Person(w.AuthorID),
		VersionAuthor: a.Person(w.VersionAuthorID), Categories: []Category{}}
	if f, ok := a.folders.Find(w.FolderID); ok {
		v.Folder = dialect.To(a.folderView(f))
	}
	for _, id := range w.CategoryIDs {
		if c, ok := a.categories.Find(id); ok {
			v.Categories = append(v.Categories, c)
		}
	}
	return v
}

func (a *api) workflowInTicket(w Workflow) workflowInTicket {
	v := workflowInTicket{workflowView: a.workflowView(w), SectionList: []any{}, TicketViewers: []workflowViewerView{}}
	for _, s := range w.SectionList {
		v.SectionList = append(v.SectionList, a.sectionView(w, s))
	}
	for _, o := range w.TicketViewers {
		v.TicketViewers = append(v.TicketViewers,
			workflowViewerView{o.ID, a.Person(o.UserID), a.TeamRef(o.TeamID), a.GradeRef(o.GradeID)})
	}
	return v
}

func (a *api) workflowDetail(w Workflow) workflowDetail {
	v := workflowDetail{workflowInTicket: a.workflowInTicket(w), RouteConditions: []branchView{}}
	for _, b := range w.RouteConditions {
		shown := branchView{Branch: b, ConditionFields: a.conditionViews(w, b.ConditionFields)}
		if route, ok := a.route(b.RouteID); ok {
			shown.Route = dialect.To(a.routeView(route))
		}
		v.RouteConditions = append(v.RouteConditions, shown)
	}
	return v
}
