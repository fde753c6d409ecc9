package clock_test

import (
	"testing"
	"time"

	"github.com/afba07b5/mockserver/fake/clock"
)

func TestNoTwoStampsShareAMillisecond(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for name, freeze := range map[string]bool{"running": false, "frozen": true} {
		var c clock.Clock
		c.Set(noon, freeze)
		last := c.Stamp()
		for range 1000 {
			next := c.Stamp()
			if !next.After(last) || next != next.Truncate(time.Millisecond) || next.Location() != time.UTC {
				t.Fatalf("%s: %v after %v", name, next, last)
			}
			last = next
		}
		if c.Now().Before(last) {
			t.Errorf("%s: now %v is before the newest stamp %v", name, c.Now(), last)
		}
	}
}

func TestAFrozenClockStands(t *testing.T) {
	t.Parallel()
	var c clock.Clock
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	c.Set(noon, true)
	for range 2 {
		if c.Now() != noon || !c.Frozen() {
			t.Errorf("now %v, frozen %v", c.Now(), c.Frozen())
		}
	}
	c.Stamp()
	c.Stamp()
	c.Set(noon.Add(-time.Hour), true)
	if got := c.Stamp(); got != noon.Add(-time.Hour) {
		t.Errorf("a clock that was set back stamps %v", got)
	}
}
