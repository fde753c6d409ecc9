package kickflow_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

// Workflows, routes and fields of the default seed.
const (
	purchase = "40000000-0000-4000-8000-000000000001"
	expense1 = "40000000-0000-4000-8000-000000000002" // the previous version
	expense  = "40000000-0000-4000-8000-000000000003"
	purpose  = "42000000-0000-4000-8000-000000000001"
	slipID   = "41000000-0000-4000-8000-000000000002"
	aoki     = "82000000-0000-4000-8000-000000000001"
)

// purchaseForm returns the form of a purchase request with one row, with the given inputs replaced
// or added by code.
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
	return fmt.Sprintf(
		`{"status": %q, "workflowId": %q, "authorTeamId": %q, "title": "椅子", "inputs": [%s], "slipItems": [%s]}`,
		status, purchase, sales1, strings.Join(all, ", "), slipRow("椅子", price, "2"))
}

func slipRow(item, price, quantity string) string {
	return fmt.Sprintf(`{"slipSectionCode": "items", "inputs": [{"slipFieldCode": "item", "value": %q},`+
		` {"slipFieldCode": "price", "value": %q}, {"slipFieldCode": "quantity", "value": %q}]}`, item, price, quantity)
}

// expenseForm returns the form of an expense.
func expenseForm(status, kind, amount, attendees string) string {
	return fmt.Sprintf(`{"status": %q, "workflowId": %q, "authorTeamId": %q, `+
		`"inputs": [{"formFieldCode": "spent_on", "value": "2026-08-01"}, {"formFieldCode": "kind", "value": %q},
		{"formFieldCode": "amount", "value": %q}, {"formFieldCode": "receipt", "files": []},`+
		` {"formFieldCode": "attendees", "userId": %s}]}`, status, expense, sales1, kind, amount, attendees)
}

// refusedOptions sends a value of the field options that is invalid.
func refusedOptions(ticket, value string) call {
	return call{as: suzuki, do: "PATCH " + ticket + "/form", status: 422,
		body: `{"inputs": [{"formFieldCode": "options", "value": ` + value + `}]}`,
		want: `{"errors": {"inputs.options": ["is invalid"]}}`}
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
		{as: suzuki, do: "GET " + ticket, want: `{"status": "draft", "ticketNumber": null, "currentStep": 0,
 "openedAt": null, "title": "椅子", "author": {"code": "suzuki"}, "authorTeam": {"code": "sales-1"},
			"steps": [{"status": "pending", "assignees": [{"user": {"code": "tanaka"}}]}, {"status": "pending"}],
			"slipItems": [{"inputs": [{"value": "椅子"}, {"value": "30000"}, {"value": "2"}, {"value": "60000"}]}],
			"inputs": [{"value": "改装", "formField": {"code": "purpose"}}, {}, {}, {"value": "60000"},
			 {"value": null}, {"value": null}]}`},
		{as: tanaka, do: "GET " + ticket, status: 404},
		{
			as:   suzuki,
			do:   "PATCH " + ticket,
			body: `{"status": "in_progress"}`,
			want: `{"status": "in_progress", "currentStep": 1, "steps": [{"status": "in_progress",` +
				` "completed": false}, {"status": "pending"}], "subStatus": null}`,
		},
		{as: suzuki, do: "POST " + ticket + "/approve", status: 403},
		{as: sato, do: "POST " + ticket + "/approve", status: 403},
		{as: tanaka, do: "GET /v1/tickets/tasks?ticketNumber=P-2026-4", want: `[{"title": "椅子"}]`},
		{as: tanaka, do: "POST " + ticket + "/approve", body: `{"comment": "どうぞ"}`, want: `{"status": "in_progress",
 "currentStep": 2, "commentsCount": 1, "subStatus": {"code": "accounting"},
			"steps": [{"status": "completed", "completed": true, "assignees": [{"completed": true, "current": false,
			 "actualApprover": {"code": "tanaka"}}]}, {"status": "in_progress"}]}`},
		{as: tanaka, do: "POST " + ticket + "/approve", status: 403},
		{
			as: sato,
			do: "POST " + ticket + "/approve",
			want: `{"status": "completed", "subStatus": null, "steps": [{"status": "completed"},` +
				` {"status": "completed", "assignees": [{"completed": true}, {"completed": false}]}]}`,
		},
		{as: sato, do: "POST " + ticket + "/approve", status: 422},
		{as: suzuki, do: "PATCH " + ticket, body: `{"title": "x"}`, status: 422},
		{as: suzuki, do: "GET " + ticket + "/comments", want: `[{"body": "どうぞ", "user": {"code": "tanaka"}}]`},
	} {
		check(t, srv, c)
	}
}

