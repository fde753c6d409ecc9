package control_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/internal/race"
)

// TestEveryFakeLivesAtTheEdgesOfTime sets the clock to its bounds and calls each fake there. Only one of the moves runs
// the jobs on its way, since they are many.
func TestEveryFakeLivesAtTheEdgesOfTime(t *testing.T) {
	if race.Enabled {
		t.Skip("runs thousands of jobs one by one; a separate step in CI has it")
	}
	t.Parallel()
	g := startReal(t, fake.Config{})
	w := g.world("POST /__admin/worlds", `{"name":"w"}`)
	for _, at := range []string{"0001-01-01T00:00:00Z", "1734-08-18T00:00:00Z", "9999-12-31T00:00:00Z"} {
		g.callAt(w, at)
	}
	for body, path := range map[string]string{
		`{"time":"10000-01-01"}`: "set", `{"time":"0000-12-31"}`: "set",
		`{"time":"9999-12-31T23:59:59-01:00"}`: "freeze", `{"by":"2562047h"}`: "advance", `{"by":1e300}`: "advance",
	} {
		if status, text := g.ask("POST /__admin/worlds/w/clock/"+path, body); status != 400 {
			t.Errorf("%s %s answers %d %s", path, body, status, text)
		}
	}
	g.callAt(w, "2319-03-11T00:00:00Z")
}

// callAt freezes the clock of a world named w and writes and reads in each fake.
func (g *rig) callAt(w made, at string) {
	g.t.Helper()
	view := g.must("POST /__admin/worlds/w/clock/freeze", `{"time":"`+at+`"}`)
	if view["now"] != at {
		g.t.Errorf("asked for %s, got %v", at, view["now"])
	}
	if since := view["total"].(float64); since > 100_000 {
		g.t.Errorf("%s: %v jobs ran", at, since)
	}
	for _, m := range members {
		key := w.of(g.t, m.fake, m.principal).Value
		if status, text := m.put(g, key, "x"); status >= 500 {
			g.t.Errorf("a write of %s at %s is answered with %d %s", m.fake, at, status, text)
		}
		if status, text := m.list(g, key); status >= 500 {
			g.t.Errorf("a list of %s at %s is answered with %d %s", m.fake, at, status, text)
		}
	}
}

// TestDateIsTheTimeOfTheWorld checks the Date header once the clock is not the real one.
func TestDateIsTheTimeOfTheWorld(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	w := g.world("POST /__admin/worlds", `{"name":"w"}`)
	g.must("POST /__admin/worlds/w/clock/freeze", `{"time":"2026-04-01T09:00:00Z"}`)
	for _, m := range members {
		method, path, _ := strings.Cut(m.read, " ")
		for _, key := range []string{w.of(t, m.fake, m.principal).Value, "nobody"} {
			got := g.send(method+" "+path, "", m.header(key), "User-Agent: tests")
			world := key != "nobody"
			if date := got.header.Get("Date"); (date == "Wed, 01 Apr 2026 09:00:00 GMT") != world || date == "" {
				t.Errorf("%s answers %d with the date %q", m.fake, got.status, date)
			}
		}
	}
	g.must("PUT /__admin/worlds/w/settings", `{"limitsOff":false}`)
	reset := func() time.Duration {
		t.Helper()
		got := g.send("GET /kickflow/v1/users", "", members[3].header(w.of(t, "kickflow", "admin").Value))
		date, err := http.ParseTime(got.header.Get("Date"))
		if err != nil {
			t.Fatal(err)
		}
		var at int64
		fmt.Sscan(got.header.Get("Ratelimit-Reset"), &at)
		return time.Unix(at, 0).Sub(date)
	}
	for range 2 {
		if wait := reset(); wait < 0 || wait > time.Minute {
			t.Errorf("a client waits %s", wait)
		}
		g.must("POST /__admin/worlds/w/clock/advance", `{"by":"61s"}`)
	}
	g.must("POST /__admin/worlds/w/reset", "")
	if wait := reset(); wait < 0 || wait > time.Minute {
		t.Errorf("after a reset a client waits %s", wait)
	}
}

// TestTenYearsAnswerASummary checks the summary of the jobs that ran, and the rest by page.
func TestTenYearsAnswerASummary(t *testing.T) {
	if race.Enabled {
		t.Skip("runs thousands of jobs one by one; a separate step in CI has it")
	}
	t.Parallel()
	g := startReal(t, fake.Config{})
	view := g.must("POST /__admin/clock/advance", `{"by":"87600h"}`)
	total, counted := view["total"].(float64), 0.0
	for _, kinds := range view["counts"].(map[string]any) {
		for _, n := range kinds.(map[string]any) {
			counted += n.(float64)
		}
	}
	first, last := view["ran"].([]any), view["last"].([]any)
	if total < 10_000 || counted != total || len(first) != 100 || len(last) != 100 {
		t.Errorf("%v jobs, %v counted, %d and %d listed", total, counted, len(first), len(last))
	}
	page := g.must("GET "+view["more"].(string)+"&limit=5", "")
	if ran := page["ran"].([]any); len(ran) != 5 || page["total"] != total {
		t.Errorf("a page has %v", page)
	}
	end := g.must(fmt.Sprintf("GET /__admin/clock/ran?offset=%d", int(total)-1), "")["ran"].([]any)
	if got, want := fmt.Sprint(end), fmt.Sprint(last[99:]); got != want {
		t.Errorf("the last job by page is %s, in the summary %s", got, want)
	}
	for i, list := range [][]any{first, last} {
		for j := 1; j < len(list); j++ {
			if due(t, list[j]).Before(due(t, list[j-1])) {
				t.Errorf("list %d is not in the order of time at %d", i, j)
			}
		}
	}
}

// TestJobsOfMonthsAreFewWrites: what falls due together is undone together, and takes as little time.
func TestJobsOfMonthsAreFewWrites(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	total := g.must("POST /__admin/clock/advance", `{"by":"2880h"}`)["total"].(float64)
	undo := g.must("GET /__admin/worlds/default", "")["bounds"].(map[string]any)["undo"].(map[string]any)
	if writes := undo["entries"].(float64); total < 500 || writes > 10 {
		t.Errorf("%v jobs are %v writes", total, writes)
	}
}

func due(t *testing.T, job any) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, job.(map[string]any)["due"].(string))
	if err != nil {
		t.Fatal(err)
	}
	return at
}
