package compare

import (
	"fmt"
	"slices"

	"github.com/afba07b5/mockserver/contracts/jsontree"
)

// How answers that show other objects than the recorded ones are compared: outline by the types of
// values and the keys of objects outside of lists, onlyKind by the type of the whole.
const (
	Outline  = "outline"
	OnlyKind = "kind"
)

var everything = &pathGlob{pattern: "$**"}

// RelaxAll relaxes the comparison of the whole answer.
func (c *Comparison) RelaxAll(how string) {
	c.Relaxed = append(c.Relaxed, &Relaxation{How: how, paths: []*pathGlob{everything}})
}

// compareOutline compares types and the keys of objects, except for objects in lists, whose
// optional keys vary.
func (c *Comparison) compareOutline(rec, got *jsontree.Node, path string, deep bool) {
	if rec.Kind == jsontree.Null || got.Kind == jsontree.Null {
		return
	}
	if rec.Kind != got.Kind {
		c.unlike(path, rec, got, fmt.Sprintf("recorded %s, got %s", rec.Kind, got.Kind))
		return
	}
	for i, key := range rec.Keys {
		if other := got.Get(key); deep && other == nil {
			c.unlike(path+"."+key, rec.Kids[i], nil, "missing")
		} else if deep {
			c.compareOutline(rec.Kids[i], other, path+"."+key, true)
		}
	}
	for i, key := range got.Keys {
		if deep && rec.Get(key) == nil {
			c.unlike(path+"."+key, nil, got.Kids[i], "extra")
		}
	}
	if rec.Kind == jsontree.Array && len(rec.Kids) > 0 {
		for j, kid := range got.Kids {
			c.compareOutline(rec.Kids[0], kid, fmt.Sprintf("%s[%d]", path, j), false)
		}
	}
}

// EachPage visits the identifiers of each recorded list that may be a part of one in their order,
// with the target's.
func (r *Rules) EachPage(i *Interaction, answer string, see func(rec, got []string)) {
	rules := slices.DeleteFunc(r.ListsOf(i.Request()).Ordered, func(r *ListRule) bool { return r.pages == nil })
	rec, errR := jsontree.Parse(i.Result)
	other, errG := jsontree.Parse(answer)
	if len(rules) == 0 || errR != nil || errG != nil {
		return
	}
	lists := map[string]*jsontree.Node{}
	other.EachList("$", func(n *jsontree.Node, path string) { lists[path] = n })
	rec.EachList("$", func(n *jsontree.Node, path string) {
		rule := RuleAt(rules, path)
		if rule == nil || lists[path] == nil {
			return
		}
		recIDs, okR := IDs(n, rule.ID)
		gotIDs, okG := IDs(lists[path], rule.ID)
		switch {
		case !okR || !okG:
			see(nil, nil)
		case rule.pages.MatchString(i.Request()):
			see(recIDs, gotIDs)
		}
	})
}
