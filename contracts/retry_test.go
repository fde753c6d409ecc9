package contracts

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestALimitIsWaitedFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ rejections, want, sent int }{
		"none": {0, 200, 1}, "one": {1, 200, 2}, "as many as are waited for": {mostWaits, 200, mostWaits + 1},
		"more": {mostWaits + 5, 429, mostWaits + 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := http.NewRequest("POST", "http://vendor.example/", strings.NewReader("body"))
			if err != nil {
				t.Fatal(err)
			}
			sent := 0
			res, err := retryOn429(context.Background(), r, func(r *http.Request) (*http.Response, error) {
				if body, _ := io.ReadAll(r.Body); string(body) != "body" {
					t.Errorf("request %d has the body %q", sent, body)
				}
				if sent++; sent <= c.rejections {
					return &http.Response{
						StatusCode: 429,
						Header:     http.Header{"Retry-After": {"0"}},
						Body:       http.NoBody,
					}, nil
				}
				return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
			})
			if err != nil || res.StatusCode != c.want || sent != c.sent {
				t.Errorf("%v, %v after %d requests", res, err, sent)
			}
		})
	}
}

func TestWaitingEndsWithTheRun(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r, err := http.NewRequest("GET", "http://vendor.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = retryOn429(ctx, r, func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 429, Body: http.NoBody}, nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestUntilReset(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	for header, want := range map[string]time.Duration{
		"Retry-After: 7": 7 * time.Second, "RateLimit-Reset: 30": 30 * time.Second,
		"RateLimit-Reset: 1800000042": 42 * time.Second, "RateLimit-Reset: 1700000000": 0,
		"Retry-After: 99999": longestWait, "Retry-After: soon": usualWait, "Other: 1": usualWait,
	} {
		name, value, _ := strings.Cut(header, ": ")
		h := http.Header{}
		h.Set(name, value)
		if got := untilReset(h, now); got != want {
			t.Errorf("%s: %v, want %v", header, got, want)
		}
	}
}
