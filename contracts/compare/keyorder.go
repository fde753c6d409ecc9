package compare

import (
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/contracts/jsontree"
	"github.com/afba07b5/mockserver/contracts/scan"
)

// compareKeyOrder compares the order of the keys that both objects have, where a rule of the vendor says that it is a
// fact. A trial, which looks for the same element of a list, leaves it out.
func (c *Comparison) compareKeyOrder(rec, got *jsontree.Node, path string) {
	if c.First || len(c.Lists.Keys) == 0 {
		return
	}
	r, g := c.sharedKeys(rec, got)
	if slices.Equal(r, g) {
		return
	}
	rule := RuleAt(c.Lists.Keys, path)
	if rule == nil {
		return
	}
	if r, g = slices.DeleteFunc(r, rule.Unordered), slices.DeleteFunc(g, rule.Unordered); !slices.Equal(r, g) {
		c.Differ(path, strings.Join(r, " "), strings.Join(g, " "), "the keys are in another order")
	}
}

// sharedKeys returns the keys that both objects have, in the order of each and as the target names them. Identifiers
// are left out: a server that sorts keys puts those of another workspace elsewhere.
func (c *Comparison) sharedKeys(rec, got *jsontree.Node) (inRec, inGot []string) {
	inRec, inGot = make([]string, 0, len(rec.Keys)), make([]string, 0, len(rec.Keys))
	for _, key := range rec.Keys {
		if t, ok := scan.At(key, 0); ok && t.Shape == scan.UUID {
			continue
		}
		if key = c.renamedKey(key); got.Get(key) != nil {
			inRec = append(inRec, key)
		}
	}
	for _, key := range got.Keys {
		if slices.Contains(inRec, key) {
			inGot = append(inGot, key)
		}
	}
	return inRec, inGot
}

// Unordered reports whether the rule leaves the position of a key open.
func (l *ListRule) Unordered(key string) bool {
	return len(l.Only) > 0 && !slices.Contains(l.Only, key) || slices.Contains(l.Free, key)
}
