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

// ticketFields returns what lists and details show of a ticket, with a view of its workflow, and with room for as many
// bytes.
func (a *API) ticketFields(t *Ticket, w *route.Workflow, workflow fake.Raw, room int) dialect.Object {
	var subStatus fake.Raw
	if t.Status == "in_progress" {
		subStatus = dialect.Show(a.subStatuses, t.SubStatusID, nil)
	}
	comments := org.FilterRows(a.comments.By("ticket", t.ID),
		func(c *Comment) bool { return c.DeletedAt == nil })
	return slices.Grow(dialect.Fields(&t.TicketFields), len(workflow)+room).Add("subStatus", subStatus).
		Add("author", a.Person(t.AuthorID)).Add("proxyClientUser", a.Person(t.ProxyClientUserID)).
		Add("publicStatus", isPublic(t, w)).Add("workflow", workflow).
		Add("labels", dialect.ShowEach(a.labels, t.LabelIDs, nil)).Add("commentsCount", org.Count(comments)).
		Add("linkedTicketsCount", org.Count(a.links.By("ticket", t.ID)))
}

// ticketView shows a ticket inside another resource.
func (a *API) ticketView(t *Ticket) fake.Raw {
	w := a.workflow(t)
	return a.ticketFields(t, w, a.WorkflowView(w), usualRoom).Raw()
}

// ticketWithSteps shows a row of the table in lists.
func (a *API) ticketWithSteps(t *Ticket) fake.Raw {
	return a.Cached("ticket", t, func() fake.Raw {
		w := a.workflow(t)
		steps := dialect.Array(a.stepViews(t, w, false))
		return a.ticketFields(t, w, a.WorkflowView(w), usualRoom+len(steps)).Add("steps", steps).Raw()
	})
}

// stepViews shows the steps of a ticket. Only the details name the actual approvers: documented.
func (a *API) stepViews(t *Ticket, w *route.Workflow, details bool) (steps []fake.Raw) {
	for i := range t.Steps {
		s := &t.Steps[i]
		var assignees []fake.Raw
		for _, one := range s.Assignees {
			o := make(dialect.Object, 0, 2*usualRoom).Add("id", one.ID).Add("completed", one.Completed).
				Add("completedAt", one.CompletedAt).Add("pending", one.Pending).Add("stepOrder", s.StepOrder).
				Add("current", s.Status == "in_progress").Add("user", a.Person(one.UserID)).
				Add("proxyUserIds", a.ProxiesOf(one.UserID, w))
			if details {
				o = o.Add("actualApprover", a.Person(one.ActualApproverID))
			}
			assignees = append(assignees, o.Raw())
		}
		// custom steps, which the API lacks, have an author
		steps = append(steps, dialect.Fields(&s.TicketStepFields).Add("author", nil).Add("assignees", assignees).Raw())
	}
	return steps
}

// ticketDetail shows all details of a ticket that a reader may see; a nil reader is a receiver of
// webhooks, who sees all.
func (a *API) ticketDetail(r *fake.Request, t *Ticket, reader *org.User) fake.Raw {
	w := a.workflow(t)
	filled := t.filled(w)
	var sections, inputs, slips []fake.Raw
	for _, s := range t.Sections {
		n := slices.IndexFunc(w.SectionList, func(o form.Section) bool { return o.ID == s.SectionID })
		if n < 0 {
			continue
		}
		o, own := &w.SectionList[n], []fake.Raw{}
		viewable := a.sectionViewable(t, o, reader)
		for i := range o.FormFields {
			if in := filled.Input(o.FormFields[i].ID); in != nil && viewable {
				own = append(own, a.inputView(r, &o.FormFields[i], in))
			}
		}
		sections = append(sections, dialect.Fields(s).Add("visible", filled.Visible(a, o)).
			Add("viewRestriction", o.ViewRestriction).Add("allowViewAuthor", o.AllowViewAuthor).
			Add("allowViewApprover", o.AllowViewApprover).Add("viewable", viewable).Add("inputs", own).Raw())
		inputs = append(inputs, own...)
	}
	for i := range t.SlipItems {
		slips = append(slips, a.slipView(r, w, &t.SlipItems[i]))
	}
	steps, path := dialect.Array(a.stepViews(t, w, true)), dialect.Show(a.Routes, t.RouteVersionID, a.RouteDetail)
	parts, all, items := dialect.Array(sections), dialect.Array(inputs), dialect.Array(slips)
	room := 2*usualRoom + len(steps) + len(path) + len(parts) + len(all) + len(items)
	return a.ticketFields(t, w, a.WorkflowInTicket(w), room).Add("steps", steps).
		Add("authorTeam", a.TeamRef(dialect.Deref(t.AuthorTeamID))).Add("route", path).Add("triggerTicket", nil).
		Add("nextTickets", []fake.Raw{}).Add("slipItems", items).Add("ticketSections", parts).
		Add("inputs", all).Add("cloudSignDocument", nil).Add("customNumberingValues", []fake.Raw{}).Raw()
}

