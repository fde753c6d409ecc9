package flosum

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

// ask is a test request: "METHOD path", with credential and body.
type ask struct {
	line   string
	as     string // bearer token; AdminToken if empty, none if "-"
	host   string
	body   string // JSON unless form is set
	form   bool
	header map[string]string
}

type answer struct {
	status int
	header http.Header
	body   string
}

func send(t testing.TB, srv *fake.TestServer, a ask) answer {
	t.Helper()
	method, path, _ := strings.Cut(a.line, " ")
	req, err := http.NewRequest(method, srv.URL+path, strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	if a.as == "" {
		a.as = AdminToken
	}
	if a.as != "-" {
		req.Header.Set("Authorization", "Bearer "+a.as)
	}
	if a.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if a.form {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range a.header {
		req.Header.Set(name, value)
	}
	req.Host = a.host
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

// decoded returns the decoded JSON body.
func (a answer) decoded(t testing.TB) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	return v
}

// into decodes a JSON body.
func (a answer) into(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
}

// check compares an answer with a status and, unless body is empty, a JSON body.
func check(t testing.TB, got answer, status int, body string) {
	t.Helper()
	if got.status != status {
		t.Errorf("status %d, want %d; body %s", got.status, status, got.body)
	}
	if body == "" {
		return
	}
	var want any
	if err := json.Unmarshal([]byte(body), &want); err != nil {
		t.Fatalf("the wanted body is no JSON: %v", err)
	}
	if diff := cmp.Diff(want, got.decoded(t)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

const noAuth = `{"message":"Unauthorized","error":null,"statusCode":401}`

func badRequest(texts ...string) string {
	return string(encode(wireError{texts, pointer("Bad Request"), 400}))
}

func notFound(text string) string { return string(encode(wireError{text, pointer("Not Found"), 404})) }

func pointer[T any](v T) *T { return &v }

const everyBackup = "types=full&types=full%20%26%20sync&types=template&types=archive&statuses=In%20Progress&" +
	"statuses=Exception&statuses=Completed&statuses=Aborted"

func TestRequestsGetTheirAnswers(t *testing.T) {
	t.Parallel()
	ben := "synthetic-access-token-ben"
	for _, tt := range []struct {
		name   string
		ask    ask
		status int
		body   string
	}{
		{"connections", ask{line: "GET /api/v1/connections?page=1&limit=1"}, 200,
			`{"total":3,"items":[{"id":1,"externalId":101,"name":"Hoshino Production",` +
				`"userName":"backup@hoshino.example","salesforceOrgType":"PRODUCTION"}]}`},
		{"a page beyond the end is empty", ask{line: "GET /api/v1/connections?page=9&limit=2000"}, 200,
			`{"total":3,"items":[]}`},
		{"the farthest page is empty", ask{line: "GET /api/v1/connections?page=9223372036854775807&limit=2000"}, 200,
			`{"total":3,"items":[]}`},
		{"search finds parts of names in any case", ask{line: "GET /api/v1/connections?page=1&limit=9&search=eMe"}, 200,
			`{"total":1,"items":[{"id":3,"externalId":103,"name":"Hoshino EMEA","userName":"robot@hoshino.example",` +
				`"salesforceOrgType":"PRODUCTION"}]}`},
		{"an empty search finds all", ask{line: "GET /api/v1/connections?page=9&limit=9&search="}, 200,
			`{"total":3,"items":[]}`},
		{"a user sees the connections they were given", ask{
			line: "GET /api/v1/connections?page=2&limit=1",
			as:   ben,
		}, 200,
			`{"total":2,"items":[{"id":2,"externalId":102,"name":"Hoshino Full Sandbox",` +
				`"userName":"backup@hoshino.example.full","salesforceOrgType":"SANDBOX"}]}`},
		{"page and limit have no defaults", ask{line: "GET /api/v1/connections"}, 400,
			badRequest("page must not be less than 1", "page must be a number conforming to the specified constraints",
				"limit must not be greater than 2000", "limit must not be less than 1",
				"limit must be a number conforming to the specified constraints")},
		{"all violations come at once",
			ask{line: "GET /api/v1/connections?page=0&limit=2001&search=" + strings.Repeat("x", 81)}, 400,
			badRequest("search must be shorter than or equal to 80 characters", "page must not be less than 1",
				"limit must not be greater than 2000")},
		{"a page is a whole number", ask{line: "GET /api/v1/connections?page=1.5&limit=1"}, 400,
			badRequest("page must not be less than 1",
				"page must be a number conforming to the specified constraints")},
		{"no token", ask{line: "GET /api/v1/connections?page=1&limit=1", as: "-"}, 401, noAuth},
		{"another scheme", ask{line: "GET /api/v1/connections?page=1&limit=1", as: "-",
			header: map[string]string{"Authorization": "Basic " + AdminToken}}, 401, noAuth},
		{"no such token", ask{line: "GET /api/v1/connections?page=1&limit=1", as: "wrong"}, 401, noAuth},
		{"a revoked token", ask{line: "GET /api/v1/connections?page=1&limit=1", as: AdminToken + "-revoked"}, 401,
			noAuth},
		{"an expired token", ask{line: "GET /api/v1/connections?page=1&limit=1", as: AdminToken + "-expired"}, 401,
			noAuth},
		{"an inactive user's token",
			ask{line: "GET /api/v1/connections?page=1&limit=1", as: "synthetic-access-token-cleo"}, 401, noAuth},
		{"401 comes before 400", ask{line: "GET /api/v1/connections", as: "wrong"}, 401, noAuth},
		{"a token of another region",
			ask{line: "GET /api/v1/connections?page=1&limit=1", host: "backup-jp.flosum.app"}, 401, noAuth},
		{"the other region's token without its host",
			ask{line: "GET /api/v1/connections?page=1&limit=1", as: "synthetic-access-token-hana"}, 401, noAuth},
		{"the other region", ask{
			line: "GET /api/v1/connections?page=1&limit=1",
			as:   "synthetic-access-token-hana",
			host: "backup-jp.flosum.app",
		}, 200,
			`{"total":1,"items":[{"id":4,"externalId":201,"name":"雲 本番","userName":"backup@kumo.example",` +
				`"salesforceOrgType":"PRODUCTION"}]}`},
		{"another tenant's connection does not exist", ask{line: "GET /api/v1/connections/4"}, 404,
			notFound("Connection with id 4 not found")},
		{"the other service's host", ask{
			line: "GET /api/v1/connections?page=1&limit=1",
			host: "global-us.flosum.app",
		}, 404,
			notFound("Cannot GET /api/v1/connections")},
		{"this service's host", ask{line: "GET /api/v1/connections?page=2&limit=3", host: "backup-us.flosum.app"}, 200,
			`{"total":3,"items":[]}`},
		{"a connection", ask{line: "GET /api/v1/connections/2"}, 200,
			`{"id":2,"externalId":102,"name":"Hoshino Full Sandbox","userFullName":"Backup Integration",` +
				`"userName":"backup@hoshino.example.full","salesforceOrgId":"00D7Y00000AcmSbUAJ",` +
				`"salesforceOrgType":"SANDBOX"}`},
		{"a connection one was not given", ask{line: "GET /api/v1/connections/3", as: ben}, 403,
			`{"message":"Forbidden resource","error":"Forbidden","statusCode":403}`},
		{"an unknown connection", ask{line: "GET /api/v1/connections/99"}, 404,
			notFound("Connection with id 99 not found")},
		{"an id that is no number", ask{line: "GET /api/v1/connections/x1"}, 400,
			badRequest("connectionId must be a positive number")},
		{"a hexadecimal id", ask{line: "GET /api/v1/connections/0x1/settings"}, 400,
			badRequest("connectionId must be a positive number")},
		{"id 0", ask{line: "GET /api/v1/connections/0"}, 400, badRequest("connectionId must be a positive number")},
		{"by long Salesforce id", ask{line: "GET /api/v1/connections/connectionId/00D7Y00000AcmSbUAJ"}, 200,
			`{"connectionId":2}`},
		{"by short Salesforce id", ask{line: "GET /api/v1/connections/connectionId/00D7Y00000AcmSb"}, 200,
			`{"connectionId":2}`},
		{"a Salesforce id with a wrong suffix", ask{line: "GET /api/v1/connections/connectionId/00D7Y00000AcmSbXXX"},
			404, notFound("Connection with id 00D7Y00000AcmSbXXX not found")},
		{"a Salesforce id of another length", ask{line: "GET /api/v1/connections/connectionId/00D7Y00000AcmSbEA"}, 400,
			badRequest("salesforceOrgId must be 15 or 18 characters long")},
		{"a Salesforce id of another tenant", ask{line: "GET /api/v1/connections/connectionId/00D5j00000KumPr"}, 404,
			""},
		{"a Salesforce id one was not given",
			ask{line: "GET /api/v1/connections/connectionId/00D2o00000AcmEu", as: ben}, 403, ""},
		{"an unknown path", ask{line: "GET /api/v2/connections"}, 404, notFound("Cannot GET /api/v2/connections")},
		{"another method", ask{line: "DELETE /api/v1/connections/1"}, 404,
			notFound("Cannot DELETE /api/v1/connections/1")},
		{"settings", ask{line: "GET /api/v1/connections/3/settings"}, 200,
			`{"apiQuota":{"rest":80,"bulk":80},"info":{"id":3,"name":"Hoshino EMEA",` +
				`"userName":"robot@hoshino.example",` +
				`"salesforceOrgId":"00D2o00000AcmEuEAJ","salesforceOrgType":"PRODUCTION"},` +
				`"scheduler":{"isBackupsDisabled":true,"isArchivesDisabled":true},` +
				`"initialBinaryRecordsLimit":5000}`},
		{"settings need both switches", ask{
			line: "PUT /api/v1/connections/1/settings",
			body: `{"isBackupsDisabled":"no"}`,
		}, 400,
			badRequest("isArchivesDisabled must be a boolean value", "isBackupsDisabled must be a boolean value")},
		{"settings of an unknown connection", ask{line: "PUT /api/v1/connections/99/settings",
			body: `{"isBackupsDisabled":true,"isArchivesDisabled":true}`}, 404, ""},
		{"a body that is no JSON", ask{line: "PUT /api/v1/connections/1/settings", body: `{`}, 400,
			badRequest("the body is not valid JSON")},
		{"no body", ask{line: "PUT /api/v1/connections/1/settings"}, 400,
			badRequest("isBackupsDisabled must be a boolean value", "isArchivesDisabled must be a boolean value")},
		{"another type of body", ask{
			line:   "PUT /api/v1/connections/1/settings",
			body:   "<x/>",
			header: map[string]string{"Content-Type": "text/xml"},
		}, 400,
			badRequest("isBackupsDisabled must be a boolean value", "isArchivesDisabled must be a boolean value",
				`the body was not read: content type "text/xml"; expected application/json`)},
		{"backups need types and statuses of the known ones",
			ask{line: "GET /api/v1/connections/1/backups?page=1&limit=5&statuses=Done&statuses=Lost&" +
				"startedDate=yesterday&order=up"}, 400,
			badRequest("each value in types must be one of the following values: full, full & sync, template, archive",
				"types must be an array",
				"each value in statuses must be one of the following values: "+
					"In Progress, Exception, Completed, Aborted",
				"startedDate must be a valid ISO 8601 date string",
				"order must be one of the following values: ASC, DESC")},
		{"a date that no calendar has",
			ask{line: "GET /api/v1/connections/1/backups?page=1&limit=5&" + everyBackup + "&endDate=2026-02-31"}, 400,
			badRequest("endDate must be a valid ISO 8601 date string")},
		{"backups of an unknown connection",
			ask{line: "GET /api/v1/connections/99/backups?page=1&limit=5&" + everyBackup}, 404,
			notFound("Connection with id 99 not found")},
		{"one backup, by type and status",
			ask{line: "GET /api/v1/connections/1/backups?page=1&limit=5&types=archive&statuses[]=Completed"}, 200,
			`{"total":1,"items":[{"id":4,"name":"Closed cases","jobId":104,"jobStatus":"Completed",` +
				`"startedDate":"2026-10-08T22:05:00.000Z","duration":"1450",` +
				`"size":900000,"records":450,"operationType":"Templated Archive"}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			check(t, send(t, NewServer(t), tt.ask), tt.status, tt.body)
		})
	}
}

func TestBackupsAreFilteredSortedAndPaged(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	for _, tt := range []struct {
		query string
		want  []int
	}{
		{everyBackup, []int{105, 104, 103, 102, 101}},
		{everyBackup + "&order=ASC", []int{101, 102, 103, 104, 105}},
		{everyBackup + "&sortBy=name&order=ASC", []int{102, 104, 105, 101, 103}},
		{everyBackup + "&sortBy=name", []int{103, 101, 105, 104, 102}},
		{everyBackup +
			"&sortBy=startedDate&order=ASC&startedDate=2026-10-06T08:00:00Z&endDate=2026-10-08T22:05:00.000Z",
			[]int{102, 103, 104}},
		{everyBackup + "&startedDate=2026-10-09&endDate=2026-10-09T12:00:00%2B09:00", nil},
		{everyBackup + "&isIncludeMetadata=true", []int{103, 101}},
		{everyBackup + "&isIncludeMetadata=false", []int{105, 104, 102}},
		{everyBackup + "&search=NIGHT", []int{103, 101}},
		{"types=full&statuses=Completed", []int{101}},
		{"types=full%20%26%20sync&statuses=Completed", nil},
		{"types=full&types=template&statuses=Completed&statuses=Exception", []int{103, 102, 101}},
	} {
		var page struct {
			Total int
			Items []struct{ JobID int }
		}
		got := send(t, srv, ask{line: "GET /api/v1/connections/1/backups?page=1&limit=50&" + tt.query})
		got.into(t, &page)
		var ids []int
		for _, item := range page.Items {
			ids = append(ids, item.JobID)
		}
		if diff := cmp.Diff(tt.want, ids); diff != "" || page.Total != len(tt.want) {
			t.Errorf("%s: total %d, jobs (-want +got):\n%s", tt.query, page.Total, diff)
		}
	}
	check(t, send(t, srv, ask{line: "GET /api/v1/connections/2/backups?page=1&limit=1&" + everyBackup}), 200,
		`{"total":1,"items":[{"id":6,"name":"Sandbox, everything","jobId":106,"jobStatus":"Completed",`+
			`"startedDate":"2026-10-10T01:00:00.000Z","duration":"5610",`+
			`"size":2200000,"records":610,"operationType":"Composite & Sync Backup"}]}`)
}

func TestSettingsKeepTheLimitThatIsNotSent(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	check(t, send(t, srv, ask{
		line: "PUT /api/v1/connections/1/settings",
		body: `{"isBackupsDisabled":true,"isArchivesDisabled":false,"initialBinaryRecordsLimit":12}`,
	}), 200,
		`{"message":"Connection settings were updated successfully."}`)
	check(t, send(t, srv, ask{
		line: "PUT /api/v1/connections/1/settings",
		body: `{"isBackupsDisabled":false,"isArchivesDisabled":true}`,
	}), 200, "")
	var got settingsView
	send(t, srv, ask{line: "GET /api/v1/connections/1/settings"}).into(t, &got)
	if diff := cmp.Diff(settingsView{APIQuota: Quota{80, 80}, Scheduler: Permission{false, true},
		InitialBinaryRecordsLimit: 12, Info: got.Info}, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestOptionsAddRows(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"),
		WithConnections(Connection{Name: "Mine", SalesforceOrgID: "00D000000000001"}),
		WithTemplates(Template{Name: "T", Steps: []Step{{ObjectAPIName: "Account", Label: "A"}}}),
		WithUsers(User{Email: "eve@acme.example", Name: "Eve"}))
	check(t, send(t, srv, ask{line: "GET /api/v1/connections?page=1&limit=1"}), 200,
		`{"total":1,"items":[{"id":1,"externalId":1001,"name":"Mine","userName":"","salesforceOrgType":"PRODUCTION"}]}`)
	check(t, send(t, srv, ask{line: "GET /api/v1/connections/1/templates/backup/1"}), 200,
		`{"id":1,"name":"T","type":"backup","roots":[[{"id":1,"objectApiName":"Account","label":"A","level":1}]]}`)
}

func TestNamedFaultsHaveThePlatformsShape(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	for name, want := range map[string]string{
		"internal-error": `{"message":"Internal server error","error":null,"statusCode":500}`,
		"unauthorized":   noAuth,
		"forbidden":      `{"message":"Forbidden resource","error":"Forbidden","statusCode":403}`,
		"invalid-grant":  badRequest("code is invalid"),
		"invalid-client": badRequest("client_id or client_secret is invalid"),
	} {
		got := send(t, srv, ask{
			line:   "GET /api/v1/connections?page=1&limit=1",
			header: map[string]string{"Prefer": "fault=" + name},
		})
		check(t, got, got.status, want)
	}
}
