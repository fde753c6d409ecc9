package webhook

import "sync"

// underway counts deliveries in flight. Unlike with a sync.WaitGroup, callers may wait while others
// add.
type underway struct {
	mu   sync.Mutex
	n    int
	idle chan struct{} // closed when n falls to 0; nil without waiters
}

// Add adds n to the count.
func (u *underway) Add(n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.n += n; u.n == 0 && u.idle != nil {
		close(u.idle)
		u.idle = nil
	}
}

// Done subtracts one from the count.
func (u *underway) Done() { u.Add(-1) }

// none returns a channel that is closed once the count is zero.
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
