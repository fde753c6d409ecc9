package kickflow

import (
	"net/http"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// application is the body that creates or changes a ticket.
type application struct {
	Status            string  `json:"status"`
	WorkflowID        string  `json:"workflowId"`
	AuthorTeamID      *string `json:"authorTeamId"`
	ProxyClientUserID *string `json:"proxyClientUserId"`
	Title             *string `json:"title"`
	SlipItems         []row   `json:"slipItems"`
	Inputs            []entry `json:"inputs"`
	CloudSignDocument any     `json:"cloudSignDocument"`
	Approvers         []struct {
		RouteStepCode string   `json:"routeStepCode"`
		UserID        []string `json:"userId"`
	} `json:"approvers"`
}

// createTicket creates a draft and submits it if the requested status is in progress.
func (a *api) createTicket(r *fake.Request) (any, error) {
	var body application
	if err := r.Decode(&body); err != nil {
		return nil, err
	}
	w, ok := a.workflowOf(strings.ToLower(body.WorkflowID))
	if !ok || !w.Current || w.Status != "visible" {
		return nil, invalid("workflowId", missing)
	}
	t := Ticket{WorkflowVersionID: w.VersionID, AuthorID: caller(r).ID}
	t.ID, t.Status, t.ForcedPublicType = a.NewID(), "draft", "follow_workflow"
	t.CreatedAt, t.LogsCount = formatTime(r.Now()), 1
	for _, s := range w.SectionList {
		if s.SectionType == "form" {
			t.Sections = append(t.Sections, TicketSection{ID: a.NewID(), SectionID: s.ID})
		}
	}
	e := &editor{api: a, r: r, w: w, t: &t, errors: map[string][]string{}}
	for range w.formFields() {
		if !r.Has("inputs") {
			return nil, invalid("inputs", blank)
		}
	}
	if err := a.write(e, body, body.Status == "in_progress"); err != nil {
		return nil, err
	}
	return a.ticketDetail(r, t, pointerTo(caller(r))), nil
}

// write applies an author's body to a ticket, stores it and, if submit is true, submits it.
func (a *api) write(e *editor, body application, submit bool) error {
	if err := a.head(e, body); err != nil {
		return err
	}
	if e.r.Has("inputs") {
		e.fill(body.Inputs)
	}
	switch {
	case e.r.Has("slipItems"):
		e.fillRows(body.SlipItems)
	case len(e.w.slips()) > 0 && (e.r.Has("inputs") || e.t.UpdatedAt == ""):
		e.wrong("slipItems", blank) // documented: a workflow with slips requires them
	}
	return a.finish(e, submit)
}

// finish computes, validates, routes and stores a ticket, and opens it if submit is true.
func (a *api) finish(e *editor, submit bool) error {
	e.compute()
	if submit {
		e.demand()
	}
	if err := e.err(); err != nil {
		return err
	}
	if err := a.plan(e, submit); err != nil {
		return err
	}
	e.t.UpdatedAt = formatTime(e.Now())
	if submit {
		a.open(e.t)
	}
	if err := a.store(*e.t); err != nil {
		return err
	}
	a.linkInputs(e)
	if submit {
		a.share(*e.t, e.w)
		a.emit(e.r, "ticket_opened", *e.t)
		if e.t.Status == "completed" {
			a.emit(e.r, "ticket_completed", *e.t)
		}
	}
	return nil
}

// store inserts or replaces a ticket.
func (a *api) store(t Ticket) error {
	if a.tickets.Row(t.ID) != nil {
		return a.tickets.Set(t)
	}
	_, err := a.tickets.Insert(t)
	return err
}

// head sets everything except the form: team, represented user, title and chosen approvers.
func (a *api) head(e *editor, body application) error {
	if body.CloudSignDocument != nil {
		return invalid("cloudSignDocument", "is not enabled")
	}
	t := e.t
	if e.r.Has("proxyClientUserId") {
		t.ProxyClientUserID = strings.ToLower(deref(body.ProxyClientUserID))
	}
	if t.ProxyClientUserID != "" && !a.represents(a.proxyApplicants, t.AuthorID, t.ProxyClientUserID, e.w) {
		return invalid("proxyClientUserId", wrong)
	}
	if body.AuthorTeamID != nil {
		t.AuthorTeamID = pointerTo(strings.ToLower(*body.AuthorTeamID))
	}
	if !a.mayApplyFrom(t.applicant(), deref(t.AuthorTeamID)) {
		return invalid("authorTeamId", wrong)
	}
	if !a.available(e.w, t.applicant()) {
		return invalid("workflowId", wrong)
	}
	if e.w.TitleInputMode == "input" && e.r.Has("title") { // other modes ignore a title (inferred)
		t.Title = body.Title
	}
	if e.r.Has("approvers") {
		t.Approvers = map[string][]string{}
		for _, a := range body.Approvers {
			t.Approvers[a.RouteStepCode] = a.UserID
		}
	}
	return nil
}

// applicant returns the user that a ticket is for: the represented user, or else the author
// (inferred for proxied tickets).
func (t *Ticket) applicant() string {
	if t.ProxyClientUserID != "" {
		return t.ProxyClientUserID
	}
	return t.AuthorID
}

// mayApplyFrom reports whether the user may apply from a team of the current chart: members may,
// unless the team only approves. That membership is required is inferred.
func (a *api) mayApplyFrom(user, team string) bool {
	t, ok := a.teams.Find(team)
	return ok && !t.ApproveOnly && t.ChartID == a.currentChart().ID && a.memberships.Row(team+"/"+user) != nil
}

// available reports whether a user may use a workflow.
func (a *api) available(w Workflow, user string) bool {
	if w.AvailableToEveryone {
		return true
	}
	for m := range a.memberships.By("user", user) {
		if a.teamWithin(m.Value.TeamID, w.AvailableTeamIDs) {
			return true
		}
	}
	return false
}

// updateTicket lets the author change a draft or returned ticket, and the current approver the
// approver fields of one in progress: documented.
func (a *api) updateTicket(r *fake.Request) (any, error) {
	var body application
	if err := r.Decode(&body); err != nil {
		return nil, err
	}
	e, err := a.edit(r)
	if err != nil {
		return nil, err
	}
	if e.approver {
		err = a.amend(e, r.Has("inputs"), body.Inputs, r.Has("slipItems"), body.SlipItems)
		return a.shown(e, err)
	}
	if body.Status == "draft" && e.t.Status != "draft" || body.Status == "rejected" && e.t.Status != "rejected" {
		return nil, invalid("status", wrong)
	}
	return a.shown(e, a.write(e, body, body.Status == "in_progress"))
}

func (a *api) shown(e *editor, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return a.ticketDetail(e.r, *e.t, pointerTo(caller(e.r))), nil
}

// edit returns an editor for the path's ticket in the caller's role. In a state that allows no
// change the author gets 422, anyone else 403 (inferred).
func (a *api) edit(r *fake.Request) (*editor, error) {
	t, err := a.seen(r)
	if err != nil {
		return nil, err
	}
	w, _ := a.workflows.Find(t.WorkflowVersionID)
	e := &editor{api: a, r: r, w: w, t: &t, errors: map[string][]string{}}
	me := caller(r).ID
	if t.Status == "in_progress" {
		if _, ok := a.openAssignee(t, w, me); !ok {
			return nil, refuse(http.StatusForbidden, "a ticket in progress is changed by who decides now")
		}
		e.approver = true
		return e, nil
	}
	if me != t.AuthorID {
		return nil, refuse(http.StatusForbidden, "a ticket is changed by its author")
	}
	if t.Status != "draft" && t.Status != "rejected" {
		return nil, invalid("status", "is "+t.Status)
	}
	return e, nil
}

// updateTicketForm changes the fields that are sent and keeps the rest: documented, as are the two
// 400 errors.
func (a *api) updateTicketForm(r *fake.Request) (any, error) {
	var body struct {
		Inputs    []entry `json:"inputs"`
		SlipItems []row   `json:"slipItems"`
	}
	if err := r.Decode(&body); err != nil {
		return nil, err
	}
	if len(body.Inputs) == 0 && len(body.SlipItems) == 0 {
		return nil, &fake.Error{Status: http.StatusBadRequest, Message: "inputs or slipItems must be sent",
			Rule: "a partial update has inputs or slip items", Evidence: fake.Documented, Source: definition}
	}
	e, err := a.edit(r)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, in := range body.Inputs {
		f, ok := e.w.field(in.name())
		if ok && seen[f.ID] {
			return nil, &fake.Error{Status: http.StatusBadRequest, Message: "the field " + f.Code + " is sent twice",
				Rule: "a partial update has each field once", Evidence: fake.Documented, Source: definition}
		}
		seen[f.ID] = true
	}
	e.partial = true
	return a.shown(e, a.amend(e, len(body.Inputs) > 0, body.Inputs, len(body.SlipItems) > 0, body.SlipItems))
}

// amend changes parts of a form. A route that has begun stays, whatever an approver changes
// (inferred).
func (a *api) amend(e *editor, inputs bool, fields []entry, slips bool, rows []row) error {
	if inputs {
		e.fill(fields)
	}
	if slips {
		e.fillRows(rows)
	}
	if !e.approver {
		return a.finish(e, false)
	}
	e.compute()
	if err := e.err(); err != nil {
		return err
	}
	e.t.UpdatedAt = formatTime(e.Now())
	a.linkInputs(e)
	return a.store(*e.t)
}

// linkInputs links the tickets that a field with autoLink refers to.
func (a *api) linkInputs(e *editor) {
	for _, f := range e.w.formFields() {
		in, _ := e.t.input(f.ID)
		for _, id := range in.Refs {
			if f.FieldType != "ticket" || !f.AutoLink || id == e.t.ID || a.links.Row(id+"/"+e.t.ID) != nil ||
				a.links.Row(e.t.ID+"/"+id) != nil {
				continue
			}
			if _, err := a.links.Insert(Link{e.t.ID, id}); err != nil {
				panic(err) // it was not there
			}
		}
	}
}

// chosen returns the users that the author chose for a step, if they are candidates.
func (a *api) chosen(t Ticket, s RouteStep) (ids []string, err error) {
	candidates := a.candidates(t, s)
	for _, id := range t.Approvers[s.Code] {
		if id = strings.ToLower(id); !slices.Contains(candidates, id) {
			return nil, invalid("approvers."+s.Code, unlisted)
		}
		ids = append(ids, id)
	}
	return ids, nil
}
