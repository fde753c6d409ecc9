package safeyaml_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/afba07b5/mockserver/safeyaml"
)

// TestUnmarshalResolvesAnchors decodes aliases wherever they stand, and merge keys that later keys override in place.
func TestUnmarshalResolvesAnchors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"a: 1", "[{a 1}]"},
		{"a: &x {k: 1}\nb: *x", "[{a [{k 1}]} {b [{k 1}]}]"},
		{"a: &o\n  x: &i {k: 1}\n  y: *i\nb: *o", "[{a [{x [{k 1}]} {y [{k 1}]}]} {b [{x [{k 1}]} {y [{k 1}]}]}]"},
		{"a: &o {x: 1, y: 2}\nb: {<<: *o, y: 3, z: 4}", "[{a [{x 1} {y 2}]} {b [{x 1} {y 3} {z 4}]}]"},
		{"a: &o {x: 1}\nb: &p\n  <<: *o\n  x: 2\nc:\n  - <<: *p\n    x: 3", "[{a [{x 1}]} {b [{x 2}]} {c [[{x 3}]]}]"},
		{"---\n--- *a", "EOF"},
		{"- &a\n- *a", "[<nil> <nil>]"},
		{"a: &x [*x]", `line 1: no anchor "x" before this`},
		{"b: *x\na: &x 1", `line 1: no anchor "x" before this`},
		{"a: &o {x: 1}\nb: {x: 2, <<: *o}", "line 2: a merge key must be the first key"},
		{"a: &o {x: 1}\nb: {<<: [*o], x: 2}", "line 2: a merge key must be the first key"},
		{"a: &o [1]\nb: {<<: *o}", "line 2: a merge key must be the first key"},
		{"a: &o {x: 1}\nb: {<<: *o, z: 1, z: 2}", "already defined"},
	} {
		var v any
		err := safeyaml.Unmarshal([]byte(test.text), &v, yaml.UseOrderedMap())
		got := fmt.Sprint(v)
		if err != nil {
			got = err.Error()
		}
		if err == nil && got != test.want || err != nil && !strings.Contains(got, test.want) {
			t.Errorf("%s: %s, want %s", test.text, got, test.want)
		}
	}
}
