package fake_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/fake/world"
)

// gate holds the next call of pass until it is opened.
type gate struct {
	armed         atomic.Bool
	entered, open chan struct{}
}

// arm makes the next call of pass wait.
func (g *gate) arm() {
	g.entered, g.open = make(chan struct{}), make(chan struct{})
	g.armed.Store(true)
}

func (g *gate) pass() {
	if g.armed.CompareAndSwap(true, false) {
		close(g.entered)
		<-g.open
	}
}

// within returns the toy with an operation that passes a gate between two calls of its handler.
func within(operation string, g *gate, again bool) *fake.Def {
	def := toy()
	build := def.New
	def.New = func(s *fake.State) fake.Ops {
		ops := build(s)
		do := ops[operation]
		ops[operation] = func(r *fake.Request) (any, error) {
			value, err := do(r)
			if g.pass(); again {
				return do(r)
			}
			return value, err
		}
		return ops
	}
	return def
}

// titles returns the titles of all books.
func titles(t *testing.T, s *fake.TestServer) (all []string) {
	t.Helper()
	status, body := call(t, "GET", s.URL+"/books", "")
	if status != http.StatusOK {
		t.Fatal(status, body)
	}
	return titlesIn(t, body)
}

func titlesIn(t *testing.T, body string) (all []string) {
	t.Helper()
	var books []book
	if err := json.Unmarshal([]byte(body), &books); err != nil {
		t.Fatal(err, body)
	}
	for _, b := range books {
		all = append(all, b.Title)
	}
	return all
}

// TestReadersDoNotWaitForAWriter holds a write after it has stored a row.
func TestReadersDoNotWaitForAWriter(t *testing.T) {
	t.Parallel()
	g := &gate{}
	s := fake.NewServer(t, within("createBook", g, false))
	seed := []string{"Emma", "Dune"}
	for _, title := range []string{"Ulysses", "Faust"} { // the first write, and one after reads
		g.arm()
		var writer sync.WaitGroup
		writer.Go(func() {
			if status, body := call(t, "POST", s.URL+"/books", `{"title":"`+title+`"}`); status != http.StatusCreated {
				t.Error(status, body)
			}
		})
		<-g.entered
		if diff := cmp.Diff(seed, titles(t, s)); diff != "" {
			t.Errorf("while %s is being written: %s", title, diff)
		}
		if status, body := call(t, "GET", s.URL+"/books/b1", ""); status != http.StatusOK {
			t.Error(status, body)
		}
		close(g.open)
		writer.Wait()
		seed = append(seed, title)
		if diff := cmp.Diff(seed, titles(t, s)); diff != "" {
			t.Errorf("after %s was written: %s", title, diff)
		}
	}
}

// TestWritersDoNotWaitForAReader holds a read between two looks at the rows.
func TestWritersDoNotWaitForAReader(t *testing.T) {
	t.Parallel()
	g := &gate{}
	s := fake.NewServer(t, within("listBooks", g, true))
	g.arm()
	var slow sync.WaitGroup
	slow.Go(func() {
		if diff := cmp.Diff([]string{"Emma", "Dune"}, titles(t, s)); diff != "" {
			t.Error("the slow reader sees another state than at its start:", diff)
		}
	})
	<-g.entered
	want := []string{"Emma", "Dune"}
	for i := range 5 {
		want = append(want, fmt.Sprint("New ", i))
		if status, body := call(t, "POST", s.URL+"/books", `{"title":"`+want[i+2]+`"}`); status != http.StatusCreated {
			t.Fatal(status, body)
		}
		if diff := cmp.Diff(want, titles(t, s)); diff != "" {
			t.Error(diff)
		}
	}
	for _, do := range []func(){s.World.SetBaseline, func() { s.Advance(1) }, s.World.Reset} {
		do() // none of them waits either
	}
	close(g.open)
	slow.Wait()
}

// slowStore is a store that acknowledges a change once its gate is open, or refuses it.
type slowStore struct {
	world.Store // what no request of the test uses
	g           gate
	refuses     bool
}

func (s *slowStore) Node() string { return "node" }

func (s *slowStore) Use(w *fake.World, t *world.Turn) error {
	if t.Reads {
		t.Do()
		return nil
	}
	w.Begin()
	t.Do()
	s.g.pass()
	w.TakeAfter()
	defer w.Publish()
	if s.refuses {
		w.GoBack()
		return &fake.StoreError{Reason: "the store is away"}
	}
	w.SetMark()
	return nil
}

// TestReadsOfAStoredWorldShowWhatIsStored holds changes while the store has not acknowledged them.
func TestReadsOfAStoredWorldShowWhatIsStored(t *testing.T) {
	t.Parallel()
	s, store := fake.NewServer(t, toy()), &slowStore{}
	s.World.Held = store
	s.World.SetMark()
	s.World.Publish()
	s.Server.SetStore(store)
	want := []string{"Emma", "Dune"}
	for _, refuses := range []bool{true, false, true, false} {
		title, status := fmt.Sprint("New ", len(want)), http.StatusCreated
		if store.refuses = refuses; refuses {
			status = http.StatusServiceUnavailable
		}
		store.g.arm()
		var writer sync.WaitGroup
		writer.Go(func() {
			if got, body := call(t, "POST", s.URL+"/books", `{"title":"`+title+`"}`); got != status {
				t.Error(got, body)
			}
		})
		<-store.g.entered
		if diff := cmp.Diff(want, titles(t, s)); diff != "" {
			t.Errorf("before %s is acknowledged: %s", title, diff)
		}
		close(store.g.open)
		if writer.Wait(); !refuses {
			want = append(want, title)
		}
		if diff := cmp.Diff(want, titles(t, s)); diff != "" {
			t.Errorf("after %s, refused %v: %s", title, refuses, diff)
		}
	}
}

