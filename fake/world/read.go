package world

import (
	"slices"
	"sync"

	"github.com/afba07b5/mockserver/fake/table"
)

// readers are States that show the rows of another one. Those that are not in use show what was published
// last.
type readers struct {
	mu  sync.Mutex
	all []*reader
}

// mostIdle bounds the readers that are kept for later use.
const mostIdle = 4

// reader is one of them. The lock of readers guards its fields.
type reader struct {
	state  *State
	shows  *published
	tables []table.Any // those of state, in the order of shows.tables
	users  int
}

// Read runs do with a State that shows the rows as they are after the newest write. It holds no lock
// meanwhile: writes go on, and do does not see them. The State and what Fake.Build bound to it are valid
// until do returns. do must not change anything; a change of a row panics.
func (s *State) Read(do func(*State)) {
	switch {
	case s.readOnly:
		do(s)
	case s.world.scratch: // it has one user
		s.View(func() { do(s) })
	default:
		s.present()
		r := s.acquire()
		defer s.release(r)
		do(r.state)
	}
}

// acquire returns a reader that shows what was published last.
func (s *State) acquire() *reader {
	s.readers.mu.Lock()
	defer s.readers.mu.Unlock()
	p := s.newest.Load()
	var best *reader // one that is in use leaves the others for what is published next
	for _, r := range s.readers.all {
		if (r.shows == p || r.users == 0) && (best == nil || r.users > best.users) {
			best = r
		}
	}
	if best == nil {
		best = s.newReader()
		s.readers.all = append(s.readers.all, best)
	}
	best.show(p)
	best.users++
	return best
}

// release ends the use of a reader. If it shows old rows, it shows the newest from now on, or goes.
func (s *State) release(r *reader) {
	rs := &s.readers
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if r.users--; r.users > 0 {
		return
	}
	idle := 0
	for _, other := range rs.all {
		if other.users == 0 {
			idle++
		}
	}
	if idle > mostIdle {
		rs.all = slices.DeleteFunc(rs.all, func(other *reader) bool { return other == r })
		return
	}
	r.show(s.newest.Load())
}

// refresh makes readers that are not in use show what was published, so that they keep no old rows.
func (rs *readers) refresh(now *published) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for _, r := range rs.all {
		if r.users == 0 {
			r.show(now)
		}
	}
}

// newReader makes a reader of the State.
func (s *State) newReader() *reader {
	own, err := newStateSharing(s.world, s.fake, s.shared)
	if err != nil {
		panic(err) // the State itself has been built
	}
	own.readOnly = true
	return &reader{state: own, shows: &published{}}
}

// show makes a reader show what was published.
func (r *reader) show(p *published) {
	was := r.shows
	if was == p {
		return
	}
	if r.shows = p; was.tables != p.tables {
		r.showTables(was, p)
		return
	}
	for i, t := range r.tables {
		if p.copies[i] != was.copies[i] {
			t.Show(p.copies[i])
		}
	}
}

// showTables is show for other tables than before: those that Fake.Build did not make are rows of the others.
func (r *reader) showTables(was, p *published) {
	s, own, made := r.state, map[string]table.Any{}, map[table.Any]bool{}
	if was.tables != nil {
		for _, t := range *was.tables {
			made[t] = true
		}
	}
	for i, t := range *p.tables {
		if mine := s.tables[t.Name()]; mine != nil && (made[t] || was.tables == nil) {
			mine.Show(p.copies[i])
			own[t.Name()] = mine
		}
	}
	s.tables, s.readOnly, r.tables = own, false, make([]table.Any, len(p.copies))
	defer func() { s.readOnly = true }()
	for i, t := range *p.tables {
		if own[t.Name()] == nil {
			s.made(t.Name())
			own[t.Name()].Show(p.copies[i])
		}
		r.tables[i] = own[t.Name()]
	}
}

// mustWrite panics in a State that shows the rows of another one.
func (s *State) mustWrite(what string) {
	if s.readOnly {
		panic("world: a request that only reads changes " + what)
	}
}
