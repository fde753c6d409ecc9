package control_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
)

// emptySeeds is what an order of a world says to start every fake empty.
var emptySeeds = func() string {
	seeds := map[string]string{}
	for _, def := range mocks.All() {
		seeds[def.Name] = "empty"
	}
	text, err := json.Marshal(seeds)
	if err != nil {
		panic(err) // a map of texts
	}
	return `"seed":` + string(text)
}()

// changes returns how many changes a diff lists, by fake.
func (g *rig) changes(path string) map[string]int {
	g.t.Helper()
	found := map[string]int{}
	for _, c := range g.must("GET "+path, "")["changes"].([]any) {
		found[c.(map[string]any)["fake"].(string)]++
	}
	return found
}

// TestLookingBuilds compares what those see who look at rows before and after a request has built them.
func TestLookingBuilds(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	g.must("POST /__admin/worlds", `{"name":"e",`+emptySeeds+`}`)
	rows := g.must("GET /__admin/worlds/default", "")["rows"]
	for _, m := range members {
		if rows.(map[string]any)[m.fake] == nil {
			t.Errorf("%s has no rows before its first request", m.fake)
		}
	}
	first := g.changes("/__admin/worlds/e/diff?with=default")
	for _, m := range members {
		if first[m.fake] == 0 {
			t.Errorf("%s: an empty world does not differ from the default one", m.fake)
		}
	}
	g.must("POST /__admin/reset", "")
	if diff := cmp.Diff(first, g.changes("/__admin/worlds/e/diff?with=default")); diff != "" {
		t.Errorf("the diff after a reset: %s", diff)
	}
	g.must("POST /__admin/reset", "")
	if diff := cmp.Diff(rows, g.must("GET /__admin/worlds/default", "")["rows"]); diff != "" {
		t.Errorf("the sizes after a reset: %s", diff)
	}
	g.must("GET /__admin/state", "")
	if diff := cmp.Diff(first, g.changes("/__admin/worlds/e/diff?with=default")); diff != "" {
		t.Errorf("the diff after a look at the state: %s", diff)
	}
}

// TestHandedOutCredentialsAreNoDifference between forks of one world, and worlds of one seed.
func TestHandedOutCredentialsAreNoDifference(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	a := g.world("POST /__admin/worlds", `{"name":"a"}`)
	for _, body := range []string{`{"name":"b","fork":"a"}`, `{"name":"c","fork":"a"}`, `{"name":"d","fork":"c"}`} {
		g.must("POST /__admin/worlds", body)
	}
	for _, pair := range []string{"b/diff?with=c", "a/diff?with=b", "d/diff?with=b", "d/diff?with=a"} {
		if found := g.changes("/__admin/worlds/" + pair); len(found) != 0 {
			t.Errorf("%s lists %v", pair, found)
		}
	}
	for _, m := range members {
		m.put(g, a.of(t, m.fake, m.principal).Value, "new")
	}
	found := g.changes("/__admin/worlds/a/diff?with=b")
	for _, m := range members {
		if found[m.fake] == 0 {
			t.Errorf("%s: a new row is no difference", m.fake)
		}
	}
}

// TestTheTimeAWorldWasBuiltIsNoDifference builds worlds of the default seeds at times far apart, and has what their
// clocks started show all the same.
func TestTheTimeAWorldWasBuiltIsNoDifference(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	times := []string{"2001-02-03T04:05:06Z", "2026-12-31T23:59:59.999Z", "2040-02-29T12:00:00Z"}
	for i, at := range times {
		clock, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		w, err := g.srv.NewWorld(fmt.Sprint("w", i), fake.Settings{LimitsOff: true}, nil)
		if err != nil {
			t.Fatal(err)
		}
		w.Clock.Set(clock, true)
	}
	g.must("POST /__admin/worlds", `{"name":"fork","fork":"w0"}`)
	g.must("PUT /__admin/worlds/saved/", "")
	_, rows := g.ask("GET /__admin/worlds/w1/state", "")
	g.must("PUT /__admin/worlds/saved/state", rows)
	for _, pair := range []string{"w0/diff?with=w1", "w1/diff?with=w2", "w2/diff?with=default",
		"fork/diff?with=w2", "saved/diff?with=w0"} {
		if found := g.must("GET /__admin/worlds/"+pair, "")["changes"]; len(found.([]any)) > 0 {
			t.Errorf("%s: %v", pair, found)
		}
	}
	g.must("POST /__admin/worlds/w0/clock/advance", `{"by":"48h"}`)
	tables := map[string]bool{}
	for _, c := range g.must("GET /__admin/worlds/w1/diff?with=w0", "")["changes"].([]any) {
		tables[c.(map[string]any)["table"].(string)] = true
	}
	for _, table := range []string{"backups", "jobs", "schedules"} {
		if !tables[table] {
			t.Errorf("two days of schedulers leave no difference in %s: %v", table, tables)
		}
	}
}

// TestPutMakesAWorldOnce, also when many ask at the same time.
func TestPutMakesAWorldOnce(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	answers := make([]made, 8)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = g.world("PUT /__admin/worlds/w", `{`+emptySeeds+`}`) })
	}
	wg.Wait()
	for _, again := range answers[1:] {
		if diff := cmp.Diff(answers[0], again); diff != "" {
			t.Error(diff)
		}
	}
	for _, m := range members {
		key := answers[0].of(t, m.fake, m.principal).Value
		if status, text := m.list(g, key); status == m.unknown ||
			g.srv.Def(m.fake).CredentialWorld != nil && carried(key) != "w" {
			t.Errorf("%s: %s answers %d %s", m.fake, key, status, text)
		}
	}
	if status, _ := g.ask("PUT /__admin/worlds/new", ""); status != 201 {
		t.Errorf("a new world is answered with %d", status)
	}
	for req, want := range map[string]int{"PUT /__admin/worlds/w": 200, "PUT /__admin/worlds/default": 200,
		"PUT /__admin/worlds/-w": 400} {
		if status, text := g.ask(req, `{}`); status != want {
			t.Errorf("%s answered %d %s", req, status, text)
		}
	}
	for _, wrong := range []string{`{"name":"v"}`, `{"seed":{"kickflow":"defualt"}}`, `{"clock":"noon"}`,
		`{"settings":{"limits":1}}`} {
		if status, text := g.ask("PUT /__admin/worlds/w", wrong); status != 400 {
			t.Errorf("%s: %d %s", wrong, status, text)
		}
	}
}
