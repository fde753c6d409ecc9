package control_test

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/control"
)

// talk sends the requests that the tests below look for.
func talk(g *rig) {
	g.must("POST /alpha/notes", `{"text":"bread","password":"hunter2"}`, "Authorization: Bearer s3cret", "X-Team: red")
	g.must("GET /alpha/notes?page=2&access_token=s3cret", "", "Cookie: session=s3cret; theme=dark")
	g.ask("GET /alpha/nots", "")
	g.ask("GET /beta/busy", "")
	g.must("GET /beta/notes/n1", "")
}

func TestPatternsOfRequests(t *testing.T) {
	t.Parallel()
	g := start(t, control.Options{})
	talk(g)
	for _, c := range []struct {
		name, pattern string
		want          int
	}{
		{"an empty pattern matches all", `{}`, 5},
		{"method", `{"method":"GET"}`, 4},
		{"any method", `{"method":"ANY"}`, 5},
		{"url as the fake sees it", `{"url":"/notes/n1"}`, 1},
		{"url as the client asked", `{"url":"/beta/notes/n1"}`, 1},
		{"url is whole, with its query", `{"url":"/notes"}`, 1},
		{"urlPath leaves the query out", `{"urlPath":"/notes"}`, 2},
		{"urlPattern", `{"urlPattern":"/notes\\?page=.*"}`, 1},
		{"patterns match the whole value", `{"urlPathPattern":"/note"}`, 0},
		{"urlPathPattern", `{"urlPathPattern":"/nots|/notes/.*"}`, 2},
		{"header", `{"headers":{"x-team":{"equalTo":"red"}}}`, 1},
		{"header, secret values are compared as they came",
			`{"headers":{"Authorization":{"equalTo":"Bearer s3cret"}}}`, 1},
		{"header in another case", `{"headers":{"X-Team":{"equalTo":"RED","caseInsensitive":true}}}`, 1},
		{"header absent", `{"headers":{"X-Team":{"absent":true}}}`, 4},
		{"query parameter", `{"queryParameters":{"page":{"matches":"[0-9]+"}}}`, 1},
		{"cookie", `{"cookies":{"theme":{"contains":"ark"}}}`, 1},
		{"body contains", `{"bodyPatterns":[{"contains":"bread"}]}`, 1},
		{"body as JSON", `{"bodyPatterns":[{"equalToJson":{"password":"hunter2","text":"bread"}}]}`, 1},
		{"body as JSON in a string",
			`{"bodyPatterns":[{"equalToJson":"{\"text\":\"bread\"}","ignoreExtraElements":true}]}`, 1},
		{"body as JSON is strict by default", `{"bodyPatterns":[{"equalToJson":{"text":"bread"}}]}`, 0},
		{"operation", `{"operation":"getNote"}`, 1},
		{"fake and status", `{"fake":"beta","status":429}`, 1},
		{"evidence", `{"evidence":"recorded"}`, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := g.must("POST /__admin/requests/count", c.pattern)["count"]; got != float64(c.want) {
				t.Errorf("count %v, want %d", got, c.want)
			}
			found := g.must("POST /__admin/requests/find", c.pattern)["requests"].([]any)
			if len(found) != c.want {
				t.Errorf("found %d, want %d", len(found), c.want)
			}
		})
	}
	if status, text := g.ask("POST /__admin/requests/count", `{"urlPaht":"/"}`); status != 422 ||
		!strings.Contains(text, "urlPath") {
		t.Errorf("an unknown key: %d %s", status, text)
	}
	if status, text := g.ask("POST /__admin/requests/find", `{"urlPattern":"("}`); status != 422 {
		t.Errorf("a broken expression: %d %s", status, text)
	}
}

