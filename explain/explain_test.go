package explain_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/explain"
	"github.com/afba07b5/mockserver/fake"
	_ "github.com/afba07b5/mockserver/internal/pace"
	"github.com/afba07b5/mockserver/mocks"
)

// rig is a server with all fakes, rate limits off.
type rig struct {
	t     *testing.T
	srv   *fake.Server
	world *fake.World
	url   string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	options := fake.Config{Settings: fake.Settings{LimitsOff: true}, CheckAnswers: true,
		Bug: func(err error) { t.Errorf("%v", err) }}
	srv, err := fake.New(options, mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	world, _ := srv.World("default")
	if err := world.Build(); err != nil {
		t.Fatal(err)
	}
	edge := httptest.NewServer(srv.Edge())
	t.Cleanup(edge.Close)
	return &rig{t, srv, world, edge.URL}
}

// key returns the credential of a principal.
func (g *rig) key(name, principal string) string {
	g.t.Helper()
	state, err := g.world.State(name)
	if err != nil {
		g.t.Fatal(err)
	}
	for _, c := range g.srv.Def(name).Known(state) {
		if c.Principal == principal && c.State == "valid" {
			return c.Value
		}
	}
	g.t.Fatalf("%s has no %s", name, principal)
	return ""
}

// send sends a request and returns its entry in the journal.
func (g *rig) send(method, url string, header http.Header, body string) *fake.Entry {
	g.t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	r.Header = header
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	entries, _ := g.world.Journal.Entries()
	return entries[len(entries)-1]
}

// saved is everything of the world that a client or a test can see.
func (g *rig) saved() string {
	g.t.Helper()
	saved, _, _, err := g.world.Save()
	if err != nil {
		g.t.Fatal(err)
	}
	entries, dropped := g.world.Journal.Entries()
	text, err := json.Marshal([]any{saved, g.world.Dump(), entries, dropped, g.world.Queue(), g.world.Bounds()})
	if err != nil {
		g.t.Fatal(err)
	}
	return string(text)
}

// broken is a request with several faults and the rules that explain has to name.
type broken struct {
	name    string
	fake    string
	as      string // the principal; none if empty
	request string // method and path below the fake
	body    string
	header  map[string]string
	rules   []string // a part of each rule, in order
	satisfy []string // a part of what satisfies each
	changes []string // of the nearest request
	status  int      // of its answer
}

func (g *rig) explain(b broken) *explain.Explanation {
	g.t.Helper()
	header := http.Header{}
	if b.body != "" {
		header.Set("Content-Type", "application/json")
	}
	if b.as != "" {
		header.Set("Authorization", "Bearer "+g.key(b.fake, b.as))
		header.Set("X-FlexCRM-API-KEY", g.key(b.fake, b.as))
	}
	for name, value := range b.header {
		header.Set(name, value)
	}
	method, path, _ := strings.Cut(b.request, " ")
	e := g.send(method, g.url+"/"+b.fake+path, header, b.body)
	before := g.saved()
	x, err := explain.Request(g.srv, g.world, e)
	if err != nil {
		g.t.Fatal(err)
	}
	if diff := cmp.Diff(before, g.saved()); diff != "" {
		g.t.Errorf("%s: explaining changed the world: %.2000s", b.name, diff)
	}
	return x
}

func (b broken) check(t *testing.T, x *explain.Explanation) {
	t.Helper()
	text, _ := json.MarshalIndent(x, "", " ")
	var rules, satisfy, changes []string
	for _, r := range x.Rules {
		rules, satisfy = append(rules, r.Rule), append(satisfy, r.Satisfy)
		if r.Evidence == "" || r.Source == "" || r.Satisfy == "" {
			t.Errorf("%s: the rule %q has evidence %q, source %q, satisfy %q", b.name, r.Rule, r.Evidence,
				r.Source, r.Satisfy)
		}
	}
	if x.Valid != nil {
		for _, c := range x.Valid.Changes {
			changes = append(changes, c.String())
		}
	}
	if !eachContains(rules, b.rules) || !eachContains(satisfy, b.satisfy) || !eachContains(changes, b.changes) {
		t.Errorf("%s: want rules %q satisfied by %q with the changes %q; got %s", b.name, b.rules, b.satisfy,
			b.changes, text)
	}
	if x.Valid == nil || x.Valid.Status != b.status {
		t.Errorf("%s: want a request that is answered %d; got %s", b.name, b.status, text)
	}
}

func eachContains(got, want []string) bool {
	return slices.EqualFunc(got, want, strings.Contains)
}

// TestRulesAndTheNearestRequest on all fakes: the nearest request is sent and answered as explain says.
func TestRulesAndTheNearestRequest(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	for _, b := range slices.Concat(kickflowBroken, flexcrmBroken, flosumBroken, twentyBroken) {
		x := g.explain(b)
		b.check(t, x)
		if x.Valid == nil {
			continue
		}
		if e := g.send(x.Valid.Method, x.Valid.URL, x.Valid.Headers,
			x.Valid.Body); e.Status != x.Valid.Status || e.Rejection != nil {
			t.Errorf("%s: the nearest request is answered %d %s, not %d: %s", b.name, e.Status,
				bytes.TrimSpace(e.Answer), x.Valid.Status, x.Valid.Curl)
		}
	}
}

// TestNoRuleOfARepair checks that an explanation without a valid request lists the rules that the request broke, and
// not those that the repairs did: a body that is no object cannot be read.
func TestNoRuleOfARepair(t *testing.T) {
	t.Parallel()
	x := newRig(t).explain(broken{name: "a member makes a key", fake: "twenty", as: "jonas",
		request: "POST /rest/metadata/apiKeys", body: "{}"})
	var rules []string
	for _, r := range x.Rules {
		rules = append(rules, r.Rule)
	}
	want := []string{"the role does not grant API_KEYS_AND_WEBHOOKS", "keys do not make keys"}
	if diff := cmp.Diff(want, rules); diff != "" || x.Valid != nil {
		t.Errorf("rules (-want +got):\n%s\nvalid: %+v", diff, x.Valid)
	}
}
