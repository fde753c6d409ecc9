package contracts

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty"
)

// Cases that write to a service one after the other leave the fake of Twenty as it was: its records, its data model and
// its views. What the API cannot remove is said, and here is nothing of the kind.
func TestStateOfTheFakeIsRestored(t *testing.T) {
	t.Setenv("MOCKSERVER_LIVE_TWENTY_RECORDER", twenty.Key)
	// This server does not check answers against its document, which lacks the empty ones of webhooks.
	s, err := fake.New(fake.Config{Settings: fake.Settings{Seeds: map[string]string{"twenty": "empty"},
		LimitsOff: true}},
		twenty.Def())
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("MOCKSERVER_LIVE_TWENTY_TIM", credentialOf(t, s, "twenty", "tim"))
	t.Setenv("MOCKSERVER_LIVE_TWENTY_RESTRICTED", "the conversation creates this key")
	srv := httptest.NewServer(s.Handler("twenty"))
	t.Cleanup(srv.Close)
	suite, err := Load(os.DirFS("../fixtures"), Config{Fakes: []string{"twenty"}, Defs: []*fake.Def{twenty.Def()}},
		"twenty/rest_companies_crud", "twenty/rest_people_crud", "twenty/rest_notes_and_targets",
		"twenty/metadata_custom_object_lifecycle",
		"twenty/metadata_views", "twenty/metadata_webhooks_apikeys", "twenty/roles_and_permissions")
	if err != nil {
		t.Fatal(err)
	}
	before := rowsOfLists(t, srv, suite.Cases[0].rules.State)
	report := suite.Replay(t.Context(), Live(srv.URL, true), nil)
	for _, o := range report.Outcomes {
		if o.State() != "passed" || len(o.Remains) > 0 {
			t.Errorf("%s %s: %v, skipped %q, remains %q", o.Case.Name, o.State(), o.Err, o.Skipped, o.Remains)
		}
		for _, r := range o.Results {
			for _, d := range r.Differences {
				t.Errorf("%s #%d %s: %s", o.Case.Name, r.Number, r.Request, d)
			}
		}
	}
	if diff := cmp.Diff(before, rowsOfLists(t, srv, suite.Cases[0].rules.State)); diff != "" {
		t.Errorf("the service is not as it was (-before +after):\n%s", diff)
	}
}

// credentialOf returns the credential of a principal in the default world of a server.
func credentialOf(t *testing.T, s *fake.Server, name, principal string) string {
	t.Helper()
	world, err := s.World("default")
	if err != nil {
		t.Fatal(err)
	}
	state, err := world.State(name)
	if err != nil {
		t.Fatal(err)
	}
	var known []fake.Credential
	state.View(func() { known = s.Def(name).Known(state) })
	c, err := find(known, principal, "valid")
	if err != nil {
		t.Fatal(err)
	}
	return c.Value
}

// rowsOfLists reads the lists that cases change, without their times of change.
func rowsOfLists(t *testing.T, srv *httptest.Server, rules []*StateRule) map[string]any {
	t.Helper()
	lists := map[string]any{}
	for _, rule := range rules {
		method := http.MethodGet
		if rule.Body != "" {
			method = http.MethodPost
		}
		r, err := http.NewRequest(method, srv.URL+rule.Request, strings.NewReader(rule.Body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+twenty.Key)
		r.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		var body any
		err = json.NewDecoder(res.Body).Decode(&body)
		res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s: status %d, %v", rule.Request, res.StatusCode, err)
		}
		lists[rule.About] = withoutKeys(body, rule.Ignore)
	}
	return lists
}

func withoutKeys(v any, keys []string) any {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range keys {
			delete(v, key)
		}
		for _, kid := range v {
			withoutKeys(kid, keys)
		}
	case []any:
		for _, kid := range v {
			withoutKeys(kid, keys)
		}
	}
	return v
}
