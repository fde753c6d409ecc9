package storetest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/store"
)

// step is a request to a route of the control plane that may change a world.
type step struct {
	route, path, body string
	status            int  // if it is not 200 to 299
	alike             bool // it changes nothing that nodes share
}

const stubID = "11111111-1111-4111-8111-111111111111"

// writingSteps has every route whose method is not GET; {fault}, {delivery} and {entry} stand for identifiers.
var writingSteps = []step{
	{route: "POST /worlds", body: `{"name":"one"}`},
	{route: "PUT /worlds/{name}", path: "/worlds/two", body: `{}`},
	{route: "DELETE /worlds/{name}", path: "/worlds/one"},
	{route: "PUT /settings", body: `{"features":{"auto-approve":true},"unlabeled":true}`},
	{route: "POST /settings", body: `{"unlabeled":false}`},
	{route: "PATCH /settings/extended", body: `{}`, alike: true},
	{route: "POST /clock/thaw"},
	{route: "POST /clock/freeze", body: `{"time":"2030-01-02T03:04:05Z"}`},
	{route: "POST /clock/set", body: `{"time":"2030-02-02T03:04:05Z"}`},
	{route: "POST /clock/advance", body: `{"by":"48h"}`},
	{route: "PUT /clock", body: `{"time":"2030-03-02T03:04:05Z","frozen":true}`},
	{route: "POST /faults", body: `{"fake":"kickflow","nth":1000,"fault":{"name":"maintenance"}}`},
	{route: "DELETE /faults/{id}", path: "/faults/{fault}"},
	{route: "DELETE /faults", alike: true},
	{route: "POST /mappings", body: `{"id":"` + stubID + `","metadata":{"team":"a"},"request":{"urlPath":"/stub"},` +
		`"scenarioName":"s","requiredScenarioState":"Started","newScenarioState":"Next","response":{"status":201}}`},
	{route: "PUT /scenarios/{scenario}/state", path: "/scenarios/s/state", body: `{"state":"Next"}`},
	{route: "POST /scenarios/reset"},
	{route: "PUT /mappings/{id}", path: "/mappings/" + stubID,
		body: `{"request":{"urlPath":"/other"},"response":{"status":202}}`},
	{route: "DELETE /mappings/{id}", path: "/mappings/" + stubID},
	{route: "POST /mappings/import", body: `{"mappings":[` +
		`{"metadata":{"team":"a"},"request":{"urlPath":"/a"},"response":{}},` +
		`{"metadata":{"team":"b"},"request":{"urlPath":"/b"},"response":{}},` +
		`{"request":{"urlPath":"/c"},"response":{}}]}`},
	{route: "POST /mappings/find-by-metadata", body: `{"equalToJson":"{\"team\":\"a\"}"}`, alike: true},
	{route: "POST /mappings/remove-by-metadata", body: `{"equalToJson":"{\"team\":\"a\"}"}`},
	{route: "POST /mappings/remove", body: `{"request":{"urlPath":"/b"},"response":{}}`},
	{route: "DELETE /mappings/unmatched"},
	{route: "POST /mappings/save", status: http.StatusUnprocessableEntity, alike: true}, // there is no folder
	{route: "POST /mappings/reset", alike: true},
	{route: "DELETE /mappings", alike: true},
	{route: "PUT /files/{file...}", path: "/files/a.txt", body: "text"},
	{route: "DELETE /files/{file...}", path: "/files/a.txt"},
	{route: "POST /deliveries/{id}/redeliver", path: "/deliveries/{delivery}/redeliver"},
	{route: "POST /audit/probe", body: `{}`},
	{route: "POST /stories/{story}/start", path: "/stories/closed-won/start", alike: true},
	{route: "POST /stories/{story}/step", path: "/stories/closed-won/step"},
	{route: "POST /stories/{story}/play", path: "/stories/closed-won/play"},
	{route: "POST /requests/{id}/send", path: "/requests/{entry}/send"},
	{route: "POST /rewind", body: `{"before":"{entry}"}`},
	{route: "PUT /state", body: `{"kickflow":{}}`},
	{route: "POST /requests/find", body: `{}`, alike: true},
	{route: "POST /requests/count", body: `{}`, alike: true},
	{route: "POST /requests/wait", body: `{"count":1}`, alike: true},
	{route: "POST /requests/remove", body: `{"url":"/none"}`, alike: true},
	{route: "POST /requests/remove-by-metadata", body: `{"equalToJson":"{}"}`, alike: true},
	{route: "POST /journal/find", body: `{}`, alike: true},
	{route: "POST /near-misses/request", body: `{"url":"/x","absoluteUrl":"http://a/x","method":"GET"}`, alike: true},
	{route: "POST /near-misses/request-pattern", body: `{"url":"/x"}`, alike: true},
	{route: "POST /recordings/start", body: `{}`, status: http.StatusUnprocessableEntity, alike: true},
	{route: "POST /recordings/stop", status: http.StatusBadRequest, alike: true},
	{route: "POST /recordings/snapshot", body: `{}`, status: http.StatusUnprocessableEntity, alike: true},
	{route: "DELETE /requests/{id}", path: "/requests/{entry}"}, // the entry is of a new company
	{route: "POST /requests/reset", alike: true},
	{route: "DELETE /requests", alike: true},
	{route: "POST /reset"},
}

