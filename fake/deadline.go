package fake

import (
	"context"
	"time"
)

// Limit gives the work on a request that much time: then the Err of its HTTP.Context says so. There is no timer and
// Done tells nothing of it, so whoever works has to ask now and then.
func (r *Request) Limit(d time.Duration) {
	ctx := r.HTTP.Context()
	r.HTTP = r.HTTP.WithContext(limited{ctx, time.Now().Add(d)})
}

type limited struct {
	context.Context
	end time.Time
}

// Err implements context.Context.
func (l limited) Err() error {
	if err := l.Context.Err(); err != nil || time.Now().Before(l.end) {
		return err
	}
	return context.DeadlineExceeded
}
