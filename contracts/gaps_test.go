package contracts

import (
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/contracts/compare"
)

// TestKnownGapsOfListsStay checks that a gap covers a difference of a list only if it covers all
// that the comparison found.
func TestKnownGapsOfListsStay(t *testing.T) {
	t.Parallel()
	c := &compare.Comparison{Binding: compare.NewBinding("2026-11-21"), Rules: &compare.Rules{}}
	c.CompareBody("application/json", `[1,2,3]`, `[1,3]`) // found at [1] and [2], explained as [1]
	found := c.Explain()
	if len(found) != 1 || found[0].Path != "$[1]" || strings.Join(found[0].Places(), " ") != "$[1] $[2]" {
		t.Fatalf("%v", found)
	}
	for _, test := range []struct {
		gaps  []*Gap
		known bool
	}{
		{[]*Gap{{Path: "$[1]"}}, false}, {[]*Gap{{Path: "$[1]", Reason: "x"}, {Path: "$[2]", Reason: "x"}}, true},
		{[]*Gap{{Path: "$", Reason: "x"}}, true},
	} {
		r := Result{Differences: found}
		for _, g := range test.gaps {
			if !g.markOne(&r) {
				t.Errorf("%s is closed", g.Path)
			}
		}
		if r.Pending() != test.known {
			t.Errorf("%v: pending is %v", test.gaps, r.Pending())
		}
	}
}
