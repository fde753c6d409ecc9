package control_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
)

// bounds returns the bounds in GET /__admin/worlds/default.
func (g *guarded) bounds() (b fake.Bounds) {
	g.t.Helper()
	status, text := g.ask("GET /__admin/worlds/default", "")
	var view struct{ Bounds *fake.Bounds }
	view.Bounds = &b
	if err := json.Unmarshal([]byte(text), &view); status != 200 || err != nil {
		g.t.Fatalf("%d %s: %v", status, text, err)
	}
	return b
}

func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// TestBoundsHold fills every store of a world beyond its bounds. It is not parallel, because it
// reads the heap size.
func TestBoundsHold(t *testing.T) {
	const mib = 1 << 20
	g := startAll(t, fake.Config{JournalBytes: 2 * mib, UndoBytes: 2 * mib, FileBytes: mib}, control.Options{})
	kickflow, twenty := g.sender(g.srv.Def("kickflow")), g.sender(g.srv.Def("twenty"))
	g.ask("GET /__admin/state", "")
	before := heap()
	long := "X-Long: " + strings.Repeat("h", 50_000)
	for range 100 {
		g.must("GET /kickflow/v1/users", "", kickflow, long)
	}
	upload := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n\r\n" +
		strings.Repeat("x", 12*mib) + "\r\n--b--\r\n"
	for range 5 {
		if status, _ := g.ask("POST /kickflow/v1/files", upload, "Content-Type: multipart/form-data; boundary=b",
			"Authorization: Bearer no-such-token"); status != 401 {
			t.Fatalf("an upload without a credential answered %d", status)
		}
	}
	made := g.must("POST /twenty/rest/companies", `{"name":"x"}`, twenty)
	id := made["data"].(map[string]any)["createCompany"].(map[string]any)["id"].(string)
	for i := range 24 {
		g.must("PATCH /twenty/rest/companies/"+id, fmt.Sprintf(`{"name":"%d %s"}`, i, strings.Repeat("n", 500_000)),
			twenty)
	}
	b := g.bounds()
	if b.Journal.Bytes > b.Journal.Limit || b.Journal.Limit != 2*mib || b.Journal.Dropped < 60 ||
		b.Undo.Bytes > b.Undo.Limit || b.Undo.Limit != 2*mib || b.Undo.Dropped < 16 {
		t.Errorf("bounds: %+v", b)
	}
	if grown := heap() - before; grown > 32*mib {
		t.Errorf("the heap has grown by %d bytes: %+v", grown, b)
	}
	if status, text := g.ask("POST /__admin/rewind", `{"entry":"121"}`); status != 404 ||
		!strings.Contains(text, "2097152 bytes") {
		t.Errorf("rewinding further than is kept: %d %s", status, text)
	}
}

func TestUploadsAreBounded(t *testing.T) {
	t.Parallel()
	g := startAll(t, fake.Config{FileBytes: 1 << 20}, control.Options{})
	auth := g.sender(g.srv.Def("kickflow"))
	upload := func(n int) (int, string) {
		body := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n\r\n" +
			strings.Repeat("x", n) + "\r\n--b--\r\n"
		return g.ask("POST /kickflow/v1/files", body, "Content-Type: multipart/form-data; boundary=b", auth)
	}
	if status, text := upload(600_000); status >= 300 {
		t.Fatalf("%d %s", status, text)
	}
	before := g.state()
	if status, text := upload(600_000); status != http.StatusInsufficientStorage ||
		!strings.Contains(text, "--file-bytes") {
		t.Errorf("one file too many: %d %s", status, text)
	}
	if g.state() != before {
		t.Error("a refused file is there")
	}
	if files := g.bounds().Files["kickflow"]; files.Bytes != 600_000 || files.Dropped != 1 {
		t.Errorf("%+v", files)
	}
	g.must("POST /kickflow/v1/categories", `{"name":"others go on"}`, auth)
}

func TestAJournalWithLossesSaysSo(t *testing.T) {
	t.Parallel()
	g := startAll(t, fake.Config{JournalBytes: 20_000}, control.Options{})
	for _, def := range g.defs {
		auth := g.sender(def)
		for range 30 {
			g.ask("GET /"+def.Name+def.Spec.Operations()[0].Path, "", auth)
		}
	}
	for _, what := range []string{"count", "find", "wait"} {
		status, text := g.ask("POST /__admin/requests/"+what, `{"method":"GET"}`)
		if status != 409 || !strings.Contains(text, "allowDropped") || !strings.Contains(text, "oldest requests") {
			t.Errorf("%s answered %d %s", what, status, text)
		}
		if status, text := g.ask("POST /__admin/requests/"+what,
			`{"method":"GET","allowDropped":true}`); status != 200 {
			t.Errorf("%s with allowDropped answered %d %s", what, status, text)
		}
	}
	g.must("DELETE /__admin/requests", "")
	if n := g.must("POST /__admin/requests/count", `{}`)["count"]; n != 0.0 {
		t.Errorf("count %v", n)
	}
}

