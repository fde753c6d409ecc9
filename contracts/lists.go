package contracts

import (
	"fmt"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/contracts/jsontree"
	"github.com/afba07b5/mockserver/contracts/scan"
)

// compareList compares a list that the server sorts by identifier. Generated identifiers are
// random, so elements have the positions of the target's own identifiers; but the same elements
// must be present, and both lists must be in the order that the rule names. A list without
// generated identifiers is compared place by place.
func (c *comparison) compareList(rule *ListRule, rec, got *jsontree.Node, path string) {
	recIDs, okR := ids(rec, rule.ID)
	gotIDs, okG := ids(got, rule.ID)
	if !okR || !okG || len(rec.Kids) < 2 || !slices.ContainsFunc(recIDs, c.generatedText) {
		c.compareInOrder(rec, got, path)
		return
	}
	recGroups, gotGroups := groups(rec, rule.Within), groups(got, rule.Within)
	if !inOrder(recIDs, recGroups, rule.Direction) {
		c.differ(path, strings.Join(recIDs, " "), strings.Join(gotIDs, " "),
			"the recording is not in the "+rule.Direction+" order of "+rule.ID)
		return
	}
	if !inOrder(gotIDs, gotGroups, rule.Direction) {
		c.differ(path, strings.Join(recIDs, " "), strings.Join(gotIDs, " "),
			"the target is not in the "+rule.Direction+" order of "+rule.ID)
		return
	}
	places := c.pair(rec, got, path, func(i, j int) bool {
		known, free := c.standsFor(recIDs[i])
		return recGroups[i] == gotGroups[j] && (known == gotIDs[j] || free &&
			c.wouldMatch(rec.Kids[i], got.Kids[j], fmt.Sprintf("%s[%d]", path, i)))
	})
	for p, id := range recIDs { // the elements at the ends of the target's list
		if q := slices.Index(places, p); q >= 0 && q != p {
			c.moved(id, recIDs[q])
		}
	}
}

// compareUnordered compares a list without an order: elements with the same key belong together or,
// if no key is named, elements that are equal.
func (c *comparison) compareUnordered(by string, rec, got *jsontree.Node, path string) {
	c.pair(rec, got, path, func(i, j int) bool {
		if by == "" {
			return c.wouldMatch(rec.Kids[i], got.Kids[j], fmt.Sprintf("%s[%d]", path, i))
		}
		r, g := rec.Kids[i].At(by), got.Kids[j].At(by)
		return r != nil && g != nil && r.String() == g.String()
	})
}

// pair finds for each recorded element the target's element that belongs to it, compares the two,
// and reports the remaining ones. It returns the places of the target's elements.
func (c *comparison) pair(rec, got *jsontree.Node, path string, belongs func(i, j int) bool) []int {
	if c.otherLength(rec, got, path) {
		return nil
	}
	places := make([]int, len(rec.Kids))
	taken := make([]bool, len(got.Kids))
	for i, kid := range rec.Kids {
		places[i] = -1
		if c.done() {
			continue
		}
		for j := range got.Kids {
			if !taken[j] && belongs(i, j) {
				places[i], taken[j] = j, true
				c.compare(kid, got.Kids[j], fmt.Sprintf("%s[%d]", path, i))
				break
			}
		}
	}
	for i, kid := range rec.Kids {
		if places[i] < 0 {
			c.unlike(fmt.Sprintf("%s[%d]", path, i), kid, nil,
				"no element of the target's list is this one")
		}
	}
	for j, kid := range got.Kids {
		if !taken[j] {
			c.unlike(fmt.Sprintf("%s[%d]", path, j), nil, kid, "no recorded element is this one")
		}
	}
	return places
}

// wouldMatch reports whether two values are equal, and reverts its bindings.
func (c *comparison) wouldMatch(rec, got *jsontree.Node, path string) bool {
	mark := c.binding.mark()
	trial := *c
	trial.found, trial.displaced, trial.ends, trial.first = nil, nil, nil, true
	trial.compare(rec, got, path)
	c.binding.undo(mark)
	return len(trial.found) == 0
}

// standsFor returns the target's identifier for a recorded one; free means that it has none yet.
func (c *comparison) standsFor(id string) (known string, free bool) {
	t, ok := scan.At(id, 0)
	if !ok || !c.binding.isGenerated(t) {
		return id, false
	}
	known = c.binding.to[t.Key()]
	return known, known == ""
}

func (c *comparison) generatedText(id string) bool {
	t, ok := scan.At(id, 0)
	return ok && t.End == len(id) && c.binding.isGenerated(t)
}

// moved records that the target's list has another element in the place of the recorded id.
func (c *comparison) moved(id, now string) {
	if c.displaced == nil {
		c.displaced = map[string]string{}
	}
	c.displaced[id] = now
}

// ids returns the identifiers of a list's elements.
func ids(list *jsontree.Node, at string) ([]string, bool) {
	var out []string
	for _, kid := range list.Kids {
		kid = kid.At(at)
		if kid == nil || kid.Kind != jsontree.Text {
			return nil, false
		}
		out = append(out, kid.Text)
	}
	return out, true
}

// groups returns for each element of a list the number of the run of equal values at a key to which
// it belongs: elements with the same time, of a list in the order of times. Without a key all
// elements belong to one.
func groups(list *jsontree.Node, key string) []int {
	runs := make([]int, len(list.Kids))
	for i := 1; i < len(runs) && key != ""; i++ {
		last, now := list.Kids[i-1].At(key), list.Kids[i].At(key)
		runs[i] = runs[i-1] + oneIf(last == nil || now == nil || last.String() != now.String())
	}
	return runs
}

// inOrder reports whether the identifiers of each group are in order.
func inOrder(ids []string, groups []int, direction string) bool {
	for i := 1; i < len(ids); i++ {
		if groups[i] != groups[i-1] {
			continue
		}
		order := strings.Compare(strings.ToLower(ids[i-1]), strings.ToLower(ids[i]))
		if direction == "descending" {
			order = -order
		}
		if order >= 0 {
			return false
		}
	}
	return true
}

// end is a cursor of a list's first or last element. It is compared last, when the list's order is
// known.
type end struct {
	rec, got *jsontree.Node
	path     string
}

func (c *comparison) compareEnds() {
	ends := c.ends
	c.ends = nil
	for _, e := range ends {
		if e.rec.Kind != jsontree.Text || e.got.Kind != jsontree.Text {
			c.compare(e.rec, e.got, e.path)
			continue
		}
		inner := *c
		inner.atEnd, inner.found = true, nil
		if why := inner.match(inner.displace(e.rec.Text), e.got.Text); why != "" {
			c.unlike(e.path, e.rec, e.got, why)
		}
	}
}

// oneIf returns 1 for true and 0 for false.
func oneIf(is bool) int {
	if is {
		return 1
	}
	return 0
}
