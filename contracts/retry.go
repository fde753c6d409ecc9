package contracts

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// The delays and the number of retries for a real service that answers 429 to a case that is not
// about limits.
const (
	longestWait = 2 * time.Minute
	usualWait   = 15 * time.Second // if the service does not say how long
	mostWaits   = 3
)

// retryOn429 repeats a request after the service's limit has passed. It returns the last answer.
func retryOn429(ctx context.Context, r *http.Request,
	send func(*http.Request) (*http.Response, error)) (*http.Response, error) {
	for waited := 0; ; waited++ {
		res, err := send(r)
		if err != nil || res.StatusCode != http.StatusTooManyRequests || waited == mostWaits {
			return res, err
		}
		res.Body.Close()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(untilReset(res.Header, time.Now())):
		}
		if r.GetBody != nil {
			if r.Body, err = r.GetBody(); err != nil {
				return nil, err
			}
		}
	}
}

// untilReset returns the delay that the service asks for: Retry-After in seconds, or
// RateLimit-Reset, which is seconds or a Unix time, depending on the vendor.
func untilReset(h http.Header, now time.Time) time.Duration {
	for _, name := range []string{"Retry-After", "RateLimit-Reset"} {
		n, err := strconv.ParseInt(h.Get(name), 10, 64)
		switch {
		case err != nil || n < 0:
			continue
		case n > 1_000_000_000:
			return min(max(0, time.Unix(n, 0).Sub(now)), longestWait)
		}
		return min(time.Duration(n)*time.Second, longestWait)
	}
	return usualWait
}
