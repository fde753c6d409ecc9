package twenty

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/fake"
)

// credential returns the well-known token of a principal in a state.
func credential(tb testing.TB, srv *fake.TestServer, principal, state string) string {
	tb.Helper()
	for _, c := range knownCredentials(srv.State) {
		if c.Principal == principal && c.State == state {
			return c.Value
		}
	}
	tb.Fatalf("no %s %s among the credentials", state, principal)
	return ""
}

func TestTheTokenDecidesWhoCalls(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	for _, c := range []struct {
		name, token, line string
		want              int
		wantBody          string
	}{
		{"no token", "", "GET /rest/metadata/objects", 403,
			`{"statusCode":403,"messages":["Missing authentication token"],"error":"FORBIDDEN_EXCEPTION"}`},
		{"not a token", "nonsense", "GET /rest/nothing", 401,
			`{"statusCode":401,"messages":["Token invalid."],"error":"UNAUTHENTICATED"}`},
		{"a token of somebody else's making", Key[:len(Key)-3] + "AAA", "GET /rest/metadata/objects", 401,
			`"Token invalid."`},
		{"an expired session", credential(t, srv, "tim", "expired"), "GET /rest/metadata/objects", 401,
			`"Token has expired."`},
		{"a revoked key", credential(t, srv, "restricted", "revoked"), "GET /rest/metadata/objects", 403,
			`"This API Key is revoked"`},
		{"a role without the data model", credential(t, srv, "restricted", "valid"), "GET /rest/metadata/objects", 403,
			`{"statusCode":403,"error":"Error",` +
				`"messages":["Entity performing the request does not have permission"],"code":"PERMISSION_DENIED"}`},
		{"a role without webhooks", credential(t, srv, "restricted", "valid"), "GET /rest/webhooks", 400,
			`"code":"PERMISSION_DENIED"`},
		{"a session of an Admin", credential(t, srv, "tim", "valid"), "GET /rest/apiKeys", 200, `"name":"recorder"`},
		{"a key makes no keys", Key, "POST /rest/apiKeys", 400, `"This endpoint requires a session access token"`},
		{"a path of too many parts, without a token", "", "GET /rest/a/b/c", 403, `"Missing authentication token"`},
		{"a path of too many parts", Key, "GET /rest/a/b/c", 400, `Query path '/rest/a/b/c' invalid.`},
		{"a path beside REST", "", "GET /nowhere?x=1", 404,
			`{"message":"Cannot GET /nowhere?x=1","error":"Not Found","statusCode":404}`},
		{"an old path with a method it never had", Key, "PUT /rest/webhooks", 400,
			"object 'webhooks' not found. eg: companies"},
		{"an old path", Key, "GET /rest/webhooks/", 200, "[]"},
		{"health", "", "GET /healthz", 200, `{"status":"ok","info":{},"error":{},"details":{}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			status, body := ask(t, srv, c.token, c.line, "")
			if status != c.want || !strings.Contains(body, c.wantBody) {
				t.Errorf("%d %s", status, body)
			}
		})
	}
}

func TestAKeyExpiresByTheClockOfTheWorld(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	srv.World.Freeze(time.Date(2099, 1, 2, 0, 0, 0, 0, time.UTC))
	if status, body := ask(t, srv, Key, "GET /rest/metadata/objects", ""); status != 401 ||
		!strings.Contains(body, "Token has expired.") {
		t.Errorf("%d %s", status, body)
	}
}

func TestJSONIsReadBeforeAnybodyAsksWhoCalls(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	status, body := ask(t, srv, "", "POST /rest/companies", `{"name":`)
	if want := `{"message":"Unexpected end of JSON input","error":"Bad Request","statusCode":400}`; status != 400 ||
		body != want {
		t.Errorf("%d %s", status, body)
	}
}

func TestEveryAnswerHasTheHeadersOfTheServer(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	req, _ := http.NewRequest("OPTIONS", srv.URL+"/rest/companies", nil)
	req.Header.Set("Access-Control-Request-Method", "POST")
	req.Header.Set("Access-Control-Request-Headers", "authorization")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	for name, want := range map[string]string{"Access-Control-Allow-Origin": "*",
		"Access-Control-Expose-Headers": "WWW-Authenticate", "X-Powered-By": "Express",
		"Access-Control-Allow-Methods": "GET,HEAD,PUT,PATCH,POST,DELETE",
		"Access-Control-Allow-Headers": "authorization"} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if res.StatusCode != 204 {
		t.Errorf("status %d", res.StatusCode)
	}
}

func TestTheDocumentedSideIsASwitch(t *testing.T) {
	t.Parallel()
	off, on := NewServer(t), NewServer(t, fake.WithFeature(asDocumented, true))
	for _, c := range []struct {
		line, token     string
		wantOff, wantOn int
		bodyOff, bodyOn string
	}{
		{"GET /rest/metadata/objects/companies", Key, 400, 200, "Validation failed (uuid is expected)",
			`"nameSingular":"company"`},
		{"GET /rest/metadata/picklists", Key, 400, 200, "'picklists' is not a valid UUID", `"fieldName":"stage"`},
		{"GET /rest/companies", "", 403, 401, "Missing authentication token", "Missing authentication token"},
	} {
		if status, body := ask(t, off, c.token, c.line, ""); status != c.wantOff || !strings.Contains(body, c.bodyOff) {
			t.Errorf("off: %s: %d %.200s", c.line, status, body)
		}
		if status, body := ask(t, on, c.token, c.line, ""); status != c.wantOn || !strings.Contains(body, c.bodyOn) {
			t.Errorf("on: %s: %d %.200s", c.line, status, body)
		}
	}
}

func TestTheRateLimitIsABucketThatRefills(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithLimits())
	srv.World.Freeze(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC))
	for range 100 {
		if status, body := ask(t, srv, Key, "GET /rest/notes?limit=0", ""); status != 200 {
			t.Fatalf("%d %s", status, body)
		}
	}
	refused := func(token, line string) bool {
		status, body := ask(t, srv, token, line, "")
		return status == 429 &&
			body == `{"statusCode":429,"error":"HttpException","messages":["Limit reached (100 tokens per 60000 ms)"]}`
	}
	if !refused(Key, "GET /rest/notes") || !refused(Key, "GET /rest/notes/ffffffff-ffff-4fff-8fff-ffffffffffff") {
		t.Error("the hundred and first request is let through")
	}
	for _, free := range []string{"GET /rest/notes?filter=bad", "GET /rest/metadata/objects?limit=1"} {
		if refused(Key, free) {
			t.Errorf("%s is counted", free)
		}
	}
	if refused(credential(t, srv, "tim", "valid"), "GET /rest/notes") {
		t.Error("a user is counted")
	}
	srv.World.Advance(700 * time.Millisecond)
	if refused(Key, "GET /rest/notes") {
		t.Error("after 0.7 seconds no token is back")
	}
	if !refused(Key, "GET /rest/notes") {
		t.Error("after 0.7 seconds more than one token is back")
	}
}

func TestATokenOfOnesOwnChoosingStandsForTheFirstKey(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	err := srv.State.Change(func() error {
		if list := newCredentials(srv.State, "my own"); list[0].Value != "my own" || list[0].Principal != "recorder" {
			t.Errorf("%+v", list[0])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if status, body := ask(t, srv, "my own", "POST /rest/companies", `{"name":"x"}`); status != 201 ||
		!strings.Contains(body, `"name":"recorder"`) {
		t.Errorf("%d %s", status, body)
	}
}

func TestTheDefaultSeedIsAWorkspaceOneCanWorkIn(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	for line, want := range map[string]string{
		"GET /rest/companies":                                         `"totalCount":16`,
		"GET /rest/people":                                            `"totalCount":26`,
		"GET /rest/opportunities":                                     `"totalCount":12`,
		"GET /rest/tasks?filter=assigneeId[is]:NOT_NULL":              `"totalCount":8`,
		"GET /rest/people?filter=company.name[eq]:Northwind%20Looms":  `"totalCount":2`,
		"GET /rest/noteTargets?depth=1&limit=1":                       `"title":"`,
		"GET /rest/workspaceMembers?filter=name.firstName[eq]:Ichiro": `"totalCount":1`,
		`GET /rest/opportunities/groupBy?group_by=[{"stage":true}]` +
			`&aggregate=["totalCount"]`: `"groupByDimensionValues":["NEW"]`,
	} {
		if status, body := ask(t, srv, Key, line, ""); status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %.300s", line, status, body)
		}
	}
}
