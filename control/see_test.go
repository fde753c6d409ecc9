package control_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
)

// listener reads the stream of events.
type listener struct {
	t     *testing.T
	lines *bufio.Scanner
}

// sent is one event of the stream.
type sent struct {
	kind string // of the event line
	id   string
	data map[string]any
}

// listen connects to the stream and returns once the server listens.
func (g *rig) listen(path string, headers ...string) *listener {
	g.t.Helper()
	req, err := http.NewRequestWithContext(g.t.Context(), http.MethodGet, g.url+path, nil)
	if err != nil {
		g.t.Fatal(err)
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { res.Body.Close() })
	if got := res.Header.Get("Content-Type"); res.StatusCode != 200 || got != "text/event-stream" {
		g.t.Fatalf("%s answers %d %s", path, res.StatusCode, got)
	}
	l := &listener{g.t, bufio.NewScanner(res.Body)}
	l.lines.Buffer(nil, 4<<20)
	for l.lines.Scan() {
		if l.lines.Text() == ": listening" {
			return l
		}
	}
	g.t.Fatalf("%s ends before it listens", path)
	return nil
}

// next returns the next event.
func (l *listener) next() (e sent) {
	l.t.Helper()
	for l.lines.Scan() {
		name, value, _ := strings.Cut(l.lines.Text(), ": ")
		switch {
		case name == "id":
			e.id = value
		case name == "event":
			e.kind = value
		case name == "data":
			if err := json.Unmarshal([]byte(value), &e.data); err != nil {
				l.t.Fatalf("%s: %v", value, err)
			}
		case name == "" && e.kind != "":
			return e
		}
	}
	l.t.Fatalf("the stream ends: %v", l.lines.Err())
	return e
}

// until returns the first event of a kind and the kinds of those before it.
func (l *listener) until(kind string) (e sent, before []string) {
	l.t.Helper()
	for e = l.next(); e.kind != kind; e = l.next() {
		before = append(before, e.kind)
	}
	return e, before
}

