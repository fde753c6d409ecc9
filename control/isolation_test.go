package control_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/internal/race"
)

// model is the expected content of one world.
type model struct {
	made
	root     string // the world that this one descends from
	empty    bool   // from the empty seeds
	rows     map[string][]string
	baseline map[string][]string
	frozen   string // the time at which the clock is frozen
}

// tenant uses a world and its forks and checks that nothing of another world appears there.
type tenant struct {
	g     *rig
	r     *rand.Rand
	count *atomic.Int64 // number of requests
	marks int
	forks int
}

func (m *model) members() []member {
	if m.empty {
		return members[1:] // templates need a connection, which the seed lacks
	}
	return members
}

func cloneRows(rows map[string][]string) map[string][]string {
	out := map[string][]string{}
	for name, marks := range rows {
		out[name] = slices.Clone(marks)
	}
	return out
}

// write adds a row to a fake, by credential alone.
func (l *tenant) write(m *model) {
	one := m.members()[l.r.IntN(len(m.members()))]
	l.marks++
	mark := fmt.Sprintf("%s.%s.%d.", m.root, m.Name, l.marks)
	status, text := one.put(l.g, m.of(l.g.t, one.fake, one.principal).Value, mark)
	l.count.Add(1)
	if status >= 300 {
		l.g.t.Errorf("%s: writing at %s answers %d %s", m.Name, one.fake, status, text)
		return
	}
	m.rows[one.fake] = append(m.rows[one.fake], mark)
}

// check compares the rows of every fake with the model. A mark that is not in the model is a leak.
func (l *tenant) check(m *model, credentials func(member) string) {
	for _, one := range m.members() {
		status, text := one.list(l.g, credentials(one))
		l.count.Add(1)
		var got []string
		for _, piece := range strings.Split(text, "\"") {
			if strings.HasPrefix(piece, "root-") && !slices.Contains(got, piece) {
				got = append(got, piece)
			}
		}
		want := slices.Sorted(slices.Values(m.rows[one.fake]))
		slices.Sort(got)
		if diff := cmp.Diff(want, got); status != 200 || diff != "" {
			l.g.t.Errorf("%s: %s answers %d with other rows: %s", m.Name, one.fake, status, diff)
		}
	}
}

func (m *model) handed(t *testing.T) func(member) string {
	return func(one member) string { return m.of(t, one.fake, one.principal).Value }
}

// generated returns the generated credentials of the world's fakes that support them.
func (l *tenant) generated(m *model) func(member) string {
	_, access, _ := oauth(l.g, m.of(l.g.t, "flosum", "Acme Portal"))
	key := apiKey(l.g, m.of(l.g.t, "twenty", "tim").Value)
	l.count.Add(8)
	handed := m.handed(l.g.t)
	return func(one member) string {
		switch one.fake {
		case "flosum":
			return access
		case "twenty":
			return key
		}
		return handed(one)
	}
}

func (l *tenant) fork(m *model) *model {
	l.forks++
	name := fmt.Sprintf("%s-f%d", m.Name, l.forks)
	made := l.g.world("POST /__admin/worlds", fmt.Sprintf(`{"name":%q,"fork":%q}`, name, m.Name))
	return &model{
		made:     made,
		root:     m.root,
		empty:    m.empty,
		rows:     cloneRows(m.rows),
		baseline: cloneRows(m.rows),
		frozen:   m.frozen,
	}
}

// undo writes and then rewinds to the entry before that.
func (l *tenant) undo(m *model) {
	entries := l.g.must("GET /__admin/worlds/"+m.Name+"/requests?limit=1", "")["requests"].([]any)
	if len(entries) == 0 {
		return
	}
	before := cloneRows(m.rows)
	l.write(m)
	l.write(m)
	l.g.must("POST /__admin/worlds/"+m.Name+"/rewind", fmt.Sprintf(`{"entry":%q}`, entries[0].(map[string]any)["id"]))
	m.rows = before
}

// freeze freezes the world's clock at a time of the next days.
func (l *tenant) freeze(m *model) {
	at := time.Now().UTC().Truncate(time.Second).Add(time.Duration(l.r.IntN(100_000)) * time.Second)
	l.g.must("POST /__admin/worlds/"+m.Name+"/clock/freeze", `{"time":"`+at.Format(time.RFC3339)+`"}`)
	m.frozen = at.Format(http.TimeFormat)
}

