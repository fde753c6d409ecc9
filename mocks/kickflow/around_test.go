package kickflow_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

const (
	doneTicket    = "/v1/tickets/70000000-0000-4000-8000-000000000001"
	returned      = "/v1/tickets/70000000-0000-4000-8000-000000000004"
	secondStep    = "/v1/tickets/70000000-0000-4000-8000-000000000005"
	firstStep     = "/v1/tickets/70000000-0000-4000-8000-000000000006"
	draftTicket   = "/v1/tickets/70000000-0000-4000-8000-000000000007"
	firstStepsID  = "70000000-0000-4000-8000-000000000006"
	applicantsRow = "/v1/proxyApplicants/62000000-0000-4000-8000-000000000001"
)

// upload uploads a file and returns its signed id.
func upload(t *testing.T, srv *fake.TestServer, name, data string, status int) string {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(part, data)
	form.Close()
	req, _ := http.NewRequest("POST", srv.URL+"/v1/files", &body)
	req.Header.Set("Authorization", "Bearer "+kickflow.MemberToken)
	req.Header.Set("Content-Type", form.FormDataContentType())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var got struct{ SignedID string }
	if json.NewDecoder(res.Body).Decode(&got); res.StatusCode != status {
		t.Fatalf("upload: %d", res.StatusCode)
	}
	return got.SignedID
}

func TestFiles(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	srv.World.Freeze(time.Date(2026, 8, 21, 3, 0, 0, 0, time.UTC))
	id, lost := upload(t, srv, "領収 1.pdf", "hello", 200), upload(t, srv, "x.pdf", "", 200)
	check(t, srv, call{do: "GET /v1/files/" + id, status: 422})
	a := check(t, srv, call{as: suzuki, do: "POST " + returned + "/comments",
		body: `{"body": "これです", "files": ["` + id + `"]}`,
		want: `{"attachments": [{"filename": "領収 1.pdf", "byteSize": 5, "contentType": "application/octet-stream"}]}`})
	check(t, srv, call{
		as:     suzuki,
		do:     "POST " + returned + "/comments",
		body:   `{"body": "x", "files": ["nothing"]}`,
		status: 422,
	})
	check(t, srv, call{
		as:   suzuki,
		do:   "GET /v1/files/" + id,
		want: `{"filename": "領収 1.pdf", "checksum": "XUFAKrxLKna5cZ2REBfFkg==", "byteSize": 5}`,
	})
	check(t, srv, call{as: "a0000000-0000-4000-8000-000000000006", do: "GET /v1/files/" + id, status: 404})
	var comment struct{ Attachments []struct{ URL string } }
	a.decode(t, &comment)
	download := func(want int) string {
		res, err := http.Get(comment.Attachments[0].URL)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		all, _ := io.ReadAll(res.Body)
		if res.StatusCode != want {
			t.Errorf("download: %d, want %d: %s", res.StatusCode, want, all)
		}
		return string(all)
	}
	if got := download(200); got != "hello" {
		t.Errorf("got %q", got)
	}
	srv.World.Advance(5*time.Minute + time.Second)
	download(403)
	srv.World.Advance(24 * time.Hour)
	check(t, srv, call{do: "GET /v1/files/" + lost, status: 404})
	check(t, srv, call{as: suzuki, do: "GET /v1/files/" + id})
}

func TestFilesNeedThePlan(t *testing.T) {
	t.Parallel()
	srv := newServer(t, kickflow.WithTenant(func(t *kickflow.Tenant) { t.Plan = "standard" }))
	upload(t, srv, "x.pdf", "x", 403)
}

func TestFileFieldsTakeTheirExtensions(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	form := func(id string) string {
		return strings.Replace(expenseForm("draft", "交通費", "300", "null"), `"files": []`, `"files": ["`+id+`"]`, 1)
	}
	check(t, srv, call{as: suzuki, do: "POST /v1/tickets", body: form(upload(t, srv, "x.exe", "x", 200)), status: 422})
	good := upload(t, srv, "x.PDF", "x", 200)
	check(t, srv, call{
		as:   suzuki,
		do:   "POST /v1/tickets",
		body: form(good),
		want: `{"inputs": [{}, {}, {}, {"attachments": [{"signedId": "` + good + `"}]}, {}]}`,
	})
	// it belongs to the first ticket
	check(t, srv, call{as: suzuki, do: "POST /v1/tickets", body: form(good), status: 422})
}

