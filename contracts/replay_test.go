package contracts

import (
	"context"
	"os"
	"testing"
)

// recordings loads the recorded cases of the repository.
func recordings(t *testing.T) []*Case {
	t.Helper()
	suite, err := Load(os.DirFS(".."), Config{Fakes: []string{"flosum", "twenty", "flexcrm", "kickflow"}}, "fixtures")
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

// A server that answers as the recorded one did, but with its own identifiers, times, orders of identifiers
// and object keys, passes every recording.
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
