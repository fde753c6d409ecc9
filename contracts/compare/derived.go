package compare

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/contracts/jsontree"
)

// Derivation makes a value of a row from the identifier of the row, as the vendor does.
type Derivation = func(id string) string

// Derivations returns the functions that the rules name, by the keys of the values that they make.
func (r *Rules) Derivations(byName map[string]Derivation) (map[string]Derivation, error) {
	byKey := map[string]Derivation{}
	for key, name := range r.Derived {
		if byKey[key] = byName[name]; byKey[key] == nil {
			return nil, fmt.Errorf("rules.yaml, derived: no function %q for %s; functions: %s", name, key,
				strings.Join(slices.Sorted(maps.Keys(byName)), ", "))
		}
	}
	return byKey, nil
}

// compareDerived compares the values of a row that may be derived from its identifier. Such a value varies with a
// generated identifier in all its parts, so it is not renamed: if the recorded value is that of the recorded
// identifier, the target's must be that of the target's, both by the same function.
func (c *Comparison) compareDerived(rec, got *jsontree.Node, path string) {
	for i, key := range rec.Keys {
		derive, other := c.Binding.Derived[key], got.Get(key)
		if derive == nil || rec.Kids[i].Kind != jsontree.Text || other == nil {
			continue
		}
		now, ok := c.derivedFromID(derive, rec.Get("id"), rec.Kids[i].Text)
		switch {
		case !ok || other.Kind != jsontree.Text:
			c.Compare(rec.Kids[i], other, path+"."+key)
		case other.Text != now:
			c.unlike(path+"."+key, rec.Kids[i], other, "derived from the row's id; expected "+now)
		}
	}
}

// derivedFromID reports whether a value is derived from a generated identifier, the row's own or, if the answer does
// not show that, any bound one, and returns the value that the target's identifier has.
func (c *Comparison) derivedFromID(derive Derivation, id *jsontree.Node, value string) (now string, ok bool) {
	if value == "" {
		return "", false
	}
	if id != nil && id.Kind == jsontree.Text {
		known, _ := c.standsFor(id.Text)
		if known == "" || !c.generatedText(id.Text) || derive(strings.ToLower(id.Text)) != value {
			return "", false
		}
		return derive(strings.ToLower(known)), true
	}
	for key, known := range c.Binding.To {
		if key[0] == 'u' && derive(key[1:]) == value {
			return derive(strings.ToLower(known)), true
		}
	}
	return "", false
}
