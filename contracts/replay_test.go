package contracts

import (
	"context"
	"sync"
	"testing"

	"github.com/afba07b5/mockserver/internal/race"
	"github.com/afba07b5/mockserver/mocks"
)

// loaded are the cases of the repository, which take seconds to load under the race detector.
var loaded = sync.OnceValues(func() (*Suite, error) {
	return Load(race.Cases("../fixtures"), Config{Defs: mocks.All()}, ".")
})

// recordings returns the recorded cases of the repository.
func recordings(t *testing.T) []*Case {
	t.Helper()
	suite, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	var recorded []*Case
	for _, c := range suite.Cases {
		if !c.handWritten {
			recorded = append(recorded, c)
		}
	}
	return recorded
}

// TestFaithfulServerPasses checks that a server that answers like the recorded one, with other
// identifiers, times, orders of identifiers and of object keys, passes every recording.
func TestFaithfulServerPasses(t *testing.T) {
	t.Parallel()
	for _, c := range recordings(t) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			out := c.replay(context.Background(), newEcho(c))
			if out.Err != nil {
				t.Fatal(out.Err)
			}
			for _, r := range out.Results {
				for _, d := range r.Differences {
					t.Errorf("#%d %s: %s", r.Number, r.Request, d)
				}
			}
		})
	}
}