func TestForms(t *testing.T) {
	t.Parallel()
	apply := func(body string, status int, want string) []call {
		return []call{{as: suzuki, do: "POST /v1/tickets", body: body, status: status, want: want}}
	}
	errs := func(field, message string) string {
		return fmt.Sprintf(`{"code": "validation_failed", "errors": {%q: [%q]}}`, field, message)
	}
	rules(t, []rule{
		{
			name:  "all fields must be listed, computed ones too",
			calls: apply(purchaseForm("draft", "1", "total -"), 422, errs("inputs.total", "must be sent")),
		},
		{
			name: "what is required is demanded on submission",
			calls: apply(purchaseForm("in_progress", "1", `purpose "value": ""`), 422,
				errs("inputs.purpose", "can't be blank")),
		},
		{
			name:  "a draft may be incomplete",
			calls: apply(purchaseForm("draft", "1", `purpose "value": null`), 200, `{"status": "draft"}`),
		},
		{
			name: "a length is checked in drafts too",
			calls: apply(purchaseForm("draft", "1", `purpose "value": "`+strings.Repeat("長", 101)+`"`), 422,
				errs("inputs.purpose", "is too long (maximum is 100 characters)")),
		},
		{name: "a checkbox takes an array of options",
			calls: append(apply(purchaseForm("draft", "1", `options "value": "至急"`), 422,
				errs("inputs.options", "is invalid")),
				apply(purchaseForm("draft", "1", `options "value": ["x"]`), 422,
					errs("inputs.options", "is not included in the list"))...)},
		{
			name: "a date is a date",
			calls: apply(purchaseForm("draft", "1", `needed_by "value": "2026-02-30"`), 422,
				errs("inputs.needed_by", "is invalid")),
		},
		{name: "an item must be of the field's master",
			calls: append(apply(purchaseForm("draft", "1", `vendor "generalMasterItemId": "`+suzuki+`"`), 422,
				errs("inputs.vendor", "must exist")),
				apply(purchaseForm("draft", "1", `vendor "generalMasterItemId": ["`+aoki+`"]`), 200,
					`{"inputs": [{}, {}, {"value": [{"id": "`+aoki+
						`", "name": "青木文具"}], "generalMasterItems": [{"code": "aoki"}]}, {}, {}, {}]}`)...)},
		{
			name: "an unknown field is refused",
			calls: apply(purchaseForm("draft", "1", `moon "value": "x"`), 400,
				`{"code": "invalid_parameter", "message": "フィールドコードが不正です"}`),
		},
		{
			name: "a field given twice is refused",
			calls: apply(strings.Replace(purchaseForm("draft", "1"), `"inputs": [`,
				`"inputs": [{"formFieldCode": "purpose", "value": "x"}, `, 1), 422,
				errs("inputs.purpose", "has already been taken")),
		},
		{
			name: "an author cannot fill an approver's field",
			calls: apply(purchaseForm("draft", "1", `memo "value": "mine"`), 200,
				`{"inputs": [{}, {}, {}, {}, {}, {"value": null}]}`),
		},
		{
			name: "columns have types and limits",
			calls: append(apply(purchaseForm("draft", "1.5"), 422, errs("slipItems.price", "must be an integer")),
				apply(purchaseForm("draft", "0"), 422,
					errs("slipItems.price", "must be greater than or equal to 1"))...),
		},
		{
			name:  "numbers are stored as text and computed",
			calls: apply(purchaseForm("draft", "499999"), 200, `{"inputs": [{}, {}, {}, {"value": "999998"}, {}, {}]}`),
		},
		{name: "the branching may refuse with its own message",
			calls: append(apply(purchaseForm("in_progress", "500000"), 422, errs("base", "百万円以上は稟議で申請してください")),
				apply(purchaseForm("draft", "500000"), 200, `{"route": null, "steps": []}`)...)},
		{
			name: "a slip workflow needs slip items",
			calls: apply(strings.Replace(purchaseForm("draft", "1"), "slipItems", "slips", 1), 422,
				errs("slipItems", "can't be blank")),
		},
		{
			name: "inputs may be left out only where there are no fields",
			calls: apply(strings.Replace(purchaseForm("draft", "1"), `"inputs"`, `"fields"`, 1), 422,
				errs("inputs", "can't be blank")),
		},
		{
			name:  "the title is the author's where the workflow lets it be",
			calls: apply(expenseForm("draft", "交通費", "300", "null"), 200, `{"title": "交通費 300円"}`),
		},
		{
			name: "a hidden section demands nothing",
			calls: apply(expenseForm("in_progress", "交通費", "300", "null"), 200,
				`{"ticketSections": [{"visible": true}, {"visible": false}]}`),
		},
		{name: "a shown section demands what is required",
			calls: append(apply(expenseForm("in_progress", "会議費", "300", "null"), 422,
				errs("inputs.attendees", "can't be blank")),
				apply(expenseForm("in_progress", "会議費", "300", `["`+tanaka+`"]`), 200,
					`{"ticketSections": [{"visible": true}, {"visible": true}]}`)...)},
		{name: "the team must be the applicant's and let them apply",
			calls: append(apply(strings.Replace(purchaseForm("draft", "1"), sales1, finance, 1), 422,
				errs("authorTeamId", "is invalid")),
				call{
					do: "POST /v1/tickets",
					body: strings.Replace(purchaseForm("draft", "1"), sales1, "d0000000-0000-4000-8000-000000000005",
						1),
					status: 422,
				})},
		{name: "an old version or an invisible workflow takes no tickets",
			calls: append(apply(strings.Replace(purchaseForm("draft", "1"), purchase, expense1, 1), 422,
				errs("workflowId", "must exist")),
				apply(strings.Replace(purchaseForm("draft", "1"), purchase, "40000000-0000-4000-8000-000000000004", 1),
					422, errs("workflowId", "must exist"))...)},
		{
			name:  "only drafts and submissions can be created",
			calls: apply(purchaseForm("completed", "1"), 422, errs("status", "is not included in the list")),
		},
		{
			name: "CloudSign is not enabled",
			calls: apply(strings.Replace(purchaseForm("draft", "1"), `"title"`,
				`"cloudSignDocument": {"id": "x", "title": "x", "sandbox": "true"}, "title"`, 1), 422,
				errs("cloudSignDocument", "is not enabled")),
		},
	})
}

