package control_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
)

// TestAStubAnswersOneRequestOfARealFake registers a stub beside each of the real fakes: that request is answered by it
// and marked everywhere, all others by the fake.
func TestAStubAnswersOneRequestOfARealFake(t *testing.T) {
	t.Parallel()
	for _, m := range members {
		t.Run(m.fake, func(t *testing.T) {
			t.Parallel()
			g := startReal(t, fake.Config{})
			g.t = t
			made := g.world("POST /__admin/worlds", `{"name":"w"}`)
			key := made.of(t, m.fake, m.principal).Value
			before := g.send("GET /__world/w"+m.path(), "", m.header(key))
			path, _, _ := strings.Cut(strings.TrimPrefix(m.path(), "/"+m.fake), "?")
			stub := g.must("POST /__admin/worlds/w/mappings", fmt.Sprintf(`{"name":"ticket 7",
				"request":{"method":"GET","urlPath":%q,"headers":{"X-Case":{"equalTo":"7"}}},
				"response":{"status":418,"jsonBody":{"canned":true},"headers":{"X-Own":"yes"}}}`, path))
			got := g.send("GET /__world/w"+m.path(), "", m.header(key), "X-Case: 7")
			if got.status != 418 || got.body != `{"canned":true}` || got.header.Get("X-Own") != "yes" ||
				got.header.Get("Mockserver-Evidence") != "stub" {
				t.Errorf("the stub answered %d %s %v", got.status, got.body, got.header)
			}
			if after := g.send("GET /__world/w"+m.path(), "",
				m.header(key)); after.status != before.status || after.body != before.body {
				t.Errorf("another request: %d %s", after.status, after.body)
			}
			if found := g.must("POST /__admin/worlds/w/journal/find",
				`{"evidence":"stub"}`)["requests"].([]any); len(found) != 1 ||
				found[0].(map[string]any)["stub"].(map[string]any)["id"] != stub["id"] {
				t.Errorf("the journal: %v", found)
			}
			event := g.must("GET /__admin/worlds/w/requests", "")["requests"].([]any)[1].(map[string]any)
			if diff := cmp.Diff(stub, event["stubMapping"]); diff != "" || event["wasMatched"] != true {
				t.Errorf("the event: %s", diff)
			}
			if stubs := g.must("GET /__admin/fidelity", "")["stubs"].([]any); len(stubs) != 1 ||
				stubs[0].(map[string]any)["served"] != 1.0 {
				t.Errorf("fidelity names %v", stubs)
			}
			if got := g.send(m.read, "", m.header(key), "X-Case: 7",
				"Mockserver-World: default"); got.header.Get("Mockserver-Evidence") == "stub" {
				t.Error("the stub of a world answers in another one")
			}
			g.must("POST /__admin/worlds/w/reset", "")
			if got := g.send("GET /__world/w"+m.path(), "", m.header(key),
				"X-Case: 7"); got.status != before.status {
				t.Errorf("after a reset: %d %s", got.status, got.body)
			}
		})
	}
}

// TestTheFakesOwnAnswerIsChanged asks each real fake for its answer and changes one thing in it.
func TestTheFakesOwnAnswerIsChanged(t *testing.T) {
	t.Parallel()
	for _, m := range members {
		t.Run(m.fake, func(t *testing.T) {
			t.Parallel()
			g := startReal(t, fake.Config{})
			g.t = t
			key := g.world("POST /__admin/worlds", `{"name":"w"}`).of(t, m.fake, m.principal).Value
			ask := func() answered { return g.send("GET /__world/w"+m.path(), "", m.header(key)) }
			before := ask()
			for response, want := range map[string]func(answered) bool{
				`{"proxyToFake":true}`: func(a answered) bool {
					return a.status == before.status &&
						a.body == before.body
				},
				`{"proxyToFake":true,"status":503}`: func(a answered) bool {
					return a.status == 503 && a.body == before.body
				},
				`{"proxyToFake":true,"headers":{"X-Own":"more"}}`: func(a answered) bool {
					return a.header.Get("X-Own") == "more" && a.body == before.body
				},
				`{"transformers":["proxy-to-fake"]}`: func(a answered) bool {
					return a.status == before.status && a.body == before.body
				},
				`{"proxyToFake":{"jsonPath":"$.none","value":1}}`: func(a answered) bool {
					return a.status == 500 && strings.Contains(a.body, "nothing is at")
				},
				`{"proxyToFake":{"jsonPath":"$[0].id","value":"swapped"}}`: func(a answered) bool {
					return strings.Contains(a.body, `"swapped"`) || a.status == 500 // not every answer is a list
				},
			} {
				g.must("DELETE /__admin/worlds/w/mappings", "")
				shown := g.must("POST /__admin/worlds/w/mappings",
					`{"request":{},"response":`+response+`}`)["response"].(map[string]any)
				if _, ok := shown["proxyToFake"]; ok || !strings.Contains(fmt.Sprint(shown["transformers"]),
					"proxy-to-fake") {
					t.Errorf("%s is shown as %v, which WireMock's client cannot read", response, shown)
				}
				if got := ask(); !want(got) || got.header.Get("Mockserver-Evidence") != "stub" {
					t.Errorf("%s: %d %.200s %v", response, got.status, got.body, got.header)
				}
			}
		})
	}
}

