package control

import (
	"fmt"
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
	asked := segments(path)
	var best *fake.Operation
	least, why := 0, ""
	for _, def := range c.plane.srv.Defs() {
		if def.Name != e.Fake {
			continue
		}
		for _, op := range def.Spec.Operations() {
			cost, reason := differs(e.Method, asked, op)
			if best == nil || cost < least {
				best, least, why = op, cost, reason
			}
		}
	}
	if best == nil {
		return nil
	}
	return &near{Operation: best.ID, Method: best.Method, Path: best.Path, Why: why}
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
