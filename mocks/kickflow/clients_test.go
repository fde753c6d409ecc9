package kickflow_test

import (
	"io"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

// exchange is a request as a public client sends it, and the parts of the answer that the client
// reads.
type exchange struct {
	client string
	do     string
	token  string            // default: the administrator's
	header map[string]string // additional headers of the client
	body   string
	status int               // 0 = 200
	read   string            // keys of the answer
	heads  map[string]string // headers of the answer; "" is absent
}

// The clients, with the headers of all their requests.
const (
	mcpAxios  = "kickflow/kickflow-mcp-server 1.5.0, axios"
	mcpFetch  = "kickflow/kickflow-mcp-server, fetch"
	mcpFirst  = "kickflow/kickflow-mcp-server, before 1.0"
	gem       = "gem kickflow 0.3.0"
	dashboard = "fumibito-labo/kickflowOperationTool"
	audit     = "Rextlab/kickflow audit.php"
	antiCheck = "Rextlab/kickflow anti_social_comment.php"
	karte     = "KARTE Craft function, CMS to kickflow"
	discord   = "siroron/kickflowDiscordBot"
	terraform = "japan4415/terraform-provider-kickflow"
	guides    = "developer.kickflow.com/guide, fetch and curl"
)

var clientHeaders = map[string]map[string]string{
	mcpAxios: {"Accept": "application/json, text/plain, */*", "Content-Type": "application/json",
		"User-Agent": "axios/1.12.0", "Accept-Encoding": "gzip, compress, deflate, br"},
	mcpFetch: {"Accept": "*/*", "Content-Type": "application/json", "Accept-Language": "*", "Sec-Fetch-Mode": "cors"},
	mcpFirst: {"Accept": "application/json", "Content-Type": "application/json"},
	gem:      {"Accept": "application/json", "User-Agent": "OpenAPI-Generator/0.3.0/ruby"},
	dashboard: {"Accept": "*/*", "Content-Type": "application/json", "Connection": "keep-alive",
		"User-Agent": "python-requests/2.28.1"},
	audit:     {"Accept": "*/*", "Content-Type": "application/json"},
	antiCheck: {"Accept": "*/*", "Content-Type": "application/json"},
	karte:     {"Content-Type": "application/json"},
	discord:   {"Content-Type": "application/json"},
	terraform: {"Content-Type": "application/json", "Caller-ID": "", "User-Agent": "Go-http-client/1.1"},
	guides:    {"Content-Type": "application/json"},
}

func (x exchange) run(t *testing.T, srv *fake.TestServer) answer {
	t.Helper()
	method, path, _ := strings.Cut(x.do, " ")
	req, err := http.NewRequest(method, srv.URL+path, strings.NewReader(x.body))
	if err != nil {
		t.Fatal(err)
	}
	if x.body == "" && method != http.MethodGet {
		// chunked, as from curl without fields
		req.Body, req.ContentLength = io.NopCloser(strings.NewReader("")), -1
	}
	authorize(req, x.token)
	headers := maps.Clone(clientHeaders[x.client])
	maps.Copy(headers, x.header)
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if want := max(x.status, 200); res.StatusCode != want {
		t.Fatalf("%s: %s: got %d, want %d: %.500s", x.client, x.do, res.StatusCode, want, text)
	}
	if x.read != "" {
		if diff := cmp.Diff(parsed(t, x.read), trim(parsed(t, string(text)), parsed(t, x.read))); diff != "" {
			t.Errorf("%s: %s (-read +got):\n%.2000s", x.client, x.do, diff)
		}
	}
	for name, want := range x.heads {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %s: header %s: got %q, want %q", x.client, x.do, name, got, want)
		}
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

func exchanges(t *testing.T, all map[string][]exchange) {
	for name, conversation := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t)
			for _, x := range conversation {
				x.run(t, srv)
			}
		})
	}
}

