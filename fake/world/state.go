package world

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/fake/webhook"
)

// State is one fake's share of a world: its tables, jobs and what Bind keeps. Fake.Build fills it.
// Handlers that write and jobs run with the State's lock held. Handlers that read run without one, with
// another State that shows the same rows as they were after the newest write; see Read. So a fake needs
// no lock of its own except for what Shared returns.
type State struct {
	bound  []any  // see Bind
	shared *[]any // see Shared
	world  *World
	fake   *Fake
	mu     sync.RWMutex
	built  bool
	tables map[string]table.Any
	order  []string // the names of the tables that Fake.Build made, in order
	made   func(name string)
	seeded func() error
	runs   map[string]func(data json.RawMessage) error
	jobs   *table.Table[Job]
	mail   *table.Table[webhook.Delivery]
	marks  *table.Table[mark]

	outcomes outcomes // of deliveries
	numbers  map[string]int64
	tx       *change
	later    []func()  // functions that jobs passed to After
	now      time.Time // the instant of the write or job that holds the lock; zero in reads
	frozen   *origin   // see freeze; nil after a change
	replay   *counters // replaces the world's counters; nil except while credentials are issued
	seed     *origin   // the seed that the rows have grown from; nil for others, and once a table was dropped

	mailDropped, entry int          // deliveries dropped from the log; journal entry of the writing request
	filesRefused       atomic.Int64 // rejected uploads

	set      *[]table.Any // all tables, for publish; nil after the set of tables has changed
	newest   atomic.Pointer[published]
	readers  readers
	readOnly bool // it is one of the readers of another State
}

func newState(w *World, f *Fake) (*State, error) { return newStateSharing(w, f, new([]any)) }

// newStateSharing is newState with the values of another State for Shared.
func newStateSharing(w *World, f *Fake, shared *[]any) (*State, error) {
	s := &State{world: w, fake: f, tables: map[string]table.Any{}, runs: map[string]func(json.RawMessage) error{},
		numbers: map[string]int64{}, shared: shared}
	s.jobs = NewTable(s, "_jobs", func(j Job) string { return j.ID }, nil)
	s.mail = NewTable(s, "_deliveries", func(d webhook.Delivery) string { return d.ID }, nil)
	s.outcomes = outcomes{underWay: map[string]bool{}, known: map[string]webhook.Delivery{}}
	s.marks = NewTable(s, marksTable, mark.key, nil)
	s.runs[deliverJob] = s.redeliver
	if err := f.Build(s); err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	s.built = true
	return s, nil
}

// World returns the world of the State.
func (s *State) World() *World { return s.world }

// Fake returns the name of the fake.
func (s *State) Fake() string { return s.fake.Name }

// Writing reports whether a write is under way. The caller must be a part of it, or of a read.
func (s *State) Writing() bool { return s.tx != nil }

// Now returns the world's time with millisecond precision. Within a write it is the instant of that
// write, which no other write shares; within a job it is the job's due time. The caller must hold the
// lock; before a request has it, World.Clock says the time.
func (s *State) Now() time.Time {
	if !s.now.IsZero() {
		return s.now
	}
	return s.world.Clock.Now()
}

// NewID returns the world's next identifier, a version 4 UUID (RFC 9562). Worlds that make the same
// calls get the same sequence.
func (s *State) NewID() string {
	if s.replay != nil {
		s.replay.IDs++
		return newID("issued"+s.world.nonces[0], s.replay.IDs)
	}
	return newID(s.world.salt, s.world.ids.Add(1))
}

// NextNumber returns 1, 2, 3 and so on for each name. A rejected write uses up its number.
func (s *State) NextNumber(name string) int64 { return s.Number(name, 0) }

// Number returns n, and makes the next number of name greater. If n is 0 it returns the next number. Rows that clients
// create and seeds bring get their numbers from it.
func (s *State) Number(name string, n int64) int64 {
	s.mustWrite("number " + name)
	s.frozen = nil
	n = cmp.Or(n, s.numbers[name]+1)
	s.numbers[name] = max(s.numbers[name], n)
	return n
}