func TestStubsFollowTheirWorld(t *testing.T) {
	t.Parallel()
	g := start(t, control.Options{})
	state := func(world string) string {
		return fmt.Sprint(g.must("GET /__admin/worlds/"+world+"/scenarios",
			"")["scenarios"].([]any)[0].(map[string]any)["state"])
	}
	g.must("POST /__admin/worlds", `{"name":"a"}`)
	g.must("POST /__admin/worlds/a/mappings", `{"request":{"urlPath":"/notes"},"response":{"body":"one"},`+
		`"scenarioName":"s","requiredScenarioState":"Started","newScenarioState":"two"}`)
	g.must("POST /__admin/worlds/a/mappings", `{"request":{"urlPath":"/notes"},"response":{"body":"two"},`+
		`"scenarioName":"s","requiredScenarioState":"two","newScenarioState":"three"}`)
	if _, text := g.ask("GET /__world/a/alpha/notes", ""); text != "one" {
		t.Errorf("the first answer is %q", text)
	}
	g.must("POST /__admin/worlds", `{"name":"b","fork":"a"}`)
	for _, world := range []string{"a", "b"} {
		if _, text := g.ask("GET /__world/"+world+"/alpha/notes", ""); text != "two" {
			t.Errorf("the second answer in %s is %q", world, text)
		}
		if _, text := g.ask("GET /__world/"+world+"/alpha/notes", ""); !strings.HasPrefix(text, "[") {
			t.Errorf("then the fake answers in %s, not %q", world, text)
		}
	}
	first := g.must("GET /__admin/worlds/a/requests", "")["requests"].([]any)[2].(map[string]any)["id"]
	g.must("POST /__admin/worlds/a/rewind", fmt.Sprintf(`{"entry":%q}`, first))
	if a, b := state("a"), state("b"); a != "two" || b != "three" {
		t.Errorf("after a rewind of one world the states are %s and %s", a, b)
	}
	if _, text := g.ask("GET /alpha/notes", ""); text == "one" || text == "two" {
		t.Errorf("the default world answers %q", text)
	}
}

func TestStubResponses(t *testing.T) {
	t.Parallel()
	g := start(t, control.Options{})
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s %s", r.Method, r.URL, r.Header.Get("X-Via"))
	}))
	t.Cleanup(other.Close)
	g.must("PUT /__admin/files/dir/a.txt", "from {{request.method}}")
	for _, c := range []struct {
		response string
		status   int
		body     string
	}{
		{`{}`, 200, ""},
		{`{"status":204}`, 204, ""},
		{`{"jsonBody":{"a": [1, 2]}}`, 200, `{"a":[1,2]}`},
		{`{"base64Body":"aGk="}`, 200, "hi"},
		{`{"bodyFileName":"dir/a.txt"}`, 200, "from {{request.method}}"},
		{`{"bodyFileName":"dir/a.txt","transformers":["response-template"]}`, 200, "from POST"},
		{`{"bodyFileName":"../a.txt"}`, 500, "there is no file"},
		{`{"body":"{{request.path.id}} {{request.query.q}} {{jsonPath request.body '$.k'}} {{request.headers.x-a}}",` +
			`"transformers":["response-template"]}`, 200, "7 1 v&w me"},
		{`{"body":"{{#each (range 1 3)}}{{this}}{{#unless @last}},` +
			`{{/unless}}{{/each}} {{#eq 1 1}}same{{else}}other{{/eq}}","transformers":["response-template"]}`, 200,
			"1,2,3 same"},
		{`{"body":"{{#each (range 1 9999)}}{{#each (range 1 9999)}}x{{/each}}{{/each}}",` +
			`"transformers":["response-template"]}`, 500, "the template visits more than"},
		{`{"body":"{{substring 'abc' 5 9}}","transformers":["response-template"]}`, 500, "has no letters"},
		{`{"proxyBaseUrl":"` + other.URL + `","additionalProxyRequestHeaders":{"X-Via":"us"},` +
			`"proxyUrlPrefixToRemove":"/stub"}`, 200, "POST /7?q=1 us"},
		{`{"proxyBaseUrl":"http://192.0.2.1"}`, 500, "webhooks go to loopback addresses only"},
		{`{"proxyBaseUrl":"` + g.url + `"}`, 500, "a stub has sent this request on already"},
		{`{"fixedDelayMilliseconds":1,"body":"late"}`, 200, "late"},
		{`{"delayDistribution":{"type":"lognormal","median":1,"sigma":0.1},"body":"late"}`, 200, "late"},
		{`{"chunkedDribbleDelay":{"numberOfChunks":2,"totalDuration":2},"body":"drops"}`, 200, "drops"},
	} {
		g.must("DELETE /__admin/mappings", "")
		g.must("POST /__admin/mappings", `{"request":{"urlPathTemplate":"/stub/{id}"},"response":`+c.response+`}`)
		status, body := g.ask("POST /alpha/stub/7?q=1", `{"k":"v&w"}`, "X-A: me")
		if c.status != 0 && status != c.status || !strings.Contains(body, c.body) || c.status == 200 && body != c.body {
			t.Errorf("%s answered %d %.300s", c.response, status, body)
		}
	}
}