// TestAReadMustNotWrite gives an operation that reads a handler that writes.
func TestAReadMustNotWrite(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(*fake.State){
		"a row":    func(s *fake.State) { fake.TableOf[book](s, "books").Delete("b1") },
		"a number": func(s *fake.State) { s.NextNumber("books") },
		"a table":  func(s *fake.State) { s.DropTable("books") },
		"a new table": func(s *fake.State) {
			fake.NewTable(s, "shelves", func(b book) string { return b.ID }, nil)
		},
	} {
		var bugs []error
		def := toy()
		build := def.New
		def.New = func(s *fake.State) fake.Ops {
			ops := build(s)
			ops["getBook"] = func(*fake.Request) (any, error) { write(s); return nil, nil }
			return ops
		}
		s, err := fake.New(fake.Config{Bug: func(err error) { bugs = append(bugs, err) }}, def)
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		s.Handler("library").ServeHTTP(w, httptest.NewRequest("GET", "/books/b1", nil))
		if w.Code != http.StatusInternalServerError || len(bugs) != 1 ||
			!strings.Contains(bugs[0].Error(), "a request that only reads changes") {
			t.Errorf("%s: status %d, bugs %v", name, w.Code, bugs)
		}
		w = httptest.NewRecorder()
		s.Handler("library").ServeHTTP(w, httptest.NewRequest("GET", "/books", nil))
		if diff := cmp.Diff([]string{"Emma", "Dune"}, titlesIn(t, w.Body.String())); diff != "" {
			t.Error(name, diff)
		}
	}
}

// TestReadsSeePrefixesOfTheWrites has clients write numbered rows, some in vain, and read them. Each write
// adds a book and changes another one, which says how many there are.
func TestReadsSeePrefixesOfTheWrites(t *testing.T) {
	t.Parallel()
	def := toy()
	build := def.New
	def.New = func(s *fake.State) fake.Ops {
		ops := build(s)
		books := fake.TableOf[book](s, "books")
		ops["burn"] = func(r *fake.Request) (any, error) {
			n := books.Len()
			if _, err := books.Insert(book{ID: fmt.Sprintf("n%06d", n), Title: fmt.Sprint("number ", n)}); err != nil {
				return nil, err
			}
			if err := books.Set(book{ID: "b1", Title: fmt.Sprint(n), Tags: []string{}}); err != nil {
				return nil, err
			}
			if r.Query("fail") != "" {
				return nil, &fake.Error{Status: http.StatusConflict, Rule: "on purpose"}
			}
			return fake.Raw(fmt.Sprint(n)), nil
		}
		ops["listBooks"] = func(*fake.Request) (any, error) { return listed(books) }
		return ops
	}
	s := fake.NewServer(t, def, fake.WithRows("books", numbered(150)...), fake.WithoutAnswerChecks())
	var clients sync.WaitGroup
	for client := range 4 {
		clients.Go(func() {
			known := 0 // what the client has seen, its own writes included
			for i := range 60 {
				switch (i + client) % 3 {
				case 0:
					status, body := call(t, "POST", s.URL+"/burn", "")
					var n int
					if err := json.Unmarshal([]byte(body), &n); err != nil || status != http.StatusOK || n <= known {
						t.Errorf("after %d a write answers %d %s", known, status, body)
					}
					known = n
				case 1:
					call(t, "POST", s.URL+"/burn?fail=yes", "")
				}
				status, body := call(t, "GET", s.URL+"/books", "")
				var n int
				if err := json.Unmarshal([]byte(body), &n); err != nil || status != http.StatusOK || n < known {
					t.Errorf("after %d a read answers %d %s", known, status, body)
				}
				known = n
			}
		})
	}
	clients.Wait()
}

// numbered returns books with the identifiers n000002 and so on, after the two of the seed.
func numbered(n int) (all []book) {
	for i := range n {
		all = append(all, book{ID: fmt.Sprintf("n%06d", i+2), Title: fmt.Sprint("number ", i+2)})
	}
	return all
}

// listed returns the number of the newest book. It is an error if the rows are not those after a write.
func listed(books *fake.Table[book]) (any, error) {
	rows, total, plan := table.Select(books, fake.Query[book]{Limit: books.Len(), Name: "numbers",
		Match: func(b *book) bool { return strings.HasPrefix(b.ID, "n") },
		Order: fake.Key[book]{Name: "id", Of: func(b *book, key []byte) []byte { return append(key, b.ID...) }}})
	ids := []string{}
	for _, row := range rows {
		ids = append(ids, row.Value.ID)
	}
	want := []string{}
	for i := 2; i < books.Len(); i++ {
		want = append(want, fmt.Sprintf("n%06d", i))
	}
	if !slices.Equal(want, ids) || total != len(want) {
		return nil, fmt.Errorf("%s found %d of %d rows: %s", plan, total, len(want), cmp.Diff(want, ids))
	}
	first, _ := books.Find("b1")
	if newest := books.Len() - 1; first.Title != "Emma" && first.Title != fmt.Sprint(newest) {
		return nil, fmt.Errorf("%s, but there are %d", first.Title, newest)
	}
	if books.Len() < 3 {
		return nil, errors.New("no rows")
	}
	return fake.Raw(fmt.Sprint(books.Len() - 1)), nil
}