// TestWhatAControlChangesIsSeenOnEveryNode sends a request to each writing route of one node and compares
// what both nodes show of the world.
func TestWhatAControlChangesIsSeenOnEveryNode(t *testing.T) {
	t.Parallel()
	url, _ := startEngine(t)
	a, b := startNode(t, store.Options{URL: url}), startNode(t, store.Options{URL: url})
	checkRoutes(t, a)
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer receiver.Close()
	token := "Bearer " + a.makeWorld("shared").Credentials["twenty"][0].Value
	a.must(nil, "POST", at+"/clock/freeze", `{}`)
	a.must(nil, "POST", "/twenty/rest/webhooks",
		fmt.Sprintf(`{"targetUrl":%q,"operations":["company.created"],"secret":"s"}`, receiver.URL), bearer, token)
	a.must(nil, "POST", "/twenty/rest/companies", `{"name":"Acme"}`, bearer, token)
	waitFor(t, "the webhook", func() bool {
		return strings.Contains(a.must(nil, "GET", at+"/deliveries", "").text, `"delivered"`)
	})
	before := views(a)
	for _, s := range writingSteps {
		perform(t, a, s, token)
		settle(t, a, b)
		now, other := views(a), views(b)
		if diff := cmp.Diff(now, other); diff != "" {
			t.Errorf("%s: (-this node +the other)\n%.2000s", s.route, diff)
		}
		if changed := cmp.Diff(before, now) != ""; changed == s.alike {
			t.Errorf("%s: changed %v", s.route, changed)
		}
		before = now
	}
}

const at = "/__admin/worlds/shared"

// checkRoutes compares writingSteps with the list of the routes.
func checkRoutes(t *testing.T, n *node) {
	t.Helper()
	known := map[string]bool{}
	for _, s := range writingSteps {
		known[s.route] = true
	}
	var list struct {
		Routes []struct{ Method, Path string }
	}
	n.must(&list, "GET", "/__admin", "")
	for _, r := range list.Routes {
		route := r.Method + " " + strings.TrimPrefix(r.Path, "/__admin")
		if r.Method != "GET" && !known[route] {
			t.Errorf("no step for %s", route)
		}
	}
}

// perform sends the request of a step to a node.
func perform(t *testing.T, n *node, s step, token string) {
	t.Helper()
	method, path, _ := strings.Cut(s.route, " ")
	if s.path != "" {
		path = s.path
	}
	body := s.body
	if strings.Contains(path+body, "{entry}") {
		n.must(nil, "POST", "/twenty/rest/companies", `{"name":"Again"}`, bearer, token)
	}
	for name, id := range map[string]func() string{"{fault}": n.faultID, "{delivery}": n.deliveryID,
		"{entry}": n.entryID} {
		if strings.Contains(path+body, name) {
			found := id()
			path, body = strings.ReplaceAll(path, name, found), strings.ReplaceAll(body, name, found)
		}
	}
	prefix := at
	if strings.HasPrefix(path, "/worlds") {
		prefix = "/__admin"
	}
	got := n.call(method, prefix+path, body)
	if ok := got.status/100 == 2; s.status == 0 && !ok || s.status != 0 && got.status != s.status {
		t.Errorf("%s: %d %.300s", s.route, got.status, got.text)
	}
}

func (n *node) faultID() string {
	var list struct{ Faults []struct{ ID any } }
	n.must(&list, "GET", at+"/faults", "")
	return fmt.Sprint(list.Faults[0].ID)
}

func (n *node) deliveryID() string {
	var list struct{ Deliveries []struct{ ID string } }
	n.must(&list, "GET", at+"/deliveries", "")
	return list.Deliveries[0].ID
}

func (n *node) entryID() string {
	var list struct{ Requests []struct{ ID string } }
	n.must(&list, "GET", at+"/requests?limit=1", "")
	return list.Requests[0].ID
}

// settle waits until webhooks have their outcomes and the nodes know the same worlds.
func settle(t *testing.T, a, b *node) {
	t.Helper()
	waitFor(t, "the outcomes of webhooks", func() bool {
		text := a.must(nil, "GET", at+"/deliveries", "").text
		return !strings.Contains(text, `"queued"`) && fmt.Sprint(a.srv.Names()) == fmt.Sprint(b.srv.Names())
	})
}

// views returns what a node shows of the world, once it has seen what any node has.
func views(n *node) map[string]string {
	out := map[string]string{"worlds": fmt.Sprint(n.srv.Names())}
	newest := n.must(nil, "PATCH", at+"/settings/extended", `{}`).sequence
	for _, path := range []string{"/state", "/settings", "/faults", "/mappings", "/scenarios", "/files",
		"/deliveries", "/clock"} {
		got := n.must(nil, "GET", at+path, "", fake.SequenceHeader, newest)
		text, _, _ := strings.Cut(got.text, `,"queue":`) // of deliveries: each node has its own
		out[path] = strings.ReplaceAll(text, n.URL, "")
	}
	if strings.Contains(out["/clock"], `"frozen":false`) {
		out["/clock"] = strconv.Quote("running")
	}
	return out
}