func TestWhatClientsList(t *testing.T) {
	t.Parallel()
	exchanges(t, map[string][]exchange{
		"who am I": {
			{
				client: mcpAxios,
				do:     "GET /v1/user",
				read:   `{"id": "` + hoshino + `", "email": "hoshino@hoshino.example", "status": "activated"}`,
				heads:  map[string]string{"Content-Type": "application/json; charset=utf-8"},
			},
			{
				client: mcpFirst,
				do:     "GET /v1/tickets/70000000-0000-4000-8000-000000000001",
				read:   `{"id": "70000000-0000-4000-8000-000000000001", "ticketNumber": "1"}`,
			},
		},
		"arrays in brackets": {
			{
				client: mcpAxios,
				do:     "GET /v1/tickets?page=1&perPage=10&status%5B%5D=draft&status%5B%5D=completed",
				read:   `[{"status": "completed"}, {"status": "draft"}]`,
			},
			{
				client: mcpAxios,
				do: "GET /v1/tickets?page=1&perPage=10&assigneeUserId=" + tanaka +
					"&assigneeStatus%5B%5D=current&assigneeStatus%5B%5D=approved",
				read: `[{}, {}]`,
			},
			{
				client: mcpAxios,
				do:     "GET /v1/tickets/tasks?page=1&perPage=10&status%5B%5D=in_progress",
				token:  kickflow.ApproverToken,
				read:   `[{"status": "in_progress"}]`,
			},
			{
				client: mcpAxios,
				do:     "GET /v1/users?page=1&perPage=10&status%5B%5D=suspended&status%5B%5D=invited",
				read:   `[{"status": "invited"}, {"status": "suspended"}]`,
			},
			{
				client: mcpAxios,
				do:     "GET /v1/routes?page=1&perPage=10&status%5B%5D=visible&status%5B%5D=error",
				read:   `[{}, {}]`,
			},
			{
				client: mcpAxios,
				do:     "GET /v1/workflows?page=1&perPage=10&status%5B%5D=invisible",
				read:   `[{"status": "invisible"}]`,
			},
			{
				client: audit,
				do:     "GET /v1/tickets?status[]=in_progress&perPage=100&page=1",
				read: `[{"id": "70000000-0000-4000-8000-000000000005"},` +
					` {"id": "70000000-0000-4000-8000-000000000006"}]`,
			},
		},
		"lists without brackets": {
			{client: mcpAxios, do: "GET /v1/tickets?page=1&perPage=10&status=draft", read: `[{"status": "draft"}]`},
			{client: gem, do: "GET /v1/users?status=suspended&status=invited", read: `[{}, {}]`},
			{
				client: dashboard,
				do:     "GET /v1/users?page=1&perPage=25&status=invited",
				read:   `[{"status": "invited", "code": "takahashi"}]`,
			},
			{
				client: dashboard,
				do:     "GET /v1/workflows?status=visible&perPage=100",
				read:   `[{"id": "` + purchase + `", "name": "購買申請"}, {"id": "` + expense + `", "name": "経費精算"}]`,
			},
		},
		"pages by the total": {
			{
				client: dashboard,
				do:     "GET /v1/users?perPage=3",
				read:   `[{}, {}, {}]`,
				heads:  map[string]string{"Total": "8"},
			},
			{
				client: dashboard,
				do:     "GET /v1/users?page=3&perPage=3",
				read: `[{"fullName": "伊藤 舞", "email": "ito@hoshino.example", "code": "ito",` +
					` "createdAt": "2026-04-01T09:00:00.000+09:00", "status": "suspended"}, {}]`,
			},
		},
		"pages until one is empty": {{client: audit, do: "GET /v1/tickets?status[]=in_progress&perPage=100&page=2",
			read: `[]`, heads: map[string]string{"Total": "2"}}},
		"times without zone, and unknown keys": {{client: dashboard,
			do: "GET /v1/tickets?status=completed&completedAtStart=2026-08-01T09%3A00%3A00&" +
				"completedAtEnd=2026-09-01T08%3A59%3A00&workflowID=d40bd97c-a3eb-4f57-a4e7-6e1811e9474f",
			read: `[{"ticketNumber": "1", "title": "交通費 1280円", "id": "70000000-0000-4000-8000-000000000001",` +
				` "completedAt": "2026-08-03T15:30:00.000+09:00"}]`}},
		"a user as data source": {
			{client: terraform, do: "GET /v1/users?userId=" + tanaka, header: map[string]string{"Caller-ID": hoshino}},
			{
				client: terraform,
				do:     "GET /v1/lookupByEmail?email=tanaka%40hoshino.example",
				status: 404,
				read:   `{"code": "not_found"}`,
			},
			// the name is X-Caller-Id
			{
				client: terraform,
				do:     "GET /v1/users?userId=" + tanaka,
				token:  kickflow.ServiceToken,
				header: map[string]string{"Caller-ID": hoshino},
				status: 401,
			},
		},
		"as another user": {{client: guides, do: "GET /v1/users", token: kickflow.ServiceToken,
			header: map[string]string{"X-Caller-Id": suzuki}}},
		"categories": {{client: gem, do: "GET /v1/categories",
			read: `[{"id": "e0000000-0000-4000-8000-000000000001", "name": "購買",` +
				` "createdAt": "2026-04-01T09:00:00.000+09:00", "updatedAt": "2026-04-01T09:00:00.000+09:00"}, {}]`}},
		"a slash at the end of a base": {{client: guides, do: "GET /v1/users/?perPage=1", read: `[{}]`},
			{client: guides, do: "GET /v1/users/hoshino/", read: `{"code": "hoshino"}`}},
	})
}

