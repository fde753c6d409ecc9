package ticket

import (
	"regexp"
	"slices"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/form"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
	"github.com/afba07b5/mockserver/mocks/kickflow/route"
)

type ticketView struct {
	TicketFields
	SubStatus          *SubStatus     `json:"subStatus"`
	Author             *org.PlainUser `json:"author"`
	ProxyClientUser    *org.PlainUser `json:"proxyClientUser"`
	PublicStatus       bool           `json:"publicStatus"`
	Workflow           any            `json:"workflow"`
	Labels             []Label        `json:"labels"`
	CommentsCount      int            `json:"commentsCount"`
	LinkedTicketsCount int            `json:"linkedTicketsCount"`
}

type ticketWithSteps struct {
	ticketView
	Steps []stepView `json:"steps"`
}

type ticketDetail struct {
	ticketWithSteps
	AuthorTeam            *org.TeamView      `json:"authorTeam"`
	Route                 *route.RouteDetail `json:"route"`
	TriggerTicket         dialect.Hidden     `json:"triggerTicket"`
	NextTickets           []ticketView       `json:"nextTickets"`
	SlipItems             []slipView         `json:"slipItems"`
	TicketSections        []sectionShow      `json:"ticketSections"`
	Inputs                []inputView        `json:"inputs"`
	CloudSignDocument     dialect.Hidden     `json:"cloudSignDocument"`
	CustomNumberingValues []any              `json:"customNumberingValues"`
}

type stepView struct {
	route.TicketStepFields
	Author    dialect.Hidden `json:"author"` // of custom steps, which the API lacks
	Assignees []assigneeView `json:"assignees"`
}

type assigneeView struct {
	route.Assignee
	UserID           dialect.Hidden `json:"userId,omitempty"`
	ActualApproverID dialect.Hidden `json:"actualApproverId,omitempty"`
	AssignedAt       dialect.Hidden `json:"assignedAt,omitempty"`
	StepOrder        int            `json:"stepOrder"`
	Current          bool           `json:"current"`
	User             *org.PlainUser `json:"user"`
	ProxyUserIDs     []string       `json:"proxyUserIds"`
	ActualApprover   any            `json:"actualApprover,omitempty"` // in the details only: documented
}

// references are the rows that an input of a reference type refers to.
type references struct {
	GeneralMasterItems []org.ItemView  `json:"generalMasterItems"`
	Users              []org.PlainUser `json:"users"`
	Teams              []org.TeamView  `json:"teams"`
	InputTickets       []ticketView    `json:"inputTickets"`
	Attachments        []attachment    `json:"attachments"`
}

type inputView struct {
	ID          string             `json:"id"`
	FormFieldID string             `json:"formFieldId"`
	Value       any                `json:"value"`
	FormField   form.FieldSettings `json:"formField"`
	references
}

type slipView struct {
	form.SlipItem
	Inputs []slipInputView `json:"inputs"`
}

type slipInputView struct {
	ID          string `json:"id"`
	SlipFieldID string `json:"slipFieldId"`
	CreatedAt   string `json:"createdAt"`
	UpdatedAt   string `json:"updatedAt"`
	Value       any    `json:"value"`
	references
}

type sectionShow struct {
	TicketSection
	Visible           bool        `json:"visible"`
	ViewRestriction   bool        `json:"viewRestriction"`
	AllowViewAuthor   bool        `json:"allowViewAuthor"`
	AllowViewApprover bool        `json:"allowViewApprover"`
	Viewable          bool        `json:"viewable"`
	Inputs            []inputView `json:"inputs"`
}

func (a *API) ticketView(t Ticket) ticketView {
	w, _ := a.Workflows.Find(t.WorkflowVersionID)
	v := ticketView{TicketFields: t.TicketFields, Author: a.Person(t.AuthorID),
		ProxyClientUser: a.Person(t.ProxyClientUserID),
		PublicStatus:    isPublic(t, w), Workflow: a.WorkflowView(w), Labels: dialect.Views(a.labels, t.LabelIDs,
			dialect.AsStored)}
	if s, ok := a.subStatuses.Find(t.SubStatusID); ok && t.Status == "in_progress" {
		v.SubStatus = &s
	}
	for c := range a.comments.By("ticket", t.ID) {
		if c.Value.DeletedAt == nil {
			v.CommentsCount++
		}
	}
	for range a.links.By("ticket", t.ID) {
		v.LinkedTicketsCount++
	}
	return v
}

func (a *API) ticketWithSteps(t Ticket) ticketWithSteps {
	v := ticketWithSteps{ticketView: a.ticketView(t), Steps: []stepView{}}
	w, _ := a.Workflows.Find(t.WorkflowVersionID)
	for _, s := range t.Steps {
		shown := stepView{TicketStepFields: s.TicketStepFields, Assignees: []assigneeView{}}
		for _, assignee := range s.Assignees {
			shown.Assignees = append(shown.Assignees,
				assigneeView{Assignee: assignee, StepOrder: s.StepOrder, Current: s.Status == "in_progress",
					User: a.Person(assignee.UserID), ProxyUserIDs: a.ProxiesOf(assignee.UserID, w)})
		}
		v.Steps = append(v.Steps, shown)
	}
	return v
}

