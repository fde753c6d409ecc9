package ticket

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/mocks/kickflow/route"
)

// begun is a ticket at its second step, which waits for ada.
func begun() Ticket {
	step := func(status string, assignees ...route.Assignee) (s route.TicketStep) {
		s.Status, s.Completed, s.Assignees = status, status == "completed", assignees
		return s
	}
	t := Ticket{AuthorID: "author", Steps: []route.TicketStep{
		step("completed", route.Assignee{ID: "1", UserID: "bob", Completed: true}),
		step("in_progress", route.Assignee{ID: "2", UserID: "ada"},
			route.Assignee{ID: "3", UserID: "bob", Completed: true}),
		step("skipped")}}
	t.Status, t.CurrentStep = "in_progress", 2
	return t
}

func TestAssignments(t *testing.T) {
	t.Parallel()
	ticket := begun()
	for _, tt := range []struct {
		user, state string
		want        bool
	}{
		{"ada", "all", true}, {"ada", "current", true}, {"ada", "approved", false},
		{"bob", "current", false}, {"bob", "approved", true}, {"author", "all", false},
	} {
		if got := ticket.assigned(tt.user, []string{tt.state}); got != tt.want {
			t.Errorf("%s is assigned (%s): %v", tt.user, tt.state, got)
		}
	}
	if task, ok := ticket.task("ada"); !ok || task.ID != "2" {
		t.Errorf("ada's task is %+v", task)
	}
	if _, ok := ticket.task("bob"); ok {
		t.Error("the ticket waits for bob, who has decided")
	}
}

// TestReset checks that steps return to their undecided state and that the ticket before stays as it is.
func TestReset(t *testing.T) {
	t.Parallel()
	for from, want := range map[int][]string{
		0: {"pending", "pending", "skipped"},
		2: {"completed", "pending", "skipped"},
	} {
		before := begun()
		after := before
		after.reset(from)
		var got []string
		for _, s := range after.Steps {
			got = append(got, s.Status)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("from %d (-want +got):\n%s", from, diff)
		}
		if after.Steps[1].Assignees[1].Completed {
			t.Error("a decision of the second step stays")
		}
		if diff := cmp.Diff(begun(), before); diff != "" {
			t.Errorf("the row changed in place:\n%s", diff)
		}
	}
}

func TestApplicant(t *testing.T) {
	t.Parallel()
	ticket := begun()
	if got := ticket.applicant(); got != "author" {
		t.Error(got)
	}
	if ticket.ProxyClientUserID = "client"; ticket.applicant() != "client" {
		t.Error("a ticket is for whom its author represents")
	}
}
