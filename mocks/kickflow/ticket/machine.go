package ticket

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
	"github.com/afba07b5/mockserver/mocks/kickflow/route"
)

// open submits a ticket: it gets its number and moves to the first step that waits for an approver.
func (a *API) open(t *Ticket) {
	t.Status, t.LogsCount = "in_progress", t.LogsCount+1
	t.OpenedAt = cmp.Or(t.OpenedAt, new(dialect.FormatTime(a.Now())))
	if t.TicketNumber == nil {
		t.TicketNumber = new(a.number(a.workflow(t), t)) // numbered when opened: inferred
	}
	a.advance(t, 1)
}

// advance opens the first step from the given number that waits for an approver. Steps without
// confirmation complete at once; after the last one the ticket is completed.
func (a *API) advance(t *Ticket, from int) {
	t.Steps = slices.Clone(t.Steps)
	for i := from; i <= len(t.Steps); i++ {
		s := &t.Steps[i-1]
		if s.Status == "skipped" {
			continue
		}
		t.CurrentStep, s.Before = i, t.SubStatusID
		if s.SubStatusID != "" {
			t.SubStatusID = s.SubStatusID
		}
		if s.ActionType == "none" {
			a.completeStep(s)
			continue
		}
		s.Status, s.Assignees = "in_progress", slices.Clone(s.Assignees)
		for n := range s.Assignees {
			s.Assignees[n].AssignedAt = new(dialect.FormatTime(a.Now()))
		}
		return
	}
	t.Status, t.SubStatusID = "completed", ""
	t.CompletedAt = new(dialect.FormatTime(a.Now()))
	t.ClosedAt = t.CompletedAt
}

func (a *API) completeStep(s *route.TicketStep) {
	s.Status, s.Completed, s.CompletedAt = "completed", true, new(dialect.FormatTime(a.Now()))
}

// completeIfApproved completes the open step once enough approvers agree.
func (a *API) completeIfApproved(t *Ticket) {
	s := &t.Steps[t.CurrentStep-1]
	if s.Approvals() >= s.Needed() {
		a.completeStep(s)
		a.advance(t, t.CurrentStep+1)
	}
}

// reset returns the steps from the given number on to their undecided state.
func (t *Ticket) reset(from int) {
	t.Steps = slices.Clone(t.Steps)
	for i := max(from, 1); i <= len(t.Steps); i++ {
		s := &t.Steps[i-1]
		if s.Status == "skipped" {
			continue
		}
		s.Status, s.Completed, s.CompletedAt, s.Assignees = "pending", false, nil, slices.Clone(s.Assignees)
		for n, a := range s.Assignees {
			s.Assignees[n] = route.Assignee{ID: a.ID, UserID: a.UserID}
		}
	}
}

// number counts the tickets of a workflow in all its versions and formats the number as the
// workflow says. The year of [fyear] begins in April (assumed).
func (a *API) number(w *route.Workflow, t *Ticket) string {
	n, _ := a.numbers.Find(w.Code)
	n.WorkflowCode, n.Last = w.Code, n.Last+1
	if err := org.Put(a.numbers, n); err != nil {
		panic(err) // the counter exists or is new
	}
	year, month, date := t.CreatedAt[:4], t.CreatedAt[5:7], t.CreatedAt[8:10]
	fiscal, _ := strconv.Atoi(year)
	if month < "04" {
		fiscal--
	}
	return strings.NewReplacer("[year]", year, "[month]", month, "[day]", date, "[fyear]", strconv.Itoa(fiscal),
		"[number]", strconv.Itoa(n.Last)).
		Replace(cmp.Or(dialect.Deref(w.TicketNumberFormat), "[number]"))
}

// openAssignee returns the index of the assignee of the open step for whom the user decides: the
// user, or someone whom the user is a proxy for.
func (a *API) openAssignee(t *Ticket, w *route.Workflow, user string) (int, bool) {
	if t.Status != "in_progress" || t.CurrentStep == 0 {
		return 0, false
	}
	assignees := t.Steps[t.CurrentStep-1].Assignees
	for n, assignee := range assignees {
		if assignee.UserID == user && !assignee.Completed {
			return n, true
		}
	}
	for n, assignee := range assignees {
		if !assignee.Completed && a.Represents(a.ProxyApprovers, user, assignee.UserID, w) {
			return n, true
		}
	}
	return 0, false
}

