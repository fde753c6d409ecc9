package control

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// near is the operation that a request without one comes nearest to.
type near struct {
	Operation string `json:"operation"`
	Method    string `json:"method"`
	Path      string `json:"path"`
	Why       string `json:"why"`
}

// nearestOperation finds the operation whose path and method differ least from a request's.
func (c *call) nearestOperation(e *fake.Entry) *near {
	path, _, _ := strings.Cut(rooted(e.Fake, e.URL), "?")
	def := c.plane.srv.Def(e.Fake)
	if def == nil {
		return nil
	}
	least := math.MaxInt
	byPath := map[string]near{} // those that differ least
	for _, op := range def.Spec.Operations() {
		cost, why := differs(e.Method, segments(path), op)
		if cost < least {
			least = cost
			clear(byPath)
		}
		if cost == least {
			byPath[op.Path] = near{Operation: op.ID, Method: op.Method, Path: op.Path, Why: why}
		}
	}
	paths := slices.Sorted(maps.Keys(byPath))
	if len(paths) == 0 {
		return nil
	}
	best, ok := byPath[fake.Nearest(path, paths)]
	if !ok {
		best = byPath[paths[0]]
	}
	return &best
}

func segments(path string) []string { return strings.Split(strings.Trim(path, "/"), "/") }

// differs says how far a request is from an operation: a segment in the wrong place costs most, its
// letters less, the method least.
func differs(method string, asked []string, op *fake.Operation) (cost int, why string) {
	known := segments(op.Path)
	for i := range max(len(asked), len(known)) {
		switch {
		case i >= len(asked):
			cost += 20
			why = note(why, "the path ends before "+known[i])
		case i >= len(known):
			cost += 20
			why = note(why, "the path goes on with "+asked[i])
		case strings.HasPrefix(known[i], "{"):
			cost++
		case known[i] != asked[i]:
			cost += 8
			if fake.Nearest(asked[i], known[i:i+1]) == "" {
				cost += 12
			}
			why = note(why, fmt.Sprintf("%q is not %q", asked[i], known[i]))
		}
	}
	if method != op.Method {
		cost += 4
		why = note(why, fmt.Sprintf("the method is %s, not %s", method, op.Method))
	}
	return cost, why
}

func note(why, more string) string {
	if why == "" {
		return more
	}
	return why + "; " + more
}
