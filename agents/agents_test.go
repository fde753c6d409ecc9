package agents_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/afba07b5/mockserver/agents"
	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/control/client"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/internal/samples"
	"github.com/afba07b5/mockserver/mocks"
)

// agent is a client of the SDK in a session with a server of all fakes.
type agent struct {
	t       *testing.T
	session *mcp.ClientSession
}

// newServer returns a server of the tools for all fakes in process.
func newServer(t *testing.T) *mcp.Server {
	t.Helper()
	srv, err := fake.New(fake.Config{Settings: fake.Settings{LimitsOff: true}, Bug: func(err error) { t.Error(err) }},
		mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	plane := control.New(srv, control.Options{})
	plane.Ready()
	t.Cleanup(func() { plane.Close(); srv.Close() })
	verify := func(_ context.Context, path, fake string) (json.RawMessage, error) {
		return json.Marshal(map[string]string{"path": path, "fake": fake})
	}
	return agents.New(agents.Options{Client: client.InProcess(plane.Wrap(srv.Edge(), "")), Version: "test",
		Verify: verify})
}

func connect(t *testing.T, transport mcp.Transport) *agent {
	t.Helper()
	c := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	session, err := c.Connect(context.Background(), transport, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	return &agent{t, session}
}

// inMemory returns an agent that talks to the server in process.
func inMemory(t *testing.T) *agent {
	t.Helper()
	here, there := mcp.NewInMemoryTransports()
	session, err := newServer(t).Connect(context.Background(), there, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	return connect(t, here)
}

// call calls a tool and returns the text of its result.
func (a *agent) call(tool string, arguments any) (text string, failed bool) {
	a.t.Helper()
	res, err := a.session.CallTool(context.Background(), &mcp.CallToolParams{Name: tool, Arguments: arguments})
	if err != nil {
		a.t.Fatalf("%s: %v", tool, err)
	}
	return res.Content[0].(*mcp.TextContent).Text, res.IsError
}

// must calls a tool that succeeds and decodes its result.
func (a *agent) must(tool string, arguments any) (out object) {
	a.t.Helper()
	text, failed := a.call(tool, arguments)
	if failed {
		a.t.Fatalf("%s %v failed: %s", tool, arguments, text)
	}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		a.t.Fatalf("%s: %v", tool, err)
	}
	return out
}

type object = map[string]any

// at returns the value at a path of keys and indexes.
func at(v any, path ...any) any {
	for _, key := range path {
		switch key := key.(type) {
		case string:
			o, _ := v.(object)
			v = o[key]
		case int:
			list, _ := v.([]any)
			if key >= len(list) {
				return nil
			}
			v = list[key]
		}
	}
	return v
}

// backup is a job of flosum that needs the clock.
var backup = object{"name": "Agent",
	"description": "By an agent", "mode": "full", "settings": object{"isIncludeMetadata": true,
		"isIncludeBinaryObjects": false, "isIncludeBigObjects": false, "isIncludeFeedObjects": false,
		"isIncludeShareObjects": false, "isIncludeHistoryObjects": false,
		"isIncludeCustomMetadataTypeObjects": false, "isIncludeTagObjects": false}}

const backups = "/api/v1/connections/1/backups/backup"

// TestToolsOnEveryFake writes to each fake by a tool, reads the row, finds the request, and has a refusal explained.
func TestToolsOnEveryFake(t *testing.T) {
	t.Parallel()
	a := inMemory(t)
	made := a.must("make_world", object{"world": "w", "clock": "2026-04-01T09:00:00Z"})
	if at(made, "name") != "w" {
		t.Fatalf("%v", made)
	}
	for _, m := range samples.All {
		if url, _ := at(made, "urls", m.Fake).(string); !strings.HasSuffix(url, "/__world/w/"+m.Fake) {
			t.Errorf("URL of %s: %s", m.Fake, url)
		}
		var body object
		if err := json.Unmarshal([]byte(m.BodyOf("Agent")), &body); err != nil {
			t.Fatal(err)
		}
		sent := a.must("send_request", object{"world": "w", "fake": m.Fake, "as": m.Principal, "method": "post",
			"path": m.Write, "body": body})
		if status, _ := sent["status"].(float64); status != 200 && status != 201 {
			t.Errorf("%s answered %v", m.Fake, sent)
		}
		rows := a.must("read_rows", object{"world": "w", "fake": m.Fake, "table": m.Table, "search": "Agent"})
		path := []any{"rows", 0, "row"}
		for key := range strings.SplitSeq(m.Field, ".") {
			path = append(path, key)
		}
		if at(rows, path...) != "Agent" {
			t.Errorf("rows of %s: %v", m.Fake, rows)
		}
		lines := a.must("find_requests", object{"world": "w", "fake": m.Fake})
		if at(lines, "lines", 0, "id") != sent["id"] {
			t.Errorf("the request to %s is %v, found %v", m.Fake, sent["id"], lines)
		}
		refused := a.must("send_request", object{"world": "w", "fake": m.Fake, "method": "POST", "path": m.Write,
			"body": body})
		why := a.must("explain_request", object{"world": "w", "id": refused["id"]})
		if rule, _ := at(why, "rules", 0, "rule").(string); refused["status"].(float64) < 400 || rule == "" {
			t.Errorf("%s without a credential: %v, because %v", m.Fake, refused["status"], why)
		}
	}
	all := len(samples.All)
	if got := a.must("find_requests", object{"world": "w", "refused": true}); at(got, "lines", all-1) == nil ||
		at(got, "lines", all) != nil {
		t.Errorf("refused requests: %v", got)
	}
}

// TestToolsOnWorlds forks, moves, resets and drops worlds.
func TestToolsOnWorlds(t *testing.T) {
	t.Parallel()
	a := inMemory(t)
	a.must("make_world", object{"world": "one", "seed": object{"kickflow": "empty"}, "clock": "2026-04-01T09:00:00Z"})
	a.must("send_request", object{"world": "one", "fake": "flosum", "as": "ada", "method": "POST",
		"path": backups, "body": backup})
	a.must("make_world", object{"world": "two", "fork": "one"})
	ran := a.must("advance_clock", object{"world": "two", "by": "1h"})
	if n, _ := at(ran, "counts", "flosum", "advance").(float64); n < 1 || ran["now"] == "2026-04-01T09:00:00Z" {
		t.Errorf("an hour later: %v", ran)
	}
	state := func(world string) any {
		rows := a.must("read_rows", object{"world": world, "fake": "flosum", "table": "backups", "search": "Agent"})
		return at(rows, "rows", 0, "row", "jobStatus")
	}
	if one, two := state("one"), state("two"); one != "In Progress" || two != "Completed" {
		t.Errorf("the backup is %v in the first world and %v in its fork", one, two)
	}
	a.must("advance_clock", object{"world": "two", "to": "2026-05-01T00:00:00Z"})
	a.must("reset_world", object{"world": "one"})
	if got := state("one"); got != nil {
		t.Errorf("after the reset there is a backup, %v", got)
	}
	a.must("drop_world", object{"world": "two"})
	worlds := a.must("list_worlds", object{})
	if at(worlds, "worlds", 1, "name") != "one" || at(worlds, "worlds", 2) != nil {
		t.Errorf("worlds: %v", worlds)
	}
	fakes := a.must("list_fakes", nil)
	if at(fakes, "fakes", 3, "name") == nil || at(fakes, "fakes", 0, "seeds", 0) == nil {
		t.Errorf("fakes: %v", fakes)
	}
	found := a.must("list_operations", object{"fake": "kickflow", "search": "approve"})
	if at(found, "operations", 0, "evidence") == nil {
		t.Errorf("operations: %v", found)
	}
	if got := a.must("verify", object{"path": "p", "fake": "twenty"}); got["path"] != "p" || got["fake"] != "twenty" {
		t.Errorf("verify: %v", got)
	}
}

func TestToolsPlayStories(t *testing.T) {
	t.Parallel()
	a := inMemory(t)
	if got := a.must("list_stories", nil); at(got, "stories", 1, "name") != "backup-fails" {
		t.Errorf("stories: %v", got)
	}
	if got := a.must("play_story", object{"story": "closed-won", "step": true}); got["taken"] != 1.0 {
		t.Errorf("after a step: %v", got)
	}
	if got := a.must("play_story", object{"story": "closed-won"}); got["state"] != "done" {
		t.Errorf("at the end: %v", got)
	}
	sent := a.must("list_deliveries", object{"world": "closed-won"})
	if at(sent, "deliveries", 1, "state") != "delivered" {
		t.Errorf("deliveries: %v", sent)
	}
}

// TestBadArgumentsAreErrorsOfTheTool, which the model sees, with the nearest valid name.
func TestBadArgumentsAreErrorsOfTheTool(t *testing.T) {
	t.Parallel()
	a := inMemory(t)
	for _, test := range []struct {
		tool      string
		arguments any
		want      string
	}{
		{"make_wrld", nil, `no tool "make_wrld"; nearest: "make_world"; tools: list_fakes, `},
		{"make_world", object{"wrld": "a"}, `make_world: no argument "wrld"; nearest: "world"; arguments: world, seed`},
		{"make_world", []any{}, "make_world: expected an object of arguments"},
		{"make_world", object{"world": 3}, "the argument world is a number; expected a text"},
		{"make_world", object{"world": "default"}, `world "default" exists`},
		{"make_world", object{"world": "a b"}, `"a b" is no name for a world`},
		{"make_world", object{"seed": object{"kickflo": "empty"}}, `no fake "kickflo"; nearest: "kickflow"`},
		{"make_world", object{"seed": object{"kickflow": "emty"}}, `no seed "emty"; nearest: "empty"`},
		{"make_world", object{"clock": "noon"}, `time "noon": expected like 2026-04-01T09:00:00Z`},
		{"reset_world", object{}, "the argument world is missing: The name of the world."},
		{"drop_world", object{"world": "none"}, `no world "none"`},
		{"list_operations", object{"fake": "twnty"}, `no fake "twnty"; nearest: "twenty"; fakes: `},
		{"read_rows", object{"fake": "kickflow", "table": "usrs"}, `kickflow has no table "usrs"; nearest: "users"`},
		{"read_rows", object{"fake": "kickflow", "limit": "3"},
			"the argument limit is a string; expected a whole number"},
		{"find_requests", object{"status": "9"}, "status=9: expected a status like 422"},
		{"explain_request", object{"id": "17"}, `the journal of world "default" has no request "17"`},
		{"advance_clock", object{"world": "default"}, "give either by, a duration like 48h, or to, a time"},
		{"advance_clock", object{"world": "default", "by": "soon"}, `duration "soon": expected like`},
		{"send_request", object{"fake": "kickflow", "method": "GET"}, "the argument path is missing"},
		{"send_request", object{"fake": "kickflow", "method": "GET", "path": "v1"},
			"expected a path that begins with /"},
		{"send_request", object{"fake": "kickflw", "method": "GET", "path": "/"},
			`no fake "kickflw"; nearest: "kickflow"`},
		{"send_request", object{"fake": "kickflow", "method": "GET", "path": "/", "as": "amdin"},
			`kickflow has no principal "amdin"; nearest: "admin"`},
		{"send_request", object{"fake": "kickflow", "method": "GET", "path": "/", "world": "w9"}, `no world "w9"`},
		{"play_story", object{"story": "closed-one"}, `no story "closed-one"; nearest: "closed-won"`},
		{"play_story", object{"story": "closed-won", "step": true, "reset": true}, "give step or reset, not both"},
	} {
		text, failed := a.call(test.tool, test.arguments)
		if !failed || !strings.Contains(text, test.want) {
			t.Errorf("%s %v: failed %t\n got %s\nwant %s", test.tool, test.arguments, failed, text, test.want)
		}
	}
}

// TestEveryToolIsDescribed: a model chooses tools by their descriptions and the schemas of their arguments.
func TestEveryToolIsDescribed(t *testing.T) {
	t.Parallel()
	tools, err := inMemory(t).session.ListTools(context.Background(), nil)
	if err != nil || len(tools.Tools) < 14 {
		t.Fatalf("%d tools, %v", len(tools.Tools), err)
	}
	for _, tool := range tools.Tools {
		schema, _ := tool.InputSchema.(object)
		if tool.Description == "" || schema["additionalProperties"] != false {
			t.Errorf("%s: %q, %v", tool.Name, tool.Description, schema)
		}
		properties, _ := schema["properties"].(object)
		for name, property := range properties {
			if at(property, "description") == "" {
				t.Errorf("%s: %s has no description", tool.Name, name)
			}
		}
		reads := slices.ContainsFunc([]string{"list_", "read_", "find_", "explain_", "verify"},
			func(prefix string) bool { return strings.HasPrefix(tool.Name, prefix) })
		if tool.Annotations.ReadOnlyHint != reads {
			t.Errorf("%s is said to read only: %t", tool.Name, !reads)
		}
	}
}

// guarded adds a header to each request.
type guarded struct{ header http.Header }

func (g guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for name, values := range g.header {
		r.Header[name] = values
		if name == "Host" {
			r.Host = values[0]
		}
	}
	return http.DefaultTransport.RoundTrip(r)
}

// TestHTTPIsGuardedLikeTheControlPlane: an agent with the token is served, pages and foreign hosts are not.
func TestHTTPIsGuardedLikeTheControlPlane(t *testing.T) {
	t.Parallel()
	handler := agents.Handler(newServer(t))
	open := httptest.NewServer(control.Guard(control.Options{}, handler))
	closed := httptest.NewServer(control.Guard(control.Options{Token: "s3cret"}, handler))
	t.Cleanup(func() { open.Close(); closed.Close() })
	for _, test := range []struct {
		name, url string
		header    http.Header
		want      int
	}{
		{"on loopback", open.URL, http.Header{}, 200},
		{"a foreign host", open.URL, http.Header{"Host": {"attacker.example"}}, 403},
		{"a foreign page", open.URL, http.Header{"Origin": {"http://attacker.example"}}, 403},
		{"a page without an origin", open.URL, http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403},
		{"a webhook", open.URL, http.Header{"Mockserver-Delivery": {"1"}}, 403},
		{"without the token", closed.URL, http.Header{}, 401},
		{"a wrong token", closed.URL, http.Header{"Authorization": {"Bearer guess"}}, 401},
		{"the token", closed.URL, http.Header{"Authorization": {"Bearer s3cret"}}, 200},
	} {
		hc := &http.Client{Transport: guarded{test.header}}
		if test.want == 200 {
			a := connect(t, &mcp.StreamableClientTransport{Endpoint: test.url, HTTPClient: hc})
			if got := a.must("list_fakes", nil); at(got, "fakes", 0, "name") == nil {
				t.Errorf("%s: %v", test.name, got)
			}
			continue
		}
		res, err := hc.Post(test.url, "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != test.want {
			t.Errorf("%s: %d, want %d", test.name, res.StatusCode, test.want)
		}
	}
}
