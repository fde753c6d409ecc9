package kickflow

import (
	"net/http"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/form"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
	"github.com/afba07b5/mockserver/mocks/kickflow/route"
)

// Ticket is one application: a completed form with the steps of its route.
type Ticket struct {
	TicketFields
	WorkflowVersionID string             `json:"workflowVersionId"`
	RouteVersionID    string             `json:"routeVersionId,omitempty"` // none if the branching refuses
	AuthorID          string             `json:"authorId,omitempty"`       // none for external guests
	ProxyClientUserID string             `json:"proxyClientUserId,omitempty"`
	SubStatusID       string             `json:"subStatusId,omitempty"`
	LabelIDs          []string           `json:"labelIds,omitempty"`
	Steps             []route.TicketStep `json:"steps,omitempty"`
	Inputs            []form.Input       `json:"inputs,omitempty"`
	SlipItems         []form.SlipItem    `json:"slipItems,omitempty"`
	Sections          []TicketSection    `json:"ticketSections,omitempty"`
	// users by the code of the step for which they were chosen
	Approvers map[string][]string `json:"approvers,omitempty"`
}

// TicketFields are shown as stored.
type TicketFields struct {
	ID               string  `json:"id"`
	TicketNumber     *string `json:"ticketNumber"`
	Title            *string `json:"title"`
	Status           string  `json:"status"`
	CurrentStep      int     `json:"currentStep"`
	CreatedAt        string  `json:"createdAt"`
	OpenedAt         *string `json:"openedAt"`
	CompletedAt      *string `json:"completedAt"`
	ArchivedAt       *string `json:"archivedAt"`
	UpdatedAt        string  `json:"updatedAt"`
	ForcedPublicType string  `json:"forcedPublicType"`
	AuthorTeamID     *string `json:"authorTeamId"`
	LogsCount        int     `json:"logsCount"`
	ClosedAt         *string `json:"closedAt"`
	DeniedAt         *string `json:"deniedAt"`
}

// TicketSection gives a section of the workflow an identifier in the ticket.
type TicketSection struct {
	ID        string `json:"id"`
	SectionID string `json:"sectionId"`
}

// Label marks tickets; labels are managed on the vendor's screens only.
type Label struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Description *string `json:"description"`
	Color       string  `json:"color"` // six hex digits
	CreatedAt   string  `json:"createdAt"`
	UpdatedAt   string  `json:"updatedAt"`
}

// SubStatus refines the status in_progress; sub-statuses are managed on the vendor's screens only.
type SubStatus struct {
	ID              string  `json:"id"`
	Code            string  `json:"code"`
	Name            string  `json:"name"`
	Notes           *string `json:"notes"`
	AllowWithdrawal bool    `json:"allowWithdrawal"`
	AllowRejection  bool    `json:"allowRejection"`
	AllowDenial     bool    `json:"allowDenial"`
	CreatedAt       string  `json:"createdAt"`
	UpdatedAt       string  `json:"updatedAt"`
}

// Link relates two tickets.
type Link struct {
	TicketID string `json:"ticketId"`
	LinkedID string `json:"linkedId"`
}

// numbering counts the tickets of a workflow.
type numbering struct {
	WorkflowCode string `json:"workflowCode"`
	Last         int    `json:"last"`
}

func (a *api) ticketOps(ops fake.Ops) {
	a.labels = fake.NewTable(a.State, "labels", func(l Label) string { return l.ID }, func(l *Label) {
		dialect.SetDefaults(a, &l.ID, nil, &l.CreatedAt, &l.UpdatedAt)
	})
	a.subStatuses = fake.NewTable(a.State, "subStatuses", func(s SubStatus) string { return s.ID }, func(s *SubStatus) {
		dialect.SetDefaults(a, &s.ID, &s.Code, &s.CreatedAt, &s.UpdatedAt)
	})
	a.numbers = fake.NewTable(a.State, "ticketNumbers", func(n numbering) string { return n.WorkflowCode }, nil)
	a.tickets = fake.NewTable(a.State, "tickets", func(t Ticket) string { return t.ID }, func(t *Ticket) {
		dialect.SetDefaults(a, &t.ID, nil, &t.CreatedAt, &t.UpdatedAt)
		if t.ForcedPublicType == "" {
			t.ForcedPublicType = "follow_workflow"
		}
	})
	a.links = fake.NewTable(a.State, "links", func(l Link) string { return l.TicketID + "/" + l.LinkedID }, nil)
	dialect.Index(a.links, "ticket", false, func(l Link) []string { return []string{l.TicketID, l.LinkedID} })
	ops["listTickets"] = a.listTickets
	ops["listTasks"] = a.listTasks
	ops["getTicket"] = func(r *fake.Request) (any, error) {
		t, err := a.seen(r)
		if err != nil {
			return nil, err
		}
		return a.ticketDetail(r, t, dialect.To(org.Caller(r))), nil
	}
	ops["listTicketLinks"] = a.listLinks
	ops["createTicket"] = a.createTicket
	ops["updateTicket"] = a.updateTicket
	ops["updateTicketForm"] = a.updateTicketForm
	ops["approveTicket"] = a.decide("approve", a.approve)
	ops["rejectTicket"] = a.decide("reject", a.reject)
	ops["denyTicket"] = a.decide("deny", a.deny)
	ops["withdrawTicket"] = a.withdraw
	ops["archiveTicket"] = a.archive
}

