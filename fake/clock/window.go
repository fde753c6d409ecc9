package clock

import (
	"sync"
	"time"
)

// Window counts in windows of one length, which begin at multiples of it: requests, for a vendor that allows so many a
// minute. The zero value is ready to use. A Window is safe for concurrent use.
type Window struct {
	mu    sync.Mutex
	end   time.Time
	count map[string]int
}

// Count adds one for a key. It returns how many the key has in the window of now, and when that window ends.
func (w *Window) Count(key string, now time.Time, length time.Duration) (n int, end time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if end = now.Truncate(length).Add(length); !end.Equal(w.end) {
		w.end, w.count = end, map[string]int{}
	}
	w.count[key]++
	return w.count[key], end
}
