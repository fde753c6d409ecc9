package ticket

import (
	"cmp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
	"github.com/afba07b5/mockserver/mocks/kickflow/route"
)

// API is this part of the fake in one world.
type API struct {
	*route.API
	files       *fake.Table[File]
	Tickets     *fake.Table[Ticket]
	labels      *fake.Table[Label]
	subStatuses *fake.Table[SubStatus]
	numbers     *fake.Table[numbering]
	links       *fake.Table[Link]
	viewers     *fake.Table[Viewer]
	comments    *fake.Table[Comment]
	webhooks    *fake.Table[Webhook]
}

// New makes this part of the fake; its operations make the tables.
func New(s *fake.State) *API {
	a := &API{API: route.New(s)}
	a.Left = func(userID string) {
		a.leaveTickets(userID)
		a.BreakRoutes()
	}
	return a
}

// workflow returns a ticket's version of its workflow.
func (a *API) workflow(t *Ticket) *route.Workflow {
	if row := a.Workflows.Row(t.WorkflowVersionID); row != nil {
		return &row.Value
	}
	return &route.Workflow{}
}

// seen returns the path's ticket. One that the caller may not see is a 404 (inferred).
func (a *API) seen(r *fake.Request) (Ticket, error) {
	t, err := a.Tickets.Get(strings.ToLower(r.Path("ticketId")))
	if err == nil && !a.sees(org.Caller(r).ID, &t) {
		return t, dialect.NotFound("the caller may not see this ticket")
	}
	return t, err
}

// sees reports whether a user may see a ticket: documented (the permission to edit tickets shows
// none by itself: support.kickflow.com, 16029464994329). Drafts and tickets that were never
// submitted are visible only to their author, proxies and administrators (inferred).
func (a *API) sees(user string, t *Ticket) bool {
	w := a.workflow(t)
	inScope := func(p org.Permission) bool { return a.FolderWithin(w.FolderID, p.FolderIDs) }
	switch {
	case user == t.AuthorID, user == t.ProxyClientUserID, a.Represents(a.ProxyApplicants, user, t.AuthorID, w):
		return true
	case a.Manages(user, "ticket_read", inScope):
		return true
	case t.Status == "draft" || t.OpenedAt == nil:
		return false
	case isPublic(t, w):
		return true
	}
	for _, s := range t.Steps {
		for _, assignee := range s.Assignees {
			if assignee.UserID == user || a.Represents(a.ProxyApprovers, user, assignee.UserID, w) {
				return true
			}
		}
	}
	return a.isViewer(user, t.ID)
}

func isPublic(t *Ticket, w *route.Workflow) bool {
	return t.ForcedPublicType == "forced_public" || t.ForcedPublicType == "follow_workflow" && w.PublicTicket
}

// isViewer reports whether a ticket is shared with a user, or with a team of the user.
func (a *API) isViewer(user, ticket string) bool {
	for row := range a.viewers.By("ticket", ticket) {
		v := row.Value
		if v.UserID == user {
			return true
		}
		for m := range a.Memberships.By("user", user) {
			inTeam := m.Value.TeamID == v.TeamID || v.Descendants && a.TeamWithin(m.Value.TeamID, []string{v.TeamID})
			if v.TeamID != "" && inTeam &&
				(v.GradeID == "" || a.GradeFits(m.Value, route.Target{GradeIDs: []string{v.GradeID}})) {
				return true
			}
		}
	}
	return false
}

// TicketOps makes the tables of tickets and adds their operations.
func (a *API) TicketOps(ops fake.Ops) {
	a.labels = org.NewTable(a.API.API, "labels", func(l Label) string { return l.ID },
		func(l *Label) { dialect.SetDefaults(a, &l.ID, nil, &l.CreatedAt, &l.UpdatedAt) })
	a.subStatuses = org.NewTable(a.API.API, "subStatuses", func(s SubStatus) string { return s.ID },
		func(s *SubStatus) { dialect.SetDefaults(a, &s.ID, &s.Code, &s.CreatedAt, &s.UpdatedAt) })
	a.numbers = fake.NewTable(a.State, "ticketNumbers", func(n numbering) string { return n.WorkflowCode }, nil)
	a.Tickets = fake.NewTable(a.State, "tickets", func(t Ticket) string { return t.ID }, func(t *Ticket) {
		dialect.SetDefaults(a, &t.ID, nil, &t.CreatedAt, &t.UpdatedAt)
		t.ForcedPublicType = cmp.Or(t.ForcedPublicType, "follow_workflow")
	})
	a.links = org.NewTable(a.API.API, "links", func(l Link) string { return l.TicketID + "/" + l.LinkedID }, nil)
	org.Index(a.links, "ticket", false, func(l Link) []string { return []string{l.TicketID, l.LinkedID} })
	ops["listTickets"] = dialect.On(a.readFilter, a.listTickets)
	ops["listTasks"] = dialect.On(a.readFilter, a.listTasks)
	ops["getTicket"] = dialect.On(a.seen, func(r *fake.Request, t Ticket) (any, error) {
		return a.ticketDetail(r, &t, org.Caller(r)), nil
	})
	ops["listTicketLinks"] = dialect.On(a.seen, a.listLinks)
	ops["createTicket"] = a.createTicket
	ops["updateTicket"] = dialect.OnBody(a.edit, a.updateTicket)
	ops["updateTicketForm"] = a.updateTicketForm
	ops["approveTicket"] = a.decide("ticket_approved", a.approve)
	ops["rejectTicket"] = a.decide("ticket_rejected", a.reject)
	ops["denyTicket"] = a.decide("ticket_denied", a.deny)
	ops["withdrawTicket"] = dialect.On(a.seen, a.withdraw)
	ops["archiveTicket"] = dialect.On(a.seen, a.archive)
}

