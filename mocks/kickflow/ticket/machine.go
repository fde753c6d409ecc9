package ticket

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/route"
)

// open submits a ticket: it gets its number and moves to the first step that waits for an approver.
func (a *API) open(t *Ticket) {
	t.Status, t.LogsCount = "in_progress", t.LogsCount+1
	t.OpenedAt = cmp.Or(t.OpenedAt, dialect.To(dialect.FormatTime(a.Now())))
	if w, _ := a.Workflows.Find(t.WorkflowVersionID); t.TicketNumber == nil {
		t.TicketNumber = dialect.To(a.number(w, *t)) // numbered when opened: inferred
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
			s.Assignees[n].AssignedAt = dialect.To(dialect.FormatTime(a.Now()))
		}
		return
	}
	t.Status, t.SubStatusID = "completed", ""
	t.CompletedAt = dialect.To(dialect.FormatTime(a.Now()))
	t.ClosedAt = t.CompletedAt
}

func (a *API) completeStep(s *route.TicketStep) {
	s.Status, s.Completed, s.CompletedAt = "completed", true, dialect.To(dialect.FormatTime(a.Now()))
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
func (a *API) number(w route.Workflow, t Ticket) string {
	n, ok := a.numbers.Find(w.Code)
	n.WorkflowCode, n.Last = w.Code, n.Last+1
	if ok {
		ok = a.numbers.Set(n) == nil
	} else {
		_, err := a.numbers.Insert(n)
		ok = err == nil
	}
	if !ok {
		panic("kickflow: the counter of " + w.Code + " cannot be stored") // the counter exists or is new
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
func (a *API) openAssignee(t Ticket, w route.Workflow, user string) (int, bool) {
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
	t.Status, t.SubStatusID, t.ArchivedAt = "archived", "", dialect.To(dialect.FormatTime(a.Now()))
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
	_, err := a.Tickets.Update(ticketID, func(t Ticket) (Ticket, error) {
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