func TestWhatClientsSend(t *testing.T) {
	t.Parallel()
	const second = "/v1/tickets/70000000-0000-4000-8000-000000000005"
	inputs := strings.Replace(purchaseForm("in_progress", "30000", `vendor "generalMasterItemId": "`+aoki+`"`),
		`"total", "value": null`, `"total", "value": ""`, 1)
	exchanges(t, map[string][]exchange{
		"approving without a body": {{client: audit, do: "POST " + firstStep + "/approve",
			token: kickflow.ApproverToken, read: `{"id": "` + firstStepsID + `", "currentStep": 2}`}},
		"approving again": {{client: audit, do: "POST " + firstStep + "/approve",
			token: kickflow.ApproverToken}, {client: audit, do: "POST " + firstStep + "/approve",
			token: kickflow.ApproverToken, status: 403, read: `{"code": "forbidden"}`}},
		"denying without a body": {{client: antiCheck, do: "POST " + firstStep + "/deny",
			token: kickflow.ApproverToken, read: `{"status": "denied"}`}},
		"sending back, and why": {
			{
				client: antiCheck,
				do:     "POST " + firstStep + "/reject",
				token:  kickflow.ApproverToken,
				body:   `{"to":0}`,
				read:   `{"status": "rejected", "currentStep": 0}`,
			},
			{
				client: antiCheck,
				do:     "POST " + firstStep + "/comments",
				token:  kickflow.ApproverToken,
				body:   `{"body":"\u7533\u8acb\u7a2e\u5225\u3092\u3054\u78ba\u8a8d\u304f\u3060\u3055\u3044\u3002\n"}`,
				read:   `{"body": "申請種別をご確認ください。\n"}`,
			},
		},
		"nothing to decode": {
			{
				client: mcpFetch,
				do:     "POST /v1/grades/staff/default",
				heads:  map[string]string{"Content-Type": "", "Content-Length": "0"},
			},
			{client: mcpFetch, do: "DELETE /v1/folders/expense", heads: map[string]string{"Content-Type": ""}},
		},
		"an application with every kind of input": {{
			client: karte, do: "POST /v1/tickets", token: kickflow.MemberToken, body: inputs,
			read: `{"status": "in_progress", "inputs": [{}, {}, {"value": [{"id": "` + aoki +
				`"}]}, {"value": "60000"}, {}, {}]}`}},
		"a draft by codes": {{client: discord, do: "POST /v1/tickets",
			token: kickflow.MemberToken, body: purchaseForm("draft", "1"),
			read: `{"status": "draft", "ticketNumber": null}`}},
		"an error says why": {
			{
				client: discord,
				do:     "POST /v1/tickets",
				token:  "wrong",
				body:   `{}`,
				status: 401,
				read:   `{"message": "A valid token is needed"}`,
				heads:  map[string]string{"Content-Type": "application/json; charset=utf-8"},
			},
			{
				client: discord,
				do:     "POST /v1/tickets",
				token:  kickflow.MemberToken,
				body: `{"status": "draft", "workflowId": "` + purchase + `", "authorTeamId": "` + finance +
					`", "title": "t", "inputs": []}`,
				status: 422,
				read: `{"code": "validation_failed", "errors": {"authorTeamId": ["is invalid"]},` +
					` "message": "authorTeamId is invalid"}`,
			},
			{
				client: mcpAxios,
				do:     "GET /v1/tickets/550e8400-e29b-41d4-a716-446655440000",
				status: 404,
				read:   `{"message": "Not found"}`,
			},
		},
		"a file": {{client: mcpAxios, do: "POST /v1/files",
			header: map[string]string{"Content-Type": "multipart/form-data; boundary=axios-1.12.0-boundary-x"},
			body: "--axios-1.12.0-boundary-x\r\nContent-Disposition: form-data; name=\"file\"; " +
				"filename=\"report.pdf\"\r\nContent-Type: application/octet-stream\r\n\r\n%PDF\r\n" +
				"--axios-1.12.0-boundary-x--\r\n\r\n"}},
		"a page of a workflow's second step": {{client: mcpFirst, do: "GET " + second,
			read: `{"currentStep": 2, "steps": [{"status": "completed"}, {"status": "in_progress"}]}`}},
	})
}

