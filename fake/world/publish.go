package world

import (
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/afba07b5/mockserver/fake/table"
)

// published is what handlers that read see of a State: its tables as they were after a write. It never
// changes.
type published struct {
	tables *[]table.Any // of the State; the same pointer while it has the same tables
	copies []any        // of tables, by position
	jobs   any          // the copy of the table of jobs
	due    time.Time    // when the next job is due; zero for none
}

// lock takes the lock for writing. It publishes the rows first if none are published yet, so that no reader waits.
func (s *State) lock() {
	s.mu.Lock()
	if s.newest.Load() == nil && s.world.Held == nil {
		s.publish()
	}
}

// unlock publishes what a write has changed, and releases the lock. In a world of a Store the end of the
// Turn publishes; see World.Publish.
func (s *State) unlock() {
	if s.world.Held == nil {
		s.publish()
	}
	s.mu.Unlock()
}

// lockAll locks every built State in the order of the fakes' names.
func (w *World) lockAll() ([]*State, func()) {
	w.mu.Lock()
	states := make([]*State, 0, len(w.states))
	for _, name := range slices.Sorted(maps.Keys(w.states)) {
		states = append(states, w.states[name])
	}
	w.mu.Unlock()
	for _, s := range states {
		s.lock()
	}
	return states, func() {
		for _, s := range states {
			s.unlock()
		}
	}
}

// locked yields every built State in the order of the fakes' names. It holds the locks of all until the loop ends.
func (w *World) locked() iter.Seq[*State] {
	return func(yield func(*State) bool) {
		states, unlock := w.lockAll()
		defer unlock()
		slices.Values(states)(yield)
	}
}

// publish shows the present rows to handlers that start to read from now on. The caller must hold the lock.
func (s *State) publish() {
	if s.world.scratch {
		return
	}
	if s.set == nil {
		all := slices.Collect(maps.Values(s.tables))
		s.set = &all
	}
	was := s.newest.Load()
	if was != nil && was.tables == s.set && !was.differs() {
		return
	}
	now := &published{tables: s.set, copies: make([]any, len(*s.set)), jobs: s.jobs.Untyped().Copy()}
	for i, t := range *s.set {
		now.copies[i] = t.Copy()
	}
	if was != nil && was.jobs == now.jobs {
		now.due = was.due
	} else {
		now.due = s.nextDue()
	}
	s.newest.Store(now)
	s.readers.refresh(now)
}

// nextDue returns when the next job is due. Without jobs it returns the zero time.
func (s *State) nextDue() (due time.Time) {
	for job := range s.jobs.All() {
		if due.IsZero() || job.Due.Before(due) {
			due = job.Due
		}
	}
	return due
}

// differs reports whether a table has changed since. The lock of the State must be held.
func (p *published) differs() bool {
	for t, rows := range p.all() {
		if t.Copy() != rows {
			return true
		}
	}
	return false
}

// all returns the tables with their copies.
func (p *published) all() iter.Seq2[table.Any, any] {
	return func(yield func(table.Any, any) bool) {
		for i, t := range *p.tables {
			if !yield(t, p.copies[i]) {
				return
			}
		}
	}
}

// Publish makes State.Read show the present rows of the world, and Published its present States. A Store
// calls it once they are stored, and before it answers.
func (w *World) Publish() {
	states, unlock := w.lockAll()
	defer unlock()
	all := make(map[string]*State, len(states))
	for _, s := range states {
		s.publish()
		all[s.fake.Name] = s
	}
	w.published.Store(&all)
}

// Published returns the State that a fake had at the newest Publish, or nil.
func (w *World) Published(fake string) *State {
	if all := w.published.Load(); all != nil {
		return (*all)[fake]
	}
	return nil
}

// present returns what was published last.
func (s *State) present() *published {
	if p := s.newest.Load(); p != nil {
		return p
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.publish()
	return s.newest.Load()
}

// Due reports whether the next request runs jobs, and so writes.
func (s *State) Due() bool {
	if s.world.scratch {
		s.mu.RLock()
		defer s.mu.RUnlock()
		_, due := s.next(s.world.Clock.Now())
		return due
	}
	due := s.present().due
	return !due.IsZero() && !due.After(s.world.Clock.Now())
}
