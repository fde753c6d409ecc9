package world

import "time"

// counters are the numbers and the instant from which a State takes tokens, identifiers and times instead of its
// world's, so that credentials which were shown before the State was built are the same again. The
// identifiers are the world's alone: its own sequence is that of a world without credentials.
type counters struct {
	Tokens uint64    `json:"tokens"`
	IDs    uint64    `json:"ids"`
	At     time.Time `json:"at,omitzero"` // zero for the clock of the world
}

// IssueCredentials calls Fake.Issue for every fake of a new world and returns the results by fake.
// It builds no State: when a request builds one, Fake.Issue runs again in it, with the same
// identifiers and tokens, and at the same time. Reset keeps the credentials. The world must not be in use yet.
func (w *World) IssueCredentials() (map[string]any, error) {
	all, issued := map[string]any{}, map[string]counters{}
	for _, name := range w.worlds.names {
		f := w.worlds.fakes[name]
		if f.Issue == nil {
			continue
		}
		from := counters{Tokens: w.tokens.Load(), At: w.Clock.Now()}
		values, to, err := w.derive(f, from)
		if err != nil {
			return nil, err
		}
		all[name], issued[name] = values, from
		w.tokens.Store(to.Tokens)
	}
	w.mu.Lock()
	w.issued, w.keptIDs = issued, w.ids.Load()
	w.mu.Unlock()
	w.noteOutline()
	return all, nil
}

// IssuedCredentials returns what IssueCredentials returned.
func (w *World) IssuedCredentials() (map[string]any, error) {
	w.mu.Lock()
	issued := w.issued
	w.mu.Unlock()
	all := map[string]any{}
	for name, from := range issued {
		values, _, err := w.derive(w.worlds.fakes[name], from)
		if err != nil {
			return nil, err
		}
		all[name] = values
	}
	return all, nil
}

// derive computes the credentials of a fake that counters lead to.
func (w *World) derive(f *Fake, from counters) (values any, to counters, err error) {
	o, err := w.origin(f)
	if err != nil {
		return nil, to, err
	}
	err = o.peek(w, func(s *State) {
		s.replay, s.now = &from, from.At
		values = f.Issue(s)
	})
	return values, from, err
}

// reissue stores the credentials of IssueCredentials in a State that was just built.
func (s *State) reissue(from counters) {
	s.write(from.At, func() bool {
		s.replay = &from
		s.Issue(func() error {
			s.fake.Issue(s)
			return nil
		})
		s.replay = nil
		return false
	})
}

// Peek runs do with a State of the world that it must not change. If no request has used the fake
// yet, that is a State of the seed or the world that this one starts from.
func (w *World) Peek(fake string, do func(*State)) error {
	w.mu.Lock()
	s := w.states[fake]
	w.mu.Unlock()
	if s != nil {
		s.View(func() { do(s) })
		return nil
	}
	f, err := w.worlds.fake(fake)
	if err != nil {
		return err
	}
	o, err := w.origin(f)
	if err != nil {
		return err
	}
	return o.peek(w, do)
}

// origin returns the source of the rows of a fake of the world.
func (w *World) origin(f *Fake) (*origin, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.originOf(f)
}

// originOf is origin for callers that hold the lock.
func (w *World) originOf(f *Fake) (*origin, error) {
	if o := w.origins[f.Name]; o != nil {
		return o, nil
	}
	return f.seeded(w.worlds, w.settings.Load().Seeds[f.Name])
}
