package compare

import "testing"

func TestKeyOrderIsComparedWhereARuleSaysSo(t *testing.T) {
	t.Parallel()
	rule := func(path string, only, free []string) *ListRule {
		glob, err := globPath(path)
		if err != nil {
			t.Fatal(err)
		}
		return &ListRule{path: glob, Only: only, Free: free}
	}
	const rec, got = `{"a":1,"b":{"c":1,"d":2},"e":3}`, `{"a":1,"b":{"d":2,"c":1},"e":3}`
	const late = `{"b":{"c":1,"d":2},"a":1,"e":3}`
	for _, test := range []struct {
		name  string
		rules []*ListRule
		got   string
		want  []string // the paths of the differences
	}{
		{"no rule", nil, got, nil},
		{"all objects", []*ListRule{rule("$**", nil, nil)}, got, []string{"$.b"}},
		{"the outer object", []*ListRule{rule("$", nil, nil)}, late, []string{"$"}},
		{"another object", []*ListRule{rule("$.x", nil, nil)}, late, nil},
		{"a key that is free", []*ListRule{rule("$", nil, []string{"b"})}, late, nil},
		{"keys that are not asked for", []*ListRule{rule("$", []string{"a", "e"}, nil)}, late, nil},
		{"keys that are asked for", []*ListRule{rule("$", []string{"a", "b"}, nil)}, late, []string{"$"}},
		{"the first rule decides", []*ListRule{rule("$.b", nil, []string{"c"}), rule("$**", nil, nil)}, got, nil},
	} {
		c := &Comparison{Binding: NewBinding("2026-11-28"), Rules: &Rules{}, Lists: ListRules{Keys: test.rules}}
		c.CompareBody("application/json", rec, test.got)
		var found []string
		for _, d := range c.Found {
			found = append(found, d.Path)
		}
		if len(found) != len(test.want) || len(found) > 0 && found[0] != test.want[0] {
			t.Errorf("%s: %v", test.name, c.Found)
		}
	}
}