// TestWhatAWebhookBodyShows compares with the body that Rextlab/kickflow contains, which a real
// tenant received.
func TestWhatAWebhookBodyShows(t *testing.T) {
	t.Parallel()
	srv, l := webhook(t, 200, kickflow.Webhook{Events: []string{"ticket_approved"}})
	exchange{client: audit, do: "POST " + firstStep + "/approve", token: kickflow.ApproverToken}.run(t, srv)
	if err := srv.Settle(); err != nil {
		t.Fatal(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	want := `{"eventType": "ticket_approved", "tenant": {"publicId": "hoshino"},` +
		` "user": {"employeeId": "0002", "email": "tanaka@hoshino.example", "fullName": "田中 一郎", "userType": "normal"},
		"data": {"ticket": {"id": "` + firstStepsID + `", "status": "in_progress", "currentStep": 2, ` +
		`"author": {"email": "suzuki@hoshino.example"}, "authorTeam": {"fullName": "本社 / 営業部 / 営業一課"},
		"proxyClientUser": null, "triggerTicket": null, "nextTickets": [], "labels": [], "cloudSignDocument": null,
		"workflow": {"folder": {"fullName": "全社 / 購買"}, "sectionList": [{"formFields": [{"options": [],` +
		` "allowedExtensions": [], "hidden": false, "readonlyOnUi": false, "delimited": null}, {}, {},` +
		` {"formula": "SUM($amount)", "delimited": true}, {}, {}]}, {}]},
		"route": {"steps": [{"routeStepCondition": {"conditionType": "always", "combinationType": "all", ` +
		`"routeStepConditionFields": []}, "targets": [{"team": null, "variable": null}]},` +
		` {"fallbackType": null, "targets": []}]},
		"inputs": [{"formFieldId": "` + purpose + `", "formField": {"code": "purpose", "options": []},` +
		` "generalMasterItems": [], "users": [], "teams": [], "inputTickets": [], "attachments": []},` +
		` {"value": "2026-09-10"}, {"value": []}, {}, {}, {}],
		"steps": [{"title": "部長承認", "status": "completed", "stepOrder": 1, "displayOrder": 1, "skip": false, ` +
		`"author": null, "assignees": [{"current": false, "completed": true, "pending": false, ` +
		`"actualApprover": {"code": "tanaka"}}]},
			{"title": "経理確認", "status": "in_progress", "completedAt": null, "assignees": [{"current": true, ` +
		`"actualApprover": null}, {"current": true}]}]}}}`
	if diff := cmp.Diff(parsed(t, want), trim(parsed(t, l.bodies[0]), parsed(t, want))); diff != "" {
		t.Errorf("(-real +got):\n%.3000s", diff)
	}
}

func TestRandomCodes(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	form := regexp.MustCompile(`"code":"[0-9A-Za-z]{16}"`)
	for _, name := range []string{"/v1/folders", "/v1/generalMasters", "/v1/categories"} {
		if a := check(t, srv, call{do: "POST " + name, body: `{"name": "x", "fields": []}`}); !form.MatchString(
			a.body) {
			t.Errorf("%s: no random code in %s", name, a.body)
		}
	}
}

// TestStepsOfOneOrderAreAlternatives uses one route for several departments, each with its own
// step.
func TestStepsOfOneOrderAreAlternatives(t *testing.T) {
	t.Parallel()
	of := func(order int, team, who string) (s kickflow.RouteStep) {
		s.StepOrder, s.StepType, s.Title, s.UserIDs = order, "user", who, []string{who}
		if team != "" {
			s.Condition = &kickflow.StepCondition{
				ConditionType: "conditional",
				Fields: []kickflow.StepThreshold{{FieldKey: "author_team",
					Threshold: kickflow.Threshold{Symbol: "descendants_or_equal", TeamID: team}}},
			}
		}
		return s
	}
	srv := newServer(t, step(of(1, finance, sato), of(1, sales, tanaka), of(0, "", hoshino))...)
	check(t, srv, call{
		do: "GET /v1/routes/one-step",
		want: `{"steps": [{"stepOrder": 1}, {"stepOrder": 1},` +
			` {"stepOrder": 2, "routeStepCondition": {"conditionType": "always"}}]}`,
	})
	form := `{"status": "in_progress", "workflowId": "40000000-0000-4000-8000-00000000000f", "authorTeamId": "` +
		sales1 +
		`", "inputs": [{"formFieldCode": "amount"}, {"formFieldCode": "team"}, {"formFieldCode": "who"},` +
		` {"formFieldCode": "choice"}]}`
	check(t, srv, call{
		as:   suzuki,
		do:   "POST /v1/tickets",
		body: form,
		want: `{"currentStep": 1, "steps": [{"stepOrder": 1, "title": "` + tanaka + `"}, {"stepOrder": 2, "title": "` +
			hoshino + `"}]}`,
	})
}
