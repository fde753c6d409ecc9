package intercept

import (
	"errors"
	"sync"
	"time"
)

// ErrNoRequest is reported for a client that closes its connection without a request, in the middle of the handshake or
// after it. Node and Java do that if they do not trust the certificate.
var ErrNoRequest = errors.New("it closed the connection without a request")

// together is how near in time a connection without a request has to be to a request for both to be of the same
// program: programs that start many requests at once open connections that they do not need.
const together = time.Second

// attempts follows connections until it is known whether they are used.
type attempts struct {
	failed  func(error) // nil stands for nothing
	open    sync.WaitGroup
	mu      sync.Mutex
	served  time.Time   // when the last connection turned out to be used
	unused  time.Time   // when a connection was closed without a request
	pending *time.Timer // reports it
}

// attempt is a connection of which that is not known yet.
type attempt struct {
	all  *attempts
	once sync.Once
}

func (a *attempts) begin() *attempt {
	a.open.Add(1)
	return &attempt{all: a}
}

// used ends an attempt whose client asks for something.
func (t *attempt) used() {
	t.once.Do(func() {
		t.all.mu.Lock()
		t.all.served = time.Now()
		t.all.mu.Unlock()
		t.all.open.Done()
	})
}

// plain ends an attempt that is not over TLS.
func (t *attempt) plain() { t.once.Do(t.all.open.Done) }

// fail ends an attempt with an error. It does nothing if the connection was used.
func (t *attempt) fail(err error) {
	t.once.Do(func() {
		if err == ErrNoRequest {
			t.all.wait()
		} else if t.all.failed != nil {
			t.all.failed(err)
		}
		t.all.open.Done()
	})
}

// wait reports ErrNoRequest later, unless a request comes in that time.
func (a *attempts) wait() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.pending == nil {
		a.unused, a.pending = time.Now(), time.AfterFunc(together, a.report)
	}
}

// report reports ErrNoRequest if that is pending.
func (a *attempts) report() {
	a.mu.Lock()
	pending, alone := a.pending, a.served.Before(a.unused.Add(-together))
	a.pending = nil
	a.mu.Unlock()
	if pending != nil {
		pending.Stop()
		if alone && a.failed != nil {
			a.failed(ErrNoRequest)
		}
	}
}

// settle waits until every connection is used or closed, at most for d, and reports what is pending.
func (a *attempts) settle(d time.Duration) {
	settled := make(chan struct{})
	go func() {
		a.open.Wait()
		close(settled)
	}()
	select {
	case <-settled:
	case <-time.After(d):
	}
	a.report()
}
