package ticket

import (
	"net/http"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
)

// TicketOps makes the tables of tickets and adds their operations.
func (a *API) TicketOps(ops fake.Ops) {
	a.labels = fake.NewTable(a.State, "labels", func(l Label) string { return l.ID }, func(l *Label) {
		dialect.SetDefaults(a, &l.ID, nil, &l.CreatedAt, &l.UpdatedAt)
	})
	a.subStatuses = fake.NewTable(a.State, "subStatuses", func(s SubStatus) string { return s.ID }, func(s *SubStatus) {
		dialect.SetDefaults(a, &s.ID, &s.Code, &s.CreatedAt, &s.UpdatedAt)
	})
	a.numbers = fake.NewTable(a.State, "ticketNumbers", func(n numbering) string { return n.WorkflowCode }, nil)
	a.Tickets = fake.NewTable(a.State, "tickets", func(t Ticket) string { return t.ID }, func(t *Ticket) {
		dialect.SetDefaults(a, &t.ID, nil, &t.CreatedAt, &t.UpdatedAt)
		if t.ForcedPublicType == "" {
			t.ForcedPublicType = "follow_workflow"
		}
	})
	a.links = fake.NewTable(a.State, "links", func(l Link) string { return l.TicketID + "/" + l.LinkedID }, nil)
	dialect.Index(a.links, "ticket", false, func(l Link) []string { return []string{l.TicketID, l.LinkedID} })
	ops["listTickets"] = a.listTickets
	ops["listTasks"] = a.listTasks
	ops["getTicket"] = dialect.On(a.seen, func(r *fake.Request, t Ticket) (any, error) {
		return a.ticketDetail(r, t, dialect.To(org.Caller(r))), nil
	})
	ops["listTicketLinks"] = dialect.On(a.seen, a.listLinks)
	ops["createTicket"] = a.createTicket
	ops["updateTicket"] = a.updateTicket
	ops["updateTicketForm"] = a.updateTicketForm
	ops["approveTicket"] = a.decide("approve", a.approve)
	ops["rejectTicket"] = a.decide("reject", a.reject)
	ops["denyTicket"] = a.decide("deny", a.deny)
	ops["withdrawTicket"] = dialect.On(a.seen, a.withdraw)
	ops["archiveTicket"] = dialect.On(a.seen, a.archive)
}

func (a *API) listLinks(r *fake.Request, t Ticket) (any, error) {
	linked := func(yield func(*fake.Row[Ticket]) bool) {
		for l := range a.links.By("ticket", t.ID) {
			other := l.Value.TicketID
			if other == t.ID {
				other = l.Value.LinkedID
			}
			if row := a.Tickets.Row(other); row != nil && a.sees(org.Caller(r), row.Value) && !yield(row) {
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

func (a *API) readFilter(r *fake.Request) (f filter, err error) {
	f = filter{status: r.QueryAll("status"), subStatus: dialect.Lower(r.QueryAll("subStatusIds")),
		author: strings.ToLower(r.Query("authorId")),
		team:   r.Query("authorTeamFullName"), number: r.Query("ticketNumber"), step: r.Query("stepTitle")}
	for name, to := range map[string]*dialect.Span{"createdAt": &f.created, "updatedAt": &f.updated,
		"openedAt":    &f.opened,
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

func (a *API) matches(f filter, t *Ticket) bool {
	return (len(f.status) == 0 || slices.Contains(f.status, t.Status)) &&
		(len(f.subStatus) == 0 || slices.Contains(f.subStatus, t.SubStatusID)) &&
		(f.author == "" || f.author == t.AuthorID) && (f.number == "" || f.number == dialect.Deref(t.TicketNumber)) &&
		(f.workflows == nil || f.workflows[t.WorkflowVersionID]) &&
		f.created.Has(t.CreatedAt) && f.updated.Has(t.UpdatedAt) && f.opened.Has(dialect.Deref(t.OpenedAt)) &&
		f.completed.Has(dialect.Deref(t.CompletedAt)) && f.archivedAt.Has(dialect.Deref(t.ArchivedAt)) &&
		(f.step == "" || t.CurrentStep > 0 && f.step == dialect.Deref(t.Steps[t.CurrentStep-1].Title)) &&
		(f.team == "" || f.team == a.teamName(dialect.Deref(t.AuthorTeamID)))
}

func (a *API) teamName(id string) string {
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
func (a *API) listTickets(r *fake.Request) (any, error) {
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
	return dialect.ListTable(r, a.Tickets, match, ticketOrders, func(t Ticket) any { return a.ticketWithSteps(t) })
}

// listTasks lists the tickets that wait for the caller's own decision, not for one as a proxy
// (inferred).
func (a *API) listTasks(r *fake.Request) (any, error) {
	f, err := a.readFilter(r)
	if err != nil {
		return nil, err
	}
	asked, err := dialect.ParseSpan(r, "assignedToMeAt")
	if err != nil {
		return nil, err
	}
	me, pending := org.Caller(r).ID, r.Query("pending")
	match := dialect.FilterRows(a.Tickets, func(t *Ticket) bool {
		assignee, mine := t.task(me)
		return mine && a.matches(f, t) && asked.Has(dialect.Deref(assignee.AssignedAt)) &&
			(pending == "" || (pending == "true") == assignee.Pending)
	})
	mine := func(t *Ticket) string { assignee, _ := t.task(me); return dialect.Deref(assignee.AssignedAt) }
	known := dialect.Orders[Ticket]{"createdAt": ticketOrders["createdAt"], "updatedAt": ticketOrders["updatedAt"],
		"openedAt": func(t *Ticket) string { return dialect.Deref(t.OpenedAt) }, "assignedToMeAt": mine}
	return dialect.ListRows(r, match, known, func(t Ticket) any { return a.ticketWithSteps(t) })
}
