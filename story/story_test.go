package story_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/control/client"
	"github.com/afba07b5/mockserver/fake"
	_ "github.com/afba07b5/mockserver/internal/pace"
	"github.com/afba07b5/mockserver/mocks"
	"github.com/afba07b5/mockserver/story"
)

// rig is a server of all fakes with its control plane, over HTTP.
type rig struct {
	t   *testing.T
	srv *fake.Server
	url string
	c   *client.Client
}

func start(t *testing.T, library *story.Library) *rig {
	t.Helper()
	srv, err := fake.New(fake.Config{Bug: func(err error) { t.Error(err) }}, mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	plane := control.New(srv, control.Options{Stories: library})
	plane.Ready()
	listener := httptest.NewServer(plane.Wrap(srv.Edge(), ""))
	srv.SetListeners(nil)
	t.Cleanup(func() { listener.Close(); plane.Close(); srv.Close() })
	return &rig{t, srv, listener.URL, client.New(listener.URL, "")}
}

func (g *rig) post(path string, body any) story.View {
	g.t.Helper()
	var v story.View
	if err := g.c.Post(context.Background(), path, body, &v); err != nil {
		g.t.Fatalf("POST %s: %v", path, err)
	}
	return v
}

func (g *rig) get(path string, into any) {
	g.t.Helper()
	if err := g.c.Get(context.Background(), path, into); err != nil {
		g.t.Fatalf("GET %s: %v", path, err)
	}
}

// play plays a story in a world to its end.
func (g *rig) play(name, world string) story.View {
	g.t.Helper()
	v := g.post("/stories/"+name+"/play", map[string]any{"world": world})
	if v.State != story.Done {
		last := v.Steps[max(0, min(v.Taken, len(v.Steps)-1))]
		g.t.Fatalf("%s is %s after %d steps: %s: %s", name, v.State, v.Taken, last.Step, last.Problem)
	}
	return v
}

// rows returns the rows of a table whose text has q in it.
func (g *rig) rows(world, fake, table, q string) (rows []map[string]any) {
	g.t.Helper()
	var page struct {
		Rows []struct{ Row map[string]any }
	}
	g.get("/worlds/"+world+"/rows?fake="+fake+"&table="+table+"&q="+strings.ReplaceAll(q, " ", "%20"), &page)
	for _, one := range page.Rows {
		rows = append(rows, one.Row)
	}
	return rows
}

// field returns one field of each row.
func field(rows []map[string]any, name string) (values []any) {
	for _, row := range rows {
		values = append(values, row[name])
	}
	return values
}

// journal returns the requests of a world, oldest first.
func (g *rig) journal(world string) (lines []string) {
	g.t.Helper()
	var journal struct {
		Requests []struct {
			Fake, Operation string
			Status          int
		}
	}
	g.get("/worlds/"+world+"/journal", &journal)
	for _, r := range journal.Requests {
		lines = append(lines, fmt.Sprintf("%s %s %d", r.Fake, r.Operation, r.Status))
	}
	return lines
}

// deliveries returns the log of webhooks of a world, in the order in which the fakes made them.
func (g *rig) deliveries(world string) (lines []string) {
	g.t.Helper()
	var log struct {
		Deliveries []struct {
			Fake, Event, State string
			Status             int
			Made               time.Time
		}
	}
	g.get("/worlds/"+world+"/deliveries", &log)
	sort.SliceStable(log.Deliveries, func(a, b int) bool {
		return log.Deliveries[a].Made.Before(log.Deliveries[b].Made)
	})
	for _, d := range log.Deliveries {
		lines = append(lines, fmt.Sprintf("%s %s %s %d", d.Fake, d.Event, d.State, d.Status))
	}
	return lines
}

var approved = []string{"twenty createWebhook 201", "twenty updateRecord 200", "twenty getRecord 200",
	"kickflow createTicket 200", "kickflow approveTicket 200", "kickflow approveTicket 200",
	"flosum BackupsController_createBackup 201"}

// TestBuiltInStories plays each story over HTTP and looks at the requests, the webhooks and the rows of all fakes.
func TestBuiltInStories(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                      string
		requests, deliveries      []string
		stage, ticket             any
		backups, customers, tasks []any
		day                       string
	}{
		{
			name:       "closed-won",
			requests:   append(slices.Clone(approved), "flexcrm createRecord 201"),
			deliveries: []string{"twenty opportunity.updated delivered 200", "kickflow ticket_completed delivered 200"},
			stage:      "CUSTOMER", ticket: "completed",
			backups: []any{"Completed"}, customers: []any{"Sakuragi Instruments"},
			day: "2026-11-30T04:00:11",
		},
		{
			name:     "approval-denied",
			requests: denied[:8], deliveries: denied[8:],
			stage: "PROPOSAL", ticket: "denied",
			tasks: []any{"Talk to Sakuragi Instruments about the date"},
			day:   "2026-11-30T03:00:00",
		},
		{
			name: "backup-fails",
			requests: append(slices.Clone(approved), "twenty createRecord 201",
				"flosum BackupsController_createBackup 201", "flexcrm createRecord 201"),
			deliveries: []string{"twenty opportunity.updated delivered 200", "kickflow ticket_completed delivered 200"},
			stage:      "CUSTOMER", ticket: "completed",
			backups: []any{"Exception", "Completed"}, customers: []any{"Sakuragi Instruments"},
			tasks: []any{"The backup before the delivery to Sakuragi Instruments failed"},
			day:   "2026-11-30T16:00:15",
		},
	}
	g := start(t, nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := &rig{t, g.srv, g.url, g.c}
			v := g.play(test.name, "w-"+test.name)
			world := v.World
			last := v.Steps[len(v.Steps)-1]
			got := map[string]any{
				"requests": g.journal(world), "deliveries": g.deliveries(world),
				"stage":     field(g.rows(world, "twenty", "record:opportunity", "Metrology bench supply"), "stage"),
				"ticket":    field(g.rows(world, "kickflow", "tickets", "Metrology bench supply"), "status"),
				"backups":   field(g.rows(world, "flosum", "backups", "Before the delivery"), "jobStatus"),
				"customers": field(g.rows(world, "flexcrm", "flexdb/tbl_customer", "T-0001"), "name"),
				"tasks":     field(g.rows(world, "twenty", "record:task", "Sakuragi"), "title"),
				"end":       last.At.Format("2006-01-02T15:04:05"),
			}
			want := map[string]any{"requests": test.requests, "deliveries": test.deliveries,
				"stage": []any{test.stage}, "ticket": []any{test.ticket}, "backups": test.backups,
				"customers": test.customers, "tasks": test.tasks, "end": test.day}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// hookPort is the port on which a server receives the webhooks of its stories, and the signatures over it.
var hookPort = regexp.MustCompile(`127\.0\.0\.1:\d+|Signature":"[^"]+"`)

func withoutPort(found []byte) []byte {
	if name, _, ok := bytes.Cut(found, []byte(":")); ok && bytes.HasPrefix(name, []byte("Signature")) {
		return append(name, `:"-"`...)
	}
	return []byte("HOOKS")
}

// changes returns how the rows of a world differ from those of a world that nothing has happened in, without the port
// of the webhooks.
func (g *rig) changes(world string) (changes any) {
	g.t.Helper()
	var raw map[string]any
	if _, err := g.c.Call(context.Background(), "PUT", "/worlds/untouched",
		map[string]string{"clock": "2026-11-30T01:00:00Z"}, nil); err != nil {
		g.t.Fatal(err)
	}
	g.get("/worlds/"+world+"/diff?with=untouched", &raw)
	text, err := json.Marshal(raw["changes"])
	if err != nil {
		g.t.Fatal(err)
	}
	if err := json.Unmarshal(hookPort.ReplaceAllFunc(text, withoutPort), &changes); err != nil {
		g.t.Fatal(err)
	}
	return changes
}

// TestSteppingEqualsPlaying plays a story in one server and steps through it in another one: every step, request, row
// and time is the same.
func TestSteppingEqualsPlaying(t *testing.T) {
	t.Parallel()
	one, other := start(t, nil), start(t, nil)
	played := one.play("backup-fails", "w")
	stepped := other.post("/stories/backup-fails/start", map[string]any{"world": "w"})
	for n := 0; stepped.State == story.Ready; n++ {
		if stepped.Taken != n {
			t.Fatalf("%d steps taken after %d calls", stepped.Taken, n)
		}
		stepped = other.post("/worlds/w/stories/backup-fails/step", nil)
	}
	if diff := cmp.Diff(played, stepped); diff != "" {
		t.Errorf("the time lines differ:\n%s", diff)
	}
	if diff := cmp.Diff(one.journal("w"), other.journal("w")); diff != "" {
		t.Errorf("the journals differ:\n%s", diff)
	}
	if diff := cmp.Diff(one.changes("w"), other.changes("w")); diff != "" {
		t.Errorf("the rows differ:\n%s", diff)
	}
	again := one.post("/stories/backup-fails/start", map[string]any{"world": "w", "reset": true})
	if again.Taken != 0 || again.State != story.Ready {
		t.Errorf("started again: %s after %d steps", again.State, again.Taken)
	}
	numbers := cmp.Options{cmpopts.IgnoreFields(story.Result{}, "At", "Saved"),
		cmpopts.IgnoreFields(story.Deed{}, "ID", "Name"), cmpopts.IgnoreFields(story.Cause{}, "ID")}
	if diff := cmp.Diff(played, one.play("backup-fails", "w"), numbers); diff != "" {
		t.Errorf("played again after a reset:\n%s", diff)
	}
}

// denied is what the world of approval-denied has: its requests, then its webhooks.
var denied = append(append(slices.Clone(approved[:4]), "kickflow denyTicket 200", "twenty updateRecord 200",
	"twenty createRecord 201", "kickflow approveTicket 422"), "twenty opportunity.updated delivered 200",
	"kickflow ticket_denied delivered 200", "twenty opportunity.updated delivered 200")

// TestWorldsDoNotMeet plays stories in several worlds of one server at the same time.
func TestWorldsDoNotMeet(t *testing.T) {
	t.Parallel()
	g := start(t, nil)
	names := []string{"closed-won", "approval-denied", "closed-won"}
	first := g.play("closed-won", "first")
	want := map[string][]string{"closed-won": append(g.journal(first.World), g.deliveries(first.World)...),
		"approval-denied": denied}
	var wait sync.WaitGroup
	for n, name := range names {
		wait.Go(func() {
			world := fmt.Sprintf("w%d", n)
			var v story.View
			if err := g.c.Post(context.Background(), "/worlds/"+world+"/stories/"+name+"/play", nil, &v); err != nil ||
				v.State != story.Done {
				t.Errorf("%s in %s: %s, %v", name, world, v.State, err)
			}
		})
	}
	wait.Wait()
	for n, name := range names {
		world := fmt.Sprintf("w%d", n)
		if diff := cmp.Diff(want[name], append(g.journal(world), g.deliveries(world)...)); diff != "" {
			t.Errorf("%s in %s:\n%s", name, world, diff)
		}
	}
	if got := g.journal("default"); len(got) > 0 {
		t.Errorf("the default world has requests: %v", got)
	}
}

const waitsForAProgram = `
name: waits
about: A program adds a category, and the story finds it.
steps:
- name: it-asks
  when: {request: {fake: kickflow, operation: createCategory, status: 200}}
  save: {category: request.body.name}
- name: it-is-there
  when: {row: {fake: kickflow, table: categories, where: {name: "{{category}}"}}}
  do: {request: {fake: kickflow, as: admin, call: GET /v1/users, expect: {"$[0].code": hoshino}}}
- name: never
  when: {webhook: {fake: kickflow, event: ticket_completed}}
`

// TestStoryWaitsForAProgram: a step that has to wait is taken by a later call.
func TestStoryWaitsForAProgram(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "waits.yaml")
	if err := os.WriteFile(file, []byte(waitsForAProgram), 0o600); err != nil {
		t.Fatal(err)
	}
	library := story.BuiltIn()
	if err := library.Add(file, nil); err != nil {
		t.Fatal(err)
	}
	g := start(t, library)
	first := g.post("/stories/waits/play", nil)
	if first.State != story.Waiting || first.Taken != 0 ||
		first.Steps[0].Problem != "no program has sent createCategory to kickflow" {
		t.Fatalf("%+v", first)
	}
	req, err := http.NewRequest("POST", g.url+"/__world/waits/kickflow/v1/categories",
		strings.NewReader(`{"name":"New"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer kickflow-admin-token")
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	second := g.post("/stories/waits/play", nil)
	if second.State != story.Waiting || second.Taken != 2 || second.Steps[0].Saved["category"] != "New" ||
		second.Steps[2].Problem != "no webhook ticket_completed of kickflow" {
		t.Errorf("%+v", second)
	}
}

// TestStoryRoutesRefuse sends what is wrong to the routes.
func TestStoryRoutesRefuse(t *testing.T) {
	t.Parallel()
	g := start(t, nil)
	for path, want := range map[string]struct {
		body   any
		status int
		detail string
	}{
		"/stories/closed-one/play": {nil, 404, `no story "closed-one"; nearest: "closed-won"`},
		"/stories/closed-won/step": {map[string]any{"wrld": "a"}, 400, `unknown field "wrld"; nearest: "world"`},
		"/stories/closed-won/play": {map[string]any{"world": "a b"}, 400, `"a b" is no name for a world`},
	} {
		status, err := g.c.Call(context.Background(), "POST", path, want.body, nil)
		if err == nil || status != want.status || !strings.HasPrefix(err.Error(), want.detail) {
			t.Errorf("%s answered %d: %v", path, status, err)
		}
	}
	var v story.View
	g.get("/stories/closed-won", &v)
	if v.World != "" || v.Taken != 0 || len(v.Steps) != 11 || v.Steps[3].As != "jonas" {
		t.Errorf("a story that was not started: %+v", v)
	}
}
