package kickflow

import (
	"fmt"
	"slices"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
	"github.com/afba07b5/mockserver/mocks/kickflow/ticket"
)

// The functions below do what the vendor's screens do and its API cannot. Call them with the State
// of a test server:
//
//	err := srv.State.Change(func() error { return kickflow.SignIn(srv.State, "takahashi") })

// SignIn performs a user's first sign-in: an invited user becomes activated.
func SignIn(s *fake.State, idOrCode string) error {
	a := fake.Of[api](s)
	u, err := org.FindRow(a.Users, idOrCode)
	if err != nil {
		return err
	}
	if u.Status != "invited" {
		return fmt.Errorf("kickflow: user %s is %s, not invited", u.Code, u.Status)
	}
	u.Status, u.UpdatedAt, u.LastUsedOn = "activated", dialect.FormatTime(s.Now()), new(dialect.Day(s.Now()))
	return a.Users.Set(u)
}

// PublishWorkflow stores the next version of the workflow with that code, or its first. Empty
// identifiers are generated; tickets keep their version.
func PublishWorkflow(s *fake.State, w Workflow) error {
	a := fake.Of[api](s)
	w.Current, w.VersionNumber = true, 1
	if row := a.Workflow(w.Code); row != nil {
		old := *row
		w.VersionNumber, old.Current = old.VersionNumber+1, false
		if err := a.Workflows.Set(old); err != nil {
			return err
		}
	}
	_, err := a.Workflows.Insert(w)
	return err
}

// SetLabels replaces the labels of a ticket.
func SetLabels(s *fake.State, ticketID string, labelIDs ...string) error {
	_, err := table.Update(fake.Of[api](s).Tickets, ticketID, func(t ticket.Ticket) (ticket.Ticket, error) {
		t.LabelIDs = slices.Clone(labelIDs)
		return t, nil
	})
	return err
}

// Hold puts the open assignment of a user on hold, or resumes it.
func Hold(s *fake.State, ticketID, userID string, on bool) error {
	return fake.Of[api](s).Hold(ticketID, userID, on)
}

// Ping sends the event ping to a webhook, as the vendor's test button does.
func Ping(s *fake.State, webhookID, userID string) error {
	return fake.Of[api](s).Ping(webhookID, userID)
}
