package world

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/afba07b5/mockserver/fake/nearest"
	"github.com/afba07b5/mockserver/fake/table"
)

// RowWrite is one write of a row. Entry is the journal position of the request, 0 for a job or a control. Before is
// empty for the write that made the row, After for the one that deleted it.
type RowWrite struct {
	Entry  int             `json:"entry"`
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
}

// RowHistory returns the writes of one row that the world still knows, the newest first.
func (w *World) RowHistory(fake, name, id string) ([]RowWrite, error) {
	s, err := w.State(fake)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	t := s.tables[name]
	if t == nil {
		return nil, fmt.Errorf("%s has no table %q%s", fake, name,
			nearest.Hint(name, slices.Collect(maps.Keys(s.tables))))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	out, now := []RowWrite{}, t.RowIn(nil, id)
	for _, m := range slices.Backward(w.history) {
		before, ok := m.done.before[t]
		if !ok || m.state != s {
			continue
		}
		old := t.RowIn(before, id)
		if !bytes.Equal(old, now) {
			out = append(out, RowWrite{m.entry, json.RawMessage(old), json.RawMessage(now)})
		}
		now = old
	}
	return out, nil
}

// RewindBefore undoes the request of a journal entry and every write after it; see Rewind.
func (w *World) RewindBefore(entry string) (int, error) {
	at, err := w.moment(entry, true)
	if err != nil {
		return 0, err
	}
	return w.undoAll(at-1, func() []moment { return w.from(at) }), nil
}

// NewWorldBefore makes a world like NewWorld, as a copy of what another was right before a journal entry. Like a
// rewind it leaves clock, numbers and identifiers as they are now.
func (u *Worlds) NewWorldBefore(name string, settings Settings, from *World, entry string,
	prepare ...func(*World) error) (*World, error) {
	at, err := from.moment(entry, true)
	if err != nil {
		return nil, err
	}
	return u.newWorldFrom(name, settings, from, at, prepare)
}

// copyInto gives a new world the rows that this one had right before a journal entry.
func (w *World) copyInto(c *World, at int) error {
	if err := w.buildIssued(); err != nil {
		return err
	}
	states, unlock := w.lockAll()
	defer unlock()
	c.origins = map[string]*origin{}
	w.mu.Lock()
	maps.Copy(c.origins, w.origins)
	copies, sets := past(w.from(at))
	w.mu.Unlock()
	for _, s := range states {
		if at != now {
			past, err := s.snapshotAt(copies, sets[s]).restore(c)
			if err != nil {
				return err
			}
			s = past
		}
		c.origins[s.fake.Name] = s.freeze()
	}
	c.ids.Store(w.ids.Load())
	c.nonces = append(c.nonces, w.nonces...)
	settings := c.Settings()
	settings.Seeds = w.Settings().Seeds
	c.settings.Store(&settings)
	c.Clock.Restore(w.Clock.State())
	w.Stubs.CopyTo(&c.Stubs)
	return nil
}

// buildIssued builds the fakes that have credentials only as counters.
func (w *World) buildIssued() error {
	w.mu.Lock()
	issued := w.issued
	w.mu.Unlock()
	for name := range issued {
		if _, err := w.State(name); err != nil {
			return err
		}
	}
	return nil
}

// snapshotAt is snapshot with the tables, and the copies of tables, of an earlier moment; nil stands for those of now.
func (s *State) snapshotAt(copies map[table.Any]any, set map[string]table.Any) snapshot {
	if set == nil {
		set = s.tables
	}
	rows := make(map[string]any, len(set))
	for name, t := range set {
		if past, ok := copies[t]; ok {
			rows[name] = past
		} else {
			rows[name] = t.Copy()
		}
	}
	return snapshot{s.fake, maps.Clone(s.numbers), rows, s.seed}
}

// Due returns the jobs that wait for the world's clock, the next first.
func (w *World) Due() (jobs []Job, err error) {
	if err := w.Build(); err != nil {
		return nil, err
	}
	for s := range w.locked() {
		jobs = slices.AppendSeq(jobs, s.jobs.All())
	}
	slices.SortStableFunc(jobs, func(a, b Job) int { return a.Due.Compare(b.Due) })
	return jobs, nil
}