func TestLargeExpressionsAreRefused(t *testing.T) {
	t.Parallel()
	g := start(t, control.Options{})
	words := "x"
	for i := range 500 {
		words += fmt.Sprintf("|%d word", i*7919)
	}
	for _, pattern := range []string{`{"urlPattern":"(a|b|c){1000}"}`, `{"urlPathPattern":"` + words + `"}`,
		`{"bodyPatterns":[{"matches":"(ab){500}"},{"doesNotMatch":"(b|c){500}` + words + `"}]}`} {
		for _, what := range []string{"count", "find", "remove", "wait"} {
			if status, text := g.ask("POST /__admin/requests/"+what, pattern); status != 422 ||
				!strings.Contains(text, "too large") {
				t.Errorf("%s of %.60s answered %d %s", what, pattern, status, text)
			}
		}
	}
	g.must("POST /__admin/requests/count", `{"urlPattern":".*(users|teams|categories)(/[0-9a-f-]{36})?(\\?.*)?"}`)
}

// TestBombsAreRefused sends YAML whose aliases expand to more than the memory.
func TestBombsAreRefused(t *testing.T) {
	t.Parallel()
	g := startAll(t, fake.Config{}, control.Options{})
	bomb := "a: &a [" + strings.Repeat(`"lol",`, 9) + "]\n"
	for i := range 6 {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", 'b'+i, 'b'+i, strings.Repeat(fmt.Sprintf("*%c,", 'a'+i), 9))
	}
	before := g.state()
	for _, text := range []string{bomb, strings.Repeat("[", 200_000), "kickflow: " + strings.Repeat("{a: ", 10_000),
		strings.Repeat("- ", 10_000)} {
		if status, answer := g.ask("PUT /__admin/state", text); status != 400 {
			t.Errorf("%.40q answered %d %.200s", text, status, answer)
		}
	}
	if g.state() != before {
		t.Error("a refused state changed rows")
	}
	for _, text := range []string{"\ufeff" + `{"kickflow":{}}`, "\ufeffkickflow: {}\n"} {
		g.must("PUT /__admin/state", text)
	}
	g.must("POST /__admin/requests/count", "\ufeff{}")
}

// TestTheLogOfDeliveriesIsBoundedInBytes at each fake that sends webhooks.
func TestTheLogOfDeliveriesIsBoundedInBytes(t *testing.T) {
	t.Parallel()
	const limit = 40_000
	g := startAll(t, fake.Config{DeliveryBytes: limit}, control.Options{})
	receiver := fake.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	kickflow, twenty := g.sender(g.srv.Def("kickflow")), g.sender(g.srv.Def("twenty"))
	state := g.must("GET /__admin/state", "")["kickflow"].(map[string]any)
	state["webhooks"] = []any{map[string]string{"url": receiver}}
	rows, err := json.Marshal(map[string]any{"kickflow": state})
	if err != nil {
		t.Fatal(err)
	}
	g.must("PUT /__admin/state", string(rows))
	g.must("POST /twenty/rest/webhooks", fmt.Sprintf(`{"targetUrl":%q,"operations":["company.created"]}`,
		receiver), twenty)
	long := strings.Repeat("n", 5_000)
	for i := range 30 {
		g.must("POST /twenty/rest/companies", fmt.Sprintf(`{"name":"%d %s"}`, i, long), twenty)
		g.must("POST /kickflow/v1/tickets/70000000-0000-4000-8000-000000000004/comments",
			fmt.Sprintf(`{"body":"%d %s"}`, i, long), kickflow)
	}
	for _, name := range []string{"twenty", "kickflow"} {
		d := g.bounds().Deliveries[name]
		if d.Limit != limit || d.Bytes > limit || d.Bytes < limit/3 || d.Dropped < 20 || d.Entries+d.Dropped != 30 {
			t.Errorf("%s: %+v", name, d)
		}
		logged := 0
		for _, line := range g.must("GET /__admin/deliveries", "")["deliveries"].([]any) {
			if line.(map[string]any)["fake"] == name {
				logged++
			}
		}
		if logged != d.Entries {
			t.Errorf("%s: the log shows %d deliveries, the bound counts %d", name, logged, d.Entries)
		}
	}
}

// TestMuchYAMLIsRefused at once, since reading it cannot be interrupted; as JSON it is read.
func TestMuchYAMLIsRefused(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	_, rows := g.ask("GET /__admin/state?format=yaml", "")
	g.must("PUT /__admin/state", rows)
	status, text := g.ask("PUT /__admin/state", rows+strings.Repeat("# more\n", 300_000))
	if status != http.StatusBadRequest || !strings.Contains(text, "YAML has at most 2097152 bytes; send JSON") {
		t.Errorf("answered %d %s", status, text)
	}
	_, rows = g.ask("GET /__admin/state", "")
	g.must("PUT /__admin/state", rows+strings.Repeat(" ", 3_000_000))
}
