package ticket

import (
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/form"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
	"github.com/afba07b5/mockserver/mocks/kickflow/route"
)

// ViewerOps makes the tables of viewers and adds their operations.
func (a *API) ViewerOps(ops fake.Ops) {
	a.viewers = fake.NewTable(a.State, "viewers", func(v Viewer) string { return v.ID },
		func(v *Viewer) { dialect.SetDefaults(a, &v.ID, nil, &v.CreatedAt, new(string)) })
	org.Index(a.viewers, "ticket", false, func(v Viewer) []string { return []string{v.TicketID} })
	org.Index(a.viewers, "whom", true, func(v Viewer) []string { return []string{whom(v)} })
	known := dialect.Orders[Viewer]{"createdAt": nil}
	ops["listViewers"] = dialect.On(a.seen, func(r *fake.Request, t Ticket) (any, error) {
		return dialect.ListRows(r, a.viewers.By("ticket", t.ID), known, func(v *Viewer) fake.Raw {
			return dialect.Object(nil).Add("id", v.ID).Add("user", a.Person(v.UserID)).
				Add("team", a.TeamRef(v.TeamID)).Add("grade", a.GradeRef(v.GradeID)).
				Add("descendants", v.Descendants).Raw()
		})
	})
	ops["createViewer"] = dialect.OnBody(a.shareable, a.createViewers)
	ops["deleteViewer"] = dialect.On(a.shareable, func(r *fake.Request, t Ticket) (any, error) {
		v, err := a.viewers.Get(strings.ToLower(r.Path("viewerId")))
		if err == nil && v.TicketID != t.ID {
			err = dialect.Absent("the ticket has no such viewer")
		}
		if err == nil {
			a.viewers.Delete(v.ID)
		}
		return nil, err
	})
}

// whom says which ticket a viewer sees, and who it is.
func whom(v Viewer) string { return v.TicketID + "/" + v.UserID + v.TeamID + "/" + v.GradeID }

// shareable returns the path's ticket if its workflow allows editing viewers; the status of the
// error is inferred.
func (a *API) shareable(r *fake.Request) (Ticket, error) {
	t, err := a.seen(r)
	if err == nil && !*a.workflow(&t).AllowEditingOfViewers {
		err = dialect.Forbidden("the workflow does not let viewers be edited")
	}
	return t, err
}

// newViewers has an id or several, of users or of teams.
type newViewers struct {
	UserID, TeamID any
	GradeID        string
	Descendants    bool
}

// createViewers shares a ticket with users or with teams: one of the two, documented. Grade and
// descendants apply to teams only; sharing twice is an error (inferred).
func (a *API) createViewers(_ *fake.Request, t Ticket, body newViewers) (any, error) {
	users := dialect.Lower(form.StringList(body.UserID))
	teams := dialect.Lower(form.StringList(body.TeamID))
	grade := strings.ToLower(body.GradeID)
	switch {
	case (len(users) == 0) == (len(teams) == 0):
		return nil, dialect.Invalid("base", "exactly one of userId and teamId must be sent")
	case len(users) > 0 && grade != "":
		return nil, dialect.Invalid("gradeId", dialect.Wrong)
	case len(users) > 0 && body.Descendants:
		return nil, dialect.Invalid("descendants", dialect.Wrong)
	case grade != "" && !a.Grades.Has(grade):
		return nil, dialect.Invalid("gradeId", dialect.Missing)
	}
	for _, id := range users {
		if !a.Alive(id) {
			return nil, dialect.Invalid("userId", dialect.Missing)
		}
		if _, err := a.viewers.Insert(Viewer{TicketID: t.ID, UserID: id}); err != nil {
			return nil, dialect.Invalid("userId", dialect.Taken)
		}
	}
	for _, id := range teams {
		if a.Teams.Row(id) == nil {
			return nil, dialect.Invalid("teamId", dialect.Missing)
		}
		v := Viewer{TicketID: t.ID, TeamID: id, GradeID: grade, Descendants: body.Descendants}
		if _, err := a.viewers.Insert(v); err != nil {
			return nil, dialect.Invalid("teamId", dialect.Taken)
		}
	}
	return nil, nil
}

// share adds the workflow's viewers when a ticket is submitted, without duplicates.
func (a *API) share(t *Ticket, w *route.Workflow) {
	var all []Viewer
	for _, v := range w.TicketViewers {
		all = append(all, Viewer{UserID: v.UserID, TeamID: v.TeamID, GradeID: v.GradeID})
	}
	managers := a.Managers(t.application(w), route.RouteStep{})
	if w.VisibleToManager == "none" {
		managers = nil
	} else if w.VisibleToManager == "direct" && len(managers) > 1 {
		managers = managers[:1]
	}
	for _, id := range managers {
		all = append(all, Viewer{UserID: id})
	}
	if w.VisibleToTeamMembers {
		all = append(all, Viewer{TeamID: dialect.Deref(t.AuthorTeamID)})
	}
	for _, v := range all {
		v.TicketID = t.ID
		if a.viewers.One("whom", whom(v)) == nil {
			a.viewers.Insert(v) // cannot fail: it was not there
		}
	}
}
