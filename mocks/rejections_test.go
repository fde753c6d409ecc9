package mocks_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
)

// serve starts all fakes with their controls. It returns the base URL and the credentials of each
// fake: the first one, and under "<fake> last" the last valid one.
func serve(t *testing.T) (url string, credentials map[string]string) {
	t.Helper()
	srv, err := fake.New(fake.Config{
		Settings:     fake.Settings{LimitsOff: true},
		CheckAnswers: true,
		Bug:          func(err error) { t.Errorf("%v", err) },
	}, mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	world, _ := srv.World("default")
	credentials = map[string]string{}
	for _, def := range mocks.All() {
		state, err := world.State(def.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range def.Known(state) {
			if credentials[def.Name] == "" {
				credentials[def.Name] = c.Value
			}
			if c.State == "valid" {
				credentials[def.Name+" last"] = c.Value // of Twenty: a user's session
			}
		}
	}
	edge := httptest.NewServer(control.New(srv, control.Options{}).Wrap(srv.Edge(), ""))
	t.Cleanup(edge.Close)
	return edge.URL, credentials
}

// call sends a request, "POST /kickflow/v1/grades" and a body, as the first principal of the fake.
func call(t *testing.T, url, key, what, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	method, path, _ := strings.Cut(what, " ")
	r, err := http.NewRequest(method, url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("X-FlexCRM-API-KEY", key)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

// TestRefusalsShowTheMarkOfTheirRule checks that the answer, the journal and explain show the
// evidence of the rule that rejected the request, not that of the operation.
func TestRefusalsShowTheMarkOfTheirRule(t *testing.T) {
	t.Parallel()
	url, keys := serve(t)
	for _, c := range []struct{ name, fake, request, body, want string }{
		{"a success has the operation's mark", "kickflow", "GET /kickflow/v1/users", "", fake.Documented},
		{"a status that no page names", "kickflow", "POST /kickflow/v1/users/sato/reinvite", "", fake.Inferred},
		{"a type, which the page on troubles names", "kickflow", "POST /kickflow/v1/grades", `{"name":1,"level":1}`,
			fake.Documented},
		{"a body that is no JSON type", "kickflow", "POST /kickflow/v1/files", `{}`, fake.Inferred},
		{"a missing row, declared", "kickflow", "GET /kickflow/v1/grades/nobody", "", fake.Documented},
		{"an unknown endpoint, the one documented text", "flexcrm", "GET /flexcrm/flex/api/v1/nothing", "",
			fake.Documented},
		{"an order by an unknown field", "flexcrm", "GET /flexcrm/flex/api/v1/flexdb/tbl_customer?order-by=x", "",
			fake.Inferred},
		{"a missing record", "flexcrm", "GET /flexcrm/flex/api/v1/flexdb/tbl_customer/999", "", fake.Inferred},
		{"a text over the length of the page", "flexcrm", "POST /flexcrm/flex/api/v1/flexdb/tbl_customer",
			`{"name":"` + strings.Repeat("x", 121) + `"}`, fake.Documented},
		{"a page without its number", "flosum", "GET /flosum/api/v1/connections", "", fake.Documented},
		{"a path that nobody has", "flosum", "GET /flosum/api/v1/nothing", "", fake.Inferred},
		{"recorded for objects", "twenty", "POST /twenty/rest/metadata/objects", `{}`, fake.Recorded},
		{"in the public source, and not recorded for keys", "twenty last",
			"POST /twenty/rest/metadata/apiKeys", `{}`, fake.Documented},
		{"a recorded message with another value", "twenty", "POST /twenty/rest/companies", `{"name":["zz",1]}`,
			fake.Recorded},
		{"a recorded message of GraphQL", "twenty", "POST /twenty/graphql", `{"query":"{ zz { edges { cursor } } }"}`,
			fake.Recorded},
		{"a query of GraphQL that succeeds", "twenty", "POST /twenty/graphql",
			`{"query":"{ companies { totalCount } }"}`, fake.Recorded},
	} {
		resp, text := call(t, url, keys[c.fake], c.request, c.body)
		if got := resp.Header.Get("Mockserver-Evidence"); got != c.want {
			t.Errorf("%s: %s answered %d with evidence %q, want %q: %.200s", c.name, c.request, resp.StatusCode, got,
				c.want, text)
		}
		checkExplain(t, url, resp, c.want)
	}
}

func checkExplain(t *testing.T, url string, resp *http.Response, want string) {
	t.Helper()
	_, list := call(t, url, "", "GET /__admin/requests?limit=1", "")
	var journal struct{ Requests []struct{ ID string } }
	if err := json.Unmarshal([]byte(list), &journal); err != nil || len(journal.Requests) != 1 {
		t.Fatalf("journal: %v %s", err, list)
	}
	_, text := call(t, url, "", "GET /__admin/requests/"+journal.Requests[0].ID+"/explain", "")
	var explain struct {
		Rejection *fake.Rejection `json:"refusal"`
	}
	if err := json.Unmarshal([]byte(text), &explain); err != nil {
		t.Fatal(err)
	}
	switch r := explain.Rejection; {
	case resp.StatusCode < 400:
	case r == nil || r.Evidence != want || strings.HasPrefix(r.Source, "inferred"):
		t.Errorf("%s explains %s, want evidence %s", resp.Request.URL, text, want)
	}
}

// TestFidelityNamesTheImitatedVersion, of each world its own.
func TestFidelityNamesTheImitatedVersion(t *testing.T) {
	t.Parallel()
	url, _ := serve(t)
	call(t, url, "", "POST /__admin/worlds", `{"name":"newer","settings":{"texts":{"version":"2.43"}}}`)
	for path, want := range map[string]string{
		"/__admin/fidelity":              `"imitates":{"twenty":"2.21.0 (recorded)"}`,
		"/__admin/worlds/newer/fidelity": `"imitates":{"twenty":"2.43.0 (documented)"}`,
	} {
		if _, text := call(t, url, "", "GET "+path, ""); !strings.Contains(text, want) {
			t.Errorf("%s has no %s", path, want)
		}
	}
}
