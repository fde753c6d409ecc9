package compare

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/contracts/jsontree"
)

// Explain returns the differences that people read. The comparison decides whether two answers are equal, and binds
// generated values on the way, which a function for package cmp must not do. Where it has found a
// difference, cmp compares the two values again under the bindings that are known by then, and
// reports what differs in them: it aligns lists of different lengths, so that one element too few
// is one difference, and looks into elements of a list that resemble each other. Where cmp finds
// nothing, for example because a value is new where an old one was recorded, the difference stays
// as it was found.
func (c *Comparison) Explain() (found []Difference) {
	e := &explanation{look: *c}
	e.look.Found, e.look.Ends, e.look.displaced = nil, nil, nil
	for _, d := range e.pairAlike(c.withLists()) {
		more := e.differences(d)
		if len(more) == 0 {
			more = []Difference{d}
		}
		for _, m := range more {
			m.stands = d.Places()
			found = append(found, m)
		}
	}
	return found
}

// listMismatch is a list of another length than the recorded one, and the range of the differences found in it.
type listMismatch struct {
	from, to int
	Difference
}

// withLists returns the differences that were found, with one for each list of another length in place of those in it.
func (c *Comparison) withLists() []Difference {
	found := slices.Clone(c.Found)
	end := len(found)
	for _, m := range slices.Backward(c.mismatched) {
		if m.to > end { // it is within another list
			continue
		}
		for _, d := range found[m.from:m.to] {
			m.stands = append(m.stands, d.Path)
		}
		found = slices.Replace(found, m.from, m.to, m.Difference)
		end = m.from
	}
	return found
}

// side is a value of one of two answers.
type side struct {
	*jsontree.Node
	path     string // of the recorded value
	recorded bool
}

// explanation compares values with cmp.
type explanation struct {
	mu   sync.Mutex // cmp calls a function twice at once to see whether it is pure
	look Comparison
}

// options are those of the comparison: keys in any order, lists by their rules, values up to renaming.
func (e *explanation) options() cmp.Options {
	both := func(k jsontree.Kind) func(x, y *side) bool {
		return func(x, y *side) bool { return x.Kind == k && y.Kind == k && !e.ruled(x) && !e.ruled(y) }
	}
	return cmp.Options{
		cmp.FilterValues(both(jsontree.Object), cmp.Transformer("keys", (*side).members)),
		cmp.FilterValues(both(jsontree.Array), cmp.Transformer("elements", (*side).elements)),
		cmp.FilterValues(func(x, y *side) bool { return !both(jsontree.Object)(x, y) && !both(jsontree.Array)(x, y) },
			cmp.Comparer(e.same)),
	}
}

// ruled reports whether a value is compared by a rule for its path, and so as a whole.
func (e *explanation) ruled(s *side) bool {
	return RuleAt(e.look.Lists.Ordered, s.path) != nil || RuleAt(e.look.Lists.Unordered, s.path) != nil ||
		e.look.Relaxed.At(s.path) != nil
}

func (s *side) members() map[string]*side {
	out := map[string]*side{}
	for i, key := range s.Keys {
		out[key] = &side{s.Kids[i], s.path + "." + key, s.recorded}
	}
	return out
}

func (s *side) elements() []*side {
	out := make([]*side, len(s.Kids))
	for i, kid := range s.Kids {
		out[i] = &side{kid, fmt.Sprintf("%s[%d]", s.path, i), s.recorded}
	}
	return out
}

// same reports whether two values are equal up to renaming. It binds nothing.
func (e *explanation) same(x, y *side) bool { return e.why(x, y) == "" }

