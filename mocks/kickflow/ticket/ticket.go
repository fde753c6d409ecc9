package ticket

import (
	"net/http"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
	"github.com/afba07b5/mockserver/mocks/kickflow/route"
)

// API is this part of the fake in one world.
type API struct {
	*route.API
	files       *fake.Table[File]
	Tickets     *fake.Table[Ticket]
	labels      *fake.Table[Label]
	subStatuses *fake.Table[SubStatus]
	numbers     *fake.Table[numbering]
	links       *fake.Table[Link]
	viewers     *fake.Table[Viewer]
	comments    *fake.Table[Comment]
	webhooks    *fake.Table[Webhook]
}

// New makes this part of the fake; its operations make the tables.
func New(s *fake.State) *API {
	a := &API{API: route.New(s)}
	a.Left = func(userID string) {
		a.leaveTickets(userID)
		a.BreakRoutes()
	}
	return a
}

// seen returns the path's ticket. One that the caller may not see is a 404 (inferred).
func (a *API) seen(r *fake.Request) (Ticket, error) {
	t, err := a.Tickets.Get(strings.ToLower(r.Path("ticketId")))
	if err == nil && !a.sees(org.Caller(r), t) {
		return t, dialect.Refuse(http.StatusNotFound, "the caller may not see this ticket")
	}
	return t, err
}

// sees reports whether a user may see a ticket: documented (the permission to edit tickets shows
// none by itself: support.kickflow.com, 16029464994329). Drafts and tickets that were never
// submitted are visible only to their author, proxies and administrators (inferred).
func (a *API) sees(u org.User, t Ticket) bool {
	w, _ := a.Workflows.Find(t.WorkflowVersionID)
	inScope := func(p org.Permission) bool { return a.FolderWithin(w.FolderID, p.FolderIDs) }
	switch {
	case u.ID == t.AuthorID, u.ID == t.ProxyClientUserID, a.Represents(a.ProxyApplicants, u.ID, t.AuthorID, w):
		return true
	case a.Manages(u.ID, "ticket_read", inScope):
		return true
	case t.Status == "draft" || t.OpenedAt == nil:
		return false
	case isPublic(t, w):
		return true
	}
	for _, s := range t.Steps {
		for _, assignee := range s.Assignees {
			if assignee.UserID == u.ID || a.Represents(a.ProxyApprovers, u.ID, assignee.UserID, w) {
				return true
			}
		}
	}
	return a.isViewer(u.ID, t.ID)
}

func isPublic(t Ticket, w route.Workflow) bool {
	return t.ForcedPublicType == "forced_public" || t.ForcedPublicType == "follow_workflow" && w.PublicTicket
}

// isViewer reports whether a ticket is shared with a user, or with a team of the user.
func (a *API) isViewer(user, ticket string) bool {
	for row := range a.viewers.By("ticket", ticket) {
		v := row.Value
		if v.UserID == user {
			return true
		}
		for m := range a.Memberships.By("user", user) {
			inTeam := m.Value.TeamID == v.TeamID || v.Descendants && a.TeamWithin(m.Value.TeamID, []string{v.TeamID})
			if v.TeamID != "" && inTeam &&
				(v.GradeID == "" || a.GradeFits(m.Value, route.Target{GradeIDs: []string{v.GradeID}})) {
				return true
			}
		}
	}
	return false
}
