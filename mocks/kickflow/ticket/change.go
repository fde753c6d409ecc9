package ticket

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/form"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
	"github.com/afba07b5/mockserver/mocks/kickflow/route"
)

// entries is the part of a body that fills in a form.
type entries struct {
	SlipItems []form.Row   `json:"slipItems"`
	Inputs    []form.Entry `json:"inputs"`
}

// application is the body that creates or changes a ticket.
type application struct {
	entries
	Status            string  `json:"status"`
	WorkflowID        string  `json:"workflowId"`
	AuthorTeamID      *string `json:"authorTeamId"`
	ProxyClientUserID *string `json:"proxyClientUserId"`
	Title             *string `json:"title"`
	CloudSignDocument any     `json:"cloudSignDocument"`
	Approvers         []struct {
		RouteStepCode string   `json:"routeStepCode"`
		UserID        []string `json:"userId"`
	} `json:"approvers"`
}

// change is a change of a ticket's form.
type change struct {
	*form.Editor
	r *fake.Request
	w *route.Workflow
	t *Ticket
}

func (a *API) newChange(r *fake.Request, w *route.Workflow, t *Ticket) *change {
	return &change{form.NewEditor(t.filled(w), formRows{a, r, t}, w.Overwritable), r, w, t}
}

// formRows answers what a form asks of the world, for the ticket of a request.
type formRows struct {
	*API
	r *fake.Request
	t *Ticket
}

func (f formRows) Exists(field *form.Field, id string) bool {
	switch field.FieldType {
	case "master":
		i, ok := f.Items.Find(id)
		return ok && (field.GeneralMasterID == "" || i.MasterID == field.GeneralMasterID)
	case "user":
		return f.Alive(id)
	case "team":
		t, ok := f.Teams.Find(id)
		return ok && t.ChartID == f.CurrentChart().ID
	}
	t, ok := f.Tickets.Find(id)
	return ok && f.sees(org.Caller(f.r).ID, &t) &&
		(len(field.AllowedTicketStatus) == 0 || slices.Contains(field.AllowedTicketStatus, t.Status)) &&
		(len(field.SelectableWorkflowCodes) == 0 ||
			slices.Contains(field.SelectableWorkflowCodes, f.workflow(&t).Code))
}

func (f formRows) Filename(id string) string {
	file, _ := f.files.Find(id)
	return file.Filename
}

func (f formRows) Attach(ids []string) bool { return f.attach("", ids, f.t.ID) == nil }

func (f formRows) Text(field *form.Field, id string) (string, bool) {
	name, row := f.refer(field, id)
	return name, row != nil && field.FieldType != "ticket"
}

// Variable returns a person of the ticket ($author and $proxyClientUser: client Rextlab/kickflow).
func (f formRows) Variable(name string) (person map[string]any) {
	id := map[string]string{"author": f.t.AuthorID, "proxyClientUser": f.t.ProxyClientUserID}[name]
	if id == "" {
		return nil
	}
	if err := json.Unmarshal(f.Person(id), &person); err != nil {
		panic(err) // users are never removed
	}
	return person
}

// createTicket creates a draft and submits it if the requested status is in progress.
func (a *API) createTicket(r *fake.Request) (any, error) {
	var body application
	if err := r.Decode(&body); err != nil {
		return nil, err
	}
	w := a.WorkflowByID(strings.ToLower(body.WorkflowID))
	if w == nil || !w.Current || w.Status != "visible" {
		return nil, dialect.Invalid("workflowId", dialect.Missing)
	}
	t := Ticket{WorkflowVersionID: w.VersionID, AuthorID: org.Caller(r).ID}
	t.ID, t.Status, t.ForcedPublicType = a.NewID(), "draft", "follow_workflow"
	t.CreatedAt, t.LogsCount = dialect.FormatTime(r.Now()), 1
	for _, s := range w.SectionList {
		if s.SectionType == "form" {
			t.Sections = append(t.Sections, TicketSection{ID: a.NewID(), SectionID: s.ID})
		}
	}
	e := a.newChange(r, w, &t)
	for range w.SectionList.Fields() {
		if !r.Has("inputs") {
			return nil, dialect.Invalid("inputs", dialect.Blank)
		}
	}
	return a.shown(e, a.write(e, body, body.Status == "in_progress"))
}

// write applies an author's body to a ticket, stores it and, if submit is true, submits it.
func (a *API) write(e *change, body application, submit bool) error {
	if err := a.head(e, body); err != nil {
		return err
	}
	if e.r.Has("inputs") {
		e.Fill(body.Inputs)
	}
	switch {
	case e.r.Has("slipItems"):
		e.FillRows(body.SlipItems)
	case len(e.Slips()) > 0 && (e.r.Has("inputs") || e.t.UpdatedAt == ""):
		e.Wrong("slipItems", dialect.Blank) // documented: a workflow with slips requires them
	}
	return a.finish(e, submit)
}

// finish computes, validates, routes and stores a ticket, and opens it if submit is true.
func (a *API) finish(e *change, submit bool) error {
	e.apply()
	if submit {
		e.Demand()
	}
	if err := e.Err(); err != nil {
		return err
	}
	var err error // a draft has no route if the branching refuses: documented
	if e.t.RouteVersionID, e.t.Steps, err = a.Plan(e.t.application(e.w), submit); err != nil {
		return err
	}
	e.t.UpdatedAt = dialect.FormatTime(a.Now())
	if submit {
		a.open(e.t)
	}
	if err := org.Put(a.Tickets, *e.t); err != nil {
		return err
	}
	a.linkInputs(e)
	if submit {
		a.share(e.t, e.w)
		a.emit(e.r, "ticket_opened", e.t)
		if e.t.Status == "completed" {
			a.emit(e.r, "ticket_completed", e.t)
		}
	}
	return nil
}