// why returns why two values differ, or "".
func (e *explanation) why(x, y *side) string {
	if !x.recorded {
		x, y = y, x
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	mark := e.look.Binding.Mark()
	defer e.look.Binding.Undo(mark)
	trial := e.look
	trial.First = true
	trial.Compare(x.Node, y.Node, x.path)
	if len(trial.Found) == 0 {
		return ""
	}
	return trial.Found[0].Why + unequal
}

// differences returns what differs between the two values of a difference.
func (e *explanation) differences(d Difference) []Difference {
	if d.rec == nil || d.got == nil {
		return nil
	}
	return e.report(d).found
}

func (e *explanation) report(d Difference) *reporter {
	r := &reporter{explanation: e, base: d}
	cmp.Equal(&side{d.rec, d.Path, true}, &side{d.got, d.Path, false}, e.options(), cmp.Reporter(r))
	return r
}

// pairAlike joins the elements without a counterpart of a list without order, in pairs that have most in common.
func (e *explanation) pairAlike(found []Difference) []Difference {
	const most = 20 // lists that differ in more have nothing in common
	lost, more := 0, 0
	for _, d := range found {
		lost += oneIf(d.rec != nil && d.got == nil)
		more += oneIf(d.rec == nil && d.got != nil)
	}
	if lost > most || more > most {
		return found
	}
	for i := 0; i < len(found); i++ {
		if found[i].rec == nil || found[i].got != nil {
			continue
		}
		if j := e.mostAlike(found, found[i]); j >= 0 {
			found[i].got, found[i].Got = found[j].got, found[j].Got
			found[i].Why = "the nearest element of the target's list"
			found[i].stands = []string{found[i].Path, found[j].Path}
			found = slices.Delete(found, j, j+1)
			i -= oneIf(j < i)
		}
	}
	return found
}

// mostAlike returns the index of the surplus element of the same list with which an element has most in common, and at
// least half of its values, or -1.
func (e *explanation) mostAlike(found []Difference, lost Difference) int {
	best, share := -1, 0.5
	for j, d := range found {
		if d.rec != nil || d.got == nil || d.got.Kind != jsontree.Object || listOf(d.Path) == "" ||
			listOf(d.Path) != listOf(lost.Path) {
			continue
		}
		lost.got = d.got
		r := e.report(lost)
		if now := float64(r.same) / float64(r.same+len(r.found)); now >= share {
			best, share = j, now
		}
	}
	return best
}

// listOf returns the path of the list of which a path leads to an element, or "".
func listOf(path string) string {
	i := strings.LastIndex(path, "[")
	if i < 0 || !strings.HasSuffix(path, "]") {
		return ""
	}
	return path[:i]
}

// reporter makes differences of what cmp reports.
type reporter struct {
	*explanation
	base  Difference
	path  cmp.Path
	found []Difference
	same  int // number of equal values
}

// PushStep implements the interface of cmp.Reporter.
func (r *reporter) PushStep(step cmp.PathStep) { r.path = append(r.path, step) }

// PopStep implements the interface of cmp.Reporter.
func (r *reporter) PopStep() { r.path = r.path[:len(r.path)-1] }

// Report implements the interface of cmp.Reporter.
func (r *reporter) Report(result cmp.Result) {
	if result.Equal() {
		r.same++
		return
	}
	x, y := r.path.Last().Values()
	rec, got := sideOf(x), sideOf(y)
	d := Difference{Path: r.at(), Recorded: absent, Got: absent, Why: r.base.Why}
	if rec != nil {
		d.Recorded = rec.String()
	}
	if got != nil {
		d.Got = got.String()
	}
	if rec != nil && got != nil {
		d.Why = strings.TrimSuffix(r.why(rec, got), unequal)
	}
	r.found = append(r.found, d)
}

// at returns the path of the present value in the recording, or in the target's answer if the recording lacks it.
func (r *reporter) at() string {
	at := r.base.Path
	for _, step := range r.path {
		switch s := step.(type) {
		case cmp.MapIndex:
			at += "." + s.Key().String()
		case cmp.SliceIndex:
			i, j := s.SplitKeys()
			at += fmt.Sprintf("[%d]", max(i, -1)+oneIf(i < 0)*(j+1))
		}
	}
	return at
}

func sideOf(v reflect.Value) *side {
	if !v.IsValid() {
		return nil
	}
	s, _ := v.Interface().(*side)
	return s
}
