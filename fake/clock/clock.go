// Package clock provides the clock of a world.
package clock

import (
	"sync"
	"time"
)

// Earliest and Latest bound the times that a clock shows: JSON and HTTP write years with four digits.
var (
	Earliest = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	Latest   = time.Date(9999, 12, 31, 23, 59, 59, 999_000_000, time.UTC)
)

// Clock is the clock of one world: the real time, moved or frozen. Times are UTC with millisecond
// precision. It is safe for concurrent use. Stamps of writes never run backwards.
type Clock struct {
	mu    sync.Mutex
	state State
}

// State is the saved form of a clock. The zero State shows the real time.
type State struct {
	Moved  bool      `json:"moved"`
	Frozen bool      `json:"frozen"`
	At     time.Time `json:"at"`    // the time the clock was moved to
	Since  time.Time `json:"since"` // the real time of that move
	Last   time.Time `json:"last"`  // the newest stamp
}

// State returns the state of the clock.
func (c *Clock) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// Restore sets the clock to a state.
func (c *Clock) Restore(s State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = s
}

// move changes the time and drops the newest stamp if it is later.
func (c *Clock) move(s State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s.Last = c.state.Last
	c.state = s
	if c.read().Before(s.Last) {
		c.state.Last = time.Time{}
	}
}

// Now returns the world's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	if now := c.read(); !now.Before(c.state.Last) {
		return now
	}
	return c.state.Last
}

// read returns the time without regard to stamps.
func (c *Clock) read() time.Time {
	now := time.Now().UTC().Truncate(time.Millisecond)
	switch {
	case c.state.Frozen:
		return c.state.At
	case c.state.Moved:
		now = c.state.At.Add(now.Sub(c.state.Since))
	}
	if now.After(Latest) {
		return Latest
	}
	return now
}

// Stamp returns the instant of the next write: a millisecond that no earlier write has.
func (c *Clock) Stamp() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if !now.After(c.state.Last) && c.state.Last.Before(Latest) {
		now = c.state.Last.Add(time.Millisecond)
	}
	c.state.Last = now
	return now
}

// Frozen reports whether the clock stands still between writes.
func (c *Clock) Frozen() bool { return c.State().Frozen }

// Moved reports whether the clock differs from the real time.
func (c *Clock) Moved() bool { return c.State().Moved }

// Set sets the clock to t, between Earliest and Latest. If frozen is true, the clock stops there.
// Moving the clock back drops the newest stamp.
func (c *Clock) Set(t time.Time, frozen bool) {
	c.move(State{Moved: true, Frozen: frozen, At: t.UTC().Truncate(time.Millisecond),
		Since: time.Now().UTC().Truncate(time.Millisecond)})
}

// Reset makes the clock show the real time again.
func (c *Clock) Reset() { c.move(State{}) }
