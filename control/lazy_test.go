package control_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

// built returns the fakes of a world that requests have built.
func (g *rig) built(world string) []string {
	g.t.Helper()
	w, err := g.srv.World(world)
	if err != nil {
		g.t.Fatal(err)
	}
	names := []string{}
	for name := range w.Census().Rows {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// TestANewWorldIsBuiltWhenItIsUsed: POST and PUT answer with credentials and build no fake. A request builds the fake
// that it goes to, and its credential is valid there, after a reset, and after a restart.
func TestANewWorldIsBuiltWhenItIsUsed(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	g.must("GET /__admin/state", "") // the default world has all fakes
	for _, body := range []string{`{"name":"seeded"}`, `{"name":"forked","fork":"default"}`} {
		w := g.world("POST /__admin/worlds", body)
		again := g.world("PUT /__admin/worlds/"+w.Name, "")
		if diff := cmp.Diff(w, again); diff != "" {
			t.Errorf("PUT answers with other credentials than POST: %s", diff)
		}
		used := []string{}
		for _, m := range members {
			if diff := cmp.Diff(used, g.built(w.Name)); diff != "" {
				t.Errorf("%s: %s", w.Name, diff)
			}
			credential := w.of(t, m.fake, m.principal).Value
			if status, text := m.put(g, credential, "one of "+w.Name); status >= 300 {
				t.Errorf("%s refuses the credential of %s: %d %s", m.fake, w.Name, status, text)
			}
			used = append(used, m.fake)
			slices.Sort(used)
		}
		_, text := g.ask("GET /__admin/worlds/"+w.Name+"/state", "")
		if strings.Count(text, "one of "+w.Name) < len(members) {
			t.Errorf("%s lacks rows: %d", w.Name, strings.Count(text, "one of "+w.Name))
		}
		g.must("POST /__admin/worlds/"+w.Name+"/reset", "")
		if got := g.built(w.Name); len(got) > 0 {
			t.Errorf("a reset of %s builds %v", w.Name, got)
		}
		for _, m := range members {
			credential := w.of(t, m.fake, m.principal).Value
			if status, text := m.list(g, credential); status != http.StatusOK || strings.Contains(text, "one of ") {
				t.Errorf("%s after a reset of %s: %d %s", m.fake, w.Name, status, text)
			}
		}
	}
}

// TestAForkIsWhatItsOriginWas: what the origin writes later does not show in a fork that no request has used yet, nor
// the other way round.
func TestAForkIsWhatItsOriginWas(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	origin := g.world("POST /__admin/worlds", `{"name":"origin"}`)
	for _, m := range members {
		m.put(g, origin.of(t, m.fake, m.principal).Value, "write-1")
	}
	forks := []made{
		g.world("POST /__admin/worlds", `{"name":"f1","fork":"origin"}`),
		g.world("POST /__admin/worlds", `{"name":"f2","fork":"origin"}`),
		g.world("POST /__admin/worlds", `{"name":"f3","fork":"f2"}`),
	}
	for _, m := range members {
		m.put(g, origin.of(t, m.fake, m.principal).Value, "write-2")
	}
	for _, f := range forks {
		for _, m := range members {
			_, text := m.list(g, f.of(t, m.fake, m.principal).Value)
			if !strings.Contains(text, "write-1") ||
				strings.Contains(text, "write-2") || strings.Contains(text, "write-3") {
				t.Errorf("%s in %s: %s", m.fake, f.Name, text)
			}
			m.put(g, f.of(t, m.fake, m.principal).Value, "write-3")
		}
	}
	for _, m := range members {
		if _, text := m.list(g, origin.of(t, m.fake, m.principal).Value); strings.Contains(text, "write-3") {
			t.Errorf("%s: the origin shows what a fork wrote: %s", m.fake, text)
		}
	}
}

// TestAnUnusedWorldIsSavedWhole saves worlds that no request has used and restores them in another server.
func TestAnUnusedWorldIsSavedWhole(t *testing.T) {
	t.Parallel()
	g, next := startReal(t, fake.Config{}), startReal(t, fake.Config{})
	for _, body := range []string{`{"name":"seeded"}`, `{"name":"forked","fork":"default"}`} {
		w := g.world("POST /__admin/worlds", body)
		from, err := g.srv.World(w.Name)
		if err != nil {
			t.Fatal(err)
		}
		saved, rows, baseline, err := from.Save()
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(saved)
		if err != nil {
			t.Fatal(err)
		}
		var read fake.SavedWorld
		if err := json.Unmarshal(text, &read); err != nil {
			t.Fatal(err)
		}
		to, err := next.srv.NewWorld(w.Name, fake.Settings{}, nil)
		if err == nil {
			err = to.Restore(read, rows, baseline)
		}
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(w.Credentials, next.world("PUT /__admin/worlds/"+w.Name, "").Credentials); diff != "" {
			t.Errorf("%s: the credentials after a restart: %s", w.Name, diff)
		}
		for range 2 { // before a reset, and after
			for _, m := range members {
				if status, text := m.put(next, w.of(t, m.fake, m.principal).Value, "later"); status >= 300 {
					t.Errorf("%s refuses the credential of %s after a restart: %d %s", m.fake, w.Name, status, text)
				}
			}
			next.must("POST /__admin/worlds/"+w.Name+"/reset", "")
		}
	}
}

// TestServersShareNoRows runs servers side by side that share the rows of the seeds, under the race detector in CI.
func TestServersShareNoRows(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for i := range 8 {
		g := startReal(t, fake.Config{})
		all.Go(func() {
			w := g.world("POST /__admin/worlds", `{"name":"w"}`)
			for _, m := range members {
				mark := fmt.Sprintf("mark-%d-%d", i, i)
				if status, text := m.put(g, w.of(t, m.fake, m.principal).Value, mark); status >= 300 {
					t.Errorf("%s: %d %s", m.fake, status, text)
				}
				_, text := m.list(g, w.of(t, m.fake, m.principal).Value)
				if strings.Count(text, "mark-") != strings.Count(text, mark) {
					t.Errorf("%s shows a row of another server: %s", m.fake, text)
				}
			}
		})
	}
	all.Wait()
}

// TestListsOfTheControlPlaneComeInPages: without a limit there is a bound, and the header Link leads to the rest.
func TestListsOfTheControlPlaneComeInPages(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	for i := range 101 {
		g.must("PUT /__admin/worlds/w"+fmt.Sprint(i), "")
	}
	const calls = 251
	for range calls {
		g.ask("GET /kickflow/v1/nothing", "")
	}
	for _, c := range []struct {
		path, list  string
		pages, rest int
		total       float64
	}{
		{"/__admin/worlds", "worlds", 100, 2, 102},
		{"/__admin/requests", "requests", 250, 1, calls},
		{"/__admin/journal", "requests", 250, 1, calls},
		{"/__admin/requests/lines", "lines", 200, 51, calls},
	} {
		first := g.send("GET "+c.path, "")
		next, ok := strings.CutSuffix(strings.TrimPrefix(first.header.Get("Link"), "<"), `>; rel="next"`)
		if !ok {
			t.Errorf("%s: no next page: %v", c.path, first.header)
			continue
		}
		for text, want := range map[string]int{first.body: c.pages, g.send("GET "+next, "").body: c.rest} {
			var got map[string]any
			if err := json.Unmarshal([]byte(text), &got); err != nil {
				t.Fatal(err)
			}
			if n := len(got[c.list].([]any)); n != want || got["meta"].(map[string]any)["total"] != c.total {
				t.Errorf("%s: a page of %d, want %d; meta %v", c.path, n, want, got["meta"])
			}
		}
		for _, wrong := range []string{"?limit=-1", "?limit=x", "?offset=1.5", "?offset=-2"} {
			if status, text := g.ask("GET "+c.path+wrong, ""); status != http.StatusBadRequest {
				t.Errorf("%s%s: %d %s", c.path, wrong, status, text)
			}
		}
		status, text := g.ask("GET "+c.path+"?limit=9223372036854775807&offset=9223372036854775807", "")
		if status != http.StatusOK {
			t.Errorf("%s: %d %s", c.path, status, text)
		}
	}
}
