package contracts

import (
	"testing"
	"time"

	"github.com/afba07b5/mockserver/mocks"
)

// TestTheClockStandsWhereLimitsCount checks that a limit does not end while a slow machine sends its requests.
func TestTheClockStandsWhereLimitsCount(t *testing.T) {
	t.Parallel()
	target, err := InProcess(mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, off := range []bool{false, true} {
		w, err := target.World(t.Context(), Start{Fake: "twenty", Seed: "empty", LimitsOff: off})
		if err != nil {
			t.Fatal(err)
		}
		clock := &w.(*localWorld).world.Clock
		before := clock.Now()
		if err := w.Advance(time.Minute); err != nil {
			t.Fatal(err)
		}
		if clock.Frozen() == off {
			t.Errorf("without limits %v: the clock stands: %v", off, clock.Frozen())
		}
		if moved := clock.Now().Sub(before); moved < time.Minute || !off && moved > time.Minute {
			t.Errorf("without limits %v: a minute's advance moves the clock by %v", off, moved)
		}
	}
}
