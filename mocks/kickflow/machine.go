package kickflow

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// The life of a ticket: draft → in_progress → completed or denied; in_progress → rejected (back with the
// author) or draft (withdrawn), and from there in_progress again; anything → archived.

// open submits a ticket: it gets its number and goes to the first step that waits for somebody.
func (k *api) open(t *Ticket) {
	t.Status, t.LogsCount = "in_progress", t.LogsCount+1
	t.OpenedAt = cmp.Or(t.OpenedAt, ptr(stamp(k.Now())))
	if w, _ := k.workflows.Find(t.WorkflowVersionID); t.TicketNumber == nil {
		t.TicketNumber = ptr(k.number(w, *t)) // numbered when opened: inferred
	}
	k.advance(t, 1)
}

// advance opens the first step, from that number on, which waits for somebody; steps without confirmation
// pass by themselves, and behind the last one the ticket is completed.
func (k *api) advance(t *Ticket, from int) {
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
			k.pass(s)
			continue
		}
		s.Status, s.Assignees = "in_progress", slices.Clone(s.Assignees)
		for n := range s.Assignees {
			s.Assignees[n].AssignedAt = ptr(stamp(k.Now()))
		}
		return
	}
	t.Status, t.SubStatusID = "completed", ""
	t.CompletedAt = ptr(stamp(k.Now()))
	t.ClosedAt = t.CompletedAt
}

func (k *api) pass(s *TicketStep) {
	s.Status, s.Completed, s.CompletedAt = "completed", true, ptr(stamp(k.Now()))
}

// needed is how many must agree. Inferred: with a number and a percentage of zero, one; never more than
// there are.
func (s *TicketStep) needed() int {
	n := s.RequiredApprovalsNumber
	if n <= 0 {
		n = (len(s.Assignees)*s.RequiredApprovalsPercent + 99) / 100
	}
	return min(max(n, 1), max(len(s.Assignees), 1))
}

func (s *TicketStep) approvals() (n int) {
	for _, a := range s.Assignees {
		if a.Completed {
			n++
		}
	}
	return n
}

// settle completes the open step once enough agree.
func (k *api) settle(t *Ticket) {
	s := &t.Steps[t.CurrentStep-1]
	if s.approvals() >= s.needed() {
		k.pass(s)
		k.advance(t, t.CurrentStep+1)
	}
}

// reset takes the steps from that number on back to where nobody decided.
func (t *Ticket) reset(from int) {
	t.Steps = slices.Clone(t.Steps)
	for i := max(from, 1); i <= len(t.Steps); i++ {
		s := &t.Steps[i-1]
		if s.Status == "skipped" {
			continue
		}
		s.Status, s.Completed, s.CompletedAt, s.Assignees = "pending", false, nil, slices.Clone(s.Assignees)
		for n, a := range s.Assignees {
			s.Assignees[n] = Assignee{ID: a.ID, UserID: a.UserID}
		}
	}
}

// number counts the tickets of a workflow, all its versions together, and writes the number as the workflow
// says. The year of [fyear] begins in April (assumed).
func (k *api) number(w Workflow, t Ticket) string {
	n, ok := k.numbers.Find(w.Code)
	n.WorkflowCode, n.Last = w.Code, n.Last+1
	if ok {
		ok = k.numbers.Set(n) == nil
	} else {
		_, err := k.numbers.Insert(n)
		ok = err == nil
	}
	if !ok {
		panic("kickflow: the counter of " + w.Code + " cannot be stored") // it is there or not
	}
	year, month, date := t.CreatedAt[:4], t.CreatedAt[5:7], t.CreatedAt[8:10]
	fiscal, _ := strconv.Atoi(year)
	if month < "04" {
		fiscal--
	}
	return strings.NewReplacer("[year]", year, "[month]", month, "[day]", date, "[fyear]", strconv.Itoa(fiscal), "[number]", strconv.Itoa(n.Last)).
		Replace(cmp.Or(given(w.TicketNumberFormat), "[number]"))
}

// openAssignee is the place of the assignee of the open step for whom the user decides: the user's own, or
// one that the user is a proxy of.
func (k *api) openAssignee(t Ticket, w Workflow, user string) (int, bool) {
	if t.Status != "in_progress" || t.CurrentStep == 0 {
		return 0, false
	}
	assignees := t.Steps[t.CurrentStep-1].Assignees
	for n, a := range assignees {
		if a.UserID == user && !a.Completed {
			return n, true
		}
	}
	for n, a := range assignees {
		if !a.Completed && k.represents(k.proxyApprovers, user, a.UserID, w) {
			return n, true
		}
	}
	return 0, false
}

