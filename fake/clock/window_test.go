package clock

import (
	"testing"
	"time"
)

func TestWindowCountsByKeyAndTime(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	var w Window
	for _, step := range []struct {
		key   string
		after time.Duration
		n     int
		end   time.Duration
	}{
		{"a", 10 * time.Second, 1, time.Minute},
		{"a", 59 * time.Second, 2, time.Minute},
		{"b", 59 * time.Second, 1, time.Minute},
		{"a", time.Minute, 1, 2 * time.Minute},
		{"a", 10 * time.Second, 1, time.Minute}, // the clock moved back
	} {
		n, end := w.Count(step.key, noon.Add(step.after), time.Minute)
		if n != step.n || !end.Equal(noon.Add(step.end)) {
			t.Errorf("%s after %v: %d until %v, want %d until %v", step.key, step.after, n, end, step.n,
				noon.Add(step.end))
		}
	}
}