// After runs do once the current write is committed and its lock is released. A rejected write
// drops it.
func (s *State) After(do func()) {
	if s.tx == nil {
		do()
		return
	}
	s.tx.after = append(s.tx.after, do)
}

// OnMissingTable is for fakes whose tables are rows of other tables. make is called for each table
// that a fork or a saved state has and Fake.Build did not make, after the rows of the other tables
// are loaded.
func (s *State) OnMissingTable(make func(name string)) { s.made = make }

// OnSeeded registers a function that runs as a write after the rows of a seed were loaded, but not
// those of a saved state. It may add rows; an error rejects the seed.
func (s *State) OnSeeded(complete func() error) { s.seeded = complete }

// DropTable removes a table and its rows.
func (s *State) DropTable(name string) {
	s.mustWrite("table " + name)
	s.changeSet()
	s.seed = nil // one of that name would not be the seed's
	delete(s.tables, name)
}

func (s *State) addTable(t table.Any) {
	if s.tables[t.Name()] != nil {
		panic("world: two tables are called " + t.Name()) // a programming error, not input
	}
	s.mustWrite("table " + t.Name())
	s.changeSet()
	s.tables[t.Name()] = t
	if !s.built {
		s.order = append(s.order, t.Name())
	}
}

// Dump returns the rows of a table as JSON, or nil if there is no such table.
func (s *State) Dump(name string) (rows []json.RawMessage) {
	all, _ := s.TableRows(name)
	for _, row := range all {
		rows = append(rows, json.RawMessage(row.After()))
	}
	return rows
}

// TableRows returns the rows of a table with their identifiers, in the order of their insertion, and the names of all
// tables. Without such a table it returns no rows; each has its JSON as After.
func (s *State) TableRows(name string) (rows []table.Change, tables []string) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for other := range s.tables {
		if other[0] != '_' {
			tables = append(tables, other)
		}
	}
	slices.Sort(tables)
	if t := s.tables[name]; t != nil {
		rows = t.Changes(nil, nil)
	}
	return rows, tables
}

// NewTable makes a table and registers it under the name that seeds and saved states use. key
// returns a row's identifier, which is unique in the table. fill may be nil; it sets the defaults
// of a row that a client or a seed creates, may call State.NewID and State.Now, and must not reject
// anything.
func NewTable[T any](s *State, name string, key func(T) string, fill func(*T)) *table.Table[T] {
	t := table.New(stateOwner{s}, name, key, fill)
	s.addTable(t.Untyped())
	return t
}

// TableOf returns the table with that name and row type, or nil.
func TableOf[T any](s *State, name string) *table.Table[T] {
	return table.Of[T](s.tables[name])
}

// RowTypes returns the type of the rows of each table that Fake.Build made.
func (s *State) RowTypes() map[string]reflect.Type {
	types := map[string]reflect.Type{}
	for _, name := range s.order {
		types[name] = s.tables[name].RowType()
	}
	return types
}

// View runs do with the lock held for reading.
func (s *State) View(do func()) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	do()
}

// snapshot holds the rows of a State at one moment.
type snapshot struct {
	fake    *Fake
	numbers map[string]int64
	rows    map[string]any // table → what its Copy returned
	seed    *origin        // see State.seed
}

func (s *State) snapshot() snapshot { return s.snapshotAt(nil, nil) }

// restore builds a State with these rows. It must not run concurrently with itself, because copying
// a table marks both sides.
func (p snapshot) restore(w *World) (*State, error) {
	s, err := newState(w, p.fake)
	if err != nil {
		return nil, err
	}
	s.numbers = maps.Clone(p.numbers)
	var rest []string
	for name, rows := range p.rows {
		if own := s.tables[name]; own != nil {
			own.Adopt(rows)
		} else {
			rest = append(rest, name)
		}
	}
	slices.Sort(rest)
	for _, name := range rest {
		s.made(name)
		s.tables[name].Adopt(p.rows[name])
	}
	s.reconcile()
	s.seed = p.seed
	return s, nil
}