// at returns the value at a path of an event, as text.
func (e sent) at(path ...string) string {
	var v any = e.data
	for _, key := range path {
		object, _ := v.(map[string]any)
		v = object[key]
	}
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// TestAWriteIsSeenWithItsRows writes to each fake: the stream has the rows that changed and then the request, both with
// the request's id, and no secret.
func TestAWriteIsSeenWithItsRows(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	w := g.world("POST /__admin/worlds", `{"name":"seen"}`)
	for _, m := range members {
		credential := w.of(t, m.fake, m.principal).Value
		l := g.listen("/__admin/worlds/seen/events?fake=" + m.fake)
		if status, text := m.put(g, credential, "mark-"+m.fake); status >= 300 {
			t.Fatalf("%s answered %d %s", m.fake, status, text)
		}
		row, _ := l.until("row")
		for !strings.Contains(row.at("row", "after"), "mark-"+m.fake) {
			row, _ = l.until("row") // such as the audit log's
		}
		request, _ := l.until("request")
		if row.at("entry") == "" || row.at("entry") != request.at("entry") ||
			request.at("request", "id") != request.at("entry") {
			t.Errorf("%s: the row belongs to request %q, the request is %q", m.fake, row.at("entry"),
				request.at("request", "id"))
		}
		if row.at("row", "before") != "" {
			t.Errorf("%s: the new row is %v", m.fake, row.data)
		}
		if request.at("world") != "seen" || request.at("request", "operation") == "" ||
			request.at("request", "evidence") == "" {
			t.Errorf("%s: the request is %v", m.fake, request.data)
		}
		for _, e := range []sent{row, request} {
			if text, _ := json.Marshal(e.data); strings.Contains(string(text), credential) {
				t.Errorf("%s: the credential is in %s", m.fake, text)
			}
		}
	}
}

// TestRefusalsAreSeenWithTheirEvidence asks each fake with a wrong credential and for a path that it has not.
func TestRefusalsAreSeenWithTheirEvidence(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	for _, m := range members {
		l := g.listen("/__admin/events?kind=request&refused=true&fake=" + m.fake)
		m.list(g, "nobody-knows-this-one")
		first, _ := l.until("request")
		rule, evidence := first.at("request", "refusal", "rule"), first.at("request", "refusal", "evidence")
		if rule == "" || !slices.Contains([]string{"recorded", "documented", "inferred"}, evidence) ||
			first.at("request", "refusal", "source") == "" {
			t.Errorf("%s: the refusal is %v", m.fake, first.data)
		}
		_, path, _ := strings.Cut(m.read, " ")
		path, _, _ = strings.Cut(path, "?")
		g.ask("GET "+path+"/of/nothing/at/all", "", m.header("nobody"))
		second, _ := l.until("request")
		if second.at("request", "unknown") != "true" && second.at("request", "operation") == "" {
			t.Errorf("%s: the unknown path is %v", m.fake, second.data)
		}
	}
}

// TestEverythingElseIsSeen moves a clock, sets a fault, sends a webhook, and makes, forks, resets and drops worlds.
func TestEverythingElseIsSeen(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	l := g.listen("/__admin/events")
	expect := func(kind string, at []string, want string) {
		t.Helper()
		e, _ := l.until(kind)
		if got := e.at(at...); got != want {
			t.Errorf("%s: %s is %q, want %q: %v", kind, strings.Join(at, "."), got, want, e.data)
		}
	}
	w := g.world("POST /__admin/worlds", `{"name":"a"}`)
	expect("world", []string{"change", "action"}, "made")
	g.must("POST /__admin/worlds/a/clock/freeze", `{"time":"2026-04-01T09:00:00Z"}`)
	expect("clock", []string{"clock", "now"}, "2026-04-01T09:00:00Z")
	rule := g.must("POST /__admin/worlds/a/faults", `{"fake":"twenty","nth":9,"fault":{"status":503}}`)
	expect("fault", []string{"fault", "rule", "id"}, fmt.Sprint(rule["id"]))
	g.must("DELETE /__admin/worlds/a/faults", "")
	expect("fault", []string{"fault", "action"}, "cleared")
	came := make(chan bool, 4)
	target := fake.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		came <- true
		w.WriteHeader(http.StatusTeapot)
	}))
	auth := hook(g, w, target)
	g.must("POST /twenty/rest/companies", `{"name":"c"}`, auth)
	expect("delivery", []string{"delivery", "state"}, "queued")
	<-came
	expect("delivery", []string{"delivery", "status"}, "418")
	g.world("POST /__admin/worlds", `{"name":"b","fork":"a"}`)
	expect("world", []string{"change", "from"}, "a")
	g.must("POST /__admin/worlds/a/reset", "")
	expect("world", []string{"change", "action"}, "reset")
	g.must("DELETE /__admin/worlds/b", "")
	expect("world", []string{"change", "action"}, "dropped")
}

// TestAJobIsSeen moves the clock to the next job that the default seed has planned.
func TestAJobIsSeen(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	due := g.must("GET /__admin/clock/due", "")["due"].([]any)
	if len(due) == 0 {
		t.Fatal("the default seed has no job")
	}
	first := due[0].(map[string]any)
	l := g.listen("/__admin/events?kind=job")
	g.must("POST /__admin/clock/set", fmt.Sprintf(`{"time":%q}`, first["due"]))
	e := l.next()
	if e.at("job", "id") != first["id"] {
		t.Errorf("the job is %v, due was %v", e.data, first)
	}
}

