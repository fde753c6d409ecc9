package world

import (
	"maps"

	"github.com/afba07b5/mockserver/fake/clock"
	"github.com/afba07b5/mockserver/fake/table"
)

// storedMark is a world at the newest change that its Store has.
type storedMark struct {
	states        map[string]*stateMark
	outline, base uint64 // versions
	saved         *Outline
	clock         clock.State
	tokens, ids   uint64
	moments       int
	kept          map[string]snapshot
	keptIDs       uint64
}

type stateMark struct {
	state   *State
	rows    *published
	numbers map[string]int64
}

// SetMark makes GoBack and Changes start from the present.
func (w *World) SetMark() {
	before, saved := w.mark, w.changedOutline()
	states, unlock := w.lockAll()
	defer unlock()
	w.mark = &storedMark{states: map[string]*stateMark{}, outline: w.outlineVersion(), base: w.based.Load(),
		clock: w.Clock.State(), tokens: w.tokens.Load(), ids: w.ids.Load(), moments: w.moments()}
	if w.mark.saved = saved; saved == nil {
		w.mark.saved = before.saved
	}
	for _, s := range states {
		s.publish()
		w.mark.states[s.fake.Name] = &stateMark{s, s.newest.Load(), maps.Clone(s.numbers)}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mark.kept, w.mark.keptIDs = w.kept, w.keptIDs
}

func (w *World) outlineVersion() uint64 {
	return w.outlined.Load() + w.Faults.Version() + w.Stubs.Version()
}

// changedOutline returns the outline if it differs from that of the mark, else nil. No lock may be
// held: credentials are made from rows.
func (w *World) changedOutline() *Outline {
	if w.mark != nil && w.mark.outline == w.outlineVersion() {
		return nil
	}
	return w.outline()
}

// moments counts the moments that the history ever had.
func (w *World) moments() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.history) + w.undo.Dropped
}

// Changes returns what differs from the mark. changed is false if nothing does. A rejected write, too,
// changes the clock, and may use up identifiers.
func (w *World) Changes() (img *Image, changed bool, err error) {
	outline := w.changedOutline()
	states, unlock := w.lockAll()
	defer unlock()
	m := w.mark
	img = &Image{Outline: outline, Clock: w.Clock.State(), Tokens: w.tokens.Load(), IDs: w.ids.Load(),
		Fakes: map[string]*FakeImage{}}
	for name := range m.states {
		img.Fakes[name] = nil
	}
	for _, s := range states {
		name := s.fake.Name
		if f := s.changes(m.states[name]); f != nil {
			img.Fakes[name] = f
		} else {
			delete(img.Fakes, name)
		}
	}
	if w.based.Load() != m.base {
		img.Base, err = w.base()
	}
	counted := img.Clock != m.clock || img.Tokens != m.tokens || img.IDs != m.ids
	return img, len(img.Fakes) > 0 || img.Outline != nil || img.Base != nil || counted, err
}

// changes returns what differs from a mark, nil for nothing. A table that is gone or was made again
// under its name can mean that the fake reads its rows in another way, so then all rows go.
func (s *State) changes(since *stateMark) *FakeImage {
	if since == nil || since.state != s {
		return s.image()
	}
	out, known := &FakeImage{Tables: map[string]TableImage{}}, map[table.Any]bool{}
	for t, rows := range since.rows.all() {
		if known[t] = true; s.tables[t.Name()] != t {
			return s.image()
		}
		if changed := tableImage(t, rows); len(changed.Rows) > 0 {
			out.Tables[t.Name()] = changed
		}
	}
	for name, t := range s.tables {
		if !known[t] {
			out.Tables[name] = tableImage(t, nil)
		}
	}
	if !maps.Equal(since.numbers, s.numbers) {
		out.Numbers = maps.Clone(s.numbers)
	}
	if len(out.Tables) == 0 && out.Numbers == nil {
		return nil
	}
	return out
}

// GoBack makes the world as it was at the mark.
func (w *World) GoBack() error {
	_, unlock := w.lockAll()
	defer unlock()
	m := w.mark
	if w.outlineVersion() != m.outline {
		if err := w.applyOutline(m.saved); err != nil {
			return err
		}
		m.outline = w.outlineVersion()
	}
	w.tokens.Store(m.tokens)
	w.ids.Store(m.ids)
	w.Clock.Restore(m.clock)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.kept, w.keptIDs = m.kept, m.keptIDs
	w.based.Store(m.base)
	clear(w.states)
	for name, was := range m.states {
		w.states[name] = was.state
		was.goBack()
	}
	undone := min(max(0, len(w.history)+w.undo.Dropped-m.moments), len(w.history))
	for _, moment := range w.history[len(w.history)-undone:] {
		w.undo.Bytes -= moment.bytes
	}
	w.history = w.history[:len(w.history)-undone]
	return nil
}

func (m *stateMark) goBack() {
	s := m.state
	tables := map[string]table.Any{}
	for t, rows := range m.rows.all() {
		if tables[t.Name()] = t; t.Copy() != rows {
			t.PutBack(rows)
		}
	}
	s.tables, s.set, s.numbers, s.frozen, s.later = tables, nil, maps.Clone(m.numbers), nil, nil
}
