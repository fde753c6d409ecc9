// Package clock is the time of a world.
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

// Clock is the time of one world: the real time, moved or frozen. All times have millisecond precision and are
// UTC. It is safe for concurrent use and never runs backwards for stamps of writes.
type Clock struct {
	mu    sync.Mutex
	state State
}

// State is what a saved world keeps of its clock. The zero State is the real time.
type State struct {
	Moved  bool      `json:"moved"`
	Frozen bool      `json:"frozen"`
	At     time.Time `json:"at"`    // the time when it was moved
	Since  time.Time `json:"since"` // the real time then
	Last   time.Time `json:"last"`  // the newest stamp
}

// State returns the state of the clock.
func (c *Clock) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// Restore puts the clock back into a state.
func (c *Clock) Restore(s State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = s
}

// move changes the time and forgets a newest stamp that is later.
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

// Stamp returns the instant of the next write: a millisecond that no write before it had.
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

// Moved reports whether the clock shows another time than the real one.
func (c *Clock) Moved() bool { return c.State().Moved }

// Set puts the clock to a time from Earliest to Latest; a frozen clock stays there. Setting it back forgets the
// newest stamp.
func (c *Clock) Set(t time.Time, frozen bool) {
	c.move(State{Moved: true, Frozen: frozen, At: t.UTC().Truncate(time.Millisecond), Since: time.Now().UTC().Truncate(time.Millisecond)})
}

// Reset makes the clock show the real time again.
func (c *Clock) Reset() { c.move(State{}) }