// seen returns the path's ticket. One that the caller may not see is a 404 (inferred).
func (a *api) seen(r *fake.Request) (Ticket, error) {
	t, err := a.tickets.Get(strings.ToLower(r.Path("ticketId")))
	if err == nil && !a.sees(org.Caller(r), t) {
		return t, dialect.Refuse(http.StatusNotFound, "the caller may not see this ticket")
	}
	return t, err
}

// sees reports whether a user may see a ticket: documented (the permission to edit tickets shows
// none by itself: support.kickflow.com, 16029464994329). Drafts and tickets that were never
// submitted are visible only to their author, proxies and administrators (inferred).
func (a *api) sees(u org.User, t Ticket) bool {
	w, _ := a.Workflows.Find(t.WorkflowVersionID)
	inScope := func(p org.Permission) bool { return a.FolderWithin(w.FolderID, p.FolderIDs) }
	switch {
	case u.ID == t.AuthorID, u.ID == t.ProxyClientUserID, a.Represents(a.ProxyApplicants, u.ID, t.AuthorID, w):
		return true
	case a.Manages(u.ID, "ticket_read", inScope):
		return true
	case t.Status == "draft" || t.OpenedAt == nil:
		return false
	case isPublic(t, w):
		return true
	}
	for _, s := range t.Steps {
		for _, assignee := range s.Assignees {
			if assignee.UserID == u.ID || a.Represents(a.ProxyApprovers, u.ID, assignee.UserID, w) {
				return true
			}
		}
	}
	return a.isViewer(u.ID, t.ID)
}

func isPublic(t Ticket, w route.Workflow) bool {
	return t.ForcedPublicType == "forced_public" || t.ForcedPublicType == "follow_workflow" && w.PublicTicket
}

func (a *api) listLinks(r *fake.Request) (any, error) {
	t, err := a.seen(r)
	if err != nil {
		return nil, err
	}
	linked := func(yield func(*fake.Row[Ticket]) bool) {
		for l := range a.links.By("ticket", t.ID) {
			other := l.Value.TicketID
			if other == t.ID {
				other = l.Value.LinkedID
			}
			if row := a.tickets.Row(other); row != nil && a.sees(org.Caller(r), row.Value) && !yield(row) {
				return
			}
		}
	}
	return dialect.ListRows(r, linked, nil, func(t Ticket) any { return a.ticketView(t) })
}

// filter is the common filter of both lists of tickets.
type filter struct {
	status, subStatus                               []string
	author, team, number, step                      string
	workflows                                       map[string]bool // ids of versions; nil = all
	created, updated, opened, completed, archivedAt dialect.Span
}

func (a *api) readFilter(r *fake.Request) (f filter, err error) {
	f = filter{status: r.QueryAll("status"), subStatus: dialect.Lower(r.QueryAll("subStatusIds")),
		author: strings.ToLower(r.Query("authorId")),
		team:   r.Query("authorTeamFullName"), number: r.Query("ticketNumber"), step: r.Query("stepTitle")}
	for name, to := range map[string]*dialect.Span{"createdAt": &f.created, "updatedAt": &f.updated, "openedAt": &f.opened,
		"completedAt": &f.completed, "archivedAt": &f.archivedAt} {
		if *to, err = dialect.ParseSpan(r, name); err != nil {
			return f, err
		}
	}
	if id := r.Query("workflowId"); id != "" {
		f.workflows = a.VersionsOf(strings.ToLower(id))
	}
	return f, nil
}

