package compare

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
func (c *Comparison) compareList(rule *ListRule, rec, got *jsontree.Node, path string) {
	recIDs, okR := IDs(rec, rule.ID)
	gotIDs, okG := IDs(got, rule.ID)
	if !okR || !okG || len(rec.Kids) < 2 || !slices.ContainsFunc(recIDs, c.generatedText) {
		c.compareInOrder(rec, got, path)
		return
	}
	recGroups, gotGroups := Groups(rec, rule.Within), Groups(got, rule.Within)
	if !inOrder(recIDs, recGroups, rule.Direction) {
		c.Differ(path, strings.Join(recIDs, " "), strings.Join(gotIDs, " "),
			"the recording is not in the "+rule.Direction+" order of "+rule.ID)
		return
	}
	if !inOrder(gotIDs, gotGroups, rule.Direction) {
		c.Differ(path, strings.Join(recIDs, " "), strings.Join(gotIDs, " "),
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
func (c *Comparison) compareUnordered(by string, rec, got *jsontree.Node, path string) {
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
func (c *Comparison) pair(rec, got *jsontree.Node, path string, belongs func(i, j int) bool) []int {
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
				c.Compare(kid, got.Kids[j], fmt.Sprintf("%s[%d]", path, i))
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
func (c *Comparison) wouldMatch(rec, got *jsontree.Node, path string) bool {
	mark := c.Binding.Mark()
	trial := *c
	trial.Found, trial.displaced, trial.Ends, trial.First = nil, nil, nil, true
	trial.Compare(rec, got, path)
	c.Binding.Undo(mark)
	return len(trial.Found) == 0
}

// standsFor returns the target's identifier for a recorded one; free means that it has none yet.
func (c *Comparison) standsFor(id string) (known string, free bool) {
	t, ok := scan.At(id, 0)
	if !ok || !c.Binding.IsGenerated(t) {
		return id, false
	}
	known = c.Binding.To[t.Key()]
	return known, known == ""
}

func (c *Comparison) generatedText(id string) bool {
	t, ok := scan.At(id, 0)
	return ok && t.End == len(id) && c.Binding.IsGenerated(t)
}

// moved records that the target's list has another element in the place of the recorded id.
func (c *Comparison) moved(id, now string) {
	if c.displaced == nil {
		c.displaced = map[string]string{}
	}
	c.displaced[id] = now
}

// IDs returns the identifiers of a list's elements.
func IDs(list *jsontree.Node, at string) ([]string, bool) {
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

// Groups returns for each element of a list the number of the run of equal values at a key to which
// it belongs: elements with the same time, of a list in the order of times. Without a key all
// elements belong to one.
func Groups(list *jsontree.Node, key string) []int {
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

// CompareEnds compares the cursors at the ends of lists, after all else.
func (c *Comparison) CompareEnds() {
	ends := c.Ends
	c.Ends = nil
	for _, e := range ends {
		if e.rec.Kind != jsontree.Text || e.got.Kind != jsontree.Text {
			c.Compare(e.rec, e.got, e.path)
			continue
		}
		inner := *c
		inner.atEnd, inner.Found = true, nil
		if why := inner.Match(inner.displace(e.rec.Text), e.got.Text); why != "" {
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
