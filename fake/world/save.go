package world

import (
	"slices"

	"github.com/afba07b5/mockserver/fake/clock"
	"github.com/afba07b5/mockserver/fake/table"
)

// Saved is the part of a world that is written to a file beside the rows: everything except the journal
// and the rate limits.
type Saved struct {
	Outline                 // without Issued: the rows of the baseline have the credentials
	Clock       clock.State `json:"clock"`
	Tokens      uint64      `json:"tokens"`
	IDs         uint64      `json:"ids"`
	BaselineIDs uint64      `json:"baselineIds,omitempty"`
}

// SavedCredential is a credential registered with RegisterCredential.
type SavedCredential struct {
	Fake  string `json:"fake"`
	Value string `json:"value"`
}

// Version returns a number that changes whenever the result of Save changes.
func (w *World) Version() uint64 { return w.changes.Load() + w.Faults.Version() + w.Stubs.Version() }

// Save returns the state of the world, its rows, and those that Reset restores, nil for those of the seeds. The rows
// are encoded as they are read, as they were at the time of the call.
func (w *World) Save() (out Saved, rows, baseline map[string]table.Tables, err error) {
	out = Saved{Outline: *w.outline(), Clock: w.Clock.State()}
	out.Issued = nil
	if err := w.Build(); err != nil {
		return out, nil, nil, err
	}
	rows = w.Tables()
	out.Tokens, out.IDs = w.tokens.Load(), w.ids.Load() // after the rows: none may be ahead of its counter
	out.Registered = w.registered()
	w.mu.Lock()
	defer w.mu.Unlock()
	out.BaselineIDs = w.keptIDs
	baseline, err = w.baseline()
	return out, rows, baseline, err
}

// baseline returns the rows that Reset restores, or nil for those of the seeds. The caller must
// hold the lock.
func (w *World) baseline() (map[string]table.Tables, error) {
	if w.kept == nil && w.issued == nil && w.origins == nil {
		return nil, nil
	}
	out := map[string]table.Tables{}
	for _, name := range w.worlds.names {
		s, err := w.baselineOf(name)
		if err != nil {
			return nil, err
		}
		out[name] = s.content()
	}
	return out, nil
}

// baselineOf returns the rows that Reset restores for one fake, as a State.
func (w *World) baselineOf(name string) (*State, error) {
	if kept, ok := w.kept[name]; ok {
		return kept.restore(w)
	}
	return w.build(w.worlds.fakes[name], false)
}

// Restore sets an unused world to a saved state, whose rows are read from somewhere. A nil baseline
// stands for the seeds. After an error the world is partly restored and must be dropped.
func (w *World) Restore(from Saved, rows, baseline map[string]table.Tables) error {
	if err := w.applyOutline(&from.Outline); err != nil {
		return err
	}
	w.Clock.Restore(from.Clock)
	w.tokens.Store(from.Tokens)
	if baseline != nil {
		if err := w.LoadTables(baseline); err != nil {
			return err
		}
		w.SetBaseline()
		w.mu.Lock()
		w.keptIDs = from.BaselineIDs
		w.mu.Unlock()
	}
	if err := w.LoadTables(rows); err != nil {
		return err
	}
	w.Clock.Restore(from.Clock) // drop the stamps that loading took
	w.ids.Store(from.IDs)
	return nil
}

// SetBaseline makes Reset restore the present rows instead of the seeds.
func (w *World) SetBaseline() {
	states, unlock := w.lockAll()
	defer unlock()
	kept := map[string]snapshot{}
	for _, s := range states {
		kept[s.fake.Name] = s.snapshot()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.kept, w.keptIDs = kept, w.ids.Load()
	w.based.Add(1)
	w.changes.Add(1)
}

// registered returns the credentials that the world's fakes have registered.
func (w *World) registered() []SavedCredential {
	w.worlds.mu.RLock()
	defer w.worlds.mu.RUnlock()
	return slices.Clone(w.owned)
}