// TestWhatStubsCannotDoIsRefusedByName also looks at the frame, which WireMock's clients turn into exceptions.
func TestWhatStubsCannotDoIsRefusedByName(t *testing.T) {
	t.Parallel()
	g := start(t, control.Options{})
	for _, c := range []struct{ request, body, part string }{
		{"POST /__admin/mappings", `{"request":{"urll":"/x"}}`, `"pointer":"/request/urll"`},
		{"POST /__admin/mappings", `{"response":{"statuss":1}}`, `"pointer":"/response/statuss"`},
		{"POST /__admin/mappings", `{"response":{"transformers":["mine"]}}`, `no transformer \"mine\" here`},
		{"POST /__admin/mappings", `{"response":{"fault":"FIRE"}}`, `no fault \"FIRE\"`},
		{"POST /__admin/mappings", `{"response":{"status":20}}`, `20 is not a status`},
		{"POST /__admin/mappings", `{"response":{"body":"x","jsonBody":{}}}`, `not 2 of them`},
		{"POST /__admin/mappings", `{"response":{"statusMessage":"Fine"}}`, `the reason phrase of 200 is \"OK\"`},
		{"POST /__admin/mappings", `{"response":{"body":"{{nope 1}}","transformers":["response-template"]}}`,
			`no helper \"nope\"`},
		{"POST /__admin/mappings", `{"response":{"body":"{{#if","transformers":["response-template"]}}`,
			`the template`},
		{"POST /__admin/mappings", `{"response":{"proxyToFake":true,"body":"x"}}`, `a body has no place`},
		{"POST /__admin/mappings", `{"response":{"delayDistribution":{"type":"odd"}}}`, `\"odd\"`},
		{"POST /__admin/mappings", `{"serveEventListeners":[{"name":"webhook"}]}`, `no actions after an answer`},
		{"POST /__admin/mappings", `{"newScenarioState":"x"}`, `states go with a scenarioName`},
		{"POST /__admin/mappings", `{"id":"7"}`, `\"7\" is not a UUID`},
		{"POST /__admin/mappings", `{"persistent":true}`, `--mappings DIR`},
		{"POST /__admin/mappings/save", ``, `--mappings DIR`},
		{"POST /__admin/mappings/import", `{"mappings":[{},{"request":{"urll":1}}]}`,
			`"pointer":"/mappings/1/request/urll"`},
		{"POST /__admin/recordings/start", `{}`, `mockserver record`},
		{"POST /__admin/settings", `{"fixedDelay":-1}`, `expected 0 to`},
		{"PUT /__admin/settings", `{"features":{"x":true}}`, `no feature`},
		{"PUT /__admin/settings", `{"texts":{"x":"y"}}`, `no text`},
		{"PUT /__admin/scenarios/none/state", `{"state":"x"}`, `"code":404`},
		{"GET /__admin/mappings/7", ``, `7 is not a valid UUID`},
	} {
		status, text := g.ask(c.request, c.body)
		if status < 400 || status > 499 || !strings.HasPrefix(text, `{"errors":[{"code":`) ||
			!strings.Contains(text, c.part) {
			t.Errorf("%s %s answered %d %s", c.request, c.body, status, text)
		}
	}
	g.must("POST /__admin/mappings", `{"id":"11111111-2222-4333-8444-555555555555","response":{"status":418}}`)
	if status, text := g.ask("POST /__admin/mappings",
		`{"id":"11111111-2222-4333-8444-555555555555"}`); status != 422 || !strings.Contains(text, `"code":109`) {
		t.Errorf("an identifier twice answered %d %s", status, text)
	}
	g.must("DELETE /__admin/mappings", "")
	if n := len(g.must("GET /__admin/mappings", "")["mappings"].([]any)); n != 0 {
		t.Errorf("refused mappings left %d stubs", n)
	}
}

