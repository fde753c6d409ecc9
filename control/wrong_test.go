package control_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
)

// TestWrongBodiesAreRefusedInWordsOfJSON holds errors to the promise of docs/control.md: what was sent, what is
// expected, the nearest valid name. The words of encoding/json name Go's types instead.
func TestWrongBodiesAreRefusedInWordsOfJSON(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	for _, row := range []struct{ req, body, part string }{
		{"POST /__admin/worlds", `{"name":5}`, "name is a number; expected a text"},
		{"POST /__admin/worlds", `{"seed":{"kickflow":5}}`, "seed holds a number; expected a text"},
		{"POST /__admin/worlds", `[]`, "it is a list; expected an object"},
		{"POST /__admin/worlds", `{"name":`, "unexpected end of JSON input"},
		{"POST /__admin/worlds", `{"settings":{"limitsOff":"yes"}}`, "limitsOff is a text; expected true or false"},
		{"PUT /__admin/settings", `{"features":["worker"]}`, "features is a list; expected an object"},
		{"PUT /__admin/clock", `{"frozen":"yes"}`, "frozen is a text; expected true or false"},
		{"POST /__admin/faults", `{"nth":1e30}`, "nth is the number 1e30; expected a whole number"},
		{"POST /__admin/faults", `{"fault":{"status":"503"}}`, "fault.status is a text; expected a whole number"},
		{"POST /__admin/mappings", `{"request":{"method":5}}`, "method is a number; expected a text"},
		{"POST /__admin/mappings", `{"response":{"headers":5}}`, "headers is a number; expected an object"},
		{"POST /__admin/near-misses/request", `{"url":5}`, "url is a number; expected a text"},
		{"PUT /__admin/state", `{"kickflow":{"users":5}}`, "it holds a number; expected a list"},
		{"PUT /__admin/state", `{"kickflow":{"users":[{"id":5}]}}`, "id is a number; expected a text"},
		{"PUT /__admin/state", `{"kickflow":null}`, "kickflow is null; expected an object"},
		{"PUT /__admin/state", `null`, "null; expected an object"},
		{"PUT /__admin/state", ``, "it is empty"},
	} {
		before := g.must("GET /__admin/worlds/default", "")["rows"]
		status, text := g.ask(row.req, row.body)
		if status < 400 || status >= 500 || !strings.Contains(text, row.part) || strings.Contains(text, "unmarshal") {
			t.Errorf("%s %s answered %d %s; want %q", row.req, row.body, status, text, row.part)
		}
		if diff := cmp.Diff(before, g.must("GET /__admin/worlds/default", "")["rows"]); diff != "" {
			t.Errorf("%s %s changed rows:\n%s", row.req, row.body, diff)
		}
	}
}

// TestNamesThatNothingHasAreRefused: a misspelt filter would select everything or nothing, and a check that a request
// never came would pass.
func TestNamesThatNothingHasAreRefused(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	const operation, named = `{"operation":"listUsres"}`, `{"fake":"kickflwo"}`
	const nearOperation, nearFake = `no operation \"listUsres\"; nearest: \"listUsers\"`, `nearest: \"kickflow\"`
	for _, row := range []struct{ req, body, part string }{
		{"POST /__admin/requests/find", operation, nearOperation},
		{"POST /__admin/requests/count", operation, nearOperation},
		{"POST /__admin/requests/remove", operation, nearOperation},
		{"POST /__admin/requests/wait", operation, nearOperation},
		{"POST /__admin/journal/find", named, nearFake},
		{"POST /__admin/requests/count", `{"fake":"twenty","operation":"listUsers"}`, "no operation"},
		{"POST /__admin/mappings", `{"request":` + operation + `}`, nearOperation},
		{"POST /__admin/mappings/import", `{"mappings":[{"request":` + named + `}]}`, nearFake},
		{"GET /__admin/requests/lines?operation=listUsres", "", nearOperation},
		{"GET /__admin/requests/lines?fake=kickflwo", "", nearFake},
		{"GET /__admin/requests/lines?opration=listUsers", "", `no parameter \"opration\"; nearest: \"operation\"`},
		{"GET /__admin/events?fake=kickflwo", "", nearFake},
		{"GET /__admin/requests/export?format=curl&fake=kickflwo", "", nearFake},
		{"GET /__admin/state?format=xml", "", "formats: json, yaml"},
		{"GET /__admin/state?fake=kickflwo", "", nearFake},
		{"GET /__admin/rows?table=users", "", "say the fake"},
		{"GET /__admin/worlds?names=perhaps", "", "expected true or false"},
		{"GET /__admin/requests?unmatched=perhaps", "", "expected true or false"},
		{"GET /__admin/mappings?limit=x", "", "limit=x: expected a number from 0"},
		{"GET /__admin/clock/ran?offset=-1", "", "offset=-1: expected a number from 0"},
		{"GET /__admin/clock?wrld=t1", "", `no parameter \"wrld\"; this path has none`},
		{"DELETE /__admin/faults?fake=kickflow", "", `no parameter \"fake\"; this path has none`},
		{"GET /__admin/worlds/default/diff?wiht=t1", "", `nearest: \"with\"`},
	} {
		status, text := g.ask(row.req, row.body)
		if status < 400 || status >= 500 || !strings.Contains(text, row.part) {
			t.Errorf("%s %s answered %d %s; want %q", row.req, row.body, status, text, row.part)
		}
	}
	if stubs := g.must("GET /__admin/mappings", ""); len(stubs["mappings"].([]any)) > 0 {
		t.Errorf("a refused stub was kept: %v", stubs)
	}
}

// TestAWaitEndsWhenTheServerStops: a test that waits for a request does not hold up the end of the server.
func TestAWaitEndsWhenTheServerStops(t *testing.T) {
	t.Parallel()
	srv, err := fake.New(fake.Config{}, mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	plane := control.New(srv, control.Options{})
	g := &rig{t, srv, fake.Serve(t, plane.Wrap(srv.Edge(), ""))}
	plane.Stop()
	status, text := g.ask("POST /__admin/requests/wait", `{"timeout":"5m"}`)
	if status != http.StatusServiceUnavailable || !strings.Contains(text, "the server stops") {
		t.Errorf("the wait answered %d %s", status, text)
	}
}

// TestAWorldWithoutANameGetsAFreeOne: the names that a server generates start again with each start, while a state file
// or a client has worlds of such names.
func TestAWorldWithoutANameGetsAFreeOne(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	g.must("PUT /__admin/worlds/world-1", "")
	g.must("PUT /__admin/worlds/world-3", "")
	for _, want := range []string{"world-2", "world-4"} {
		if made := g.must("POST /__admin/worlds", ""); made["name"] != want {
			t.Errorf("made %v, want %s", made["name"], want)
		}
	}
}