// decision is an approver's act on the open step.
type decision struct {
	r       *fake.Request
	w       Workflow
	t       *Ticket
	step    *TicketStep
	who     int
	to      int
	comment string
}

// decide does what approving, rejecting and denying have in common. Documented: 403 for whoever is not
// assigned. A wrong state is 422 (inferred).
func (k *api) decide(action string, do func(*decision) error) fake.Handler {
	return func(r *fake.Request) (any, error) {
		var body struct {
			To      int    `json:"to"`
			Comment string `json:"comment"`
		}
		if err := r.Decode(&body); err != nil {
			return nil, err
		}
		t, err := k.seen(r)
		if err != nil {
			return nil, err
		}
		me := caller(r).ID
		d := &decision{r: r, t: &t, to: body.To, comment: body.Comment}
		d.w, _ = k.workflows.Find(t.WorkflowVersionID)
		if t.Status != "in_progress" && t.assigned(me, []string{"all"}) {
			return nil, invalid("status", "is "+t.Status)
		}
		var ok bool
		if d.who, ok = k.openAssignee(t, d.w, me); !ok {
			return nil, stated(definition, refuse(http.StatusForbidden, "the caller is not assigned to the open step"))
		}
		if err := k.mayComment(d.w, action, body.Comment); err != nil {
			return nil, err
		}
		t.Steps = slices.Clone(t.Steps)
		d.step = &t.Steps[t.CurrentStep-1]
		d.step.Assignees = slices.Clone(d.step.Assignees)
		t.LogsCount, t.UpdatedAt = t.LogsCount+1, stamp(r.Now())
		if err := do(d); err != nil {
			return nil, err
		}
		if err := k.tickets.Set(t); err != nil {
			return nil, err
		}
		if d.comment != "" {
			k.addComment(d.r, t.ID, d.comment, nil)
		}
		k.emit(r, map[string]string{"approve": "ticket_approved", "reject": "ticket_rejected", "deny": "ticket_denied"}[action], t)
		if t.Status == "completed" {
			k.emit(r, "ticket_completed", t)
		}
		return k.ticketDetail(r, t, ptr(caller(r))), nil
	}
}

// mayComment checks a comment against the workflow's flags: documented, the status inferred.
func (k *api) mayComment(w Workflow, action, comment string) error {
	required := map[string]bool{"approve": w.CommentingRequiredOnApproval, "reject": w.CommentingRequiredOnRejection, "deny": w.CommentingRequiredOnDenial}[action]
	switch {
	case comment != "" && !*w.CommentingEnabled:
		return invalid("comment", "is not allowed by the workflow")
	case required && strings.TrimSpace(comment) == "":
		return invalid("comment", blank)
	}
	return nil
}

func (k *api) approve(d *decision) error {
	if err := k.demanded(d.w, *d.t); err != nil {
		return err
	}
	a := &d.step.Assignees[d.who]
	a.Completed, a.Pending, a.CompletedAt, a.ActualApproverID = true, false, ptr(stamp(k.Now())), caller(d.r).ID
	k.settle(d.t)
	return nil
}

// reject sends the ticket back: to 0 to its author, to n to that step. Only steps that somebody decided at
// can be gone back to, and who confirms cannot reject (inferred).
func (k *api) reject(d *decision) error {
	t := d.t
	if err := k.mayTurn(d, "allowRejection"); err != nil {
		return err
	}
	if d.to < 0 || d.to >= t.CurrentStep {
		return invalid("to", wrong)
	}
	if d.to == 0 {
		t.reset(1)
		t.Status, t.CurrentStep, t.SubStatusID = "rejected", 0, ""
		return nil
	}
	if back := t.Steps[d.to-1]; back.Status == "skipped" || back.ActionType == "none" {
		return invalid("to", wrong)
	}
	t.SubStatusID = t.Steps[d.to-1].Before // documented: the one from before that step
	t.reset(d.to)
	k.advance(t, d.to)
	return nil
}

func (k *api) deny(d *decision) error {
	if err := k.mayTurn(d, "allowDenial"); err != nil {
		return err
	}
	d.t.reset(d.t.CurrentStep)
	d.t.Status, d.t.SubStatusID, d.t.DeniedAt = "denied", "", ptr(stamp(k.Now()))
	return nil
}

