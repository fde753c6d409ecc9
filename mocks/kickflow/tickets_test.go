package kickflow_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/fake"
)

// Workflows, routes and fields of the default seed.
const (
	purchase = "40000000-0000-4000-8000-000000000001"
	expense1 = "40000000-0000-4000-8000-000000000002" // the version before
	expense  = "40000000-0000-4000-8000-000000000003"
	purpose  = "42000000-0000-4000-8000-000000000001"
	slipID   = "41000000-0000-4000-8000-000000000002"
	aoki     = "82000000-0000-4000-8000-000000000001"
)

// purchaseForm is the form of a purchase request with one row, and inputs replaced or added by code.
func purchaseForm(status, price string, change ...string) string {
	inputs := map[string]string{
		"purpose": `"value": "改装"`, "needed_by": `"value": null`, "vendor": `"generalMasterItemId": null`,
		"total": `"value": ""`, "options": `"value": []`, "memo": `"value": null`,
	}
	order := []string{"purpose", "needed_by", "vendor", "total", "options", "memo"}
	for _, c := range change {
		code, rest, _ := strings.Cut(c, " ")
		if inputs[code] == "" {
			order = append(order, code)
		}
		inputs[code] = rest
	}
	var all []string
	for _, code := range order {
		if inputs[code] != "-" {
			all = append(all, fmt.Sprintf(`{"formFieldCode": %q, %s}`, code, inputs[code]))
		}
	}
	return fmt.Sprintf(`{"status": %q, "workflowId": %q, "authorTeamId": %q, "title": "椅子", "inputs": [%s], "slipItems": [%s]}`,
		status, purchase, sales1, strings.Join(all, ", "), slipRow("椅子", price, "2"))
}

func slipRow(item, price, quantity string) string {
	return fmt.Sprintf(`{"slipSectionCode": "items", "inputs": [{"slipFieldCode": "item", "value": %q}, {"slipFieldCode": "price", "value": %q}, {"slipFieldCode": "quantity", "value": %q}]}`, item, price, quantity)
}

// expenseForm is the form of an expense.
func expenseForm(status, kind, amount, attendees string) string {
	return fmt.Sprintf(`{"status": %q, "workflowId": %q, "authorTeamId": %q, "inputs": [{"formFieldCode": "spent_on", "value": "2026-08-01"}, {"formFieldCode": "kind", "value": %q},
		{"formFieldCode": "amount", "value": %q}, {"formFieldCode": "receipt", "files": []}, {"formFieldCode": "attendees", "userId": %s}]}`, status, expense, sales1, kind, amount, attendees)
}

// apply creates a ticket as a user and returns its path.
func apply(t testing.TB, srv *fake.TestServer, as, body string) string {
	t.Helper()
	a := send(t, srv, call{as: as, do: "POST /v1/tickets", body: body})
	if a.status != 200 {
		t.Fatalf("applying: %d %s", a.status, a.body)
	}
	_, rest, _ := strings.Cut(a.body, `"id":"`)
	return "/v1/tickets/" + rest[:36]
}

func TestApprovalStory(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	srv.World.Freeze(time.Date(2026, 8, 21, 1, 0, 0, 0, time.UTC))
	ticket := apply(t, srv, suzuki, purchaseForm("draft", "30000"))
	for _, c := range []call{
		{as: suzuki, do: "GET " + ticket, want: `{"status": "draft", "ticketNumber": null, "currentStep": 0, "openedAt": null, "title": "椅子", "author": {"code": "suzuki"}, "authorTeam": {"code": "sales-1"},
			"steps": [{"status": "pending", "assignees": [{"user": {"code": "tanaka"}}]}, {"status": "pending"}],
			"slipItems": [{"inputs": [{"value": "椅子"}, {"value": "30000"}, {"value": "2"}, {"value": "60000"}]}],
			"inputs": [{"value": "改装", "formField": {"code": "purpose"}}, {}, {}, {"value": "60000"}, {"value": null}, {"value": null}]}`},
		{as: tanaka, do: "GET " + ticket, status: 404},
		{as: suzuki, do: "PATCH " + ticket, body: `{"status": "in_progress"}`, want: `{"status": "in_progress", "currentStep": 1, "steps": [{"status": "in_progress", "completed": false}, {"status": "pending"}], "subStatus": null}`},
		{as: suzuki, do: "POST " + ticket + "/approve", status: 403},
		{as: sato, do: "POST " + ticket + "/approve", status: 403},
		{as: tanaka, do: "GET /v1/tickets/tasks?ticketNumber=P-2026-4", want: `[{"title": "椅子"}]`},
		{as: tanaka, do: "POST " + ticket + "/approve", body: `{"comment": "どうぞ"}`, want: `{"status": "in_progress", "currentStep": 2, "commentsCount": 1, "subStatus": {"code": "accounting"},
			"steps": [{"status": "completed", "completed": true, "assignees": [{"completed": true, "current": false, "actualApprover": {"code": "tanaka"}}]}, {"status": "in_progress"}]}`},
		{as: tanaka, do: "POST " + ticket + "/approve", status: 403},
		{as: sato, do: "POST " + ticket + "/approve", want: `{"status": "completed", "subStatus": null, "steps": [{"status": "completed"}, {"status": "completed", "assignees": [{"completed": true}, {"completed": false}]}]}`},
		{as: sato, do: "POST " + ticket + "/approve", status: 422},
		{as: suzuki, do: "PATCH " + ticket, body: `{"title": "x"}`, status: 422},
		{as: suzuki, do: "GET " + ticket + "/comments", want: `[{"body": "どうぞ", "user": {"code": "tanaka"}}]`},
	} {
		check(t, srv, c)
	}
}
