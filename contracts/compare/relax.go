package compare

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/contracts/jsontree"
	"github.com/afba07b5/mockserver/contracts/scan"
)

// Relaxation says what a recording does not fix about some of its answers, because the real
// server's own answers vary. Case files list it; the report counts such answers separately.
type Relaxation struct {
	Interactions string   `yaml:"interactions"` // "10 17-18 26"
	Paths        []string `yaml:"paths"`        // of the lists or values concerned
	How          string   `yaml:"how"`          // order, shape, outline or background
	Why          string   `yaml:"why"`

	Numbers map[int]bool
	paths   []*pathGlob
}

// The kinds of relaxation:
//
//	order    the list is compared as a multiset
//	shape    values are compared by their types, keys and form only, lists by their elements' types
//	outline  which elements a list has is chance: keys and types of values outside of lists, types of elements
//	background   times that work in the background has set keep their order among themselves, not to requests
const (
	anyOrder  = "order"
	OnlyShape = "shape"
	lagging   = "background"
)

// Compile checks the relaxation and compiles its paths.
func (r *Relaxation) Compile() error {
	if !slices.Contains([]string{anyOrder, OnlyShape, lagging, Outline}, r.How) || r.Why == "" || len(r.Paths) == 0 {
		return fmt.Errorf("random: interactions, paths, how (order, shape, outline or background) and why are needed")
	}
	r.Numbers = map[int]bool{}
	for part := range strings.FieldsSeq(r.Interactions) {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, err := strconv.Atoi(first)
		to, err2 := strconv.Atoi(last)
		if err != nil || err2 != nil || to < from {
			return fmt.Errorf("random: interactions %q: expected like \"10 17-18\"", r.Interactions)
		}
		for n := from; n <= to; n++ {
			r.Numbers[n] = true
		}
	}
	for _, path := range r.Paths {
		glob, err := globPath(path)
		if err != nil {
			return err
		}
		r.paths = append(r.paths, glob)
	}
	return nil
}

// Relaxations are those of one interaction.
type Relaxations []*Relaxation

// At returns the first relaxation of a path, or nil.
func (rs Relaxations) At(path string) *Relaxation {
	for _, r := range rs {
		for _, p := range r.paths {
			if p.MatchString(path) {
				return r
			}
		}
	}
	return nil
}

// compareShape compares types and keys, and how identifiers, times and numbers are written.
func (c *Comparison) compareShape(rec, got *jsontree.Node, path string) {
	if rec.Kind != got.Kind {
		c.unlike(path, rec, got, fmt.Sprintf("recorded %s, got %s", rec.Kind, got.Kind))
		return
	}
	switch rec.Kind {
	case jsontree.Text:
		if why := formDiffers(rec.Text, got.Text); why != "" {
			c.unlike(path, rec, got, why)
		}
	case jsontree.Number:
		if isWhole(rec.Text) && !isWhole(got.Text) {
			c.Differ(path, rec.Text, got.Text, "recorded a whole number")
		}
	case jsontree.Object:
		for i, key := range rec.Keys {
			if other := got.Get(key); other == nil {
				c.unlike(path+"."+key, rec.Kids[i], nil, "missing")
			} else if rec.Kids[i].Kind != jsontree.Null && other.Kind != jsontree.Null {
				c.compareShape(rec.Kids[i], other, path+"."+key)
			}
		}
		for i, key := range got.Keys {
			if rec.Get(key) == nil {
				c.unlike(path+"."+key, nil, got.Kids[i], "extra")
			}
		}
	case jsontree.Array:
		if len(rec.Kids) > 0 {
			for j, kid := range got.Kids {
				c.compareShape(rec.Kids[0], kid, fmt.Sprintf("%s[%d]", path, j))
			}
		}
	}
}

// formDiffers compares how two texts are written, if the recorded one is an identifier or a time and nothing else.
func formDiffers(rec, got string) string {
	r, ok := scan.At(rec, 0)
	if !ok || r.End != len(rec) {
		return ""
	}
	if g, ok := scan.At(got, 0); ok && g.End == len(got) {
		return scan.SameForm(r, g)
	}
	return fmt.Sprintf("recorded %s", r.Shape)
}

func isWhole(number string) bool { return !strings.ContainsAny(number, ".eE") }