// mayTurn refuses where the step only confirms, or where the sub-status forbids: documented, status inferred.
func (k *api) mayTurn(d *decision, flag string) error {
	if d.step.ActionType == "confirm" {
		return invalid("base", "the step can only be confirmed")
	}
	return k.subStatusAllows(*d.t, flag)
}

func (k *api) subStatusAllows(t Ticket, flag string) error {
	s, ok := k.subStatuses.Find(t.SubStatusID)
	allowed := map[string]bool{"allowWithdrawal": s.AllowWithdrawal, "allowRejection": s.AllowRejection, "allowDenial": s.AllowDenial}[flag]
	if ok && !allowed {
		return invalid("base", "the sub-status forbids it")
	}
	return nil
}

// withdraw takes the author's own ticket out of approval. That it becomes a draft is inferred.
func (k *api) withdraw(r *fake.Request) (any, error) {
	t, err := k.seen(r)
	if err != nil {
		return nil, err
	}
	if t.AuthorID != caller(r).ID {
		return nil, refuse(http.StatusForbidden, "a ticket is withdrawn by its author")
	}
	if t.Status != "in_progress" {
		return nil, invalid("status", "is "+t.Status)
	}
	if err := k.subStatusAllows(t, "allowWithdrawal"); err != nil {
		return nil, err
	}
	t.reset(1)
	t.Status, t.CurrentStep, t.SubStatusID = "draft", 0, ""
	return k.ended(r, t, "ticket_withdrawn")
}

// archive puts a ticket away: the author a draft or returned one, an administrator any (inferred).
func (k *api) archive(r *fake.Request) (any, error) {
	t, err := k.seen(r)
	if err != nil {
		return nil, err
	}
	w, _ := k.workflows.Find(t.WorkflowVersionID)
	own := t.AuthorID == caller(r).ID && (t.Status == "draft" || t.Status == "rejected")
	if !own {
		if err := k.scoped(r, "ticket_write", func(p Permission) bool { return k.folderWithin(w.FolderID, p.FolderIDs) }); err != nil {
			return nil, err
		}
	}
	if t.Status == "archived" || t.Status == "permanently_deleted" {
		return nil, invalid("status", "is "+t.Status)
	}
	k.putAway(&t)
	return k.ended(r, t, "ticket_archived")
}

func (k *api) putAway(t *Ticket) {
	if t.Status == "in_progress" {
		t.reset(t.CurrentStep)
	}
	t.Status, t.SubStatusID, t.ArchivedAt = "archived", "", ptr(stamp(k.Now()))
	t.ClosedAt = cmp.Or(t.CompletedAt, t.ArchivedAt)
}

func (k *api) ended(r *fake.Request, t Ticket, event string) (any, error) {
	t.LogsCount, t.UpdatedAt = t.LogsCount+1, stamp(r.Now())
	if err := k.tickets.Set(t); err != nil {
		return nil, err
	}
	k.emit(r, event, t)
	return k.ticketDetail(r, t, ptr(caller(r))), nil
}

// leaveTickets is what deactivating a user does: their own unfinished tickets are archived (documented), and
// where others wait for them they are not waited for any more (inferred), unless nobody else is there.
func (k *api) leaveTickets(user string) {
	for _, t := range slices.Collect(k.tickets.All()) {
		before := t.UpdatedAt
		switch {
		case t.AuthorID == user && (t.Status == "draft" || t.Status == "in_progress" || t.Status == "rejected"):
			k.putAway(&t)
			t.UpdatedAt = stamp(k.Now())
		case t.Status == "in_progress":
			k.unassign(&t, user)
		}
		if t.UpdatedAt == before {
			continue
		}
		if err := k.tickets.Set(t); err != nil {
			panic(err) // it was there a moment ago
		}
	}
}

func (k *api) unassign(t *Ticket, user string) {
	t.Steps = slices.Clone(t.Steps)
	for i := t.CurrentStep; i <= len(t.Steps); i++ {
		s := &t.Steps[i-1]
		left := slices.DeleteFunc(slices.Clone(s.Assignees), func(a Assignee) bool { return a.UserID == user && !a.Completed })
		if len(left) == 0 || len(left) == len(s.Assignees) {
			continue
		}
		s.Assignees, t.UpdatedAt = left, stamp(k.Now())
	}
	if t.UpdatedAt == stamp(k.Now()) {
		k.settle(t)
	}
}