func TestUpdatesOfTickets(t *testing.T) {
	t.Parallel()
	const draft, waiting, returned, done = "/v1/tickets/70000000-0000-4000-8000-000000000007",
		"/v1/tickets/70000000-0000-4000-8000-000000000006", "/v1/tickets/70000000-0000-4000-8000-000000000004",
		"/v1/tickets/70000000-0000-4000-8000-000000000001"
	rules(t, []rule{
		{name: "PATCH replaces the whole form", calls: []call{
			{
				as:     suzuki,
				do:     "PATCH " + draft,
				body:   `{"inputs": [{"formFieldCode": "purpose", "value": "x"}], "slipItems": []}`,
				status: 422,
			},
			{
				as:   suzuki,
				do:   "PATCH " + draft,
				body: purchaseForm("draft", "700"),
				want: `{"inputs": [{"value": "改装"}, {}, {}, {"value": "1400"}, {}, {}]}`,
			},
		}},
		{
			name: "PATCH of inputs alone lacks the slip items",
			calls: []call{{as: suzuki, do: "PATCH " + draft,
				body: strings.Replace(purchaseForm("draft", "700"), "slipItems", "x", 1), status: 422}},
		},
		{name: "PATCH form changes what is sent", calls: []call{
			{
				as:   suzuki,
				do:   "PATCH " + draft + "/form",
				body: `{"inputs": [{"formFieldId": "` + purpose + `", "formFieldCode": "ignored", "value": "別"}]}`,
				want: `{"inputs": [{"value": "別"}, {}, {}, {"value": "2400"}, {}, {}]}`,
			},
			{
				as:   suzuki,
				do:   "PATCH " + draft + "/form",
				body: `{"slipItems": [` + slipRow("卓", "5", "2") + `, ` + slipRow("灯", "7", "1") + `]}`,
				want: `{"inputs": [{"value": "別"}, {}, {}, {"value": "17"}, {}, {}], "slipItems": [{}, {}]}`,
			},
			{
				as:   suzuki,
				do:   "PATCH " + draft + "/form",
				body: `{"inputs": [{"formFieldCode": "options", "value": ["追加"]}], "title": 5}`,
				want: `{"slipItems": [{}, {}]}`,
			},
		}},
		{name: "PATCH form leaves the values of a checkbox that are no texts to the rules of the field", calls: []call{
			refusedOptions(draft, `[1]`), refusedOptions(draft, `["追加", null]`), refusedOptions(draft, `true`),
			{as: suzuki, do: "PATCH " + draft + "/form",
				body: `{"inputs": [{"formFieldCode": "options", "value": []}]}`,
				want: `{"inputs": [{}, {}, {}, {}, {"value": null}, {}]}`},
		}},
		{name: "PATCH form with nothing, or the same field twice, is 400", calls: []call{
			{as: suzuki, do: "PATCH " + draft + "/form", body: `{}`, status: 400},
			{as: suzuki, do: "PATCH " + draft + "/form", body: `{"inputs": [], "slipItems": []}`, status: 400},
			{
				as: suzuki,
				do: "PATCH " + draft + "/form",
				body: `{"inputs": [{"formFieldCode": "purpose", "value": "1"}, {"formFieldId": "` + purpose +
					`", "value": "2"}]}`,
				status: 400,
			},
		}},
		{
			name: "PATCH form needs the section of a row",
			calls: []call{{as: suzuki, do: "PATCH " + draft + "/form", body: `{"slipItems": [` +
				strings.Replace(slipRow("卓", "5", "2"), `"slipSectionCode": "items", `, "", 1) + `]}`, status: 400}},
		},
		{
			name: "a row without section belongs to the first one elsewhere",
			calls: []call{{as: suzuki, do: "PATCH " + draft,
				body: strings.Replace(purchaseForm("draft", "9"), `"slipSectionCode": "items", `, "", 1),
				want: `{"slipItems": [{"slipSectionId": "` + slipID + `"}]}`}},
		},
		{name: "an approver fills the approver's fields only", calls: []call{
			{
				as:   tanaka,
				do:   "PATCH " + waiting,
				body: `{"title": "ignored", "inputs": [{"formFieldCode": "memo", "value": "要確認"}]}`,
				want: `{"title": "椅子", "inputs": [{"value": "展示会の卓上旗"}, {}, {}, {}, {}, {"value": "要確認"}]}`,
			},
			{
				as:     tanaka,
				do:     "PATCH " + waiting,
				body:   `{"inputs": [{"formFieldCode": "purpose", "value": "x"}]}`,
				status: 422,
			},
			{
				as:   tanaka,
				do:   "PATCH " + waiting + "/form",
				body: `{"inputs": [{"formFieldCode": "memo", "value": null}]}`,
				want: `{"inputs": [{}, {}, {}, {}, {}, {"value": null}]}`,
			},
			{
				as:     tanaka,
				do:     "PATCH " + waiting + "/form",
				body:   `{"slipItems": [` + slipRow("卓", "5", "2") + `]}`,
				status: 422,
			},
			{as: suzuki, do: "PATCH " + waiting, body: `{"title": "x"}`, status: 403},
		}},
		{name: "a returned ticket can be saved or submitted again, not made a draft", calls: []call{
			{as: suzuki, do: "PATCH " + returned, body: `{"status": "draft"}`, status: 422},
			{as: suzuki, do: "PATCH " + returned, body: `{"status": "rejected"}`, want: `{"status": "rejected"}`},
			{
				as:   suzuki,
				do:   "PATCH " + returned,
				body: `{"status": "in_progress"}`,
				want: `{"status": "in_progress", "ticketNumber": "2", "openedAt": "2026-08-10T13:00:00.000+09:00"}`,
			},
		}},
		{
			name: "others cannot change a ticket, nor its author a closed one",
			calls: []call{{do: "PATCH " + draft, body: `{"title": "x"}`, status: 403},
				{as: suzuki, do: "PATCH " + done, body: `{"title": "x"}`, status: 422}},
		},
	})
}

