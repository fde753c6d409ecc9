package compare

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDifferencesThatPeopleRead compares bodies and the differences that are reported.
func TestDifferencesThatPeopleRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, rec, got string
		list           string // a rule about lists
		want           []string
	}{
		{name: "equal", rec: `{"a":[1,2]}`, got: `{"a":[1,2]}`},
		{
			name: "values, missing and extra keys",
			rec:  `{"a":1,"b":{"c":"x"},"d":null}`,
			got:  `{"a":2,"b":{"c":"y"},"e":[1]}`,
			want: []string{`$.a: recorded 1, got 2`, `$.b.c: recorded "x", got "y"`,
				`$.d: recorded null, got nothing (missing)`,
				`$.e: recorded nothing, got [1] (extra)`},
		},
		{
			name: "an element less is one difference",
			rec:  `{"all":[{"n":1,"t":"a"},{"n":2,"t":"b"},{"n":3,"t":"c"},{"n":4,"t":"d"}]}`,
			got:  `{"all":[{"n":1,"t":"a"},{"n":3,"t":"c"},{"n":4,"t":"d"}]}`,
			want: []string{`$.all[1]: recorded {"n":2,"t":"b"}, got nothing (4 elements recorded, got 3)`},
		},
		{
			name: "and so is an element more",
			rec:  `[["a"],["b"],["c"]]`,
			got:  `[["a"],["x"],["b"],["c"]]`,
			want: []string{`$[1]: recorded nothing, got ["x"] (3 elements recorded, got 4)`},
		},
		{
			name: "lists in lists",
			rec:  `[{"in":[1,2,3]},{"in":[4]}]`,
			got:  `[{"in":[1,3]}]`,
			want: []string{`$[0].in[1]: recorded 2, got nothing (2 elements recorded, got 1)`,
				`$[1]: recorded {"in":[4]}, got nothing (2 elements recorded, got 1)`},
		},
		{
			name: "generated values are none",
			rec:  `[{"id":"` + idA + `"},{"id":"` + idB + `"}]`,
			got:  `[{"id":"` + idX + `"}]`,
			want: []string{`$[1]: recorded {"id":"` + idB + `"}, got nothing (2 elements recorded, got 1)`},
		},
		{
			name: "the nearest element of a list without order",
			list: "order: any",
			rec:  `{"all":[{"n":1,"t":"a","u":true,"v":7},{"n":2,"t":"b","u":true,"v":7}]}`,
			got:  `{"all":[{"n":2,"t":"b","u":false,"v":7},{"n":1,"t":"a","u":true,"v":7}]}`,
			want: []string{`$.all[1].u: recorded true, got false`},
		},
		{
			name: "elements with nothing in common",
			list: "order: any",
			rec:  `{"all":[{"n":1},{"n":2}]}`,
			got:  `{"all":[{"m":3},{"n":1}]}`,
			want: []string{`$.all[1]: recorded {"n":2}, got nothing (no element of the target's list is this one)`,
				`$.all[0]: recorded nothing, got {"m":3} (no recorded element is this one)`},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := &Comparison{Binding: NewBinding("2026-11-21"), Rules: &Rules{}}
			if test.list != "" {
				any := &Relaxation{Interactions: "0", Paths: []string{"$.all"}, How: anyOrder, Why: "a test"}
				if err := any.Compile(); err != nil {
					t.Fatal(err)
				}
				c.Relaxed = Relaxations{any}
			}
			c.CompareBody("application/json", test.rec, test.got)
			var got []string
			for _, d := range c.Explain() {
				got = append(got, d.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