func (a *API) putAway(t *Ticket) {
	if t.Status == "in_progress" {
		t.reset(t.CurrentStep)
	}
	t.Status, t.SubStatusID, t.ArchivedAt = "archived", "", new(dialect.FormatTime(a.Now()))
	t.ClosedAt = cmp.Or(t.CompletedAt, t.ArchivedAt)
}

// leaveTickets handles the tickets of a user who is deactivated: the user's unfinished tickets are
// archived (documented), and steps no longer wait for the user (inferred), unless there is no other
// assignee.
func (a *API) leaveTickets(user string) {
	for _, t := range slices.Collect(a.Tickets.All()) {
		before := t.UpdatedAt
		switch {
		case t.AuthorID == user && (t.Status == "draft" || t.Status == "in_progress" || t.Status == "rejected"):
			a.putAway(&t)
			t.UpdatedAt = dialect.FormatTime(a.Now())
		case t.Status == "in_progress":
			a.unassign(&t, user)
		}
		if t.UpdatedAt == before {
			continue
		}
		if err := a.Tickets.Set(t); err != nil {
			panic(err) // it has just been read
		}
	}
}

func (a *API) unassign(t *Ticket, user string) {
	t.Steps = slices.Clone(t.Steps)
	for i := t.CurrentStep; i <= len(t.Steps); i++ {
		s := &t.Steps[i-1]
		left := slices.DeleteFunc(slices.Clone(s.Assignees),
			func(assignee route.Assignee) bool { return assignee.UserID == user && !assignee.Completed })
		if len(left) == 0 || len(left) == len(s.Assignees) {
			continue
		}
		s.Assignees, t.UpdatedAt = left, dialect.FormatTime(a.Now())
	}
	if t.UpdatedAt == dialect.FormatTime(a.Now()) {
		a.completeIfApproved(t)
	}
}

// Hold puts the open assignment of a user on hold, or resumes it.
func (a *API) Hold(ticketID, userID string, on bool) error {
	_, err := table.Update(a.Tickets, ticketID, func(t Ticket) (Ticket, error) {
		if _, ok := t.task(userID); !ok {
			return t, fmt.Errorf("kickflow: ticket %s does not wait for user %s", ticketID, userID)
		}
		t.Steps = slices.Clone(t.Steps)
		step := &t.Steps[t.CurrentStep-1]
		step.Assignees = slices.Clone(step.Assignees)
		for i := range step.Assignees {
			if step.Assignees[i].UserID == userID {
				step.Assignees[i].Pending = on
			}
		}
		return t, nil
	})
	return err
}

// decision is an approver's action on the open step.
type decision struct {
	r    *fake.Request
	w    *route.Workflow
	t    *Ticket
	step *route.TicketStep
	who  int
	to   int
}

// verdict is the body of a decision.
type verdict struct {
	To      int
	Comment string
}

// decide does the common part of approving, rejecting and denying. Documented: a user who is not
// assigned gets 403. A wrong state is 422 (inferred).
func (a *API) decide(event string, do func(*decision) error) fake.Handler {
	return dialect.OnBody(a.seen, func(r *fake.Request, t Ticket, body verdict) (any, error) {
		me := org.Caller(r).ID
		if t.Status != "in_progress" && t.assigned(me, []string{"all"}) {
			return nil, dialect.Invalid("status", "is "+t.Status)
		}
		w := a.workflow(&t)
		who, ok := a.openAssignee(&t, w, me)
		if !ok {
			return nil, dialect.Stated(dialect.Definition,
				dialect.Forbidden("the caller is not assigned to the open step"))
		}
		if err := a.mayComment(w, event, body.Comment); err != nil {
			return nil, err
		}
		t.Steps = slices.Clone(t.Steps)
		step := &t.Steps[t.CurrentStep-1]
		step.Assignees = slices.Clone(step.Assignees)
		if err := do(&decision{r, w, &t, step, who, body.To}); err != nil {
			return nil, err
		}
		return a.ended(r, t, event, body.Comment)
	})
}

// mayComment validates a comment against the workflow's flags: documented, the status inferred.
func (a *API) mayComment(w *route.Workflow, event, comment string) error {
	required := map[string]bool{"ticket_approved": w.CommentingRequiredOnApproval,
		"ticket_rejected": w.CommentingRequiredOnRejection,
		"ticket_denied":   w.CommentingRequiredOnDenial}[event]
	switch {
	case comment != "" && !*w.CommentingEnabled:
		return dialect.Invalid("comment", "is not allowed by the workflow")
	case required && strings.TrimSpace(comment) == "":
		return dialect.Invalid("comment", dialect.Blank)
	}
	return nil
}