func TestDecisions(t *testing.T) {
	t.Parallel()
	const first, second, expenseDone = "/v1/tickets/70000000-0000-4000-8000-000000000006",
		"/v1/tickets/70000000-0000-4000-8000-000000000005", "/v1/tickets/70000000-0000-4000-8000-000000000001"
	rules(t, []rule{
		{name: "back to the author", calls: []call{
			{
				as:   tanaka,
				do:   "POST " + first + "/reject",
				body: `{"to": 0, "comment": "なぜ"}`,
				want: `{"status": "rejected", "currentStep": 0, "commentsCount": 1, ` +
					`"steps": [{"status": "pending", "assignees": [{"completed": false}]}, {"status": "pending"}]}`,
			},
			{as: tanaka, do: "POST " + first + "/approve", status: 422},
		}},
		{name: "back to a step, with the sub-status of before it", calls: []call{
			{
				as:   sato,
				do:   "POST " + second + "/reject",
				body: `{"to": 1}`,
				want: `{"status": "in_progress", "currentStep": 1, "subStatus": null, ` +
					`"steps": [{"status": "in_progress",` +
					` "completed": false, "assignees": [{"completed": false, "actualApprover": null}]},` +
					` {"status": "pending"}]}`,
			},
		}},
		{name: "back to the same step or further is refused", calls: []call{
			{as: sato, do: "POST " + second + "/reject", body: `{"to": 2}`, status: 422},
			{
				as:     sato,
				do:     "POST " + second + "/reject",
				body:   `{"to": -1}`,
				status: 422,
			}, {as: sato, do: "POST " + second + "/reject", body: `{}`, status: 422},
			{as: sato, do: "POST " + second + "/reject", body: `{"to": "1"}`, status: 400},
		}},
		{name: "denied for good", calls: []call{
			{
				as:   tanaka,
				do:   "POST " + first + "/deny",
				body: `{"comment": "不要"}`,
				want: `{"status": "denied", "closedAt": null, "subStatus": null}`,
			},
			{as: tanaka, do: "POST " + first + "/approve", status: 422},
			{as: suzuki, do: "POST " + first + "/withdraw", status: 422},
		}},
		{
			name:  "a sub-status may forbid withdrawing",
			calls: []call{{as: suzuki, do: "POST " + second + "/withdraw", status: 422}},
		},
		{name: "withdrawing makes a draft, by the author only", calls: []call{
			{as: tanaka, do: "POST " + first + "/withdraw", status: 403},
			{
				as:   suzuki,
				do:   "POST " + first + "/withdraw",
				want: `{"status": "draft", "currentStep": 0, "ticketNumber": "P-2026-3"}`,
			},
			{as: tanaka, do: "GET " + first, status: 404},
		}},
		{name: "archiving is the author's for drafts, the administrator's for the rest", calls: []call{
			{as: suzuki, do: "POST " + first + "/archive", status: 403},
			{
				do:   "POST " + first + "/archive",
				want: `{"status": "archived", "steps": [{"status": "pending"}, {"status": "pending"}]}`,
			},
			{do: "POST " + first + "/archive", status: 422},
			{
				do:   "POST " + expenseDone + "/archive",
				want: `{"status": "archived", "closedAt": "2026-08-03T15:30:00.000+09:00"}`,
			},
			{
				as:   suzuki,
				do:   "POST /v1/tickets/70000000-0000-4000-8000-000000000007/archive",
				want: `{"status": "archived"}`,
			},
		}},
		{name: "a proxy approver acts for the assignee", calls: []call{
			{
				as: yamada,
				do: "POST " + second + "/approve",
				want: `{"status": "completed", "steps": [{}, {"assignees": [{"user": {"code": "sato"},` +
					` "proxyUserIds": ["` + yamada + `"], "actualApprover": {"code": "yamada"}},` +
					` {"completed": false}]}]}`,
			},
		}},
		{
			name: "whoever may not see a ticket finds none",
			calls: []call{{as: yamada, do: "POST /v1/tickets/70000000-0000-4000-8000-000000000007/approve",
				status: 404}},
		},
		{name: "a deactivated author's tickets are archived", calls: []call{
			{do: "DELETE /v1/users/suzuki"}, {
				do:   "GET " + first,
				want: `{"status": "archived"}`,
			}, {do: "GET " + expenseDone, want: `{"status": "completed"}`},
			{do: "GET /v1/tickets?status=in_progress", want: `[]`}}},
		{name: "nobody waits for a deactivated approver while another is there", calls: []call{
			{do: "DELETE /v1/users/sato"}, {
				do:   "GET " + second,
				want: `{"steps": [{}, {"status": "in_progress", "assignees": [{"user": {"code": "hoshino"}}]}]}`,
			}}},
	})
}

