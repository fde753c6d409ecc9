// Package clock is the time of a world.
package clock

import (
	"sync"
	"time"
)

// Clock is the time of one world: the real time, moved by an offset or frozen. All times have millisecond
// precision and are UTC. It is safe for concurrent use and never runs backwards for stamps of writes.
type Clock struct {
	mu     sync.Mutex
	frozen bool
	at     time.Time     // the time while frozen
	offset time.Duration // what is added to the real time otherwise
	last   time.Time     // the newest stamp
}

// Now returns the world's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.read()
}

func (c *Clock) read() time.Time {
	now := c.at
	if !c.frozen {
		now = time.Now().UTC().Truncate(time.Millisecond).Add(c.offset)
	}
	if now.Before(c.last) {
		return c.last
	}
	return now
}

// Stamp returns the instant of the next write: a millisecond that no write before it had.
func (c *Clock) Stamp() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.read()
	if !now.After(c.last) {
		now = c.last.Add(time.Millisecond)
	}
	c.last = now
	return now
}

// Frozen reports whether the clock stands still between writes.
func (c *Clock) Frozen() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.frozen
}

// Set puts the clock to a time; a frozen clock stays there. Setting it back forgets the newest stamp.
func (c *Clock) Set(t time.Time, frozen bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t = t.UTC().Truncate(time.Millisecond)
	c.frozen, c.at, c.offset = frozen, t, t.Sub(time.Now().UTC().Truncate(time.Millisecond))
	if t.Before(c.last) {
		c.last = time.Time{}
	}
}