func (a *API) approve(d *decision) error {
	filled := d.t.filled(d.w)
	if err := filled.CheckDemanded(d.t.SubStatusID); err != nil {
		return err
	}
	assignee := &d.step.Assignees[d.who]
	assignee.Completed, assignee.Pending, assignee.CompletedAt, assignee.ActualApproverID = true, false,
		new(dialect.FormatTime(a.Now())), org.Caller(d.r).ID
	a.completeIfApproved(d.t)
	return nil
}

// reject returns the ticket: with 0 to its author, with n to that step. Only steps with a decision
// can be returned to, and an assignee who only confirms cannot reject (inferred).
func (a *API) reject(d *decision) error {
	t := d.t
	if err := a.mayTurn(d, func(s *SubStatus) bool { return s.AllowRejection }); err != nil {
		return err
	}
	if d.to < 0 || d.to >= t.CurrentStep {
		return dialect.Invalid("to", dialect.Wrong)
	}
	if d.to == 0 {
		t.reset(1)
		t.Status, t.CurrentStep, t.SubStatusID = "rejected", 0, ""
		return nil
	}
	if back := t.Steps[d.to-1]; back.Status == "skipped" || back.ActionType == "none" {
		return dialect.Invalid("to", dialect.Wrong)
	}
	t.SubStatusID = t.Steps[d.to-1].Before // documented: the one from before that step
	t.reset(d.to)
	a.advance(t, d.to)
	return nil
}

func (a *API) deny(d *decision) error {
	if err := a.mayTurn(d, func(s *SubStatus) bool { return s.AllowDenial }); err != nil {
		return err
	}
	d.t.reset(d.t.CurrentStep)
	d.t.Status, d.t.SubStatusID, d.t.DeniedAt = "denied", "", new(dialect.FormatTime(a.Now()))
	return nil
}

// mayTurn returns an error if the step only confirms or the sub-status does not allow the action:
// documented, status inferred.
func (a *API) mayTurn(d *decision, allows func(*SubStatus) bool) error {
	if d.step.ActionType == "confirm" {
		return dialect.Invalid("base", "the step can only be confirmed")
	}
	return a.subStatusAllows(d.t, allows)
}

func (a *API) subStatusAllows(t *Ticket, allows func(*SubStatus) bool) error {
	if row := a.subStatuses.Row(t.SubStatusID); row != nil && !allows(&row.Value) {
		return dialect.Invalid("base", "the sub-status forbids it")
	}
	return nil
}

// withdraw withdraws the caller's ticket from approval. That it becomes a draft is inferred.
func (a *API) withdraw(r *fake.Request, t Ticket) (any, error) {
	if t.AuthorID != org.Caller(r).ID {
		return nil, dialect.Forbidden("a ticket is withdrawn by its author")
	}
	if t.Status != "in_progress" {
		return nil, dialect.Invalid("status", "is "+t.Status)
	}
	if err := a.subStatusAllows(&t, func(s *SubStatus) bool { return s.AllowWithdrawal }); err != nil {
		return nil, err
	}
	t.reset(1)
	t.Status, t.CurrentStep, t.SubStatusID = "draft", 0, ""
	return a.ended(r, t, "ticket_withdrawn", "")
}

// archive archives a ticket: authors may archive a draft or returned one, administrators any
// (inferred).
func (a *API) archive(r *fake.Request, t Ticket) (any, error) {
	w := a.workflow(&t)
	own := t.AuthorID == org.Caller(r).ID && (t.Status == "draft" || t.Status == "rejected")
	if !own {
		if err := a.Scoped(r, "ticket_write",
			func(p org.Permission) bool { return a.FolderWithin(w.FolderID, p.FolderIDs) }); err != nil {
			return nil, err
		}
	}
	if t.Status == "archived" || t.Status == "permanently_deleted" {
		return nil, dialect.Invalid("status", "is "+t.Status)
	}
	a.putAway(&t)
	return a.ended(r, t, "ticket_archived", "")
}

// ended stores and shows a ticket after an action on it, and sends the events.
func (a *API) ended(r *fake.Request, t Ticket, event, comment string) (any, error) {
	t.LogsCount, t.UpdatedAt = t.LogsCount+1, dialect.FormatTime(r.Now())
	if err := a.Tickets.Set(t); err != nil {
		return nil, err
	}
	if comment != "" {
		a.addComment(r, t.ID, comment, nil)
	}
	a.emit(r, event, &t)
	if t.Status == "completed" {
		a.emit(r, "ticket_completed", &t)
	}
	return a.ticketDetail(r, &t, org.Caller(r)), nil
}