func TestExpenseRoute(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	for amount, want := range map[string]string{
		"49999": `{"status": "completed", "currentStep": 2, "steps": [{"status": "completed"},` +
			` {"status": "completed", "actionType": "none", "stepOrder": 2}]}`,
		"50000": `{"status": "in_progress", "currentStep": 2, "steps": [{"status": "completed"},` +
			` {"status": "in_progress", "assignees": [{"user": {"code": "tanaka"}}]}, {"status": "pending"}]}`,
	} {
		ticket := apply(t, srv, suzuki, expenseForm("in_progress", "その他", amount, "null"))
		check(t, srv, call{
			as:     yamada,
			do:     "POST " + ticket + "/reject",
			body:   `{"to": 0}`,
			status: 422,
			want:   `{"errors": {"comment": ["can't be blank"]}}`,
		})
		check(t, srv, call{as: yamada, do: "POST " + ticket + "/approve", want: want})
	}
}

func TestListsOfTickets(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	for query, want := range map[string]string{
		"status=draft": "7", "status[]=draft&status[]=archived": "37",
		"status=in_progress&sortBy=createdAt-desc": "65", "workflowId=" + expense: "134",
		"workflowId=" + expense1: "134", "authorId=" + suzuki: "1234567", "authorId=" + tanaka: "",
		"ticketNumber=P-2026-2": "5", "stepTitle=" + "%E7%B5%8C%E7%90%86%E7%A2%BA%E8%AA%8D": "5",
		"subStatusIds[]=60000000-0000-4000-8000-000000000001": "5",
		"authorTeamFullName=%E6%9C%AC%E7%A4%BE%20/%20%E5%96%B6%E6%A5%AD%E9%83%A8%20/" +
			"%20%E5%96%B6%E6%A5%AD%E4%B8%80%E8%AA%B2": "1234567", "createdAtStart=2026-08-17": "567",
		"createdAtEnd=2026-08-04": "12", "createdAtStart=2026-08-06&createdAtEnd=2026-08-06": "3",
		"createdAtStart=2026-08-17T00:30:00Z": "567", "createdAtStart=2026-08-17T09:30:01%2B09:00": "67",
		"createdAtStart=2026-08-17T09:30:01": "67", "completedAtStart=2026-01-01": "1",
		"archivedAtEnd=2026-12-31": "3", "openedAtStart=2026-08-01": "12456",
		"assigneeUserId=" + tanaka + "&assigneeStatus[]=all": "2567", "assigneeUserId=" + tanaka +
			"&assigneeStatus[]=current": "6", "assigneeUserId=" + tanaka + "&assigneeStatus[]=approved": "5",
	} {
		var loose []struct{ ID string }
		check(t, srv, call{do: "GET /v1/tickets?" + query}).decode(t, &loose)
		got := ""
		for _, row := range loose {
			got += row.ID[35:]
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	for _, query := range []string{"status=asleep", "createdAtStart=soon", "createdAtStart=2026-08-17T09:30:01+09:00",
		"assigneeUserId=" + tanaka, "assigneeStatus[]=all"} {
		check(t, srv, call{do: "GET /v1/tickets?" + query, status: 400})
	}
	check(t, srv, call{
		as: yamada,
		do: "GET /v1/tickets",
		want: `[{"status": "completed"}, {"status": "denied"}, {"status": "rejected"}, {"status": "in_progress"},` +
			` {"status": "in_progress"}]`,
	})
}

func TestTasks(t *testing.T) {
	t.Parallel()
	const first = "70000000-0000-4000-8000-000000000006"
	srv := newServer(t)
	check(t, srv, call{as: sato, do: "GET /v1/tickets/tasks", want: `[{"ticketNumber": "P-2026-2"}]`})
	check(t, srv, call{
		as:   sato,
		do:   "GET /v1/tickets/tasks?assignedToMeAtStart=2026-08-18T10:00:00%2B09:00",
		want: `[{}]`,
	})
	check(t, srv, call{
		as:   sato,
		do:   "GET /v1/tickets/tasks?assignedToMeAtStart=2026-08-18T10:00:01%2B09:00",
		want: `[]`,
	})
	check(t, srv, call{as: suzuki, do: "GET /v1/tickets/tasks", want: `[]`})
	hold := func(on bool) {
		if err := srv.State.Change(func() error { return kickflow.Hold(srv.State, first, tanaka, on) }); err != nil {
			t.Fatal(err)
		}
	}
	check(t, srv, call{as: tanaka, do: "GET /v1/tickets/tasks?pending=true", want: `[]`})
	hold(true)
	check(t, srv, call{
		as:   tanaka,
		do:   "GET /v1/tickets/tasks?pending=true&sortBy=assignedToMeAt-desc",
		want: `[{"steps": [{"assignees": [{"pending": true}]}, {}]}]`,
	})
	check(t, srv, call{as: tanaka, do: "GET /v1/tickets/tasks?pending=false", want: `[]`})
	check(t, srv, call{
		as:   tanaka,
		do:   "POST /v1/tickets/" + first + "/approve",
		want: `{"steps": [{"assignees": [{"pending": false, "completed": true}]}, {}]}`,
	})
}

func TestParallelApplicationsGetTheirOwnNumbers(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	const n = 24
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			send(t, srv, call{
				as:   suzuki,
				do:   "POST /v1/tickets",
				body: expenseForm("in_progress", "交通費", "100", "null"),
			})
			send(t, srv, call{as: yamada, do: "GET /v1/tickets/tasks"})
		})
	}
	wg.Wait()
	var rows []struct{ TicketNumber string }
	check(t, srv, call{do: "GET /v1/tickets?status=in_progress&workflowId=" + expense + "&perPage=100"}).decode(t,
		&rows)
	seen := map[string]bool{}
	for _, row := range rows {
		seen[row.TicketNumber] = true
	}
	if len(rows) != n || len(seen) != n {
		t.Errorf("%d tickets with %d numbers, want %d", len(rows), len(seen), n)
	}
}