func TestComments(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	a := check(t, srv, call{
		as:   tanaka,
		do:   "POST " + firstStep + "/comments",
		body: `{"body": "@suzuki いつまで？ @nobody"}`,
		want: `{"user": {"code": "tanaka"}, "mentionedUsers": [{"code": "suzuki"}],` +
			` "deletedAt": null, "attachments": []}`,
	})
	_, rest, _ := strings.Cut(a.body, `"id":"`)
	one := firstStep + "/comments/" + rest[:36]
	for _, c := range []call{
		{as: suzuki, do: "GET " + one, want: `{"body": "@suzuki いつまで？ @nobody"}`},
		{as: suzuki, do: "PATCH " + one, body: `{"body": "x"}`, status: 403},
		{as: suzuki, do: "DELETE " + one, status: 403},
		{as: tanaka, do: "PATCH " + one, body: `{"body": "訂正"}`, want: `{"body": "訂正", "mentionedUsers": []}`},
		{as: tanaka, do: "PATCH " + one, body: `{"body": " "}`, status: 422},
		{as: suzuki, do: "GET " + firstStep, want: `{"commentsCount": 1}`},
		{as: tanaka, do: "DELETE " + one},
		{as: suzuki, do: "GET " + one, want: `{"body": ""}`},
		{as: tanaka, do: "PATCH " + one, body: `{"body": "x"}`, status: 422},
		{as: suzuki, do: "GET " + firstStep, want: `{"commentsCount": 0}`},
		{as: suzuki, do: "GET " + strings.Replace(one, "0006/", "0005/", 1), status: 404},
		{as: yamada, do: "GET " + draftTicket + "/comments", status: 404},
		{as: tanaka, do: "POST " + firstStep + "/comments", body: `{"body": ""}`, status: 422},
	} {
		check(t, srv, c)
	}
}

