package control_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/afba07b5/mockserver/control"
)

func TestCredentialsOfAWorldChooseIt(t *testing.T) {
	t.Parallel()
	g := start(t, control.Options{})
	made := g.must("POST /__admin/worlds", `{"name":"w","seed":{"alpha":"empty"}}`)
	value := key(made, "alpha")
	g.must("POST /alpha/notes", `{"text":"in w"}`, "Authorization: Bearer "+value)
	if _, text := g.ask("GET /__world/w/alpha/notes", ""); !strings.Contains(text, "in w") {
		t.Errorf("world w has %s", text)
	}
	if _, text := g.ask("GET /alpha/notes", ""); strings.Contains(text, "in w") {
		t.Errorf("the default world has %s", text)
	}
	if url := made["urls"].(map[string]any)["alpha"]; url != g.url+"/__world/w/alpha" {
		t.Errorf("url %v", url)
	}
	if again := key(g.must("POST /__admin/worlds", `{"fork":"w"}`), "alpha"); again == value {
		t.Error("a fork has the credentials of its origin")
	}
}

func key(made map[string]any, name string) string {
	one := made["credentials"].(map[string]any)[name].([]any)[0].(map[string]any)
	return one["value"].(string)
}

// TestManyWorldsAtOnce drives 200 worlds in parallel, with interleaved writes, resets and clock
// moves, and checks that they are isolated.
func TestManyWorldsAtOnce(t *testing.T) {
	t.Parallel()
	g := start(t, control.Options{})
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() { liveIn(g, i) })
	}
	wg.Wait()
	if _, text := g.ask("GET /alpha/notes", ""); text != `[{"id":"n1","text":"first"}]` {
		t.Errorf("the default world has %s", text)
	}
}

func liveIn(g *rig, i int) {
	name := fmt.Sprintf("w%d", i)
	made := g.must("POST /__admin/worlds", `{"name":"`+name+`","seed":{"alpha":"empty"}}`)
	auth := "Authorization: Bearer " + key(made, "alpha")
	for round := range 3 {
		text := fmt.Sprintf("%s-%d", name, round)
		g.must("POST /alpha/notes", `{"text":"`+text+`"}`, auth)
		g.must("POST /alpha/remind", "", auth)
		g.must("POST /__admin/worlds/"+name+"/clock/advance", `{"by":"2h"}`)
		_, notes := g.ask("GET /alpha/notes", "", auth)
		if strings.Count(notes, `"id"`) != 2 || !strings.Contains(notes, text) || !strings.Contains(notes, "reminder") {
			g.t.Errorf("world %s, round %d: %s", name, round, notes)
		}
		g.must("POST /__admin/worlds/"+name+"/reset", "")
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, req, body string
		want            int
		part            string
	}{
		{"freeze at a time", "POST /__admin/clock/freeze", `{"time":"2030-01-02T03:04:05Z"}`, 200,
			`"frozen":true,"now":"2030-01-02T03:04:05Z"`},
		{"set", "POST /__admin/clock/set", `{"time":"2030-01-02"}`, 200, `"now":"2030-01-02T00:00:0`},
		{"put both", "PUT /__admin/clock", `{"time":"2030-01-02","frozen":true}`, 200,
			`"frozen":true,"now":"2030-01-02T00:00:00Z"`},
		{"advance runs what falls due", "POST /__admin/clock/advance", `{"by":"2h"}`, 200, `"kind":"remind"`},
		{"advance less runs nothing", "POST /__admin/clock/advance", `{"by":"30m"}`, 200, `"ran":[]`},
		{"thaw", "POST /__admin/clock/thaw", ``, 200, `"frozen":false`},
		{"no time", "POST /__admin/clock/set", `{}`, 400, "say the time"},
		{"a wrong time", "POST /__admin/clock/set", `{"time":"tomorrow"}`, 400, "expected like"},
		{"a wrong duration", "POST /__admin/clock/advance", `{"by":"2 days"}`, 400, "expected like"},
		{"backwards", "POST /__admin/clock/advance", `{"by":"-1h"}`, 400, "set the duration"},
		{"nothing to do", "PUT /__admin/clock", `{}`, 400, "set time, frozen or both"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := start(t, control.Options{})
			g.must("POST /alpha/remind", "")
			status, text := g.ask(c.req, c.body)
			if status != c.want || !strings.Contains(text, c.part) {
				t.Errorf("answered %d %s\nwant %d with %s", status, text, c.want, c.part)
			}
		})
	}
}

func TestTheClockBelongsToItsWorld(t *testing.T) {
	t.Parallel()
	g := start(t, control.Options{})
	g.must("POST /__admin/worlds", `{"name":"w"}`)
	g.must("POST /__admin/clock/freeze", `{"time":"2030-01-02"}`, "Mockserver-World: w")
	if _, text := g.ask("GET /__admin/worlds/w/clock", ""); !strings.Contains(text, "2030-01-02") {
		t.Errorf("the clock of w: %s", text)
	}
	if _, text := g.ask("GET /__world/w/__admin/clock", ""); !strings.Contains(text, "2030-01-02") {
		t.Errorf("the clock below the prefix of w: %s", text)
	}
	if status, text := g.ask("GET /__world/v/__admin/clock", ""); status != 404 ||
		!strings.Contains(text, `nearest: \"w\"`) && !strings.Contains(text, "no world") {
		t.Errorf("the clock of an unknown world: %d %s", status, text)
	}
	if _, text := g.ask("GET /__admin/clock", ""); strings.Contains(text, "2030-01-02") {
		t.Errorf("the default clock: %s", text)
	}
}

