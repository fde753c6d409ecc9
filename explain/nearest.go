package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/nearest"
)

// Near is an operation that a request without one comes near to.
type Near struct {
	Operation string `json:"operation"`
	Method    string `json:"method"`
	Path      string `json:"path"`
	Why       string `json:"why"` // what the request would have to change

	cost int
}

// Nearest returns the operation whose path and method differ least from those of a request, nil for a fake without
// operations.
func Nearest(def *fake.Def, e *fake.Entry) *Near {
	if def == nil {
		return nil
	}
	path, _, _ := strings.Cut(strings.TrimPrefix(e.URL, e.Base), "?")
	if all := nearestOperations(def, e.Method, path); len(all) > 0 {
		return &all[0]
	}
	return nil
}

// nearestOperations returns the operations in the order of their difference from a request, of those with one path and
// several methods in the order of the document.
func nearestOperations(def *fake.Def, method, path string) (all []Near) {
	for _, op := range def.Spec.Operations() {
		cost, why := difference(method, segments(path), op)
		all = append(all, Near{op.ID, op.Method, op.Path, why, cost})
	}
	slices.SortStableFunc(all, func(a, b Near) int { return cmp.Compare(a.cost, b.cost) })
	end := slices.IndexFunc(all, func(n Near) bool { return n.cost > all[0].cost })
	if end < 0 {
		end = len(all)
	}
	paths := make([]string, end)
	for i := range paths {
		paths[i] = all[i].Path
	}
	if i := slices.Index(paths, fake.Nearest(path, paths)); i > 0 {
		all[0], all[i] = all[i], all[0]
	}
	return all
}

func segments(path string) []string { return strings.Split(strings.Trim(path, "/"), "/") }

// difference says how far a request is from an operation: a segment in the wrong place costs most, its letters less,
// the method least.
func difference(method string, sent []string, op *fake.Operation) (cost int, why string) {
	known := segments(op.Path)
	var reasons []string
	for i := range max(len(sent), len(known)) {
		switch {
		case i >= len(sent):
			cost += 20
			reasons = append(reasons, "the path ends before "+known[i])
		case i >= len(known):
			cost += 20
			reasons = append(reasons, "the path goes on with "+sent[i])
		case strings.HasPrefix(known[i], "{"):
			cost++
		case known[i] != sent[i]:
			cost += min(8+nearest.Distance(sent[i], known[i]), 20)
			reasons = append(reasons, fmt.Sprintf("%q is not %q", sent[i], known[i]))
		}
	}
	if method != op.Method {
		cost += 4
		reasons = append(reasons, fmt.Sprintf("the method is %s, not %s", method, op.Method))
	}
	return cost, strings.Join(reasons, "; ")
}