func (a *API) listLinks(r *fake.Request, t Ticket) (any, error) {
	linked := org.Related(a.links.By("ticket", t.ID), a.Tickets, func(l *Link) string {
		if l.TicketID == t.ID {
			return l.LinkedID
		}
		return l.TicketID
	})
	me := org.Caller(r).ID
	seen := org.FilterRows(linked, func(other *Ticket) bool { return a.sees(me, other) })
	return dialect.ListRows(r, seen, nil, a.ticketView)
}

// filter is the common filter of both lists of tickets.
type filter struct {
	status, subStatus                               []string
	author, team, number, step                      string
	workflows                                       map[string]bool // ids of versions; nil = all
	created, updated, opened, completed, archivedAt dialect.Span
}

func (a *API) readFilter(r *fake.Request) (f filter, err error) {
	f = filter{status: r.QueryAll("status"), subStatus: dialect.Lower(r.QueryAll("subStatusIds")),
		author: strings.ToLower(r.Query("authorId")),
		team:   r.Query("authorTeamFullName"), number: r.Query("ticketNumber"), step: r.Query("stepTitle")}
	spans := []*dialect.Span{&f.created, &f.opened, &f.completed, &f.archivedAt, &f.updated}
	for i, name := range []string{"createdAt", "openedAt", "completedAt", "archivedAt", "updatedAt"} {
		if *spans[i], err = dialect.ParseSpan(r, name); err != nil {
			return f, err
		}
	}
	if id := r.Query("workflowId"); id != "" {
		f.workflows = a.VersionsOf(strings.ToLower(id))
	}
	return f, nil
}

func (a *API) matches(f filter, t *Ticket) bool {
	return (len(f.status) == 0 || slices.Contains(f.status, t.Status)) &&
		(len(f.subStatus) == 0 || slices.Contains(f.subStatus, t.SubStatusID)) &&
		(f.author == "" || f.author == t.AuthorID) && (f.number == "" || f.number == dialect.Deref(t.TicketNumber)) &&
		(f.workflows == nil || f.workflows[t.WorkflowVersionID]) &&
		f.created.Has(t.CreatedAt) && f.updated.Has(t.UpdatedAt) && f.opened.Has(dialect.Deref(t.OpenedAt)) &&
		f.completed.Has(dialect.Deref(t.CompletedAt)) && f.archivedAt.Has(dialect.Deref(t.ArchivedAt)) &&
		(f.step == "" || t.CurrentStep > 0 && f.step == dialect.Deref(t.Steps[t.CurrentStep-1].Title)) &&
		(f.team == "" || f.team == a.TeamPath(dialect.Deref(t.AuthorTeamID)))
}

// listTickets lists the tickets that the caller may see. Documented: assigneeUserId and
// assigneeStatus must be sent together; one alone is a 400 (inferred).
func (a *API) listTickets(r *fake.Request, f filter) (any, error) {
	user, states := strings.ToLower(r.Query("assigneeUserId")), r.QueryAll("assigneeStatus")
	if (user == "") != (len(states) == 0) {
		return nil, dialect.Malformed(
			"Invalid request: assigneeUserId and assigneeStatus must be sent together",
			"assigneeUserId and assigneeStatus come together")
	}
	me := org.Caller(r).ID
	match := dialect.Having("status", func(t *Ticket) string { return t.Status }, f.status)
	if len(f.status) > 1 {
		match = fake.Query[Ticket]{}
	}
	match.Name, match.Match = "", func(t *Ticket) bool { // what the caller sees depends on other tables
		return a.matches(f, t) && (user == "" || t.assigned(user, states)) && t.Status != "permanently_deleted" &&
			a.sees(me, t)
	}
	known := dialect.Orders[Ticket]{"createdAt": nil, "updatedAt": nil}
	return dialect.ListTable(r, a.Tickets, match, known, a.ticketWithSteps)
}

// listTasks lists the tickets that wait for the caller's own decision, not for one as a proxy
// (inferred).
func (a *API) listTasks(r *fake.Request, f filter) (any, error) {
	asked, err := dialect.ParseSpan(r, "assignedToMeAt")
	if err != nil {
		return nil, err
	}
	me, pending := org.Caller(r).ID, r.Query("pending")
	match := org.FilterRows(a.Tickets.Rows(), func(t *Ticket) bool {
		assignee, mine := t.task(me)
		return mine && a.matches(f, t) && asked.Has(dialect.Deref(assignee.AssignedAt)) &&
			(pending == "" || (pending == "true") == assignee.Pending)
	})
	mine := func(t *Ticket) string { assignee, _ := t.task(me); return dialect.Deref(assignee.AssignedAt) }
	known := dialect.Orders[Ticket]{
		"createdAt": nil, "updatedAt": nil, "openedAt": nil, "assignedToMeAt": mine,
	}
	return dialect.ListRows(r, match, known, a.ticketWithSteps)
}
