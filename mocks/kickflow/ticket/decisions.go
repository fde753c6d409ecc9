package ticket

import (
	"net/http"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
	"github.com/afba07b5/mockserver/mocks/kickflow/route"
)

// decision is an approver's action on the open step.
type decision struct {
	r       *fake.Request
	w       route.Workflow
	t       *Ticket
	step    *route.TicketStep
	who     int
	to      int
	comment string
}

// decide does the common part of approving, rejecting and denying. Documented: a user who is not
// assigned gets 403. A wrong state is 422 (inferred).
func (a *API) decide(action string, do func(*decision) error) fake.Handler {
	return func(r *fake.Request) (any, error) {
		var body struct {
			To      int    `json:"to"`
			Comment string `json:"comment"`
		}
		if err := r.Decode(&body); err != nil {
			return nil, err
		}
		t, err := a.seen(r)
		if err != nil {
			return nil, err
		}
		me := org.Caller(r).ID
		d := &decision{r: r, t: &t, to: body.To, comment: body.Comment}
		d.w, _ = a.Workflows.Find(t.WorkflowVersionID)
		if t.Status != "in_progress" && t.assigned(me, []string{"all"}) {
			return nil, dialect.Invalid("status", "is "+t.Status)
		}
		var ok bool
		if d.who, ok = a.openAssignee(t, d.w, me); !ok {
			return nil, dialect.Stated(dialect.Definition, dialect.Refuse(http.StatusForbidden,
				"the caller is not assigned to the open step"))
		}
		if err := a.mayComment(d.w, action, body.Comment); err != nil {
			return nil, err
		}
		t.Steps = slices.Clone(t.Steps)
		d.step = &t.Steps[t.CurrentStep-1]
		d.step.Assignees = slices.Clone(d.step.Assignees)
		t.LogsCount, t.UpdatedAt = t.LogsCount+1, dialect.FormatTime(r.Now())
		if err := do(d); err != nil {
			return nil, err
		}
		if err := a.Tickets.Set(t); err != nil {
			return nil, err
		}
		if d.comment != "" {
			a.addComment(d.r, t.ID, d.comment, nil)
		}
		a.emit(r, map[string]string{"approve": "ticket_approved", "reject": "ticket_rejected",
			"deny": "ticket_denied"}[action], t)
		if t.Status == "completed" {
			a.emit(r, "ticket_completed", t)
		}
		return a.ticketDetail(r, t, dialect.To(org.Caller(r))), nil
	}
}

// mayComment validates a comment against the workflow's flags: documented, the status inferred.
func (a *API) mayComment(w route.Workflow, action, comment string) error {
	required := map[string]bool{"approve": w.CommentingRequiredOnApproval, "reject": w.CommentingRequiredOnRejection,
		"deny": w.CommentingRequiredOnDenial}[action]
	switch {
	case comment != "" && !*w.CommentingEnabled:
		return dialect.Invalid("comment", "is not allowed by the workflow")
	case required && strings.TrimSpace(comment) == "":
		return dialect.Invalid("comment", dialect.Blank)
	}
	return nil
}

func (a *API) approve(d *decision) error {
	if err := d.t.filled(d.w).CheckDemanded(d.t.SubStatusID); err != nil {
		return err
	}
	assignee := &d.step.Assignees[d.who]
	assignee.Completed, assignee.Pending, assignee.CompletedAt, assignee.ActualApproverID = true, false,
		dialect.To(dialect.FormatTime(a.Now())), org.Caller(d.r).ID
	a.completeIfApproved(d.t)
	return nil
}

// reject returns the ticket: with 0 to its author, with n to that step. Only steps with a decision
// can be returned to, and an assignee who only confirms cannot reject (inferred).
func (a *API) reject(d *decision) error {
	t := d.t
	if err := a.mayTurn(d, "allowRejection"); err != nil {
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
	if err := a.mayTurn(d, "allowDenial"); err != nil {
		return err
	}
	d.t.reset(d.t.CurrentStep)
	d.t.Status, d.t.SubStatusID, d.t.DeniedAt = "denied", "", dialect.To(dialect.FormatTime(a.Now()))
	return nil
}

// mayTurn returns an error if the step only confirms or the sub-status does not allow the action:
// documented, status inferred.
func (a *API) mayTurn(d *decision, flag string) error {
	if d.step.ActionType == "confirm" {
		return dialect.Invalid("base", "the step can only be confirmed")
	}
	return a.subStatusAllows(*d.t, flag)
}

func (a *API) subStatusAllows(t Ticket, flag string) error {
	s, ok := a.subStatuses.Find(t.SubStatusID)
	allowed := map[string]bool{"allowWithdrawal": s.AllowWithdrawal, "allowRejection": s.AllowRejection,
		"allowDenial": s.AllowDenial}[flag]
	if ok && !allowed {
		return dialect.Invalid("base", "the sub-status forbids it")
	}
	return nil
}

// withdraw withdraws the caller's ticket from approval. That it becomes a draft is inferred.
func (a *API) withdraw(r *fake.Request, t Ticket) (any, error) {
	if t.AuthorID != org.Caller(r).ID {
		return nil, dialect.Refuse(http.StatusForbidden, "a ticket is withdrawn by its author")
	}
	if t.Status != "in_progress" {
		return nil, dialect.Invalid("status", "is "+t.Status)
	}
	if err := a.subStatusAllows(t, "allowWithdrawal"); err != nil {
		return nil, err
	}
	t.reset(1)
	t.Status, t.CurrentStep, t.SubStatusID = "draft", 0, ""
	return a.ended(r, t, "ticket_withdrawn")
}

// archive archives a ticket: authors may archive a draft or returned one, administrators any
// (inferred).
func (a *API) archive(r *fake.Request, t Ticket) (any, error) {
	w, _ := a.Workflows.Find(t.WorkflowVersionID)
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
	return a.ended(r, t, "ticket_archived")
}

func (a *API) ended(r *fake.Request, t Ticket, event string) (any, error) {
	t.LogsCount, t.UpdatedAt = t.LogsCount+1, dialect.FormatTime(r.Now())
	if err := a.Tickets.Set(t); err != nil {
		return nil, err
	}
	a.emit(r, event, t)
	return a.ticketDetail(r, t, dialect.To(org.Caller(r))), nil
}
