package contracts

import (
	"slices"
	"testing"

	"github.com/afba07b5/mockserver/contracts/compare"
	"github.com/afba07b5/mockserver/contracts/jsontree"
)

// TestWrongNumberInAnotherWorkspace checks that a case whose answer names another thing fails in another workspace.
func TestWrongNumberInAnotherWorkspace(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"flexcrm", "flosum"} {
		suite, _, foreign := anotherWorkspace(t, name)
		tried := 0
		for _, c := range suite.Cases {
			if wrong := withWrongNumber(c); wrong != nil {
				tried++
				if out := wrong.replay(t.Context(), foreign); out.Err == nil && out.Skipped == "" &&
					!slices.ContainsFunc(out.Results, func(r Result) bool { return len(r.Differences) > 0 }) {
					t.Errorf("%s passes with another thing in an answer", c.Name)
				}
			}
		}
		if tried < 3 {
			t.Errorf("%s: %d cases name a standing thing in an answer", name, tried)
		}
	}
}

// withWrongNumber returns a case in which the last answer that names a standing thing names another one, or nil.
func withWrongNumber(c *Case) *Case {
	for n, i := range slices.Backward(c.interactions) {
		body, err := jsontree.Parse(i.Result)
		if err != nil {
			continue
		}
		all, done := c.rules.NumbersOf(i), false
		body.Each("$", func(v *jsontree.Node, path string) {
			if done || v.Kind != jsontree.Number {
				return
			}
			v.Text = compare.ReplaceAt(all, path, v.Text, func(of, id string) string {
				done = slices.ContainsFunc(c.rules.Standing, func(s *Standing) bool { return s.Of == of && s.ID == id })
				if done {
					return "7" + id
				}
				return id
			})
		})
		if done {
			other, changed := *c, *i
			changed.Result = body.String()
			other.interactions = slices.Clone(c.interactions)
			other.interactions[n] = &changed
			return &other
		}
	}
	return nil
}