func TestDiffAndRewind(t *testing.T) {
	t.Parallel()
	g := start(t, control.Options{})
	g.must("POST /alpha/notes", `{"text":"one"}`)
	g.must("POST /__admin/worlds", `{"name":"before","fork":"default"}`)
	g.must("POST /alpha/notes", `{"text":"two"}`)
	for _, query := range []string{"since=1", "with=before"} {
		changes := g.must("GET /__admin/diff?"+query, "")["changes"].([]any)
		if len(changes) != 1 || !strings.Contains(fmt.Sprint(changes[0]), "two") {
			t.Errorf("%s: %v", query, changes)
		}
	}
	if n := g.must("POST /__admin/rewind", `{"entry":"1"}`)["undone"]; n != float64(1) {
		t.Errorf("undone %v", n)
	}
	if _, text := g.ask("GET /alpha/notes", ""); strings.Contains(text, "two") || !strings.Contains(text, "one") {
		t.Errorf("after rewind: %s", text)
	}
	for _, c := range []struct{ req, body string }{{"GET /__admin/diff", ""}, {"GET /__admin/diff?with=nope", ""},
		{"GET /__admin/diff?since=99", ""}, {"POST /__admin/rewind", `{"entry":"99"}`}} {
		if status, text := g.ask(c.req, c.body); status != 400 && status != 404 {
			t.Errorf("%s answered %d %s", c.req, status, text)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, rule string
		want       int // status of adding it
		part       string
		after      []int // statuses of three GET /alpha/notes
	}{
		{"by name", `{"fault":{"name":"closed"}}`, 201, `"id":"fault-1"`, []int{503, 503, 503}},
		{"the second request", `{"nth":2,"fault":{"status":418,"body":"tea"}}`, 201, `"nth":2`, []int{200, 418, 200}},
		{"once", `{"times":1,"fault":{"status":500}}`, 201, `"times":1`, []int{500, 200, 200}},
		{"of another fake", `{"fake":"beta","fault":{"status":500}}`, 201, `"fake":"beta"`, []int{200, 200, 200}},
		{"of another operation", `{"operation":"createNote","fault":{"status":500}}`, 201, ``, []int{200, 200, 200}},
		{"a delay alone changes nothing", `{"fault":{"delay":"1ms"}}`, 201, `"delay":"1ms"`, []int{200, 200, 200}},
		{"nothing goes wrong", `{"fault":{}}`, 400, "say what goes wrong", []int{200, 200, 200}},
		{"an unknown name", `{"fault":{"name":"closd"}}`, 400, `nearest: \"closed\"`, []int{200, 200, 200}},
		{"an unknown break", `{"fault":{"break":"rest"}}`, 400, `nearest: \"reset\"`, []int{200, 200, 200}},
		{"an unknown operation", `{"operation":"listNote","fault":{"status":500}}`, 400, `nearest: \"listNotes\"`,
			[]int{200, 200, 200}},
		{"an unknown fake", `{"fake":"alfa","fault":{"status":500}}`, 400, `nearest: \"alpha\"`, []int{200, 200, 200}},
		{"a status that is none", `{"fault":{"status":42}}`, 400, "200 to 599", []int{200, 200, 200}},
		{"a chance above one", `{"probability":2,"fault":{"status":500}}`, 400, "0 to 1", []int{200, 200, 200}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := start(t, control.Options{})
			status, text := g.ask("POST /__admin/faults", c.rule)
			if status != c.want || !strings.Contains(text, c.part) {
				t.Errorf("adding it answered %d %s", status, text)
			}
			for i, want := range c.after {
				if status, text := g.ask("GET /alpha/notes", ""); status != want {
					t.Errorf("request %d answered %d %s, want %d", i+1, status, text, want)
				}
			}
			g.must("DELETE /__admin/faults", "")
			g.must("GET /alpha/notes", "")
		})
	}
}

func TestFaultsAreCountedAndRemovedOneByOne(t *testing.T) {
	t.Parallel()
	g := start(t, control.Options{})
	g.must("POST /__admin/faults", `{"fault":{"name":"closed"}}`)
	g.ask("GET /alpha/notes", "")
	if _, text := g.ask("GET /__admin/faults", ""); !strings.Contains(text, `"seen":1,"hit":1`) {
		t.Errorf("the rules: %s", text)
	}
	g.must("DELETE /__admin/faults/fault-1", "")
	g.must("GET /alpha/notes", "")
	if status, _ := g.ask("DELETE /__admin/faults/fault-1", ""); status != 404 {
		t.Errorf("removing it again answered %d", status)
	}
}
