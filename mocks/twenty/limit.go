package twenty

import (
	"fmt"
	"math"
	"net/http"
	"sync"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// bucket is one rate limit of a workspace. It refills by whole tokens since the last one was taken.
type bucket struct {
	most   int
	window time.Duration
	left   int
	taken  time.Time
}

// limiter holds a workspace's buckets. They stay as they are when a request is undone.
type limiter struct {
	mu      sync.Mutex
	buckets []*bucket
}

func newLimiter() *limiter {
	return &limiter{buckets: []*bucket{
		{most: 100, window: time.Minute, left: 100}, // fixtures/twenty/rate_limit
		{most: 100, window: time.Second, left: 100}, // the server's other default
	}}
}

// take takes a token for an operation on records: only callers with an API key pay, and only once their
// query is understood (fixtures/twenty/rate_limit).
func (a *api) take(caller *schema.Caller) error {
	if caller == nil || caller.Key == nil || a.World().Settings().LimitsOff {
		return nil
	}
	a.limits.mu.Lock()
	defer a.limits.mu.Unlock()
	now := a.Now()
	for _, b := range a.limits.buckets {
		if b.available(now) < 1 {
			return &fake.Error{Status: http.StatusTooManyRequests,
				Rule:    "the workspace's rate limit is used up; --limits off switches limits off",
				Source:  "fixtures/twenty/rate_limit",
				Message: fmt.Sprintf("Limit reached (%d tokens per %d ms)", b.most, b.window.Milliseconds())}
		}
	}
	for _, b := range a.limits.buckets {
		b.left, b.taken = b.available(now)-1, now
	}
	return nil
}

func (b *bucket) available(now time.Time) int {
	if b.taken.IsZero() {
		return b.left
	}
	back := math.Floor(float64(now.Sub(b.taken)) / float64(b.window) * float64(b.most))
	return min(b.most, b.left+max(0, int(min(back, float64(b.most)))))
}