func (l *tenant) checkTime(m *model) {
	one := members[3]
	got := l.g.send("GET /kickflow/v1/categories", "", one.header(m.handed(l.g.t)(one)))
	l.count.Add(1)
	// A frozen clock advances by a millisecond per write.
	if date := got.header.Get("Date"); m.frozen != "" && date != m.frozen {
		l.g.t.Errorf("%s: the date is %s, the clock stands at %s", m.Name, date, m.frozen)
	}
}

// markOf extracts the world in which a mark was written.
var markOf = regexp.MustCompile(`(root-\d+)\.(root-[-\w]+)\.\d+\.`)

// checkJournal looks for requests of other worlds.
func (l *tenant) checkJournal(m *model) {
	for _, e := range l.g.must("GET /__admin/worlds/"+m.Name+"/journal", "")["requests"].([]any) {
		entry := e.(map[string]any)
		mark := markOf.FindStringSubmatch(fmt.Sprint(entry["body"]))
		if entry["goneWorld"] != nil || mark != nil && mark[2] != m.Name {
			l.g.t.Errorf("%s: the journal has %v", m.Name, entry)
		}
	}
}

// live performs random actions in a world, forks it to a depth, and drops it.
func (l *tenant) live(m *model, depth int) {
	for range 4 {
		switch l.r.IntN(6) {
		case 0, 1:
			l.write(m)
		case 2:
			l.undo(m)
		case 3:
			l.g.must("POST /__admin/worlds/"+m.Name+"/reset", "")
			m.rows, m.frozen = cloneRows(m.baseline), ""
		case 4:
			l.freeze(m)
		case 5:
			l.check(m, l.generated(m))
		}
	}
	l.write(m)
	l.check(m, m.handed(l.g.t))
	l.checkTime(m)
	l.checkJournal(m)
	if depth > 0 {
		child := l.fork(m)
		l.live(child, depth-1)
		l.check(m, m.handed(l.g.t))
	}
	if l.r.IntN(2) == 0 {
		l.drop(m)
	}
}

// drop drops a world and checks that its credentials are rejected.
func (l *tenant) drop(m *model) {
	l.g.must("DELETE /__admin/worlds/"+m.Name, "")
	for _, one := range members {
		status, text := one.put(l.g, m.handed(l.g.t)(one), "root-lost")
		l.count.Add(1)
		if status != one.unknown || !strings.Contains(text, one.rejection) {
			l.g.t.Errorf("%s: after the drop %s answers %d %s", m.Name, one.fake, status, text)
		}
	}
}

// roots is the number of worlds that start from seeds. A third of them have no forks, a third have
// forks, a third forks of forks. The race detector sees fewer; a separate step in CI has all.
func roots() int {
	if race.Enabled {
		return 24
	}
	return 102
}

// TestNothingOfAWorldShowsInAnother uses all worlds at once, by credential alone, and checks that
// rows, tokens, clocks, journals and deliveries of one never appear in another.
func TestNothingOfAWorldShowsInAnother(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	var requests, made atomic.Int64
	var delivered atomic.Int64
	receiver := fake.Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		mark := markOf.FindSubmatch(body)
		if err != nil || mark == nil || r.URL.Path != "/"+string(mark[1]) {
			t.Errorf("the receiver of %s got %s %v", r.URL.Path, body, err)
		}
		delivered.Add(1)
	}))
	before := g.must("GET /__admin/worlds/default", "")["rows"]
	var wg sync.WaitGroup
	for i := range roots() {
		wg.Go(func() {
			root := fmt.Sprintf("root-%d", i)
			m := &model{root: root, empty: i%3 == 0, rows: map[string][]string{}}
			body := `{}`
			if m.empty {
				body = `{` + emptySeeds + `}`
			}
			m.made = g.world("PUT /__admin/worlds/"+root, body)
			hook(g, m.made, receiver+"/"+root)
			m.baseline = map[string][]string{}
			l := &tenant{g: g, r: rand.New(rand.NewPCG(uint64(i), 0)), count: &requests}
			l.live(m, i%3)
			made.Add(int64(1 + l.forks))
		})
	}
	wg.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if err := g.srv.Settle(ctx); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(before, g.must("GET /__admin/worlds/default", "")["rows"]); diff != "" {
		t.Errorf("the default world has other rows: %s", diff)
	}
	if delivered.Load() == 0 {
		t.Error("no webhook was delivered")
	}
	t.Logf("%d worlds, %d requests to the fakes, %d deliveries", made.Load(), requests.Load(), delivered.Load())
}
