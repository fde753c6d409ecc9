package kickflow_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	_ "github.com/afba07b5/mockserver/internal/pace"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

// Short names of the default seed's rows.
const (
	hoshino  = "a0000000-0000-4000-8000-000000000001" // administrator
	tanaka   = "a0000000-0000-4000-8000-000000000002" // approver
	suzuki   = "a0000000-0000-4000-8000-000000000003" // member
	sato     = "a0000000-0000-4000-8000-000000000004" // in finance, with the role 購買担当
	yamada   = "a0000000-0000-4000-8000-000000000005" // suzuki's manager, with the role 人事
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

// call is one request and its expected answer. as is a token, or the UUID of a user that the
// service account acts for; the default is the administrator. Only the keys of the answer that want
// has are compared.
type call struct {
	as, do, body string
	status       int // 0 = 200
	want         string
}

// answer is a received answer.
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

// authorize authenticates a request with a token, as the user with a UUID, or as the administrator.
func authorize(req *http.Request, as string) {
	switch {
	case as == "":
		req.Header.Set("Authorization", "Bearer "+kickflow.AdminToken)
	case strings.Count(as, "-") == 4:
		req.Header.Set("Authorization", "Bearer "+kickflow.ServiceToken)
		req.Header.Set("X-Caller-Id", as)
	default:
		req.Header.Set("Authorization", "Bearer "+as)
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
	authorize(req, c.as)
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

// trim reduces an answer to the keys of the wanted text.
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

// rule is a test of one rule: calls in order, on a separate server.
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
	var t *testing.T // the test's argument
	srv := kickflow.NewServer(t, kickflow.WithUsers(kickflow.User{
		Email:     "ada@example.com",
		LastName:  "Lovelace",
		FirstName: "Ada",
	}))
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

func TestOptionsAddRows(t *testing.T) {
	t.Parallel()
	const id = "-0000-4000-8000-00000000000f"
	var ticket kickflow.Ticket
	ticket.ID, ticket.AuthorID, ticket.WorkflowVersionID, ticket.Status = "70000000"+id, "a0000000"+id, "40100000"+
		id, "draft"
	ticket.LabelIDs = []string{"61000000" + id}
	var w kickflow.Workflow
	w.Code, w.VersionID, w.Current, w.FolderID, w.CategoryIDs = "w", "40100000"+id, true, "f0000000"+
		id, []string{"e0000000" + id}
	srv := newServer(t, fake.WithSeed("empty"),
		kickflow.WithCustomFields(kickflow.CustomField{Code: "desk", FieldType: "integer"}),
		kickflow.WithUsers(kickflow.User{ID: "a0000000" + id, Code: "ada", LastName: "Lovelace", FirstName: "Ada"}),
		kickflow.WithTokens(kickflow.Token{Value: "ada-token", Kind: "personal", UserID: "a0000000" + id, Name: "ada"}),
		kickflow.WithRoles(kickflow.Role{
			ID:             "b0000000" + id,
			Name:           "grades",
			Editable:       true,
			PermissionList: []kickflow.Permission{{Permission: "user"}},
		}),
		kickflow.WithRoleMembers(kickflow.RoleMember{RoleID: "b0000000" + id, UserID: "a0000000" + id}),
		kickflow.WithCharts(kickflow.Chart{ID: "c0000000" + id, Name: "next"}),
		kickflow.WithTeams(kickflow.Team{ID: "d0000000" + id, Name: "Engines", Code: "engines"}),
		kickflow.WithMemberships(kickflow.Membership{TeamID: "d0000000" + id, UserID: "a0000000" + id, Leader: true}),
		kickflow.WithCategories(kickflow.Category{ID: "e0000000" + id, Name: "c"}),
		kickflow.WithFolders(kickflow.Folder{ID: "f0000000" + id, Name: "f", Code: "f"}),
		kickflow.WithGeneralMasters(kickflow.Master{ID: "80000000" + id, Name: "m", Code: "m"}),
		kickflow.WithGeneralMasterItems(kickflow.Item{MasterID: "80000000" + id, Name: "i", Code: "i"}),
		kickflow.WithSubStatuses(kickflow.SubStatus{Name: "s"}),
		kickflow.WithLabels(kickflow.Label{ID: "61000000" + id, Name: "l", Color: "ffffff"}),
		kickflow.WithWorkflows(w), kickflow.WithTickets(ticket),
		kickflow.WithProxyApplicants(kickflow.Proxy{UserID: "a0000000" + id, ProxyUserID: hoshino}),
		kickflow.WithProxyApprovers(kickflow.Proxy{UserID: hoshino, ProxyUserID: "a0000000" + id}))
	for _, c := range []call{
		{as: "ada-token", do: "GET /v1/grades", want: `[{}]`},
		{
			do:   "PATCH /v1/users/ada",
			body: `{"customFields": [{"code": "desk", "value": "1"}]}`,
			want: `{"customFields": [{"value": "1"}]}`,
		},
		{
			do:   "GET /v1/organizationCharts",
			want: `[{"current": true, "teamsCount": 1, "membershipsCount": 1}, {"name": "next"}]`,
		},
		{do: "GET /v1/users/ada/teams", want: `[{"code": "engines"}]`},
		{do: "GET /v1/workflows", want: `[{"folder": {"code": "f"}, "categories": [{"name": "c"}]}]`},
		{do: "GET /v1/generalMasters/m/items/i", want: `{"inputs": []}`},
		{as: "ada-token", do: "GET /v1/tickets", want: `[{"status": "draft", "labels": [{"name": "l"}]}]`},
		{do: "GET /v1/proxyApplicants", want: `[{"user": {"code": "ada"}}]`},
		{do: "GET /v1/proxyApprovers", want: `[{"proxyUser": {"code": "ada"}}]`},
	} {
		check(t, srv, c)
	}
	if got := len(srv.Rows("subStatuses")); got != 1 {
		t.Errorf("%d sub-statuses", got)
	}
}
