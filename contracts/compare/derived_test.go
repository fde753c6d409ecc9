package compare

import (
	"strings"
	"testing"
)

// TestDerivedValues compares values that are derived from an identifier: they follow it, and nothing else does.
func TestDerivedValues(t *testing.T) {
	t.Parallel()
	rules := &Rules{Derived: map[string]string{"mark": "firstFour"}}
	derived, err := rules.Derivations(map[string]Derivation{
		"firstFour": func(id string) string { return "<" + id[:4] + ">" },
	})
	if err != nil {
		t.Fatal(err)
	}
	mark := func(id string) string { return `"<` + id[:4] + `>"` }
	for _, test := range []struct{ name, rec, got, want string }{
		{"of the row", `{"mark":` + mark(idA) + `,"id":"` + idA + `"}`,
			`{"mark":` + mark(idX) + `,"id":"` + idX + `"}`, ""},
		{"of another identifier", `{"mark":` + mark(idA) + `,"id":"` + idA + `"}`,
			`{"mark":` + mark(idY) + `,"id":"` + idX + `"}`, "derived from the row's id; expected <" + idX[:4] + ">"},
		{"not derived", `{"mark":"lamp","id":"` + idA + `"}`,
			`{"mark":` + mark(idX) + `,"id":"` + idX + `"}`, "$.mark"},
		{"the row's identifier is not shown", `[{"id":"` + idA + `"},{"mark":` + mark(idA) + `}]`,
			`[{"id":"` + idX + `"},{"mark":` + mark(idX) + `}]`, ""},
		{"of an identifier that is not bound", `[{"mark":` + mark(idA) + `}]`,
			`[{"mark":` + mark(idX) + `}]`, "$[0].mark"},
		{"empty", `{"mark":"","id":"` + idA + `"}`, `{"mark":` + mark(idX) + `,"id":"` + idX + `"}`, "$.mark"},
		{"another kind", `{"mark":` + mark(idA) + `,"id":"` + idA + `"}`, `{"mark":1,"id":"` + idX + `"}`, "$.mark"},
		{"under another key", `{"sign":` + mark(idA) + `,"id":"` + idA + `"}`,
			`{"sign":` + mark(idX) + `,"id":"` + idX + `"}`, "$.sign"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := &Comparison{Binding: NewBinding("2026-11-21"), Rules: rules}
			c.Binding.Derived = derived
			c.CompareBody("application/json", test.rec, test.got)
			found := ""
			for _, d := range c.Found {
				found += d.String() + "\n"
			}
			if (found == "") != (test.want == "") || !strings.Contains(found, test.want) {
				t.Errorf("got %q, want %q", found, test.want)
			}
		})
	}
}

// TestDerivationsAreKnown checks that a rule without its function is an error and not a laxer comparison.
func TestDerivationsAreKnown(t *testing.T) {
	t.Parallel()
	rules := &Rules{Derived: map[string]string{"mark": "firstFour"}}
	for want, byName := range map[string]map[string]Derivation{
		`no function "firstFour" for mark; functions: `:            nil,
		`no function "firstFour" for mark; functions: first, last`: {"last": strings.ToUpper, "first": strings.ToLower},
	} {
		if _, err := rules.Derivations(byName); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if derived, err := (&Rules{}).Derivations(nil); err != nil || len(derived) > 0 {
		t.Errorf("without rules: %v, %v", derived, err)
	}
}