func TestRequestsHaveTheShapeOfWireMock(t *testing.T) {
	t.Parallel()
	g := start(t, control.Options{})
	talk(g)
	all := g.must("GET /__admin/requests", "")
	if got := all["meta"].(map[string]any)["total"]; got != float64(5) || all["requestJournalDisabled"] != false ||
		len(all) != 3 {
		t.Errorf("the frame: %v %v, %d keys", got, all["requestJournalDisabled"], len(all))
	}
	events := all["requests"].([]any)
	first := events[4].(map[string]any)
	facts := first["subEvents"].([]any)[0].(map[string]any)["data"].(map[string]any)
	if first["wasMatched"] != true || facts["entry"] != "1" || facts["operation"] != "createNote" ||
		facts["evidence"] != "documented" {
		t.Errorf("the oldest event is not last, or not itself: %v", first)
	}
	checkKeys(t, all)
	request := events[4].(map[string]any)["request"].(map[string]any)
	for _, key := range []string{"url", "absoluteUrl", "method", "clientIp", "headers", "cookies", "body",
		"bodyAsBase64", "loggedDate", "loggedDateString"} {
		if _, ok := request[key]; !ok {
			t.Errorf("a request has no %s", key)
		}
	}
	if request["url"] != "/notes" || request["absoluteUrl"] != g.url+"/alpha/notes" ||
		request["clientIp"] != "127.0.0.1" {
		t.Errorf("request: %v", request)
	}
	if n := len(g.must("GET /__admin/requests?limit=2", "")["requests"].([]any)); n != 2 {
		t.Errorf("limit=2 answered %d", n)
	}
	if n := len(g.must("GET /__admin/requests?unmatched=true", "")["requests"].([]any)); n != 1 {
		t.Errorf("unmatched=true answered %d", n)
	}
	future := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	if n := len(g.must("GET /__admin/requests?since="+future, "")["requests"].([]any)); n != 0 {
		t.Errorf("since an hour from now answered %d", n)
	}
	id := first["id"].(string)
	if !uuid.MatchString(id) {
		t.Errorf("%q is not a UUID", id)
	}
	if got := g.must("GET /__admin/requests/"+id+"/explain", "")["id"]; got != "1" {
		t.Errorf("%s is request %v", id, got)
	}
	g.must("DELETE /__admin/requests/"+id, "")
	if status, _ := g.ask("GET /__admin/requests/1", ""); status != 404 {
		t.Errorf("a request that was removed answers %d", status)
	}
	if n := len(g.must("POST /__admin/requests/remove", `{"method":"GET"}`)["serveEvents"].([]any)); n != 4 {
		t.Errorf("removed %d", n)
	}
	g.must("DELETE /__admin/requests", "")
	if n := g.must("POST /__admin/requests/count", "")["count"]; n != float64(0) {
		t.Errorf("after DELETE %v requests are left", n)
	}
}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// The keys of WireMock 3.13.2 for the parts of its journal. Its own client rejects any other key.
var wireMockKeys = map[string]string{
	"":         "requests meta requestJournalDisabled count errors serveEvents",
	"requests": "id request responseDefinition response wasMatched timing subEvents stubMapping",
	"request": "id url absoluteUrl method clientIp headers cookies browserProxyRequest loggedDate bodyAsBase64 body " +
		"protocol scheme host port loggedDateString queryParams formParams multiparts",
	"response": "status headers bodyAsBase64 body fault",
	"timing":   "addedDelay processTime responseSendTime serveTime totalTime",
}

// checkKeys reports keys of an answer with serve events that WireMock lacks.
func checkKeys(t *testing.T, answer map[string]any) {
	t.Helper()
	check := func(part string, object map[string]any) {
		for key := range object {
			if !slices.Contains(strings.Fields(wireMockKeys[part]), key) {
				t.Errorf("%s has the key %q, which WireMock does not have", part, key)
			}
		}
	}
	check("", answer)
	for _, e := range answer["requests"].([]any) {
		event := e.(map[string]any)
		check("requests", event)
		for _, part := range []string{"request", "response", "timing"} {
			check(part, event[part].(map[string]any))
		}
	}
}