// ticketDetail returns all details of a ticket that a reader may see; a nil reader is a receiver of
// webhooks, who sees all.
func (a *API) ticketDetail(r *fake.Request, t Ticket, reader *org.User) ticketDetail {
	w, _ := a.Workflows.Find(t.WorkflowVersionID)
	d := ticketDetail{ticketWithSteps: a.ticketWithSteps(t), AuthorTeam: a.TeamRef(dialect.Deref(t.AuthorTeamID)),
		NextTickets: []ticketView{},
		SlipItems:   []slipView{}, TicketSections: []sectionShow{}, Inputs: []inputView{},
		CustomNumberingValues: []any{}}
	d.Workflow = a.WorkflowInTicket(w)
	for i, s := range t.Steps {
		for n, assignee := range s.Assignees {
			d.Steps[i].Assignees[n].ActualApprover = a.Person(assignee.ActualApproverID)
		}
	}
	if route, ok := a.Routes.Find(t.RouteVersionID); ok {
		d.Route = dialect.To(a.RouteDetail(route))
	}
	filled := t.filled(w)
	for _, s := range t.Sections {
		n := slices.IndexFunc(w.SectionList, func(o form.Section) bool { return o.ID == s.SectionID })
		if n < 0 {
			continue
		}
		o := w.SectionList[n]
		shown := sectionShow{TicketSection: s, ViewRestriction: o.ViewRestriction, AllowViewAuthor: o.AllowViewAuthor,
			AllowViewApprover: o.AllowViewApprover,
			Visible:           filled.Visible(a, o), Viewable: a.sectionViewable(t, o, reader),
			Inputs: []inputView{}}
		for _, f := range o.FormFields {
			if in, ok := filled.Input(f.ID); ok && shown.Viewable {
				shown.Inputs = append(shown.Inputs, a.inputView(r, f, in))
			}
		}
		d.TicketSections, d.Inputs = append(d.TicketSections, shown), append(d.Inputs, shown.Inputs...)
	}
	for _, row := range t.SlipItems {
		d.SlipItems = append(d.SlipItems, a.slipView(r, w, row))
	}
	return d
}

// sectionViewable reports whether a reader sees a section with restricted viewing: the author and
// the approvers if it allows them, and administrators (inferred).
func (a *API) sectionViewable(t Ticket, s form.Section, reader *org.User) bool {
	if !s.ViewRestriction || reader == nil || a.Holds(reader.ID, "ticket_read") {
		return true
	}
	if s.AllowViewAuthor && (reader.ID == t.AuthorID || reader.ID == t.ProxyClientUserID) {
		return true
	}
	return s.AllowViewApprover && t.assigned(reader.ID, []string{"all"})
}

func (a *API) inputView(r *fake.Request, f form.Field, in form.Input) inputView {
	v := inputView{ID: in.ID, FormFieldID: f.ID, FormField: f.FieldSettings}
	v.Value, v.references = a.resolve(r, f, in)
	return v
}

func (a *API) slipView(r *fake.Request, w route.Workflow, row form.SlipItem) slipView {
	v := slipView{SlipItem: row, Inputs: []slipInputView{}}
	for _, s := range w.SectionList.Slips() {
		for _, in := range row.Inputs {
			if f, ok := s.Column(in.FieldID); ok {
				shown := slipInputView{ID: in.ID, SlipFieldID: f.ID, CreatedAt: in.CreatedAt, UpdatedAt: in.UpdatedAt}
				shown.Value, shown.references = a.resolve(r, f, in)
				v.Inputs = append(v.Inputs, shown)
			}
		}
	}
	return v
}

// resolve replaces references by the referenced objects. The value of a reference type is an array:
// documented; that its elements are ids and names is assumed.
func (a *API) resolve(r *fake.Request, f form.Field, in form.Input) (value any, refs references) {
	refs = references{[]org.ItemView{}, []org.PlainUser{}, []org.TeamView{}, []ticketView{}, []attachment{}}
	cached := []map[string]string{}
	keep := func(id, name string) { cached = append(cached, map[string]string{"id": id, "name": name}) }
	for _, id := range in.Refs {
		switch f.FieldType {
		case "master":
			if i := a.ItemRef(id); i != nil {
				refs.GeneralMasterItems = append(refs.GeneralMasterItems, *i)
				keep(id, i.Name)
			}
		case "user":
			if u := a.Person(id); u != nil {
				refs.Users = append(refs.Users, *u)
				keep(id, u.FullName)
			}
		case "team":
			if t := a.TeamRef(id); t != nil {
				refs.Teams = append(refs.Teams, *t)
				keep(id, t.FullName)
			}
		case "ticket":
			if t, ok := a.Tickets.Find(id); ok {
				refs.InputTickets = append(refs.InputTickets, a.ticketView(t))
				keep(id, dialect.Deref(t.Title))
			}
		}
	}
	if f.FieldType == "file" {
		refs.Attachments = a.attachments(r, in.Refs)
		return nil, refs
	}
	if _, is := form.ReferenceKeys[f.FieldType]; is {
		return cached, refs
	}
	return in.Value, refs
}

type commentView struct {
	Comment
	TicketID       dialect.Hidden  `json:"ticketId,omitempty"`
	UserID         dialect.Hidden  `json:"userId,omitempty"`
	FileIDs        dialect.Hidden  `json:"fileIds,omitempty"`
	Attachments    []attachment    `json:"attachments"`
	User           *org.PlainUser  `json:"user"`
	MentionedUsers []org.PlainUser `json:"mentionedUsers"`
}

// mention matches a mention in a comment. Assumed: the vendor does not publish its syntax.
var mention = regexp.MustCompile(`@([a-zA-Z0-9_-]+)`)

func (a *API) commentView(r *fake.Request, c Comment) commentView {
	v := commentView{Comment: c, Attachments: a.attachments(r, c.FileIDs), User: a.Person(c.UserID),
		MentionedUsers: []org.PlainUser{}}
	for _, found := range mention.FindAllStringSubmatch(c.Body, -1) {
		if row := a.Users.One("code", found[1]); row != nil {
			v.MentionedUsers = append(v.MentionedUsers, org.PlainUser{User: row.Value})
		}
	}
	return v
}
