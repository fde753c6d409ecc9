package webhook

import "sync"

// underway counts deliveries. Unlike a sync.WaitGroup it may be waited for while others begin.
type underway struct {
	mu   sync.Mutex
	n    int
	idle chan struct{} // closed when n falls to 0; nil if nobody waits
}

// Add counts n more.
func (u *underway) Add(n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.n += n; u.n == 0 && u.idle != nil {
		close(u.idle)
		u.idle = nil
	}
}

// Done counts one less.
func (u *underway) Done() { u.Add(-1) }

// none returns a channel that is closed once nothing is under way.
func (u *underway) none() <-chan struct{} {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.n == 0 {
		done := make(chan struct{})
		close(done)
		return done
	}
	if u.idle == nil {
		u.idle = make(chan struct{})
	}
	return u.idle
}
