package world

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
)

// Apply makes the changes of an Image. After an error the world is broken and must be evicted.
func (w *World) Apply(img *Image) error {
	_, unlock := w.lockAll()
	defer unlock()
	if img.Outline != nil {
		if err := w.applyOutline(img.Outline); err != nil {
			return err
		}
	}
	if img.Base != nil {
		if err := w.applyBase(img.Base); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(img.Fakes)) {
		if err := w.applyFake(name, img.Fakes[name]); err != nil {
			return err
		}
	}
	w.tokens.Store(img.Tokens)
	w.ids.Store(img.IDs)
	w.Clock.Restore(img.Clock)
	w.changes.Add(1)
	return nil
}

func (w *World) applyOutline(o *Outline) error {
	w.settings.Store(&o.Settings)
	w.Faults.Restore(o.Faults)
	if err := w.Stubs.Restore(o.Stubs); err != nil {
		return err
	}
	w.SetCredentials(func() json.RawMessage { return o.Credentials })
	if len(o.Nonces) > 0 && !slices.Equal(w.nonces, o.Nonces) { // only before the first request
		w.nonces = o.Nonces
	}
	for _, c := range o.Registered {
		w.worlds.registerCredential(c, w)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.issued = o.Issued
	return nil
}

func (w *World) applyBase(b *Base) error {
	kept, origins := map[string]snapshot{}, map[string]*origin{}
	for name, f := range b.Kept {
		s, err := w.stateOf(name, f)
		if err != nil {
			return err
		}
		kept[name] = s.snapshot()
	}
	for name, f := range b.Origins {
		s, err := w.stateOf(name, f)
		if err != nil {
			return err
		}
		origins[name] = s.freeze()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.keptIDs = b.IDs; len(kept) > 0 {
		w.kept = kept
	}
	if len(origins) > 0 {
		w.origins = origins
	}
	return nil
}

func (w *World) applyFake(name string, f *FakeImage) error {
	w.mu.Lock()
	s := w.states[name]
	w.mu.Unlock()
	if f == nil || f.Whole || s == nil {
		return w.replaceState(name, f)
	}
	var err error
	done := s.write(w.Clock.Now(), func() bool {
		err = s.put(f)
		return err != nil
	})
	w.recordMoment(s, done, 0)
	return err
}

// replaceState replaces all rows of a fake; nil leaves it unused, as at the start.
func (w *World) replaceState(name string, f *FakeImage) error {
	var s *State
	if f != nil {
		var err error
		if s, err = w.stateOf(name, f); err != nil {
			return err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.states[name] = s; s == nil {
		delete(w.states, name)
	}
	w.history, w.forgotten, w.undo.Bytes = nil, w.Journal.Last(), 0
	return nil
}

// stateOf builds a State with the rows of an Image.
func (w *World) stateOf(name string, f *FakeImage) (*State, error) {
	known, err := w.worlds.fake(name)
	if err != nil {
		return nil, err
	}
	s, err := known.start(w, f.Seed)
	if err == nil {
		s.write(w.Clock.Now(), func() bool {
			err = s.put(f)
			return err != nil
		})
	}
	return s, err
}

// put stores the rows of an Image.
func (s *State) put(f *FakeImage) error {
	for _, name := range s.inOrder(maps.Keys(f.Tables)) {
		t, err := s.tableFor(name)
		if err != nil {
			return fmt.Errorf("%s: %w", s.fake.Name, err)
		}
		if err := t.Put(f.Tables[name].Rows, f.Tables[name].More, f.Tables[name].Numbers); err != nil {
			return err
		}
	}
	if f.Numbers != nil || f.Whole {
		s.numbers = map[string]int64{}
		maps.Copy(s.numbers, f.Numbers)
	}
	return nil
}

// inOrder returns names of tables: first those that Fake.Build made, in order, then the others sorted.
func (s *State) inOrder(tables iter.Seq[string]) []string {
	names := slices.Sorted(tables)
	place := func(name string) uint { return uint(slices.Index(s.order, name)) } // -1 is the greatest of all
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(place(a), place(b)) })
	return names
}