// TestAnswersThatReadTheJournalHaveNoOtherKeys requests every route that WireMock's clients verify
// with.
func TestAnswersThatReadTheJournalHaveNoOtherKeys(t *testing.T) {
	t.Parallel()
	g := start(t, control.Options{})
	talk(g)
	for request, want := range map[string]string{
		"POST /__admin/requests/count":    "count requestJournalDisabled",
		"POST /__admin/requests/find":     "requestJournalDisabled requests",
		"GET /__admin/requests/unmatched": "requestJournalDisabled requests",
		"POST /__admin/requests/remove":   "serveEvents", "DELETE /__admin/requests": "",
		"POST /__admin/requests/reset": "",
	} {
		answer := g.must(request, "")
		if got := strings.Join(slices.Sorted(maps.Keys(answer)), " "); got != want {
			t.Errorf("%s answers with the keys %q, want %q", request, got, want)
		}
		for _, one := range listOf(answer["requests"]) {
			for key := range one.(map[string]any) {
				if !slices.Contains(strings.Fields(wireMockKeys["request"]), key) {
					t.Errorf("%s: a request has the key %q", request, key)
				}
			}
		}
	}
	status, text := g.ask("POST /__admin/requests/find", `{"urlPaht":"/"}`)
	if status != 422 || !strings.HasPrefix(text, `{"errors":[{"code":10,`) {
		t.Errorf("a refusal is not WireMock's: %d %s", status, text)
	}
}

func listOf(v any) []any {
	list, _ := v.([]any)
	return list
}

func TestUnmatchedRequestsNameTheNearestOperation(t *testing.T) {
	t.Parallel()
	g := start(t, control.Options{})
	g.ask("GET /alpha/nots", "")
	g.ask("DELETE /alpha/notes/n1", "")
	for i, want := range []string{"listNotes", "getNote"} {
		found := g.must("GET /__admin/journal/unmatched", "")["requests"].([]any)
		nearest := found[i].(map[string]any)["nearest"].(map[string]any)
		if nearest["operation"] != want || nearest["why"] == "" {
			t.Errorf("nearest %v, want %s", nearest, want)
		}
	}
}

func TestExplainNamesRuleAndEvidence(t *testing.T) {
	t.Parallel()
	g := start(t, control.Options{})
	g.must("POST /__admin/faults", `{"fake":"beta","operation":"listNotes","fault":{"name":"closed"}}`)
	g.ask("GET /beta/busy", "")
	g.ask("POST /beta/notes", `{}`)
	g.ask("GET /beta/note", "")
	g.ask("GET /beta/notes", "")
	g.must("GET /beta/notes/n1", "")
	for i, part := range []string{
		`one request a century`, `the manual`, `the nearest is GET /notes`, `a fault was injected: closed`,
		`nothing refused it`,
	} {
		_, text := g.ask(fmt.Sprintf("GET /__admin/requests/%d/explain", i+1), "")
		if !strings.Contains(text, part) {
			t.Errorf("request %d: %s\nhas no %q", i+1, text, part)
		}
	}
	if _, text := g.ask("GET /__admin/requests/1/explain", ""); !strings.Contains(text, "--limits off") {
		t.Errorf("a 429 does not say how to switch limits off: %s", text)
	}
}

func TestWaitForRequests(t *testing.T) {
	t.Parallel()
	g := start(t, control.Options{})
	done := make(chan string)
	go func() {
		_, text := g.ask("POST /__admin/requests/wait", `{"operation":"getNote","count":2,"timeout":"1m"}`)
		done <- text
	}()
	g.must("GET /alpha/notes/n1", "")
	g.must("GET /beta/notes/n1", "")
	if text := <-done; !strings.Contains(text, `"count":2`) {
		t.Errorf("waiting answered %s", text)
	}
	status, text := g.ask("POST /__admin/requests/wait", `{"operation":"remind","timeout":"1ms"}`)
	if status != http.StatusGatewayTimeout || !strings.Contains(text, "waited 1ms for 1 matching requests, and saw 0") {
		t.Errorf("waiting in vain answered %d %s", status, text)
	}
}