// TestFieldsAreNamedByTheirOwnKeys names fields, slips and a parent by another key than the
// definition has for it: an id has no code, a code no id, and the form no keys of slips.
func TestFieldsAreNamedByTheirOwnKeys(t *testing.T) {
	t.Parallel()
	const draft = "/v1/tickets/70000000-0000-4000-8000-000000000007"
	form := func(input string, status int, want string) call {
		return call{as: suzuki, do: "PATCH " + draft + "/form", status: status, want: want,
			body: `{"inputs": [{` + input + `, "value": "x"}]}`}
	}
	slip := func(section, item string, status int, want string) call {
		row := strings.Replace(slipRow("x", "1", "1"), `"slipSectionCode": "items"`, section, 1)
		return call{as: suzuki, do: "PATCH " + draft + "/form", status: status, want: want,
			body: `{"slipItems": [` + strings.Replace(row, `"slipFieldCode": "item"`, item, 1) + `]}`}
	}
	whole := func(input string, status int, want string) call {
		return call{as: suzuki, do: "PATCH " + draft, status: status, want: want, body: strings.Replace(
			purchaseForm("draft", "1"), `"formFieldCode": "purpose"`, input, 1)}
	}
	const (
		section, code = `"slipSectionCode": "items"`, `"slipFieldCode": "item"`
		item          = "42000000-0000-4000-8000-000000000007"
		unknown       = `{"code": "invalid_parameter", "message": "フィールドコードが不正です"}`
	)
	errors := func(field string) string { return `{"errors": {"` + field + `": ["must exist"]}}` }
	column := `{"errors": {"slipItems.item": ["must exist", "must be sent"]}}`
	rules(t, []rule{
		{name: "fields of the form", calls: []call{
			form(`"formFieldId": "`+purpose+`"`, 200, ""), form(`"formFieldCode": "purpose"`, 200, ""),
			form(`"formFieldId": "purpose"`, 422, errors("inputs.purpose")),
			form(`"formFieldCode": "`+purpose+`"`, 400, unknown),
			form(`"slipFieldCode": "purpose"`, 400, ""),
			form(`"formFieldId": "purpose", "formFieldCode": "purpose"`, 422, errors("inputs.purpose"))}},
		{name: "fields of the form in a whole update", calls: []call{
			whole(`"formFieldId": "`+strings.ToUpper(purpose)+`"`, 200, ""),
			whole(`"formFieldId": "purpose"`, 422, `{"errors": {"inputs.purpose": ["must exist", "must be sent"]}}`),
			whole(`"formFieldCode": "`+purpose+`"`, 400, unknown),
			whole(`"slipFieldCode": "purpose"`, 422, errors("inputs"))}},
		{name: "fields of a slip", calls: []call{
			slip(section, `"slipFieldId": "`+item+`"`, 200, ""), slip(section, code, 200, ""),
			slip(section, `"slipFieldId": "item"`, 422, column),
			slip(section, `"slipFieldCode": "`+item+`"`, 400, unknown),
			slip(section, `"formFieldCode": "item"`, 400, "")}},
		{name: "slips", calls: []call{
			slip(`"slipSectionId": "`+slipID+`"`, code, 200, ""), slip(section, code, 200, ""),
			slip(`"slipSectionId": "items"`, code, 422, errors("slipItems")),
			slip(`"slipSectionCode": "`+slipID+`"`, code, 422, errors("slipItems"))}},
		{name: "a parent is a UUID", calls: []call{
			{do: "GET /v1/organizationCharts/" + chart + "/teams?parentId=" + hq, want: `[{}, {}]`},
			{do: "GET /v1/organizationCharts/" + chart + "/teams?parentId=hq", status: 404}}},
	})
}