// apply computes what the form computes and moves its values into the ticket.
func (e *change) apply() {
	e.Compute()
	if e.w.TitleInputMode == "calculate" {
		e.t.Title = new(e.Title(dialect.Deref(e.w.TitleFormula)))
	}
	e.t.Inputs, e.t.SlipItems = e.Inputs, e.SlipItems
}

// head sets everything except the form: team, represented user, title and chosen approvers.
func (a *API) head(e *change, body application) error {
	if body.CloudSignDocument != nil {
		return dialect.Invalid("cloudSignDocument", "is not enabled")
	}
	t := e.t
	if e.r.Has("proxyClientUserId") {
		t.ProxyClientUserID = strings.ToLower(dialect.Deref(body.ProxyClientUserID))
	}
	if t.ProxyClientUserID != "" && !a.Represents(a.ProxyApplicants, t.AuthorID, t.ProxyClientUserID, e.w) {
		return dialect.Invalid("proxyClientUserId", dialect.Wrong)
	}
	if body.AuthorTeamID != nil {
		t.AuthorTeamID = new(strings.ToLower(*body.AuthorTeamID))
	}
	if !a.mayApplyFrom(t.applicant(), dialect.Deref(t.AuthorTeamID)) {
		return dialect.Invalid("authorTeamId", dialect.Wrong)
	}
	if !a.available(e.w, t.applicant()) {
		return dialect.Invalid("workflowId", dialect.Wrong)
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

// mayApplyFrom reports whether the user may apply from a team of the current chart: members may,
// unless the team only approves. That membership is required is inferred.
func (a *API) mayApplyFrom(user, team string) bool {
	t, ok := a.Teams.Find(team)
	return ok && !t.ApproveOnly && t.ChartID == a.CurrentChart().ID && a.Memberships.Row(team+"/"+user) != nil
}

// available reports whether a user may use a workflow.
func (a *API) available(w *route.Workflow, user string) bool {
	if w.AvailableToEveryone {
		return true
	}
	for m := range a.Memberships.By("user", user) {
		if a.TeamWithin(m.Value.TeamID, w.AvailableTeamIDs) {
			return true
		}
	}
	return false
}

// updateTicket lets the author change a draft or returned ticket, and the current approver the
// approver fields of one in progress: documented.
func (a *API) updateTicket(_ *fake.Request, e *change, body application) (any, error) {
	if e.Approver {
		return a.shown(e, a.amend(e, body.entries))
	}
	if body.Status == "draft" && e.t.Status != "draft" || body.Status == "rejected" && e.t.Status != "rejected" {
		return nil, dialect.Invalid("status", dialect.Wrong)
	}
	return a.shown(e, a.write(e, body, body.Status == "in_progress"))
}

func (a *API) shown(e *change, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return a.ticketDetail(e.r, e.t, org.Caller(e.r)), nil
}

// edit returns a change of the path's ticket in the caller's role. In a state that allows no
// change the author gets 422, anyone else 403 (inferred).
func (a *API) edit(r *fake.Request) (*change, error) {
	t, err := a.seen(r)
	if err != nil {
		return nil, err
	}
	w := a.workflow(&t)
	e := a.newChange(r, w, &t)
	me := org.Caller(r).ID
	if t.Status == "in_progress" {
		if _, ok := a.openAssignee(&t, w, me); !ok {
			return nil, dialect.Forbidden("a ticket in progress is changed by who decides now")
		}
		e.Approver = true
		return e, nil
	}
	if me != t.AuthorID {
		return nil, dialect.Forbidden("a ticket is changed by its author")
	}
	if t.Status != "draft" && t.Status != "rejected" {
		return nil, dialect.Invalid("status", "is "+t.Status)
	}
	return e, nil
}

// updateTicketForm changes the fields that are sent and keeps the rest: documented, as is the 400 for
// a body without any.
func (a *API) updateTicketForm(r *fake.Request) (any, error) {
	var body entries
	if err := r.Decode(&body); err != nil {
		return nil, err
	}
	if len(body.Inputs) == 0 && len(body.SlipItems) == 0 {
		return nil, dialect.Stated(dialect.Definition, dialect.Malformed(
			"inputs or slipItems must be sent", "a partial update has inputs or slip items"))
	}
	e, err := a.edit(r)
	if err != nil {
		return nil, err
	}
	e.Partial = true
	return a.shown(e, a.amend(e, body))
}

// amend changes parts of a form. A route that has begun stays, whatever an approver changes
// (inferred).
func (a *API) amend(e *change, body entries) error {
	if len(body.Inputs) > 0 {
		e.Fill(body.Inputs)
	}
	if len(body.SlipItems) > 0 {
		e.FillRows(body.SlipItems)
	}
	if !e.Approver {
		return a.finish(e, false)
	}
	e.apply()
	if err := e.Err(); err != nil {
		return err
	}
	e.t.UpdatedAt = dialect.FormatTime(a.Now())
	a.linkInputs(e)
	return org.Put(a.Tickets, *e.t)
}

// linkInputs links the tickets that a field with autoLink refers to.
func (a *API) linkInputs(e *change) {
	for _, f := range e.Fields() {
		in := e.Input(f.ID)
		if in == nil || f.FieldType != "ticket" || !f.AutoLink {
			continue
		}
		for _, id := range in.Refs {
			if id == e.t.ID || a.links.Row(id+"/"+e.t.ID) != nil || a.links.Row(e.t.ID+"/"+id) != nil {
				continue
			}
			if _, err := a.links.Insert(Link{e.t.ID, id}); err != nil {
				panic(err) // it was not there
			}
		}
	}
}
