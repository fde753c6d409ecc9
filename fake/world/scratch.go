package world

import (
	"fmt"
	"slices"

	"github.com/afba07b5/mockserver/fake/journal"
)

// Scratch returns a copy of the world, with one fake, to try requests in: no list has it, nothing in it reaches the
// world, and it sends no webhooks and has no rate limits. exact reports that the copy is the world as it was just
// before the journal entry, with the clock of that moment; if the writes since then cannot be undone any more, it is
// the world as it is now.
func (w *World) Scratch(fake string, before *journal.Entry) (c *World, exact bool, err error) {
	if _, err := w.State(fake); err != nil {
		return nil, false, err
	}
	settings := w.Settings()
	settings.LimitsOff = true
	c = newWorld(w.worlds, w.Name, settings)
	c.scratch, c.nonces = true, slices.Clone(w.nonces)
	c.Stubs.Start(nil) // the fake is asked, not a stub
	states, unlock := w.lockAll()
	defer unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	at := slices.IndexFunc(states, func(s *State) bool { return s.fake.Name == fake })
	if at < 0 || w.states[fake] != states[at] {
		return nil, false, fmt.Errorf("%s: a reset came between", fake)
	}
	exact = before.Position > w.forgotten
	rows := states[at].snapshot()
	if exact {
		copies, sets := past(w.from(before.Position))
		rows = states[at].snapshotAt(copies, sets[states[at]])
	}
	if c.states[fake], err = rows.restore(c); err != nil {
		return nil, false, err
	}
	c.ids.Store(w.ids.Load())
	c.tokens.Store(w.tokens.Load())
	c.Clock.Restore(w.Clock.State())
	if exact {
		c.Clock.Set(before.At, true)
	}
	return c, exact, nil
}