// TestAStreamResumes reads an event, disconnects, and gets what came in between.
func TestAStreamResumes(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	l := g.listen("/__admin/events?kind=clock")
	freeze := func(day int) {
		g.must("POST /__admin/clock/freeze", fmt.Sprintf(`{"time":"2026-04-%02d"}`, day))
	}
	freeze(1)
	first := l.next()
	freeze(2)
	again := g.listen("/__admin/events?kind=clock", "Last-Event-ID: "+first.id)
	if e := again.next(); !strings.HasPrefix(e.at("clock", "now"), "2026-04-02") &&
		!strings.HasPrefix(e.at("clock", "now"), "2026-04-01") {
		t.Errorf("resumed with %v", e.data)
	}
	lost := g.listen("/__admin/events?kind=clock", "Last-Event-ID: 7")
	if e := lost.next(); e.kind != "gap" {
		t.Errorf("after an event of another server came %s", e.kind)
	}
}

func TestFiltersOfEventsAndLinesRefuseNonsense(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	for _, row := range []struct{ req, part string }{
		{"GET /__admin/events?kind=requests", `nearest: \"request\"`},
		{"GET /__admin/events?sort=up", `no parameter \"sort\"`},
		{"GET /__admin/events?refused=perhaps", "expected true or false"},
		{"GET /__admin/events?after=x", "expected the id of an event"},
		{"GET /__admin/requests/lines?status=99", "expected a status like 422"},
		{"GET /__admin/requests/lines?limit=-1", "limit=-1"},
		{"GET /__admin/requests/lines?before=x", "before=x: expected the id of a request"},
		{"GET /__admin/rows?fake=twenty&table=companie", `tables: `},
		{"GET /__admin/rows?fake=twenti", `no fake \"twenti\"`},
	} {
		if status, text := g.ask(row.req, ""); status < 400 || status >= 500 || !strings.Contains(text, row.part) {
			t.Errorf("%s answered %d %s", row.req, status, text)
		}
	}
}

// TestLinesOfTheTerminal holds what a line says against what was asked.
func TestLinesOfTheTerminal(t *testing.T) {
	t.Parallel()
	line := control.Line{World: "default", Fake: "toy", Operation: "createNote", Method: "POST",
		URL: "/notes?x=\x1b[31m\u202e", Status: 422, Ms: 1.25,
		Rejection: &fake.Rejection{Rule: "no\nsecond line", Evidence: "inferred", Source: "a guess"}}
	want := `00:00:00.000 default toy createNote POST /notes?x=\x1b[31m\u202e 422 1.2ms no\nsecond line [inferred: ` +
		`a guess]`
	if got := line.Text(false); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := line.Text(true); !strings.Contains(got, "\x1b[33m422\x1b[0m") || strings.Contains(got, "x=\x1b") {
		t.Errorf("in colour: %q", got)
	}
}

// Pages of the journal follow each other without gaps, whatever comes meanwhile, and with filters too.
func TestRequestsArePaged(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	g.t = t
	g.world("POST /__admin/worlds", `{"name":"p"}`)
	ask := func() { g.send("GET /__world/p/kickflow/v1/users", "") }
	for range 7 {
		ask()
		g.send("GET /__world/p/twenty/rest/companies", "")
	}
	for filter, want := range map[string]string{
		"":              "14 13 12 11 10|9 8 7 6 5|4 3 2 1",
		"&fake=twenty":  "14 12 10 8 6|4 2",
		"&fake=flosum":  "",
		"&status=2xx":   "",
		"&refused=true": "14 13 12 11 10|9 8 7 6 5|4 3 2 1",
	} {
		var pages []string
		before := ""
		for {
			page := g.must("GET /__admin/worlds/p/requests/lines?limit=5"+filter+before, "")
			var ids []string
			for _, line := range page["lines"].([]any) {
				if id := line.(map[string]any)["id"].(string); len(id) < 3 {
					ids = append(ids, id)
				}
			}
			pages = append(pages, strings.Join(ids, " "))
			if page["before"] == nil {
				break
			}
			before = "&before=" + page["before"].(string)
		}
		if got := strings.Join(pages, "|"); got != want {
			t.Errorf("filter %q: got pages %s, want %s", filter, got, want)
		}
	}
}
