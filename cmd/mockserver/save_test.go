package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/internal/samples"
	"github.com/afba07b5/mockserver/mocks"
	"github.com/afba07b5/mockserver/mocks/flosum"
)

// newSaver returns a saver of a server with all fakes, three worlds, and texts that encodings treat differently.
func newSaver(t *testing.T) (*saver, *running) {
	t.Helper()
	s := serve(t, "--edge-only")
	t.Cleanup(s.stop)
	s.ask("PUT /__admin/worlds/a", `{"seed":{"kickflow":"empty"}}`)
	for _, one := range samples.All {
		s.ask("POST /"+one.Fake+one.Write, one.BodyOf(`<b>&é \u2028\"\\`),
			one.CredentialHeader(s.app.credential(find(mocks.All(), one.Fake)).Value))
	}
	s.ask("PUT /__admin/worlds/b", `{"fork":"default"}`)
	state := flosumOf(t, s.app.world)
	if err := state.Change(func() error { // more than a saver keeps encoded
		for i := range 2000 {
			if err := insertBackup(state, int64(5000+i)); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	s.ask("PUT /__admin/worlds/c", `{"fork":"default"}`)
	return &saver{srv: s.app.srv, file: filepath.Join(t.TempDir(), "state.json"),
		worlds: map[*fake.World]savedWorld{}}, s
}

func flosumOf(t *testing.T, w *fake.World) *fake.State {
	state, err := w.State("flosum")
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func insertBackup(s *fake.State, id int64) error {
	_, err := fake.TableOf[flosum.Backup](s, "backups").Insert(flosum.Backup{ID: id, Name: "<backup>"})
	return err
}

// wholeState is the text of a state file, made of all rows at once by the standard library.
func wholeState(t *testing.T, s *saver, indent string) string {
	t.Helper()
	encoded := func(v any) json.RawMessage {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	parts, worlds, tables := map[string]any{}, map[string]fileWorld{}, map[string]json.RawMessage{}
	hashed := func(rows map[string]map[string][]json.RawMessage) tableHashes {
		hashes := tableHashes{}
		for name, byTable := range rows {
			hashes[name] = map[string]string{}
			for table, list := range byTable {
				text := encoded(list)
				sum := sha256.Sum256(text)
				hash := hex.EncodeToString(sum[:16])
				hashes[name][table], tables[hash] = hash, text
			}
		}
		return hashes
	}
	for _, w := range s.srv.List() {
		saved, rows, baseline, err := w.Save()
		if err != nil {
			t.Fatal(err)
		}
		one := fileWorld{SavedWorld: saved}
		if baseline != nil {
			one.Baseline = hashed(rowsOf(baseline))
		}
		if w.Name == "default" {
			for name, tables := range rowsOf(rows) {
				parts[name] = tables
			}
		} else {
			one.Rows = hashed(rowsOf(rows))
		}
		worlds[w.Name] = one
	}
	parts[worldsPart], parts[tablesPart] = encoded(worlds), tables
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(parts); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// rowsOf returns all rows at once.
func rowsOf(all map[string]table.Tables) map[string]map[string][]json.RawMessage {
	out := map[string]map[string][]json.RawMessage{}
	for name, tables := range all {
		out[name] = map[string][]json.RawMessage{}
		for table, rows := range tables {
			rows.Each(func(_ int, row json.RawMessage) error {
				out[name][table] = append(out[name][table], bytes.Clone(row))
				return nil
			})
		}
	}
	return out
}

// TestAStreamedStateIsTheWholeState compares the file with one that is made of all rows at once, while the server runs
// and at the end.
func TestAStreamedStateIsTheWholeState(t *testing.T) {
	t.Parallel()
	s, _ := newSaver(t)
	for _, end := range []bool{false, true} {
		indent := map[bool]string{true: " "}[end]
		if err := s.save(end); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(s.file)
		if err != nil {
			t.Fatal(err)
		}
		want := wholeState(t, s, indent)
		if !strings.Contains(want, `\u003cbackup\u003e`) || !strings.Contains(want, `"<backup>"`) {
			t.Error("the worlds have no text with both escapes")
		}
		if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(string(got), "\n")); diff != "" {
			t.Errorf("end %v (-whole +streamed): %.3000s", end, diff)
		}
	}
}

// interrupting is a writer that calls a function before the first byte.
type interrupting struct {
	bytes.Buffer
	do func()
}

func (w *interrupting) Write(text []byte) (int, error) {
	if w.do != nil {
		w.do()
		w.do = nil
	}
	return w.Buffer.Write(text)
}

// TestAWriteDuringASaveIsNotInTheFile writes while a file is being written: nothing waits for the save, and the file
// has the rows of one moment.
func TestAWriteDuringASaveIsNotInTheFile(t *testing.T) {
	t.Parallel()
	s, server := newSaver(t)
	if changed, err := s.takeWorlds(); !changed || err != nil {
		t.Fatal(changed, err)
	}
	if err := s.takeDefault(); err != nil {
		t.Fatal(err)
	}
	want := wholeState(t, s, "")
	to := &interrupting{do: func() {
		for _, w := range server.app.srv.List() {
			state := flosumOf(t, w)
			if err := state.Change(func() error {
				return errors.Join(insertBackup(state, 9001), insertBackup(state, 9002))
			}); err != nil {
				t.Error(err)
			}
		}
	}}
	out := bufio.NewWriterSize(to, 16)
	if err := errors.Join(s.write(out, false), out.Flush()); err != nil {
		t.Fatal(err)
	}
	if got := to.String(); got != want {
		t.Errorf("the file has %d bytes of another moment, want %d", len(got), len(want))
	}
	if err := s.save(false); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(s.file)
	for _, id := range []string{`"id":9001,`, `"id":9002,`} {
		if n := strings.Count(string(text), id); err != nil || n < 2 {
			t.Errorf("the next save has %s %d times; %v", id, n, err)
		}
	}
}

// interruptingAnswer is an interrupting writer as a handler has it.
type interruptingAnswer struct {
	interrupting
	header http.Header
}

func (w *interruptingAnswer) Header() http.Header { return w.header }
func (w *interruptingAnswer) WriteHeader(int)     {}

// TestAStateIsOfOneMomentForAClient writes while a client receives the rows of a world.
func TestAStateIsOfOneMomentForAClient(t *testing.T) {
	t.Parallel()
	_, server := newSaver(t)
	want := server.ask("GET /__admin/worlds/c/state", "")
	to := &interruptingAnswer{header: http.Header{}, interrupting: interrupting{do: func() {
		w, err := server.app.srv.World("c")
		if err != nil {
			t.Fatal(err)
		}
		state := flosumOf(t, w)
		if err := state.Change(func() error { return insertBackup(state, 9001) }); err != nil {
			t.Error(err)
		}
	}}}
	r := httptest.NewRequest("GET", server.url+"/__admin/worlds/c/state", nil)
	server.app.plane.Wrap(server.app.srv.Edge(), "").ServeHTTP(to, r)
	if got := to.String(); got != want {
		t.Errorf("the client gets %d bytes of another moment, want %d", len(got), len(want))
	}
	if now := server.ask("GET /__admin/worlds/c/state", ""); !strings.Contains(now, `"id":9001,`) {
		t.Error("the row that was written meanwhile is lost")
	}
}

// TestAFailedSaveLeavesTheFile breaks off in the middle of a file.
func TestAFailedSaveLeavesTheFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.json")
	if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := table.Tables{"t": func(yield func([]json.RawMessage) bool) {
		yield([]json.RawMessage{[]byte(`{"id":1}`), []byte(`{"id":`)})
	}}
	err := replaceFile(file, func(to *bufio.Writer) error {
		return control.WriteState(to, map[string]any{"a": broken}, " ")
	})
	if err == nil {
		t.Error("a broken row is no error")
	}
	if text, err := os.ReadFile(file); string(text) != "old" || err != nil || exists(temporary(file)) {
		t.Errorf("the file has %q, %v; the new one is left: %v", text, err, exists(temporary(file)))
	}
}