func TestGlobalSettings(t *testing.T) {
	t.Parallel()
	g := start(t, control.Options{})
	g.must("PUT /__admin/settings", `{"limitsOff":true}`)
	g.ask("POST /__admin/settings", `{"fixedDelay":1,"extended":{"mine":{"a":1}}}`)
	g.must("PATCH /__admin/settings/extended", `{"extended":{"more":2}}`)
	settings := g.must("PUT /__admin/settings", `{"unlabeled":true}`)["settings"].(map[string]any)
	extended := settings["extended"].(map[string]any)
	if settings["fixedDelay"] != 1.0 || extended["more"] != 2.0 || extended["mine"] == nil {
		t.Errorf("WireMock's settings: %v", settings)
	}
	if own := extended["mockserver"].(map[string]any); own["limitsOff"] != true || own["unlabeled"] != true {
		t.Errorf("this server's settings: %v", own)
	}
	g.ask("POST /__admin/settings", `{}`)
	if settings := g.must("GET /__admin/settings", "")["settings"].(map[string]any); settings["fixedDelay"] != nil {
		t.Errorf("an empty body leaves %v", settings)
	}
}

// A stub answers a path that no fake has, as with WireMock: in its world alone, on the edge port
// alone. Requests for such paths without a stub are unmatched, and everything that reads the
// journal copes with both.
func TestAStubAnswersAPathThatNoFakeHas(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	g.t = t
	g.world("POST /__admin/worlds", `{"name":"w"}`)
	g.must("POST /__admin/worlds/w/mappings", `{
		"request":{"method":"POST","urlPath":"/anything","bodyPatterns":[{"contains":"x"}]},
		"response":{"status":201,"body":"hello {{request.path}}","headers":{"X-Own":"yes"},
			"transformers":["response-template"]}}`)
	g.must("POST /__admin/worlds/w/mappings", `{"request":{"urlPath":"/broken"},"response":{"fault":"EMPTY_RESPONSE"}}`)
	g.must("POST /__admin/worlds/w/mappings", `{"request":{"urlPath":"/changed"},"response":{"proxyToFake":true}}`)
	for _, tt := range []struct {
		line, body string
		headers    []string
		status     int
		want       string
	}{
		{line: "POST /__world/w/anything", body: "x", status: 201, want: "hello /anything"},
		{line: "POST /anything?a=b", body: "x", headers: []string{"Mockserver-World: w"}, status: 201,
			want: "hello /anything"},
		{line: "POST /__world/w/anything", body: "y", status: 404, want: "no fake has this path"},
		{line: "POST /anything", body: "x", status: 404, want: "no fake has this path; paths start with /"},
		{line: "GET /kickflw/v1/users", status: 404, want: "no fake has this path; nearest: "},
		{line: "GET /__world/none/anything", status: 404, want: "no world "},
		{line: "GET /__world/w/changed", status: 500, want: "proxyToFake: no fake has this path"},
		{line: "POST /kickflow/anything", body: "x", headers: []string{"Mockserver-World: w"}, status: 201,
			want: "hello /anything"},
	} {
		if got := g.send(tt.line, tt.body, tt.headers...); got.status != tt.status ||
			!strings.Contains(got.body, tt.want) {
			t.Errorf("%s: got %d %s, want %d %s", tt.line, got.status, got.body, tt.status, tt.want)
		}
	}
	for world, want := range map[string]int{"w": 1, "default": 2} {
		unmatched := g.must("GET /__admin/worlds/"+world+"/requests/unmatched", "")["requests"].([]any)
		if len(unmatched) != want {
			t.Errorf("world %s: %d unmatched requests, want %d: %v", world, len(unmatched), want, unmatched)
		}
	}
	found := g.must("POST /__admin/worlds/w/journal/find", `{}`)["requests"].([]any)
	if len(found) != 5 {
		t.Errorf("the journal has %d requests, want 5", len(found))
	}
	for _, one := range found {
		id := one.(map[string]any)["id"].(string)
		for _, path := range []string{"/explain", "/export?format=curl", "/export?format=har",
			"/export?format=go", "/export?format=case"} {
			if got := g.send("GET /__admin/worlds/w/requests/"+id+path, ""); got.status == 500 || got.status == 404 {
				t.Errorf("request %s: %s: %d %s", id, path, got.status, got.body)
			}
		}
		if got := g.send("POST /__admin/worlds/w/requests/"+id+"/send", ""); got.status >= 500 || got.status == 404 {
			t.Errorf("request %s: send: %d %s", id, got.status, got.body)
		}
	}
	for _, path := range []string{"/__admin/worlds/w/export", "/__admin/worlds/w/requests",
		"/__admin/fidelity?used=true", "/metrics", "/__admin/ui", "/__admin/worlds/w/near-misses/request"} {
		if got := g.send("GET "+path, ""); got.status >= 500 {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}
