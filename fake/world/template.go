package world

import (
	"io/fs"
	"maps"
	"reflect"
	"sync"
	"time"
)

// template is the rows of a fake at one moment. It is safe for concurrent use.
type template struct {
	mu sync.Mutex // copying a table marks both sides
	snapshot
}

// Templates keeps the seeds of a fake as rows, for all Worlds of the process: each seed is decoded
// once. The zero value is ready for use.
type Templates struct {
	mu    sync.Mutex
	known map[templateKey]*template
}

type templateKey struct {
	seeds fs.FS
	name  string
}

// get returns the template of a seed and calls load the first time. Seeds that cannot be
// compared are loaded at every call.
func (t *Templates) get(seeds fs.FS, name string, load func() (*template, error)) (*template, error) {
	if t == nil || !reflect.ValueOf(seeds).Comparable() {
		return load()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	key := templateKey{seeds, name}
	if known := t.known[key]; known != nil {
		return known, nil
	}
	loaded, err := load()
	if err != nil {
		return nil, err
	}
	if t.known == nil {
		t.known = map[templateKey]*template{}
	}
	t.known[key] = loaded
	return loaded, nil
}

// origin is the source of the rows of States: a seed, or the rows of a world that was
// forked. Worlds share it.
type origin struct {
	*template
	fake *Fake
	seed string    // its name; Fake.Begin has not run on its rows
	at   time.Time // without a seed: the time of the clock that Fake.Begin saw

	peeking sync.Mutex // guards the next field, and every use of it
	state   *State     // see peek
}

// build returns a State for a world with the rows of the origin.
func (o *origin) build(w *World) (*State, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	rows := o.snapshot
	rows.fake = o.fake
	if o.seed != "" {
		rows.seed = o
	}
	return rows.restore(w)
}

// start returns a State with the rows of a seed, without any if seed is "".
func (f *Fake) start(w *World, seed string) (*State, error) {
	if seed == "" {
		return newState(w, f)
	}
	o, err := f.seeded(w.worlds, seed)
	if err != nil {
		return nil, err
	}
	return o.build(w)
}

// begin runs Fake.Begin on a State of the origin: on the rows of a seed, and if the world's clock
// is behind the one that Fake.Begin saw.
func (o *origin) begin(s *State) error {
	if o.seed != "" {
		return s.begin()
	}
	if s.world.Clock.Now().Before(o.at) {
		s.replan(time.Time{})
	}
	return nil
}

// peek runs do with a State that has the rows of the origin and belongs to w for the time of the
// call. The State is shared by all worlds of the origin, so peek undoes what do changes.
func (o *origin) peek(w *World, do func(*State)) error {
	o.peeking.Lock()
	defer o.peeking.Unlock()
	if o.state == nil {
		s, err := o.build(newWorld(w.worlds, "", Settings{}))
		if err != nil {
			return err
		}
		o.state = s
	}
	s, home, numbers := o.state, o.state.world, maps.Clone(o.state.numbers)
	s.world = w
	defer func() { s.world, s.numbers, s.replay = home, numbers, nil }()
	s.write(w.Clock.Now(), func() bool {
		do(s)
		return true
	})
	return nil
}

// freeze returns the present rows as an origin, the same until they change. The caller must hold
// the lock.
func (s *State) freeze() *origin {
	if s.frozen == nil {
		s.frozen = &origin{template: &template{snapshot: s.snapshot()}, fake: s.fake, at: s.world.Clock.Now()}
	}
	return s.frozen
}
