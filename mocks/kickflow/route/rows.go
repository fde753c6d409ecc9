// Package route has workflows, the folders and categories that hold them, the routes of approval
// with their assignment, and proxies. It plans the steps of an application: who decides at which
// step. It does not import package ticket: an Application has what it needs of a ticket.
package route

import "github.com/afba07b5/mockserver/mocks/kickflow/form"

// Category groups workflows.
type Category struct {
	ID        string `json:"id"`
	Code      string `json:"code"`
	Name      string `json:"name"`
	CreatedAt string `json:"createdAt"`
	UpdatedAt string `json:"updatedAt"`
}

// Folder holds workflows, routes and further folders. A deleted one remains for the tickets that
// show it.
type Folder struct {
	ID             string  `json:"id"`
	Name           string  `json:"name"`
	Code           string  `json:"code"`
	Description    *string `json:"description"`
	Editable       bool    `json:"editable"`
	CreatedAt      string  `json:"createdAt"`
	UpdatedAt      string  `json:"updatedAt"`
	ParentFolderID *string `json:"parentFolderId"`
	Deleted        bool    `json:"deleted"`
}

// Route is one version of an approval route: ordered steps. The API can only read routes.
type Route struct {
	RouteFields
	FolderID        string      `json:"folderId"`
	AuthorID        string      `json:"authorId,omitempty"`
	VersionAuthorID string      `json:"versionAuthorId,omitempty"`
	Steps           []RouteStep `json:"steps"`
}

// listed reports whether lists have the version.
func (x *Route) listed() bool { return x.Current && x.Status != "deleted" }

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

// listed reports whether lists have the version.
func (w *Workflow) listed() bool { return w.Current && w.Status != "deleted" }

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

// Proxy lets one user act for another: apply (proxy applicants) or approve (proxy approvers).
type Proxy struct {
	ID          string   `json:"id"`
	CreatedAt   string   `json:"createdAt"`
	UpdatedAt   string   `json:"updatedAt"`
	StartsOn    *string  `json:"startsOn"`
	EndsOn      *string  `json:"endsOn"`
	UserID      string   `json:"userId"`                // the represented user
	ProxyUserID string   `json:"proxyUserId"`           // the acting user
	WorkflowIDs []string `json:"workflowIds,omitempty"` // none = all (inferred)
}

// TicketStep is a step of the route in this ticket.
type TicketStep struct {
	TicketStepFields
	Assignees   []Assignee `json:"assignees"`
	Code        string     `json:"code"`                  // of the route's step
	SubStatusID string     `json:"subStatusId,omitempty"` // set when the step opens
	Before      string     `json:"before,omitempty"`      // the sub-status before that
}

// TicketStepFields are shown as stored.
type TicketStepFields struct {
	ID                       string  `json:"id"`
	RouteStepID              *string `json:"routeStepId"`
	Title                    *string `json:"title"`
	ActionType               string  `json:"actionType"`
	RequiredApprovalsNumber  int     `json:"requiredApprovalsNumber"`
	RequiredApprovalsPercent int     `json:"requiredApprovalsPercent"`
	StepOrder                int     `json:"stepOrder"`
	Skip                     bool    `json:"skip"`
	Fallback                 bool    `json:"fallback"`
	FallbackResult           *string `json:"fallbackResult"`
	Completed                bool    `json:"completed"`
	CompletedAt              *string `json:"completedAt"`
	Instruction              *string `json:"instruction"`
	DisplayOrder             int     `json:"displayOrder"`
	Status                   string  `json:"status"` // pending, in_progress, completed, skipped or raised
}

// Assignee is a user who decides at a step.
type Assignee struct {
	ID               string  `json:"id"`
	UserID           string  `json:"userId"`
	Completed        bool    `json:"completed"`
	CompletedAt      *string `json:"completedAt"`
	Pending          bool    `json:"pending"` // on hold
	ActualApproverID string  `json:"actualApproverId,omitempty"`
	AssignedAt       *string `json:"assignedAt"`
}

// Needed returns how many approvers must agree. Inferred: at least one, even with a number or
// percentage of zero, and at most all.
func (s *TicketStep) Needed() int {
	n := s.RequiredApprovalsNumber
	if n <= 0 {
		n = (len(s.Assignees)*s.RequiredApprovalsPercent + 99) / 100
	}
	return min(max(n, 1), max(len(s.Assignees), 1))
}

// Approvals returns how many assignees have agreed.
func (s *TicketStep) Approvals() (n int) {
	for _, a := range s.Assignees {
		if a.Completed {
			n++
		}
	}
	return n
}
