package fake

import (
	"context"
	"time"
)

// Limit sets a deadline for the work on a request. After it, the Err of its HTTP.Context reports
// the timeout. There is no timer and Done is not closed, so long work has to check Err now and
// then.
func (r *Request) Limit(d time.Duration) {
	ctx := r.HTTP.Context()
	r.HTTP = r.HTTP.WithContext(limited{ctx, time.Now().Add(d)})
	r.context.SetRequest(r.HTTP)
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
