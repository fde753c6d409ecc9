package world

import (
	"cmp"
	"maps"
	"time"

	"github.com/afba07b5/mockserver/fake/table"
)

// change records what a write needs to be undone: the first copy of each table it touched.
type change struct {
	tables map[string]table.Any // the set of tables before it changed
	before map[table.Any]any
	start  map[table.Any]int // the result of Replaced before each table changed
	after  []func()
}

func newChange() *change { return &change{before: map[table.Any]any{}, start: map[table.Any]int{}} }

// size returns the bytes that are kept to undo the change.
func (c *change) size() int {
	const moment = 512
	n := moment
	for t, before := range c.start {
		n += t.Replaced() - before
	}
	return n
}

// Serve runs do for one request, with the State that it has to work on. If writes is false that is what
// Read gives, after the jobs that are due; in a stored world, those wait for a Turn that writes.
// Otherwise due jobs run first and do runs as a write at a new instant. do returns whether to undo its
// changes. entry is the request's position in the journal.
func (s *State) Serve(writes bool, entry int, do func(*State) (undo bool)) {
	if writes {
		s.world.runAfter(s.serveWrite(entry, func() bool { return do(s) }).after)
		return
	}
	if s.Due() && !s.world.Stored() {
		s.world.runAfter(s.serveWrite(entry, func() (undo bool) { return false }).after)
	}
	s.Read(func(at *State) { do(at) })
}

func (s *State) serveWrite(entry int, do func() bool) *change {
	s.lock()
	defer s.unlock()
	s.runDue()
	s.entry = entry
	done := s.write(s.world.Clock.Stamp(), do)
	s.world.recordMoment(s, done, entry)
	done = cmp.Or(done, &change{}) // if rejected, the work that jobs deferred still has to run
	done.after = append(s.takeLater(), done.after...)
	return done
}

// write runs do as a transaction. If do panics or returns undo, the write leaves no change. The
// caller must hold the lock.
func (s *State) write(at time.Time, do func() (undo bool)) (done *change) {
	s.tx, s.now = newChange(), at
	committed := false
	defer func() { // a panic undoes the write, too
		done, s.tx, s.now, s.entry = s.tx, nil, time.Time{}, 0
		if !committed {
			s.revert(done)
			done = nil
		}
	}()
	committed = !do()
	return nil
}

// Savepoint runs do within the current write. If do fails, Savepoint undoes only the changes of do.
// Handlers use it where one request makes several independent changes.
func (s *State) Savepoint(do func() error) error {
	if s.readOnly {
		return do()
	}
	outer, inner := s.tx, newChange()
	done := false
	defer func() {
		if s.tx = outer; !done { // an error or a panic
			s.revert(inner)
		}
	}()
	s.tx = inner
	if err := do(); err != nil {
		return err
	}
	if done = true; outer == nil {
		return nil
	}
	if outer.tables == nil {
		outer.tables = inner.tables
	}
	for t, rows := range inner.before {
		if _, ok := outer.before[t]; !ok {
			outer.before[t], outer.start[t] = rows, inner.start[t]
		}
	}
	outer.after = append(outer.after, inner.after...)
	return nil
}

// revert restores what the change recorded.
func (s *State) revert(c *change) {
	s.frozen = nil
	if c.tables != nil {
		s.tables, s.set = maps.Clone(c.tables), nil
	}
	for t, data := range c.before {
		t.PutBack(data)
	}
}

// Change runs do as a separate write at the world's next instant and undoes it if it fails. Control
// hooks and test options use it. Handlers already run in a write and must not call it.
func (s *State) Change(do func() error) (err error) {
	done := s.serveWrite(0, func() bool {
		err = do()
		return err != nil
	})
	s.world.runAfter(done.after)
	return err
}

func (s *State) changeSet() {
	s.frozen, s.set = nil, nil
	if s.tx != nil && s.tx.tables == nil {
		s.tx.tables = maps.Clone(s.tables)
	}
}

// stateOwner keeps Touch out of the method set that fakes see.
type stateOwner struct{ *State }

// Touch copies a table before a write changes it.
func (s stateOwner) Touch(t table.Any) {
	s.mustWrite("table " + t.Name())
	s.frozen = nil
	if s.tx == nil {
		return
	}
	if _, ok := s.tx.before[t]; !ok {
		s.tx.before[t], s.tx.start[t] = t.Copy(), t.Replaced()
	}
}
