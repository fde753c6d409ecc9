package kickflow_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

// TestQueriesAreReadLikeRack checks that query strings are parsed as by Rack.
func TestQueriesAreReadLikeRack(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	for _, c := range []call{
		{do: "GET /v1/users?x=a;b", status: 200},
		{do: "GET /v1/tickets?ticketNumber=a;b", status: 200, want: `[]`},
		{
			do:     "GET /v1/users?x=50%",
			status: 400,
			want:   `{"code":"invalid_parameter","message":"Invalid request: invalid %-encoding"}`,
		},
		{do: "GET /v1/users?perPage=9&perPage=1&email=x&email=", status: 200, want: `[{}]`},
		{do: "GET /v1/users?status=&perPage=1", status: 200, want: `[{}]`},
		{
			do:     "GET /v1/users?status=asleep",
			status: 400,
			want: `{"message":"Invalid request: status: value at ` + "`/0`" +
				` is not one of: [\"invited\", \"activated\", \"suspended\", \"deactivated\"]"}`,
		},
		{
			do:     "GET /v1/tickets?updatedAtEnd=a&archivedAtEnd=b&openedAtEnd=c&completedAtStart=d&createdAtEnd=e",
			status: 400,
			want:   `{"message":"Invalid request: createdAtEnd: value at root does not match format: date-time"}`,
		},
		{
			do:     "GET /v1/tickets?createdAtStart=zz",
			status: 400,
			want:   `{"message":"Invalid request: createdAtStart: value at root does not match format: date-time"}`,
		},
		{
			do:     "GET /v1/tickets?createdAtStart=2026-04-01T09:00:00+09:00",
			status: 400,
			want:   `{"message":"Invalid request: createdAtStart: value at root does not match format: date-time"}`,
		},
		{
			do:     "GET /v1/tickets?assigneeUserId=a0000000-0000-4000-8000-000000000001",
			status: 400,
			want:   `{"message":"Invalid request: assigneeUserId and assigneeStatus must be sent together"}`,
		},
		{
			do:     "POST /v1/files",
			body:   `{}`,
			status: 415,
			want:   `{"message":"The content type must be multipart/form-data"}`,
		},
	} {
		check(t, srv, c)
	}
}

// TestListsAreSentInThreeWays checks that the values of a parameter which the definition describes as an array
// may be sent with brackets, without them, and in both ways.
func TestListsAreSentInThreeWays(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	for _, query := range []string{"status[]=invited&status[]=suspended", "status=invited&status=suspended",
		"status=suspended&status[]=invited"} {
		check(t, srv, call{do: "GET /v1/users?sortBy=code&" + query, status: 200,
			want: `[{"status":"suspended"},{"status":"invited"}]`})
	}
}

// TestPreflightOfAnUnknownPath checks that a browser which requests an unknown path gets the 404
// and not a failed preflight.
func TestPreflightOfAnUnknownPath(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	for _, method := range []string{http.MethodOptions, http.MethodGet} {
		r, err := http.NewRequest(method, srv.URL+"/v1/nothing", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Access-Control-Request-Method", "PATCH")
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		want := map[string]int{http.MethodOptions: 200, http.MethodGet: 404}[method]
		if resp.StatusCode != want || resp.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: status %d, %v", method, resp.StatusCode, resp.Header)
		}
		if allowed := resp.Header.Get("Access-Control-Allow-Methods"); method == http.MethodOptions &&
			!strings.Contains(allowed, "PATCH") {
			t.Errorf("a preflight allows %q", allowed)
		}
	}
}

// TestLimitsOffKeepTheHeaders checks that without limits the documented headers remain and no
// request is rejected.
func TestLimitsOffKeepTheHeaders(t *testing.T) {
	t.Parallel()
	srv := newServer(t, fake.WithSeed("one-a-minute"))
	for range 3 {
		got := check(t, srv, call{do: "GET /v1/user", status: 200})
		if got.header.Get("RateLimit-Limit") != "1" || got.header.Get("RateLimit-Remaining") != "0" ||
			got.header.Get("RateLimit-Reset") == "" {
			t.Errorf("headers %v", got.header)
		}
	}
}

// TestTimesAreRefusedWithTheirEvidence sends times that are none. The vendor's page says what a plus
// sign that is not escaped is answered, and the definition has no format for the audit log.
func TestTimesAreRefusedWithTheirEvidence(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	for query, want := range map[string]string{
		"tickets?createdAtStart=2026-04-01T09:00:00+09:00":   fake.Documented,
		"auditLogs?createdAtStart=2026-04-01T09:00:00+09:00": fake.Documented,
		"tickets?createdAtStart=zz":                          fake.Inferred,
		"auditLogs?createdAtEnd=2026-13-01":                  fake.Inferred,
	} {
		got := check(t, srv, call{do: "GET /v1/" + query, status: 400})
		if evidence := got.header.Get("Mockserver-Evidence"); evidence != want {
			t.Errorf("%s is refused as %s, want %s", query, evidence, want)
		}
	}
}
