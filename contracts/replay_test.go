package contracts

import (
	"sync"
	"testing"

	"github.com/afba07b5/mockserver/internal/race"
	"github.com/afba07b5/mockserver/mocks"
)

// loaded are the cases of the repository, which take seconds to load under the race detector.
var loaded = sync.OnceValues(func() (*Suite, error) {
	return Load(race.Cases("../fixtures"), Config{Defs: mocks.All(), Seed: "default"}, ".")
})

// allCases returns the cases of the repository.
func allCases(t *testing.T) *Suite {
	t.Helper()
	suite, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return suite
}

// recordings returns the recorded cases of the repository.
func recordings(t *testing.T) []*Case {
	t.Helper()
	var recorded []*Case
	for _, c := range allCases(t).Cases {
		if !c.handWritten {
			recorded = append(recorded, c)
		}
	}
	return recorded
}