func change(t *testing.T, srv *fake.TestServer, name string, edit func(w *kickflow.Workflow)) {
	t.Helper()
	workflows := fake.TableOf[kickflow.Workflow](srv.State, name)
	err := srv.State.Change(func() error {
		table.Each(workflows, func(w kickflow.Workflow) kickflow.Workflow { edit(&w); return w })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCommentingDisabled(t *testing.T) {
	t.Parallel()
	off := false
	srv := newServer(t)
	change(t, srv, "workflows", func(w *kickflow.Workflow) { w.CommentingEnabled = &off })
	a := check(t, srv, call{
		as:     tanaka,
		do:     "POST " + firstStep + "/comments",
		body:   `{"body": "x"}`,
		status: 422,
		want:   `{"code": "validation_failed"}`,
	})
	if !strings.Contains(a.body, `"errors":{"base":[`) {
		t.Errorf("no errors.base in %s", a.body)
	}
	check(t, srv, call{as: tanaka, do: "POST " + firstStep + "/approve", body: `{"comment": "x"}`, status: 422})
	check(t, srv, call{as: tanaka, do: "POST " + firstStep + "/approve"})
}

func TestCommentsThatActionsDemand(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	change(t, srv, "workflows", func(w *kickflow.Workflow) {
		w.CommentingRequiredOnApproval, w.CommentingRequiredOnDenial, w.CommentingRequiredOnRejection = true, true, true
	})
	for _, action := range []string{"approve", "deny", "reject"} {
		check(t, srv, call{
			as:     tanaka,
			do:     "POST " + firstStep + "/" + action,
			body:   `{"to": 0, "comment": " "}`,
			status: 422,
			want:   `{"errors": {"comment": ["can't be blank"]}}`,
		})
	}
	check(t, srv, call{
		as:   tanaka,
		do:   "POST " + firstStep + "/approve",
		body: `{"comment": "x"}`,
		want: `{"currentStep": 2}`,
	})
}

func TestViewers(t *testing.T) {
	t.Parallel()
	add := func(body string, status int) call {
		return call{as: suzuki, do: "POST " + firstStep + "/viewers", body: body, status: status}
	}
	const stranger = "a0000000-0000-4000-8000-000000000006"
	look := func(status int) call { return call{as: stranger, do: "GET " + firstStep, status: status} }
	rules(t, []rule{
		{name: "a viewer sees the ticket", calls: []call{look(404), add(`{"userId": ["`+stranger+`"]}`, 200),
			look(200), add(`{"userId": "`+stranger+`"}`, 422),
			{
				as: suzuki,
				do: "GET " + firstStep + "/viewers",
				want: `[{"user": {"code": "yamada"}}, {"user": {"code": "takahashi"},` +
					` "team": null, "grade": null, "descendants": false}]`,
			}}},
		{name: "a team may be narrowed by grade and widened by descendants",
			state: []fake.Option{kickflow.WithMemberships(kickflow.Membership{TeamID: finance, UserID: stranger})},
			calls: []call{
				add(`{"teamId": "`+hq+`"}`, 200), look(404),
				add(`{"teamId": "`+hq+`", "gradeId": "`+director+`", "descendants": true}`, 200), look(404),
				add(`{"teamId": "`+hq+`", "gradeId": "`+staff+`", "descendants": true}`, 200), look(200)}},
		{
			name: "users or teams, one of the two",
			calls: []call{add(`{}`, 422), add(`{"userId": "`+stranger+`", "teamId": "`+hq+`"}`, 422),
				add(`{"userId": "`+stranger+`", "gradeId": "`+staff+`"}`, 422), add(`{"userId": "`+hq+`"}`, 422),
				add(`{"teamId": ["`+suzuki+`"]}`, 422)},
		},
		{name: "a viewer can be taken away", calls: []call{
			// another ticket's
			{as: suzuki, do: "DELETE " + firstStep + "/viewers/74000000-0000-4000-8000-000000000002", status: 404},
			{as: suzuki, do: "DELETE " + firstStep + "/viewers/74000000-0000-4000-8000-000000000003"},
			{as: suzuki, do: "GET " + firstStep + "/viewers", want: `[]`}}},
	})
}

func TestViewersMayBeFixed(t *testing.T) {
	t.Parallel()
	off := false
	srv := newServer(t)
	change(t, srv, "workflows", func(w *kickflow.Workflow) { w.AllowEditingOfViewers = &off })
	check(t, srv, call{
		as:     suzuki,
		do:     "POST " + firstStep + "/viewers",
		body:   `{"userId": "` + sato + `"}`,
		status: 403,
	})
}

func TestProxies(t *testing.T) {
	t.Parallel()
	proxied := strings.Replace(purchaseForm("in_progress", "100"), `"authorTeamId": "`+sales1,
		`"proxyClientUserId": "`+tanaka+`", "authorTeamId": "`+sales, 1)
	rules(t, []rule{
		{name: "a proxy applicant applies for another, from the other's team", calls: []call{
			{
				as:   suzuki,
				do:   "POST /v1/tickets",
				body: proxied,
				want: `{"author": {"code": "suzuki"}, "proxyClientUser": {"code": "tanaka"},` +
					` "authorTeam": {"code": "sales"},` +
					` "steps": [{"fallback": false, "assignees": [{"user": {"code": "hoshino"}}]}, {}]}`,
			}}},
		{
			name: "nobody else does",
			calls: []call{{as: yamada, do: "POST /v1/tickets", body: proxied, status: 422},
				{do: "DELETE " + applicantsRow}, {as: suzuki, do: "POST /v1/tickets", body: proxied, status: 422}},
		},
		{name: "everybody may manage their own where the tenant lets them", calls: []call{
			{
				as:   suzuki,
				do:   "POST /v1/proxyApprovers",
				body: `{"userId": "` + suzuki + `", "proxyUserId": "` + yamada + `", "startsOn": null, "endsOn": null}`,
				want: `{"user": {"code": "suzuki"}, "proxyUser": {"code": "yamada"}, "workflows": []}`,
			},
			{
				as:     suzuki,
				do:     "POST /v1/proxyApprovers",
				body:   `{"userId": "` + tanaka + `", "proxyUserId": "` + suzuki + `"}`,
				status: 403,
			},
			{as: suzuki, do: "GET /v1/proxyApprovers", status: 403},
			{as: suzuki, do: "DELETE " + applicantsRow, status: 403},
			{as: tanaka, do: "DELETE " + applicantsRow},
		}},
		{name: "nobody may where it does not", state: []fake.Option{kickflow.WithTenant(func(t *kickflow.Tenant) {
			t.OwnProxies = false
		})}, calls: []call{
			{
				as:     suzuki,
				do:     "POST /v1/proxyApprovers",
				body:   `{"userId": "` + suzuki + `", "proxyUserId": "` + yamada + `"}`,
				status: 403,
			}}},
		{name: "nobody represents themselves, a stranger, or backwards in time", calls: []call{
			{
				do:     "POST /v1/proxyApprovers",
				body:   `{"userId": "` + suzuki + `", "proxyUserId": "` + suzuki + `"}`,
				status: 422,
			},
			{
				do:     "POST /v1/proxyApprovers",
				body:   `{"userId": "` + suzuki + `", "proxyUserId": "` + hq + `"}`,
				status: 422,
			},
			{
				do: "POST /v1/proxyApprovers",
				body: `{"userId": "` + suzuki + `", "proxyUserId": "` + yamada +
					`", "startsOn": "2026-02-01", "endsOn": "2026-01-01"}`,
				status: 422,
			},
			{
				do:     "POST /v1/proxyApprovers",
				body:   `{"userId": "` + suzuki + `", "proxyUserId": "` + yamada + `", "workflowIds": ["` + hq + `"]}`,
				status: 422,
			},
		}},
		{
			name: "a proxy of another workflow does not count",
			calls: []call{{do: "POST /v1/proxyApprovers",
				body: `{"userId": "` + tanaka + `", "proxyUserId": "` + yamada + `", "workflowIds": ["` + expense +
					`"]}`}, {as: yamada, do: "POST " + firstStep + "/approve", status: 403}},
		},
	})
}

func TestAProxyHasItsDays(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	srv.World.Freeze(time.Date(2026, 8, 31, 14, 59, 0, 0, time.UTC)) // the last minute of August in Japan
	check(t, srv, call{
		do: "POST /v1/proxyApprovers",
		body: `{"userId": "` + tanaka + `", "proxyUserId": "` + yamada +
			`", "startsOn": "2026-09-01", "endsOn": "2026-09-01"}`,
	})
	check(t, srv, call{as: yamada, do: "POST " + firstStep + "/approve", status: 403})
	srv.World.Advance(24*time.Hour + time.Minute)
	check(t, srv, call{as: yamada, do: "POST " + firstStep + "/approve", status: 403})
	srv.World.Freeze(time.Date(2026, 9, 1, 3, 0, 0, 0, time.UTC))
	check(t, srv, call{as: yamada, do: "POST " + firstStep + "/approve"})
}

func TestAuditLogsRecordWhatWasDone(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	srv.World.Freeze(time.Date(2026, 8, 21, 3, 0, 0, 0, time.UTC))
	for _, c := range []call{
		{do: "PATCH /v1/users/suzuki", body: `{"employeeId": "9"}`},
		{do: "PATCH /v1/users/suzuki", body: `{"email": "x"}`, status: 422},
		{do: "GET /v1/users/suzuki"},
		{as: tanaka, do: "POST " + firstStep + "/approve"},
		{do: "GET /v1/auditLogs", want: `[{"action": "update_user", "user": {"code": "hoshino"},` +
			` "data": {"userId": "suzuki"}, "remoteIp": "127.0.0.1", "systemType": null},
			{"action": "approve_ticket", "user": {"code": "tanaka"}, "data": {"ticketId": "` + firstStepsID + `"}}]`},
		{do: "GET /v1/auditLogs?userId=" + tanaka, want: `[{"action": "approve_ticket"}]`},
		{do: "GET /v1/auditLogs?createdAtStart=2026-08-22", want: `[]`},
		{do: "GET /v1/auditLogs?sortBy=createdAt-desc&perPage=1", want: `[{"action": "approve_ticket"}]`},
		{as: tanaka, do: "GET /v1/auditLogs", status: 403},
		{do: "GET /v1/users/tanaka", want: `{"lastUsedOn": "2026-08-21"}`},
		{do: "POST /v1/roles/" + builtIn + "/memberships", body: `{"userIds": ["` + tanaka + `"]}`},
		{do: "DELETE /v1/roles/" + builtIn + "/memberships/tanaka"},
		{do: "GET /v1/auditLogs?page=2&perPage=3", want: `[{"action": "delete_role_member",` +
			` "data": {"roleId": "` + builtIn + `", "userId": "tanaka"}}]`},
	} {
		check(t, srv, c)
	}
}

func TestWorkflowsAndRoutes(t *testing.T) {
	t.Parallel()
	rules(t, []rule{
		{name: "the list has current versions", calls: []call{{
			as: suzuki,
			do: "GET /v1/workflows?sortBy=status",
			want: `[{"code": "old-leave"}, {"code": "purchase-request"},` +
				` {"code": "expense", "versionNumber": 2, "folder": {"fullName": "全社 / 経費"},` +
				` "categories": [{"code": "expense"}]}]`,
		},
			{
				as:   suzuki,
				do:   "GET /v1/workflows?status=invisible",
				want: `[{"code": "old-leave"}]`,
			}, {as: suzuki, do: "GET /v1/workflows/expense", want: `{"id": "` + expense + `"}`},
			{as: suzuki, do: "GET /v1/workflows/" + expense1, want: `{"current": false}`}}},
		{name: "a workflow shows its form and its branches",
			calls: []call{{as: suzuki, do: "GET /v1/workflows/purchase-request",
				want: `{"sectionList": [{"sectionType": "form", "formFields": [{"code": "purpose",
 "maxLength": 100}, {}, {"generalMaster": {"code": "vendors"}}, {"formula": "SUM($amount)"}, {},
 {"approver": true, "author": false}]}, {"sectionType": "slip", "code": "items"}],
			"routeConditions": [{"route": null, "errorMessage": "百万円以上は稟議で申請してください",
			 "conditionFields": [{"symbol": "greater_than_or_equal", "formField": {"code": "total"}}]},
			 {"conditionType": "field_otherwise", "route": {"code": "purchase-route"}}]}`}}},
		{name: "a route shows its steps", calls: []call{{
			as: suzuki,
			do: "GET /v1/routes/expense-route",
			want: `{"steps": [{"stepType": "manager", "routeStepCondition": {"conditionType": "always",` +
				` "combinationType": "all", "routeStepConditionFields": []}},` +
				` {"targets": [{"team": {"code": "sales"},` +
				` "grades": [{"code": "director"}]}],` +
				` "routeStepCondition": {"routeStepConditionFields": [{"variable": "$amount",` +
				` "value": "50000"}]}}, {"actionType": "none"}]}`,
		},
			{
				as:   suzuki,
				do:   "GET /v1/routes?folderId=" + buying,
				want: `[{"code": "purchase-route"}]`,
			}, {as: suzuki, do: "GET /v1/routes?status=error", want: `[]`},
			{as: suzuki, do: "GET /v1/routes/none", status: 404}}},
		{name: "a deleted folder takes workflows and routes along, tickets keep theirs",
			calls: []call{{
				do:   "GET /v1/folders/company",
				want: `{"workflowsCount": 1, "routesCount": 0}`,
			}, {do: "DELETE /v1/folders/purchase"},
				{
					do:     "GET /v1/workflows/purchase-request",
					status: 404,
				}, {do: "GET /v1/routes/purchase-route", status: 404},
				{
					as:   tanaka,
					do:   "POST " + firstStep + "/approve",
					want: `{"workflow": {"status": "deleted"}, "route": {"status": "deleted"}}`,
				}}},
	})
}

func TestANewVersionLeavesTicketsWhereTheyAre(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	var next kickflow.Workflow
	next.Code, next.Name, next.FolderID, next.AvailableToEveryone = "purchase-request", "購買申請 2", buying, true
	next.SectionList =
		[]kickflow.Section{{FormFields: []kickflow.Field{{FieldSettings: kickflow.FieldSettings{Code: "purpose",
			Title: "目的", FieldType: "text"}}}}}
	if err := srv.State.Change(func() error { return kickflow.PublishWorkflow(srv.State, next) }); err != nil {
		t.Fatal(err)
	}
	var now struct {
		ID            string
		VersionNumber int
	}
	check(t, srv, call{do: "GET /v1/workflows/purchase-request", want: `{"name": "購買申請 2"}`}).decode(t, &now)
	if now.ID == purchase || now.VersionNumber != 2 {
		t.Errorf("got %+v", now)
	}
	check(t, srv, call{
		as: suzuki,
		do: "GET " + firstStep,
		want: `{"workflow": {"id": "` + purchase + `", "versionNumber": 1}, "inputs": [{"formFieldId": "` + purpose +
			`"}, {}, {}, {}, {}, {}]}`,
	})
	check(t, srv, call{do: "GET /v1/tickets?workflowId=" + now.ID, want: `[{}, {}, {}, {}]`})
}

func TestFirstSignIn(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	signIn := func() error {
		return srv.State.Change(func() error { return kickflow.SignIn(srv.State, "takahashi") })
	}
	if err := signIn(); err != nil {
		t.Fatal(err)
	}
	check(t, srv, call{do: "GET /v1/users/takahashi", want: `{"status": "activated"}`})
	if err := signIn(); err == nil {
		t.Error("a second first sign-in was let through")
	}
}

func TestLabels(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	check(t, srv, call{as: tanaka, do: "GET " + secondStep, want: `{"labels": [{"name": "至急", "color": "d93025"}]}`})
	if err := srv.State.Change(func() error { return kickflow.SetLabels(srv.State, firstStepsID) }); err != nil {
		t.Fatal(err)
	}
	check(t, srv, call{as: tanaka, do: "GET " + firstStep, want: `{"labels": []}`})
}

// letters is a webhook receiver that answers as configured.
type letters struct {
	mu      sync.Mutex
	status  int
	arrived chan bool
	got     []string
	bodies  []string
	signed  []string
}

func (l *letters) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var event struct{ EventType string }
	json.Unmarshal(body, &event)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.got, l.bodies, l.signed = append(l.got, event.EventType), append(l.bodies, string(body)),
		append(l.signed, r.Header.Get("X-Kickflow-Signature"))
	w.WriteHeader(l.status)
	l.arrived <- true
}

func webhook(t *testing.T, status int, hooks ...kickflow.Webhook) (*fake.TestServer, *letters) {
	l := &letters{status: status, arrived: make(chan bool, 100)}
	receiver := fake.Serve(t, l)
	for i := range hooks {
		hooks[i].URL = receiver
	}
	return newServer(t, kickflow.WithWebhooks(hooks...)), l
}

func TestWebhooksAreSignedOverEscapedJSON(t *testing.T) {
	t.Parallel()
	srv, l := webhook(t, 200, kickflow.Webhook{Secret: "secret", WorkflowCodes: []string{"purchase-request"}})
	check(t, srv, call{as: tanaka, do: "POST " + firstStep + "/approve", body: `{"comment": "<b>A & B</b>"}`})
	check(t, srv, call{as: suzuki, do: "POST " + doneTicket + "/comments", body: `{"body": "another workflow"}`})
	if err := srv.Settle(); err != nil {
		t.Fatal(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.got) != 2 || !strings.Contains(strings.Join(l.got, " "), "ticket_approved") ||
		!strings.Contains(strings.Join(l.got, " "), "comment_created") {
		t.Fatalf("got %v", l.got)
	}
	for i, body := range l.bodies {
		mac := hmac.New(sha256.New, []byte("secret"))
		io.WriteString(mac, body)
		if want := "sha256=" + hex.EncodeToString(mac.Sum(nil)); l.signed[i] != want {
			t.Errorf("%s: signature %s, want %s", l.got[i], l.signed[i], want)
		}
		if l.got[i] == "comment_created" && !strings.Contains(body, `\u003cb\u003eA \u0026 B\u003c/b\u003e`) {
			t.Errorf("not escaped: %s", body)
		}
		if !strings.Contains(body,
			`"tenant":{"id":"10000000-0000-4000-8000-000000000001","publicId":"hoshino","name":"ほしの商事"}`) {
			t.Errorf("no tenant in %.300s", body)
		}
	}
}

func TestWebhooksAreTriedElevenTimes(t *testing.T) {
	t.Parallel()
	srv, l := webhook(t, 500, kickflow.Webhook{Events: []string{"ticket_denied"}})
	srv.World.Freeze(time.Date(2026, 8, 21, 3, 0, 0, 0, time.UTC))
	check(t, srv, call{as: tanaka, do: "POST " + firstStep + "/deny"})
	for i := range 11 {
		select {
		case <-l.arrived:
		case <-time.After(10 * time.Second):
			t.Fatalf("attempt %d did not come", i+1)
		}
		if err := srv.Settle(); err != nil {
			t.Fatal(err)
		}
		srv.World.Advance(30*time.Second<<i - time.Second)
		if len(l.arrived) > 0 {
			t.Errorf("attempt %d came early", i+2)
		}
		srv.World.Advance(2 * time.Second)
	}
	d := srv.State.Deliveries()[0]
	if diff := cmp.Diff([]any{11, 500, "failed"}, []any{d.Attempts, d.Status, d.State}); diff != "" {
		t.Error(diff)
	}
	if l.signed[0] != "" {
		t.Error("signed without a secret")
	}
}

func TestPing(t *testing.T) {
	t.Parallel()
	srv, l := webhook(t, 200, kickflow.Webhook{ID: "64000000-0000-4000-8000-000000000001"})
	if err := srv.State.Change(func() error {
		return kickflow.Ping(srv.State, "64000000-0000-4000-8000-000000000001", hoshino)
	}); err != nil {
		t.Fatal(err)
	}
	if err := srv.Settle(); err != nil {
		t.Fatal(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.bodies) != 1 || !strings.Contains(l.bodies[0], `"data":{"message":`) {
		t.Errorf("got %v", l.bodies)
	}
}
