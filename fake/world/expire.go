package world

import "time"

// idle reports whether a world has been unused for longer than Options.IdleExpiry. Stored worlds
// expire in their Store.
func (u *Worlds) idle(w *World, now time.Time) bool {
	return u.store == nil && w.Name != defaultWorld && now.Sub(w.LastUsed()) > u.options.IdleExpiry
}

// expire drops idle worlds. Unless must is set, it looks at all worlds at most once a second.
func (u *Worlds) expire(must bool) {
	now := time.Now()
	var old []*World
	u.mu.Lock()
	if must || now.Sub(u.swept) > time.Second {
		u.swept = now
		for _, w := range u.worlds {
			if u.idle(w, now) {
				old = append(old, w)
			}
		}
	}
	u.mu.Unlock()
	for _, w := range old {
		u.forget(w)
	}
}

// Used records that the world has just answered a request.
func (w *World) Used() { w.SetUsed(time.Now()) }

// SetUsed records when the world last answered a request.
func (w *World) SetUsed(at time.Time) { w.used.Store(at.Unix()) }

// LastUsed returns when the world last answered, on the real clock.
func (w *World) LastUsed() time.Time { return time.Unix(w.used.Load(), 0) }
