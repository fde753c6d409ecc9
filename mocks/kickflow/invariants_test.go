package kickflow_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

// player performs random actions on a server.
type player struct {
	*rand.Rand
	t   *testing.T
	srv *fake.TestServer
}

func pick[T any](p player, list ...T) T { return list[p.IntN(len(list))] }

// ids returns the identifiers of a table's rows.
func (p player) ids(table string) (all []string) {
	for _, row := range p.srv.Rows(table) {
		var one struct{ ID string }
		if err := json.Unmarshal(row, &one); err != nil {
			p.t.Fatal(err)
		}
		all = append(all, one.ID)
	}
	return all
}

func (p player) ticket() string { return "/v1/tickets/" + pick(p, p.ids("tickets")...) }
func (p player) user() string   { return pick(p, p.ids("users")...) }
func (p player) chart() string {
	return "/v1/organizationCharts/" + pick(p, p.ids("organizationCharts")...)
}

func (p player) team() string {
	var one struct {
		ID    string `json:"id"`
		Chart string `json:"organizationChartId"`
	}
	rows := p.srv.Rows("teams")
	if err := json.Unmarshal(rows[p.IntN(len(rows))], &one); err != nil {
		p.t.Fatal(err)
	}
	return "/v1/organizationCharts/" + one.Chart + "/teams/" + one.ID
}

// act returns one random request; many of them are rejected.
func (p player) act() call {
	who := pick(p, "", kickflow.MemberToken, kickflow.MemberToken, kickflow.ApproverToken, sato, yamada, p.user())
	status := pick(p, "draft", "in_progress", "in_progress")
	price := fmt.Sprint(p.IntN(600_000) - 2)
	actions := []func() call{
		func() call { return call{as: suzuki, do: "POST /v1/tickets", body: purchaseForm(status, price)} },
		func() call {
			return call{
				as:   suzuki,
				do:   "POST /v1/tickets",
				body: expenseForm(status, pick(p, "交通費", "会議費", "月"), fmt.Sprint(p.IntN(90_000)), "null"),
			}
		},
		func() call { return call{as: who, do: "POST " + p.ticket() + "/approve"} },
		func() call { return call{as: who, do: "POST " + p.ticket() + "/approve"} },
		func() call {
			return call{
				as:   who,
				do:   "POST " + p.ticket() + "/reject",
				body: fmt.Sprintf(`{"to": %d, "comment": "x"}`, p.IntN(3)),
			}
		},
		func() call { return call{as: who, do: "POST " + p.ticket() + "/deny"} },
		func() call { return call{as: who, do: "POST " + p.ticket() + "/withdraw"} },
		func() call { return call{as: who, do: "POST " + p.ticket() + "/archive"} },
		func() call {
			return call{
				as:   who,
				do:   "PATCH " + p.ticket(),
				body: fmt.Sprintf(`{"status": %q}`, pick(p, "draft", "in_progress", "rejected")),
			}
		},
		func() call { return call{as: who, do: "PATCH " + p.ticket(), body: purchaseForm(status, price)} },
		func() call {
			return call{
				as: who,
				do: "PATCH " + p.ticket() + "/form",
				body: `{"inputs": [{"formFieldCode": "memo", "value": "m"}], "slipItems": [` +
					slipRow("x", price, "1") + `]}`,
			}
		},
		func() call { return call{as: who, do: "POST " + p.ticket() + "/comments", body: `{"body": "x"}`} },
		func() call {
			return call{as: who, do: "POST " + p.ticket() + "/viewers", body: `{"userId": "` + p.user() + `"}`}
		},
		func() call {
			return call{
				do:   "POST " + p.team() + "/memberships",
				body: fmt.Sprintf(`{"users": [{"id": %q, "leader": %v}]}`, p.user(), p.IntN(2) == 0),
			}
		},
		func() call {
			return call{do: "DELETE " + p.team() + "/memberships", body: fmt.Sprintf(`{"userIds": [%q]}`, p.user())}
		},
		func() call {
			return call{
				do:   "PATCH " + p.team() + "/memberships/" + p.user(),
				body: fmt.Sprintf(`{"leader": %v, "gradeIds": [%q]}`, p.IntN(2) == 0, staff),
			}
		},
		func() call { return call{do: "POST " + p.chart() + "/teams", body: `{"name": "x"}`} },
		func() call { return call{do: "POST /v1/organizationCharts", body: `{"name": "x"}`} },
		func() call {
			return call{do: "POST " + p.chart() + "/activate", body: pick(p, ``, `{"dueOn": "2026-09-01"}`)}
		},
		func() call { return call{do: "DELETE " + p.chart()} },
		func() call {
			return call{do: "POST /v1/users/" + p.user() + "/" +
				pick(p, "suspend", "reactivate", "reactivate", "reinvite")}
		},
		func() call {
			if p.IntN(4) > 0 {
				return call{do: "GET " + p.ticket()}
			}
			return call{do: "DELETE /v1/users/" + p.user()}
		},
	}
	return pick(p, actions...)()
}

