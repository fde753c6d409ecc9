package fake_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

func TestOneRequest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		want                     string
	}{
		{
			name:   "a list joins kept rows",
			method: "GET",
			path:   "/books",
			status: 200,
			want: `[{"id":"b1","title":"Emma","shelf":"A","tags":["novel"],"madeAt":"1815"},` +
				`{"id":"b2","title":"Dune","shelf":"B","tags":[],"madeAt":"1965"}]`,
		},
		{
			name:   "one row",
			method: "GET",
			path:   "/books/b2",
			status: 200,
			want:   `{"id":"b2","title":"Dune","shelf":"B","tags":[],"madeAt":"1965"}`,
		},
		{
			name:   "an unknown row is 404 in the vendor's shape",
			method: "GET",
			path:   "/books/zz",
			status: 404,
			want:   `{"code":"","status":404,"violations":0}`,
		},
		{
			name:    "a number that no row can have is 400",
			method:  "POST",
			path:    "/books",
			body:    `{"title":"Ulysses","pages":1e300}`,
			headers: []string{"Authorization", "Bearer key"},
			status:  400,
			want:    `{"code":"","status":400,"violations":1}`,
		},
		{
			name:   "an unknown path is 404",
			method: "GET",
			path:   "/films",
			status: 404,
			want:   `{"code":"","status":404,"violations":0}`,
		},
		{
			name:   "a path with more parts is unknown",
			method: "GET",
			path:   "/books/b1/b2",
			status: 404,
			want:   `{"code":"","status":404,"violations":0}`,
		},
		{
			name:   "an encoded slash is no part",
			method: "GET",
			path:   "/books/b1%2Fb2",
			status: 404,
			want:   `{"code":"","status":404,"violations":0}`,
		},
		{
			name:   "a known path with another method is 405",
			method: "PUT",
			path:   "/books",
			status: 405,
			want:   `{"code":"","status":405,"violations":0}`,
		},
		{
			name:    "auth comes before validation",
			method:  "POST",
			path:    "/books",
			body:    `{}`,
			headers: []string{"Authorization", "Bearer bad"},
			status:  401,
			want:    `{"code":"unauthorized","status":401,"violations":0}`,
		},
		{
			name:   "a missing field is a violation",
			method: "POST",
			path:   "/books",
			body:   `{}`,
			status: 400,
			want:   `{"code":"","status":400,"violations":1}`,
		},
		{
			name:   "all violations are collected",
			method: "POST",
			path:   "/books",
			body:   `{"shelf":1,"tags":[2,"x",3]}`,
			status: 400,
			want:   `{"code":"","status":400,"violations":4}`,
		},
		{
			name:   "malformed JSON is a violation",
			method: "POST",
			path:   "/books",
			body:   `{"title":`,
			status: 400,
			want:   `{"code":"","status":400,"violations":1}`,
		},
		{
			name:   "a bad parameter is a violation",
			method: "GET",
			path:   "/books?limit=0",
			status: 400,
			want:   `{"code":"","status":400,"violations":1}`,
		},
		{
			name:   "broken escapes in the query are a violation",
			method: "GET",
			path:   "/books?limit=%zz",
			status: 400,
			want:   `{"code":"","status":400,"violations":1}`,
		},
		{
			name:    "another content type is 415",
			method:  "POST",
			path:    "/books",
			body:    `title=x`,
			headers: []string{"Content-Type", "text/plain"},
			status:  415,
			want:    `{"code":"","status":415,"violations":0}`,
		},
		{
			name:   "a body over the limit is 413",
			method: "POST",
			path:   "/books",
			body:   `{"title":"` + strings.Repeat("x", 2000) + `"}`,
			status: 413,
			want:   `{"code":"","status":413,"violations":0}`,
		},
		{
			name:   "a unique value in use is 409",
			method: "POST",
			path:   "/books",
			body:   `{"title":"Dune"}`,
			status: 409,
			want:   `{"code":"","status":409,"violations":0}`,
		},
		{
			name:   "undeclared keys are ignored",
			method: "PATCH",
			path:   "/books/b1",
			body:   `{"id":"b9","tags":["x"],"nope":1}`,
			status: 200,
			want:   `{"id":"b1","title":"Emma","shelf":"A","tags":["x"],"madeAt":"1815"}`,
		},
		{
			name:    "a named fault in the vendor's shape",
			method:  "GET",
			path:    "/books",
			headers: []string{"Prefer", "fault=closed"},
			status:  503,
			want:    `{"code":"closed","status":503,"violations":0}`,
		},
		{name: "no body at all", method: "DELETE", path: "/books/b1", status: 200, want: ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := fake.NewServer(t, toy())
			status, body := call(t, c.method, s.URL+c.path, c.body, c.headers...)
			if status != c.status {
				t.Errorf("status %d, want %d: %s", status, c.status, body)
			}
			if diff := cmp.Diff(c.want, body); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRefusedWriteLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	var bugs []string
	srv, err := fake.New(fake.Config{Bug: func(err error) { bugs = append(bugs, err.Error()) }}, toy())
	if err != nil {
		t.Fatal(err)
	}
	web := fake.Serve(t, srv.Handler("library"))
	world, _ := srv.World("default")
	call(t, "GET", web+"/books", "")
	before := world.Dump()
	for path, want := range map[string]int{"/burn": 409, "/panic": 500} {
		if status, body := call(t, "POST", web+path, ""); status != want {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if diff := cmp.Diff(before, world.Dump()); diff != "" {
		t.Error(diff)
	}
	if len(bugs) != 1 || !strings.Contains(bugs[0], "on purpose") {
		t.Errorf("bugs: %q", bugs)
	}
}

func TestForkResetAndRewindKeepWorldsApart(t *testing.T) {
	t.Parallel()
	srv, err := fake.New(fake.Config{}, toy())
	if err != nil {
		t.Fatal(err)
	}
	web := fake.Serve(t, srv.Edge())
	call(t, "DELETE", web+"/library/books/b1", "")
	home, _ := srv.World("default")
	if _, err := srv.NewWorld("copy", fake.Settings{}, home); err != nil {
		t.Fatal(err)
	}
	call(t, "POST", web+"/__world/copy/library/books", `{"title":"Ulysses"}`)
	call(t, "DELETE", web+"/library/books/b2", "", "Mockserver-World", "copy")
	count := func(prefix string) string {
		_, body := call(t, "GET", web+prefix+"/library/books", "")
		return fmt.Sprint(strings.Count(body, `"id"`))
	}
	got := []string{count(""), count("/__world/copy")}
	copied, _ := srv.World("copy")
	entries, _ := copied.Journal.Entries()
	if _, err := copied.Rewind(entries[0].ID); err != nil {
		t.Fatal(err)
	}
	got = append(got, count("/__world/copy"))
	home.Reset()
	got = append(got, count(""), count("/__world/copy"))
	if diff := cmp.Diff([]string{"1", "1", "2", "2", "2"}, got); diff != "" {
		t.Error(diff)
	}
	if status, body := call(t, "GET", web+"/__world/cpoy/library/books", ""); status != 404 ||
		!strings.Contains(body, `copy`) {
		t.Errorf("unknown world: %d %s", status, body)
	}
}

func TestSavedStateComesBack(t *testing.T) {
	t.Parallel()
	s := fake.NewServer(t, toy())
	call(t, "POST", s.URL+"/books", `{"title":"Ulysses"}`)
	call(t, "POST", s.URL+"/remind", "")
	saved := s.World.Dump()
	text, err := json.Marshal(saved)
	if err != nil {
		t.Fatal(err)
	}
	call(t, "DELETE", s.URL+"/books/b1", "")
	var back fake.Rows
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if err := s.World.Load(back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(saved, s.World.Dump()); diff != "" {
		t.Error(diff)
	}
	err = s.World.Load(fake.Rows{"library": {"boks": {json.RawMessage(`{}`)}}})
	if err == nil || !strings.Contains(err.Error(), `nearest: "books"`) {
		t.Errorf("misspelt table: %v", err)
	}
}

func TestJobsRunWhenTheClockReachesThem(t *testing.T) {
	t.Parallel()
	s := fake.NewServer(t, toy())
	noon := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	s.World.Freeze(noon)
	call(t, "POST", s.URL+"/remind", "")
	if ran := s.World.Advance(59 * time.Minute); len(ran) != 0 {
		t.Errorf("ran early: %v", ran)
	}
	if ran := s.World.Advance(2 * time.Minute); len(ran) != 1 {
		t.Errorf("ran %v", ran)
	}
	if _, body := call(t, "GET", s.URL+"/books/b1", ""); !strings.Contains(body, "reminded 13:00") {
		t.Error(body)
	}
}

func TestParallelWritersLoseNothing(t *testing.T) {
	t.Parallel()
	s := fake.NewServer(t, toy())
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			call(t, "POST", s.URL+"/books", fmt.Sprintf(`{"title":"Book %d"}`, i))
			call(t, "GET", s.URL+"/books", "")
		})
	}
	wg.Wait()
	stamps := map[string]bool{}
	for _, row := range s.Rows("books") {
		var b book
		if err := json.Unmarshal(row, &b); err != nil {
			t.Fatal(err)
		}
		stamps[b.MadeAt] = true
	}
	if len(stamps) != 202 {
		t.Errorf("%d different stamps, want 202", len(stamps))
	}
}

func TestDocumentAndHandlersMustMatch(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(fake.Ops){
		"operation burn of the document has no handler": func(o fake.Ops) { delete(o, "burn") },
		"the document has no operation rebind":          func(o fake.Ops) { o["rebind"] = o["burn"] },
	} {
		def := toy()
		def.New = func(s *fake.State) fake.Ops {
			ops := newToy(s)
			change(ops)
			return ops
		}
		if _, err := fake.New(fake.Config{}, def); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTryUndoesOnlyWhatFailed(t *testing.T) {
	t.Parallel()
	s := fake.NewServer(t, toy())
	books := fake.TableOf[book](s.State, "books")
	before := s.World.Dump()
	err := s.State.Change(func() error {
		books.Insert(book{ID: "b3", Title: "Ulysses"})
		if err := s.State.Savepoint(
			func() error { books.Delete("b3"); books.Delete("b1"); return io.EOF }); err != io.EOF {
			t.Errorf("Try returned %v", err)
		}
		return s.State.Savepoint(func() error { books.Delete("b2"); return nil })
	})
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	s.State.View(func() {
		for b := range books.All() {
			left = append(left, b.ID)
		}
	})
	if diff := cmp.Diff([]string{"b1", "b3"}, left); diff != "" {
		t.Error(diff)
	}
	if err := s.State.Change(func() error {
		s.State.Savepoint(func() error { books.Delete("b1"); return nil })
		return io.EOF
	}); err != io.EOF {
		t.Error(err)
	}
	if len(before["library"]["books"]) != 2 || len(s.World.Dump()["library"]["books"]) != 2 {
		t.Error("a refused write kept what a part of it did")
	}
}

// TestAllowOfAnUnknownMethod: an answer 405 names the methods of its path, and those that a fake says itself stay.
func TestAllowOfAnUnknownMethod(t *testing.T) {
	t.Parallel()
	own := toy()
	own.Unknown = func(r *fake.Request) (any, error) {
		return nil, &fake.Error{Status: http.StatusMethodNotAllowed, Rule: "no such method",
			Header: http.Header{"Allow": {"BREW"}}, Evidence: fake.Inferred, Source: "the test"}
	}
	for want, def := range map[string]*fake.Def{"GET, POST": toy(), "BREW": own} {
		s := fake.NewServer(t, def)
		req, err := http.NewRequest(http.MethodPut, s.URL+"/books", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if got := res.Header.Values("Allow"); res.StatusCode != 405 || !slices.Equal(got, []string{want}) {
			t.Errorf("%s, Allow %q; want 405, %q", res.Status, got, want)
		}
	}
}
