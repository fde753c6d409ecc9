package kickflow

import (
	"cmp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// Workflow is one version of a workflow: a form and the branches that choose a route. The API only reads
// workflows; rows come from the seed, from WithWorkflows or from PublishWorkflow. A new version has new
// identifiers, of its fields too, and the same codes; tickets keep the version they were written with.
type Workflow struct {
	WorkflowFacts
	FolderID         string           `json:"folderId"`
	CategoryIDs      []string         `json:"categoryIds,omitempty"`
	AuthorID         string           `json:"authorId,omitempty"`
	VersionAuthorID  string           `json:"versionAuthorId,omitempty"`
	AvailableTeamIDs []string         `json:"availableTeamIds,omitempty"` // who may apply unless availableToEveryone; teams below included
	SectionList      []Section        `json:"sectionList"`
	TicketViewers    []WorkflowViewer `json:"ticketViewers,omitempty"`
	RouteConditions  []Branch         `json:"routeConditions"`
}

// WorkflowFacts are shown as they are stored.
type WorkflowFacts struct {
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

// WorkflowViewer is whom every ticket is shared with once it is submitted.
type WorkflowViewer struct {
	ID      string `json:"id"`
	UserID  string `json:"userId,omitempty"`
	TeamID  string `json:"teamId,omitempty"`
	GradeID string `json:"gradeId,omitempty"`
}

// Branch gives a route, or a message that refuses the application, when its conditions hold.
type Branch struct {
	ID                    string      `json:"id"`
	ConditionType         string      `json:"conditionType"`   // always, field or field_otherwise
	CombinationType       string      `json:"combinationType"` // all, any or custom
	CombinationExpression string      `json:"combinationExpression"`
	ErrorMessage          *string     `json:"errorMessage"`
	RouteID               string      `json:"routeId,omitempty"`
	ConditionFields       []Condition `json:"conditionFields,omitempty"`
}

type workflowView struct {
	WorkflowFacts
	Author        *plainUser  `json:"author"`
	VersionAuthor *plainUser  `json:"versionAuthor"`
	Folder        *folderView `json:"folder,omitempty"`
	Categories    []Category  `json:"categories"`
}

type workflowInTicket struct {
	workflowView
	SectionList      []any                `json:"sectionList"`
	TicketViewers    []workflowViewerView `json:"ticketViewers"`
	CloudSignSetting hidden               `json:"cloudSignSetting"`
}

type workflowDetail struct {
	workflowInTicket
	RouteConditions []branchView `json:"routeConditions"`
}

type workflowViewerView struct {
	ID    string     `json:"id"`
	User  *plainUser `json:"user"`
	Team  *teamView  `json:"team"`
	Grade *Grade     `json:"grade"`
}

type branchView struct {
	Branch
	RouteID         hidden          `json:"routeId,omitempty"`
	Route           *routeView      `json:"route"`
	ConditionFields []conditionView `json:"conditionFields"`
}

func (k *api) workflowOps(ops fake.Ops) {
	k.workflows = fake.NewTable(k.State, "workflows", func(w Workflow) string { return w.VersionID }, k.fillWorkflow)
	index(k.workflows, "name", false, func(w Workflow) []string { return []string{w.ID, w.Code, w.VersionID} })
	index(k.workflows, "folder", false, func(w Workflow) []string { return []string{w.FolderID} })
	known := orders[Workflow]{
		"name":      func(w *Workflow) string { return w.Name },
		"status":    func(w *Workflow) string { return w.Status },
		"createdAt": func(w *Workflow) string { return w.CreatedAt },
		"updatedAt": func(w *Workflow) string { return w.UpdatedAt },
	}
	ops["listWorkflows"] = func(r *fake.Request) (any, error) {
		wanted := r.QueryAll("status")
		match := where(k.workflows, func(w *Workflow) bool {
			return w.Current && w.Status != "deleted" && (len(wanted) == 0 || slices.Contains(wanted, w.Status))
		})
		return list(r, match, known, func(w Workflow) any { return k.workflowView(w) })
	}
	ops["getWorkflow"] = func(r *fake.Request) (any, error) {
		name := r.Path("workflowId")
		w, ok := k.workflow(name)
		if !ok || name != w.ID && name != w.Code {
			return nil, absent("no such workflow")
		}
		return k.workflowDetail(w), nil
	}
}

func (k *api) fillWorkflow(w *Workflow) {
	k.born(&w.ID, &w.Code, &w.CreatedAt, &w.UpdatedAt)
	k.name(&w.VersionID)
	w.VersionCreatedAt = cmp.Or(w.VersionCreatedAt, w.CreatedAt)
	w.VersionNumber, w.Status = max(w.VersionNumber, 1), cmp.Or(w.Status, "visible")
	w.VisibleToManager, w.TitleInputMode = cmp.Or(w.VisibleToManager, "none"), cmp.Or(w.TitleInputMode, "none")
	w.AllowEditingOfViewers, w.CommentingEnabled = cmp.Or(w.AllowEditingOfViewers, ptr(true)), cmp.Or(w.CommentingEnabled, ptr(true))
	if w.ReportFormats == nil {
		w.ReportFormats = []string{}
	}
	w.SectionList, w.RouteConditions = slices.Clone(w.SectionList), slices.Clone(w.RouteConditions)
	w.TicketViewers = slices.Clone(w.TicketViewers)
	for i := range w.SectionList {
		w.SectionList[i].fill(k)
	}
	for i := range w.TicketViewers {
		k.name(&w.TicketViewers[i].ID)
	}
	for i := range w.RouteConditions {
		b := &w.RouteConditions[i]
		k.name(&b.ID)
		b.ConditionType, b.CombinationType = cmp.Or(b.ConditionType, "always"), cmp.Or(b.CombinationType, "all")
		b.ConditionFields = k.nameConditions(b.ConditionFields)
	}
}

// name gives an identifier to what has none.
func (k *api) name(id *string) {
	if *id = strings.ToLower(*id); *id == "" {
		*id = k.NewID()
	}
}

// workflow finds a workflow by id or code, the current version of it if there are several.
func (k *api) workflow(idOrCode string) (found Workflow, ok bool) {
	for row := range k.workflows.By("name", idOrCode) {
		if w := row.Value; w.Status != "deleted" && (!ok || w.Current) {
			found, ok = w, true
		}
	}
	return found, ok
}

// workflowOf finds a workflow by id alone, for where the vendor takes no code.
func (k *api) workflowOf(id string) (Workflow, bool) {
	w, ok := k.workflow(id)
	return w, ok && w.ID == id
}

func (k *api) workflowView(w Workflow) workflowView {
	v := workflowView{WorkflowFacts: w.WorkflowFacts, Author: k.person(w.AuthorID), VersionAuthor: k.person(w.VersionAuthorID), Categories: []Category{}}
	if f, ok := k.folders.Find(w.FolderID); ok {
		v.Folder = ptr(k.folderView(f))
	}
	for _, id := range w.CategoryIDs {
		if c, ok := k.categories.Find(id); ok {
			v.Categories = append(v.Categories, c)
		}
	}
	return v
}

func (k *api) workflowInTicket(w Workflow) workflowInTicket {
	v := workflowInTicket{workflowView: k.workflowView(w), SectionList: []any{}, TicketViewers: []workflowViewerView{}}
	for _, s := range w.SectionList {
		v.SectionList = append(v.SectionList, k.sectionView(w, s))
	}
	for _, o := range w.TicketViewers {
		v.TicketViewers = append(v.TicketViewers, workflowViewerView{o.ID, k.person(o.UserID), k.teamRef(o.TeamID), k.gradeRef(o.GradeID)})
	}
	return v
}

func (k *api) workflowDetail(w Workflow) workflowDetail {
	v := workflowDetail{workflowInTicket: k.workflowInTicket(w), RouteConditions: []branchView{}}
	for _, b := range w.RouteConditions {
		shown := branchView{Branch: b, ConditionFields: k.conditionViews(w, b.ConditionFields)}
		if route, ok := k.route(b.RouteID); ok {
			shown.Route = ptr(k.routeView(route))
		}
		v.RouteConditions = append(v.RouteConditions, shown)
	}
	return v
}

func (k *api) gradeRef(id string) *Grade {
	if g, ok := k.grades.Find(id); ok {
		return &g
	}
	return nil
}

func (k *api) itemRef(id string) *itemView {
	if i, ok := k.items.Find(id); ok {
		return ptr(k.itemView(i))
	}
	return nil
}
