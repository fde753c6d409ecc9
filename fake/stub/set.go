package stub

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/afba07b5/mockserver/fake/match"
)

// Set holds the stubs of one world, the states of their scenarios, the files that their bodies come from and the
// delays of all answers. The zero value is empty. It is safe for concurrent use.
type Set struct {
	used     atomic.Bool // it is not empty; requests ask before they lock
	mu       sync.Mutex
	stubs    []*Stub // by priority, the newest first
	order    []*Stub // the newest first
	states   map[string]string
	history  []transition
	files    map[string][]byte
	settings Settings
	defaults *Defaults
	version  uint64
	served   map[string]int // by ID
}

// Defaults are the stubs and settings of a new Set, and of one that was reset.
type Defaults struct {
	Stubs []*Stub
	Files map[string][]byte
}

// transition is a change of a scenario that Rewind undoes.
type transition struct {
	position int // of the request in the journal
	scenario string
	before   string
}

// Started is the state of a scenario in the beginning.
const Started = "Started"

// mostTransitions is how many changes of scenarios Rewind can undo.
const mostTransitions = 2_000

// Start fills an empty Set with defaults; nil leaves it empty.
func (s *Set) Start(d *Defaults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.defaults = d
	s.reset()
}

// Reset comes back to what the Set started with.
func (s *Set) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reset()
	s.settings = Settings{}
	s.changed()
}

func (s *Set) reset() {
	start := cmp.Or(s.defaults, &Defaults{})
	s.fill(start.Stubs, start.Files, nil)
}

// fill replaces the stubs, files and states; the lock must be held.
func (s *Set) fill(stubs []*Stub, files map[string][]byte, states map[string]string) {
	s.stubs, s.order, s.history = nil, nil, nil
	s.states, s.files, s.served = map[string]string{}, map[string][]byte{}, map[string]int{}
	maps.Copy(s.files, files)
	maps.Copy(s.states, states)
	for _, one := range stubs {
		s.put(one)
	}
	s.changed()
}

// changed notes a change; the lock must be held.
func (s *Set) changed() {
	s.version++
	s.used.Store(len(s.stubs) > 0 || s.settings.FixedDelay != nil || s.settings.Distribution != nil)
}

// put adds a stub, in the place of the one that has its identifier.
func (s *Set) put(one *Stub) {
	if s.states == nil {
		s.states, s.files, s.served = map[string]string{}, map[string][]byte{}, map[string]int{}
	}
	at := slices.IndexFunc(s.order, func(other *Stub) bool { return other.ID == one.ID })
	if at >= 0 {
		s.order = slices.Clone(s.order)
		s.order[at] = one
	} else {
		s.order = append([]*Stub{one}, s.order...)
	}
	if one.Scenario != "" && s.states[one.Scenario] == "" {
		s.states[one.Scenario] = Started
	}
	s.sort()
}

func (s *Set) sort() {
	s.stubs = slices.Clone(s.order)
	slices.SortStableFunc(s.stubs, func(a, b *Stub) int { return cmp.Compare(a.priority(), b.priority()) })
}

// Put adds stubs; one that has the identifier of another takes its place.
func (s *Set) Put(stubs ...*Stub) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range stubs {
		s.put(one)
	}
	s.changed()
}

// Stubs returns the stubs in the order in which requests meet them: by priority, the newest first.
func (s *Set) Stubs() []*Stub {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.stubs)
}

// Find returns the stub with an identifier, or nil.
func (s *Set) Find(id string) *Stub {
	for _, one := range s.Stubs() {
		if one.ID == id {
			return one
		}
	}
	return nil
}

// RemoveFunc drops the stubs for which gone holds and returns them. A scenario without stubs goes as well.
func (s *Set) RemoveFunc(gone func(*Stub) bool) (removed []*Stub) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var left []*Stub
	for _, one := range s.order {
		if gone(one) {
			removed = append(removed, one)
			delete(s.served, one.ID)
		} else {
			left = append(left, one)
		}
	}
	s.order = left
	s.sort()
	for name := range s.states {
		if !slices.ContainsFunc(left, func(one *Stub) bool { return one.Scenario == name }) {
			delete(s.states, name)
		}
	}
	s.changed()
	return removed
}

// Used reports whether a request can meet a stub or a delay at all.
func (s *Set) Used() bool { return s.used.Load() }

// Serve returns the first stub that matches a request, nil if none does, and takes its scenario on. position is the
// request's place in the journal.
func (s *Set) Serve(r *match.Request, position int) *Served {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.stubs {
		if one.RequiredState != "" && s.states[one.Scenario] != one.RequiredState || !one.Pattern.Match(r) {
			continue
		}
		if one.NewState != "" && one.NewState != s.states[one.Scenario] {
			s.record(transition{position, one.Scenario, s.states[one.Scenario]})
			s.states[one.Scenario] = one.NewState
		}
		s.served[one.ID]++
		s.version++
		return &Served{one, s.files, s.settings, rand.New(rand.NewPCG(uint64(position), 0))}
	}
	return nil
}

func (s *Set) record(t transition) {
	if len(s.history) >= mostTransitions {
		s.history = slices.Clone(s.history[1:])
	}
	s.history = append(s.history, t)
}

// Rewind takes the scenarios back to where they were after a request.
func (s *Set) Rewind(position int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := len(s.history); n > 0 && s.history[n-1].position > position; n = len(s.history) {
		last := s.history[n-1]
		if s.states[last.scenario] != "" {
			s.states[last.scenario] = last.before
		}
		s.history = s.history[:n-1]
	}
	s.version++
}

// Served returns how often a stub has matched.
func (s *Set) Served(id string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.served[id]
}