// dump returns all rows as text, without the counter of identifiers, which rejected requests may
// change.
func (p player) dump() map[string]string {
	out := map[string]string{}
	for name, rows := range p.srv.World.Dump()["kickflow"] {
		if name != "_ids" {
			out[name] = string(bytes.Join(toBytes(rows), []byte("\n")))
		}
	}
	return out
}

func toBytes(rows []json.RawMessage) (out [][]byte) {
	for _, row := range rows {
		out = append(out, row)
	}
	return out
}

// hold checks the invariants.
func (p player) hold() {
	current, leaders := 0, map[string]bool{}
	for _, row := range p.srv.Rows("organizationCharts") {
		if strings.Contains(string(row), `"current":true`) {
			current++
		}
	}
	if current != 1 {
		p.t.Errorf("%d current charts", current)
	}
	for _, row := range p.srv.Rows("memberships") {
		var m kickflow.Membership
		if err := json.Unmarshal(row, &m); err != nil {
			p.t.Fatal(err)
		}
		leaders[m.TeamID] = leaders[m.TeamID] || m.Leader
	}
	for team, led := range leaders {
		if !led {
			p.t.Errorf("team %s has members and no leader", team)
		}
	}
	for _, row := range p.srv.Rows("tickets") {
		var ticket kickflow.Ticket
		if err := json.Unmarshal(row, &ticket); err != nil {
			p.t.Fatal(err)
		}
		p.holdTicket(ticket)
	}
}

func (p player) holdTicket(ticket kickflow.Ticket) {
	var open []int
	for _, s := range ticket.Steps {
		if s.Status == "in_progress" {
			open = append(open, s.StepOrder)
		}
		if s.Completed != (s.Status == "completed") || s.Completed != (s.CompletedAt != nil) {
			p.t.Errorf("ticket %s: step %d is %s and completed: %v", ticket.ID, s.StepOrder, s.Status, s.Completed)
		}
	}
	want := []int(nil)
	if ticket.Status == "in_progress" {
		want = []int{ticket.CurrentStep}
	}
	if !slices.Equal(open, want) {
		p.t.Errorf("ticket %s is %s at step %d with open steps %v", ticket.ID, ticket.Status, ticket.CurrentStep, open)
	}
	if (ticket.Status == "completed") != (ticket.CompletedAt != nil) && ticket.Status != "archived" {
		p.t.Errorf("ticket %s is %s and completed at %v", ticket.ID, ticket.Status, ticket.CompletedAt)
	}
	if ticket.SubStatusID != "" && ticket.Status != "in_progress" {
		p.t.Errorf("ticket %s is %s and has a sub-status", ticket.ID, ticket.Status)
	}
}

// TestAnySequenceKeepsTheInvariants performs random actions and checks that exactly one chart is
// current, that a ticket in progress has exactly one open step, that a team with members has a
// leader, and that a rejected action changes nothing.
func TestAnySequenceKeepsTheInvariants(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			p := player{rand.New(rand.NewPCG(seed, 1)), t, newServer(t)}
			p.srv.World.Freeze(time.Date(2026, 8, 25, 0, 0, 0, 0, time.UTC))
			done := 0
			for range 120 {
				if p.IntN(12) == 0 {
					p.srv.World.Advance(time.Duration(p.IntN(48)) * time.Hour)
				}
				c, before := p.act(), p.dump()
				a := send(t, p.srv, c)
				switch {
				case a.status == 200:
					done++
				case a.status >= 500:
					t.Fatalf("%s: %d %s", c.do, a.status, a.body)
				default:
					if after := p.dump(); !maps.Equal(before, after) {
						t.Fatalf("%s was refused with %d and changed (-before +after):\n%.2000s", c.do, a.status,
							cmp.Diff(before, after))
					}
				}
				if p.hold(); t.Failed() {
					t.Fatalf("after %s as %s: %d", c.do, c.as, a.status)
				}
			}
			if done < 20 {
				t.Errorf("only %d of 120 actions were let through", done)
			}
		})
	}
}