// TestNoSecretLeavesTheJournal sends a secret in every location and reads everything that shows
// requests.
func TestNoSecretLeavesTheJournal(t *testing.T) {
	t.Parallel()
	g := start(t, control.Options{})
	const secret = "hush-4711"
	g.ask("POST /alpha/notes?api_key="+secret+"&pin="+secret+"&page=7",
		`{"text":"bread","password":"`+secret+`","deep":[{"clientSecret" : "`+secret+`\"x"}],
		"query":"mutation { login(password: \"`+secret+`\", name: \"ann\") { token } }"}`,
		"Authorization: Bearer "+secret, "Cookie: session="+secret+"; theme="+secret, "X-ACME-API-KEY: "+secret,
		"Proxy-Authorization: "+secret,
		"X-Auth-Token: "+secret, "Referer: http://x/?refresh_token="+secret)
	g.ask("POST /alpha/notes", "client_secret="+secret+"&grant_type=code&refresh%5Ftoken="+secret,
		"Content-Type: application/x-www-form-urlencoded")
	g.ask("POST /alpha/notes", "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n"+secret+
		"\r\n--b--\r\n", "Content-Type: multipart/form-data; boundary=b")
	g.ask("POST /alpha/notes", `{"text":"cut off","access_token":"`+secret, "Content-Type: application/json")
	const odd = "Zx9-hush-4711" // found only by the recorder's rules
	g.ask("GET /alpha/notes?key="+odd, "", "Referer: http://x/?grant_type=authorization_code&code="+odd)
	g.ask("POST /alpha/notes", `{"text":"http://ann:`+odd+`@x.example/?token=`+odd+` hush-4711@corp.test"}`)
	g.ask("POST /alpha/notes", `{"text":"bread","query":"mutation { login(token: \"\"\"`+odd+`\"\"\") }"}`)
	const named = "Qw3-still-9924" // found only under the name that the document has for keys
	g.ask("GET /alpha/notes?sign="+named, "")
	for _, path := range []string{"GET /__admin/requests", "POST /__admin/requests/find",
		"GET /__admin/requests/export?format=har", "GET /__admin/requests/export?format=curl",
		"GET /__admin/requests/1", "GET /__admin/requests/1/explain"} {
		status, text := g.ask(path, "")
		if status != 200 {
			t.Fatalf("%s answered %d %s", path, status, text)
		}
		if strings.Contains(text, secret) || strings.Contains(text, named) {
			t.Errorf("%s shows a secret: %s", path, text)
		}
	}
	_, text := g.ask("GET /__admin/requests/1", "")
	for _, kept := range []string{"Bearer REDACTED", "session=REDACTED; theme=REDACTED", "page=7", "bread",
		`name: \\\"ann\\\"`} {
		if !strings.Contains(text, kept) {
			t.Errorf("%q is gone: %s", kept, text)
		}
	}
}

func TestExports(t *testing.T) {
	t.Parallel()
	g := start(t, control.Options{Version: "v-test"})
	g.must("POST /alpha/notes", `{"text":"it's"}`)
	for _, c := range []struct{ query, part string }{
		{"format=har", `"creator":{"name":"mockserver","version":"v-test"}`},
		{"format=curl", `--data-binary '{"text":"it'\''s"}'`},
	} {
		if status, text := g.ask("GET /__admin/requests/export?"+c.query, ""); status != 200 ||
			!strings.Contains(text, c.part) {
			t.Errorf("%s answered %d %s", c.query, status, text)
		}
	}
	if status, _ := g.ask("GET /__admin/requests/export?format=case&fake=alpha",
		""); status != http.StatusNotImplemented {
		t.Errorf("a case without what makes one: %d", status)
	}
	if status, text := g.ask("GET /__admin/requests/export?format=hra", ""); status != 400 ||
		!strings.Contains(text, `nearest: \"har\"`) {
		t.Errorf("an unknown format: %d %s", status, text)
	}
}
