package world

import (
	"maps"
	"time"

	"github.com/afba07b5/mockserver/fake/table"
)

// change is what a running write needs to undo: the first copy of each table it touched.
type change struct {
	tables map[string]table.Any // the set of tables before, once it changed
	before map[table.Any]any
	start  map[table.Any]int // what Replaced said of each of them before
	after  []func()
}

func newChange() *change { return &change{before: map[table.Any]any{}, start: map[table.Any]int{}} }

// size is what is kept in memory to undo the change.
func (c *change) size() int {
	const moment = 512
	n := moment
	for t, before := range c.start {
		n += t.Replaced() - before
	}
	return n
}

// WithLock runs do for one request with the lock held: shared if it only reads and no job is due, otherwise as a
// write at an instant of its own, after the jobs that are due. do says whether to undo what it changed. entry
// is the request's place in the journal.
func (s *State) WithLock(writes bool, entry int, do func() (undo bool)) {
	s.mu.RLock()
	_, due := s.next(s.world.Clock.Now())
	if !due && !writes {
		defer s.mu.RUnlock()
		do()
		return
	}
	s.mu.RUnlock()
	s.serveWrite(entry, do).runAfter()
}

func (s *State) serveWrite(entry int, do func() bool) *change {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runDue()
	done := s.write(s.world.Clock.Stamp(), do)
	s.world.recordMoment(s, done, entry)
	if done == nil {
		done = &change{} // refused; what the jobs left still has to be done
	}
	done.after = append(s.takeLater(), done.after...)
	return done
}

// write runs do as a transaction. If do fails or says undo, nothing stays behind. The lock must be held.
func (s *State) write(at time.Time, do func() (undo bool)) (done *change) {
	s.tx, s.now = newChange(), at
	committed := false
	defer func() { // a panic undoes as well
		done, s.tx, s.now = s.tx, nil, time.Time{}
		if !committed {
			s.revert(done)
			done = nil
		}
	}()
	committed = !do()
	return nil
}

// Savepoint runs do as a part of the current write: if it fails, only what it changed is undone. Handlers use it
// where one request has several changes that stand or fall by themselves.
func (s *State) Savepoint(do func() error) error {
	outer := s.tx
	s.tx = newChange()
	err := do()
	inner := s.tx
	s.tx = outer
	if err != nil || outer == nil {
		if err != nil {
			s.revert(inner)
		}
		return err
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

// revert puts back what the change found.
func (s *State) revert(c *change) {
	if c.tables != nil {
		s.tables = maps.Clone(c.tables)
	}
	for t, data := range c.before {
		t.PutBack(data)
	}
}

// Change runs do as a write of its own, at the world's next instant, and undoes it if it fails.
// Control hooks and test options use it; handlers are in a write already and must not.
func (s *State) Change(do func() error) (err error) {
	s.serveWrite(0, func() bool {
		err = do()
		return err != nil
	}).runAfter()
	return err
}

func (c *change) runAfter() {
	if c == nil {
		return
	}
	for _, do := range c.after {
		do()
	}
}

func (s *State) changeSet() {
	if s.tx != nil && s.tx.tables == nil {
		s.tx.tables = maps.Clone(s.tables)
	}
}

// stateOwner keeps Touch out of the methods that fakes see.
type stateOwner struct{ *State }

// Touch copies a table before a write changes it.
func (s stateOwner) Touch(t table.Any) {
	if s.tx == nil {
		return
	}
	if _, ok := s.tx.before[t]; !ok {
		s.tx.before[t], s.tx.start[t] = t.Copy(), t.Replaced()
	}
}