func (a *api) matches(f filter, t *Ticket) bool {
	return (len(f.status) == 0 || slices.Contains(f.status, t.Status)) &&
		(len(f.subStatus) == 0 || slices.Contains(f.subStatus, t.SubStatusID)) &&
		(f.author == "" || f.author == t.AuthorID) && (f.number == "" || f.number == dialect.Deref(t.TicketNumber)) &&
		(f.workflows == nil || f.workflows[t.WorkflowVersionID]) &&
		f.created.Has(t.CreatedAt) && f.updated.Has(t.UpdatedAt) && f.opened.Has(dialect.Deref(t.OpenedAt)) &&
		f.completed.Has(dialect.Deref(t.CompletedAt)) && f.archivedAt.Has(dialect.Deref(t.ArchivedAt)) &&
		(f.step == "" || t.CurrentStep > 0 && f.step == dialect.Deref(t.Steps[t.CurrentStep-1].Title)) &&
		(f.team == "" || f.team == a.teamName(dialect.Deref(t.AuthorTeamID)))
}

func (a *api) teamName(id string) string {
	if t, ok := a.Teams.Find(id); ok {
		return a.TeamPath(t)
	}
	return ""
}

var ticketOrders = dialect.Orders[Ticket]{
	"createdAt": func(t *Ticket) string { return t.CreatedAt },
	"updatedAt": func(t *Ticket) string { return t.UpdatedAt },
}

// listTickets lists the tickets that the caller may see. Documented: assigneeUserId and
// assigneeStatus must be sent together; one alone is a 400 (inferred).
func (a *api) listTickets(r *fake.Request) (any, error) {
	f, err := a.readFilter(r)
	if err != nil {
		return nil, err
	}
	user, states := strings.ToLower(r.Query("assigneeUserId")), r.QueryAll("assigneeStatus")
	if (user == "") != (len(states) == 0) {
		e := dialect.Refuse(http.StatusBadRequest, "assigneeUserId and assigneeStatus come together")
		e.Message = "Invalid request: assigneeUserId and assigneeStatus must be sent together"
		return nil, e
	}
	me := org.Caller(r)
	match := dialect.Having("status", func(t *Ticket) string { return t.Status }, f.status)
	if len(f.status) > 1 {
		match = fake.Query[Ticket]{}
	}
	match.Name, match.Match = "", func(t *Ticket) bool { // what the caller sees depends on other tables
		return a.matches(f, t) && (user == "" || t.assigned(user, states)) && t.Status != "permanently_deleted" &&
			a.sees(me, *t)
	}
	return dialect.ListTable(r, a.tickets, match, ticketOrders, func(t Ticket) any { return a.ticketWithSteps(t) })
}

// assigned reports whether a user is an assignee in one of the states all, current or approved.
func (t *Ticket) assigned(user string, states []string) bool {
	for _, s := range t.Steps {
		for _, a := range s.Assignees {
			if a.UserID != user {
				continue
			}
			current := s.Status == "in_progress" && !a.Completed
			if slices.Contains(states, "all") || current && slices.Contains(states, "current") ||
				a.Completed && slices.Contains(states, "approved") {
				return true
			}
		}
	}
	return false
}

// task returns the caller's open assignment in a ticket.
func (t *Ticket) task(user string) (route.Assignee, bool) {
	if t.Status == "in_progress" && t.CurrentStep > 0 {
		for _, a := range t.Steps[t.CurrentStep-1].Assignees {
			if a.UserID == user && !a.Completed {
				return a, true
			}
		}
	}
	return route.Assignee{}, false
}

// listTasks lists the tickets that wait for the caller's own decision, not for one as a proxy
// (inferred).
func (a *api) listTasks(r *fake.Request) (any, error) {
	f, err := a.readFilter(r)
	if err != nil {
		return nil, err
	}
	asked, err := dialect.ParseSpan(r, "assignedToMeAt")
	if err != nil {
		return nil, err
	}
	me, pending := org.Caller(r).ID, r.Query("pending")
	match := dialect.FilterRows(a.tickets, func(t *Ticket) bool {
		assignee, mine := t.task(me)
		return mine && a.matches(f, t) && asked.Has(dialect.Deref(assignee.AssignedAt)) &&
			(pending == "" || (pending == "true") == assignee.Pending)
	})
	mine := func(t *Ticket) string { assignee, _ := t.task(me); return dialect.Deref(assignee.AssignedAt) }
	known := dialect.Orders[Ticket]{"createdAt": ticketOrders["createdAt"], "updatedAt": ticketOrders["updatedAt"],
		"openedAt": func(t *Ticket) string { return dialect.Deref(t.OpenedAt) }, "assignedToMeAt": mine}
	return dialect.ListRows(r, match, known, func(t Ticket) any { return a.ticketWithSteps(t) })
}
