package kickflow_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

// Short names of the default seed's rows.
const (
	hoshino  = "a0000000-0000-4000-8000-000000000001" // administrator
	tanaka   = "a0000000-0000-4000-8000-000000000002" // approver
	suzuki   = "a0000000-0000-4000-8000-000000000003" // member
	sato     = "a0000000-0000-4000-8000-000000000004" // of finance, with the role 購買担当
	yamada   = "a0000000-0000-4000-8000-000000000005" // suzuki's chief, with the role 人事
	invited  = "a0000000-0000-4000-8000-000000000006"
	ito      = "a0000000-0000-4000-8000-000000000007" // suspended
	watanabe = "a0000000-0000-4000-8000-000000000008" // deactivated
	staff    = "90000000-0000-4000-8000-000000000001"
	director = "90000000-0000-4000-8000-000000000003"
	chart    = "c0000000-0000-4000-8000-000000000001"
	plan     = "c0000000-0000-4000-8000-000000000002"
	hq       = "d0000000-0000-4000-8000-000000000001"
	sales    = "d0000000-0000-4000-8000-000000000002"
	sales1   = "d0000000-0000-4000-8000-000000000003"
	finance  = "d0000000-0000-4000-8000-000000000004"
	company  = "f0000000-0000-4000-8000-000000000001"
	buying   = "f0000000-0000-4000-8000-000000000002"
	expenses = "f0000000-0000-4000-8000-000000000003"
	builtIn  = "b0000000-0000-4000-8000-000000000001"
	people   = "b0000000-0000-4000-8000-000000000002"
	vendors  = "80000000-0000-4000-8000-000000000001"
)

// call is one request and what it gets. as is a token, or the UUID of a user that the service account acts
// for; empty is the administrator. want is compared with those keys of the answer that it names.
type call struct {
	as, do, body string
	status       int // 0 = 200
	want         string
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) decode(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
}

func send(t testing.TB, srv *fake.TestServer, c call) answer {
	t.Helper()
	method, path, _ := strings.Cut(c.do, " ")
	req, err := http.NewRequest(method, srv.URL+path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	switch {
	case c.as == "":
		req.Header.Set("Authorization", "Bearer "+kickflow.AdminToken)
	case strings.Count(c.as, "-") == 4:
		req.Header.Set("Authorization", "Bearer "+kickflow.ServiceToken)
		req.Header.Set("X-Caller-Id", c.as)
	default:
		req.Header.Set("Authorization", "Bearer "+c.as)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(body)}
}

// check sends a call and compares the answer.
func check(t *testing.T, srv *fake.TestServer, c call) answer {
	t.Helper()
	got := send(t, srv, c)
	if want := max(c.status, 0); got.status != want && (want != 0 || got.status != 200) {
		t.Fatalf("%s as %s: got %d, want %d: %s", c.do, c.as, got.status, want, got.body)
	}
	if c.want == "" {
		return got
	}
	if diff := cmp.Diff(parsed(t, c.want), trim(parsed(t, got.body), parsed(t, c.want))); diff != "" {
		t.Fatalf("%s as %s (-want +got):\n%.2000s\nin %.1500s", c.do, c.as, diff, got.body)
	}
	return got
}

func parsed(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return v
}

// trim leaves of an answer what the wanted text speaks of.
func trim(got, want any) any {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return got
		}
		out := map[string]any{}
		for key := range w {
			if v, ok := g[key]; ok {
				out[key] = trim(v, w[key])
			}
		}
		return out
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return got
		}
		out := make([]any, len(g))
		for i := range g {
			out[i] = trim(g[i], w[i])
		}
		return out
	}
	return got
}

// rule is a test of one rule: calls in order, on a server of its own.
type rule struct {
	name  string
	state []fake.Option
	calls []call
}

func rules(t *testing.T, all []rule) {
	for _, one := range all {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			srv := kickflow.NewServer(t, one.state...)
			for _, c := range one.calls {
				check(t, srv, c)
			}
		})
	}
}

func newServer(t testing.TB, opts ...fake.Option) *fake.TestServer {
	return kickflow.NewServer(t, opts...)
}

func ExampleNewServer() {
	var t *testing.T // of the test
	srv := kickflow.NewServer(t, kickflow.WithUsers(kickflow.User{Email: "ada@example.com", LastName: "Lovelace", FirstName: "Ada"}))
	req, err := http.NewRequest("GET", srv.URL+"/v1/users/lookupByEmail?email=ada@example.com", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+kickflow.AdminToken)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
}

func TestSeeds(t *testing.T) {
	t.Parallel()
	for _, seed := range []string{"default", "empty"} {
		srv := kickflow.NewServer(t, fake.WithSeed(seed))
		check(t, srv, call{do: "GET /v1/user", want: `{"status": "activated"}`})
		check(t, srv, call{do: "GET /v1/organizationChart", want: `{"current": true}`})
	}
}