// usualRoom is how many bytes a ticket usually takes without its own fields and its longest parts.
const usualRoom = 600

// sectionViewable reports whether a reader sees a section with restricted viewing: the author and
// the approvers if it allows them, and administrators (inferred).
func (a *API) sectionViewable(t *Ticket, s *form.Section, reader *org.User) bool {
	return !s.ViewRestriction || reader == nil || a.Holds(reader.ID, "ticket_read") ||
		s.AllowViewAuthor && (reader.ID == t.AuthorID || reader.ID == t.ProxyClientUserID) ||
		s.AllowViewApprover && t.assigned(reader.ID, []string{"all"})
}

func (a *API) inputView(r *fake.Request, f *form.Field, in *form.Input) fake.Raw {
	settings := a.Cached("field", f, func() fake.Raw { return dialect.Fields(f.FieldSettings).Raw() })
	value, shown := a.resolve(r, f, in)
	return addReferences(make(dialect.Object, 0, usualRoom+len(settings)).Add("id", in.ID).Add("formFieldId", f.ID).
		Add("value", value).Add("formField", settings), f, shown).Raw()
}

func (a *API) slipView(r *fake.Request, w *route.Workflow, row *form.SlipItem) fake.Raw {
	var inputs []fake.Raw
	for _, s := range w.SectionList.Slips() {
		for i := range row.Inputs {
			in := &row.Inputs[i]
			if f := s.Column(in.FieldID); f != nil {
				value, shown := a.resolve(r, f, in)
				inputs = append(inputs, addReferences(dialect.Object(nil).Add("id", in.ID).Add("slipFieldId", f.ID).
					Add("createdAt", in.CreatedAt).Add("updatedAt", in.UpdatedAt).Add("value", value), f, shown).Raw())
			}
		}
	}
	return dialect.Fields(row, "inputs").Add("inputs", inputs).Raw()
}

// resolve returns the value of a field and the rows that it refers to. The value of a reference type is an array:
// documented; that its elements are ids and names is assumed.
func (a *API) resolve(r *fake.Request, f *form.Field, in *form.Input) (value any, shown []fake.Raw) {
	if f.FieldType == "file" {
		return nil, a.attachments(r, in.Refs)
	}
	if _, is := form.ReferenceKeys[f.FieldType]; !is {
		return in.Value, nil
	}
	var names []fake.Raw
	for _, id := range in.Refs {
		if name, row := a.refer(f, id); row != nil {
			shown = append(shown, row)
			names = append(names, dialect.Object(nil).Add("id", id).Add("name", name).Raw())
		}
	}
	return names, shown
}

// refer shows the row that a field refers to and returns its name. Without such a row it shows nothing.
func (a *API) refer(f *form.Field, id string) (name string, shown fake.Raw) {
	switch f.FieldType {
	case "master":
		i, _ := a.Items.Find(id)
		return i.Name, a.ItemRef(id)
	case "user":
		u, _ := a.Users.Find(id)
		return u.FullName, a.Person(id)
	case "team":
		return a.TeamPath(id), a.TeamRef(id)
	case "ticket":
		t, _ := a.Tickets.Find(id)
		return dialect.Deref(t.Title), dialect.Show(a.Tickets, id, a.ticketView)
	}
	return "", nil
}

// addReferences adds the lists of all kinds of rows that fields refer to. Only the one of the field's type has rows.
func addReferences(o dialect.Object, f *form.Field, shown []fake.Raw) dialect.Object {
	for _, list := range []struct{ fieldType, key string }{{"master", "generalMasterItems"}, {"user", "users"},
		{"team", "teams"}, {"ticket", "inputTickets"}, {"file", "attachments"}} {
		if list.fieldType == f.FieldType {
			o = o.Add(list.key, shown)
		} else {
			o = o.Add(list.key, []fake.Raw{})
		}
	}
	return o
}

// mention matches a mention in a comment. Assumed: the vendor does not publish its syntax.
var mention = regexp.MustCompile(`@([a-zA-Z0-9_-]+)`)

func (a *API) commentView(r *fake.Request, c *Comment) fake.Raw {
	var mentioned []fake.Raw
	for _, found := range mention.FindAllStringSubmatch(c.Body, -1) {
		if row := a.Users.One("code", found[1]); row != nil {
			mentioned = append(mentioned, a.Person(row.Value.ID))
		}
	}
	return dialect.Fields(c, "ticketId", "userId", "fileIds").Add("attachments", a.attachments(r, c.FileIDs)).
		Add("user", a.Person(c.UserID)).Add("mentionedUsers", mentioned).Raw()
}
