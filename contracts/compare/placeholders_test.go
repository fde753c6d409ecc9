package compare

import (
	"strings"
	"testing"
)

// TestTimesOfACaseKeepTheirZone checks that placeholders for times are in one zone, as a server writes them.
func TestTimesOfACaseKeepTheirZone(t *testing.T) {
	t.Parallel()
	c := &Comparison{Binding: NewBinding(""), Rules: &Rules{}, HandWritten: true}
	for _, test := range []struct{ rec, got, want string }{
		{"{{a:time3}}", "2026-11-29T09:00:00.000+09:00", ""},
		{"{{b:time3}}", "2026-11-29T09:00:01.000+09:00", ""},
		{"{{c:time3}}", "2026-11-29T00:00:02.000Z", "zone"},
		{"{{c:time3}}", "2026-11-29T09:00:02.000+09:00", ""},
	} {
		if why := c.Match(test.rec, test.got); (why == "") != (test.want == "") || !strings.Contains(why, test.want) {
			t.Errorf("%s: %q, want %q", test.got, why, test.want)
		}
	}
}

func TestNumbersInJSON(t *testing.T) {
	t.Parallel()
	c := &Comparison{Binding: NewBinding(""), Rules: &Rules{}, HandWritten: true}
	c.bindPlaceholder(&placeholder{"n", "number"}, "7")
	c.bindPlaceholder(&placeholder{"id", "digits"}, "8")
	for text, want := range map[string]string{
		`{"a":"{{n}}","b":["{{n:number}}","{{n}}"]}`: `{"a":7,"b":[7,7]}`,
		`"{{n}}"`:                              `7`,
		`{"a":"{{id}}","b":"n{{n}}"}`:          `{"a":"8","b":"n7"}`,
		`{"{{n}}":"say \"{{n}}\" or \"{{n}}"}`: `{"7":"say \"7\" or \"7"}`,
	} {
		if got, err := c.ExpandJSON(text); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", text, got, err, want)
		}
	}
	if got, err := c.ExpandJSON(`{"a":"{{unknown}}"}`); err == nil {
		t.Errorf("an unknown name became %s", got)
	}
}

// TestKindsWithALength checks identifiers that are shorter than a token at large, as with a prefix before them.
func TestKindsWithALength(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ rec, got, want string }{
		{"ship_{{a:hex12}}", "ship_90f3de885165", ""},
		{"ship_{{a:hex12}}", "ship_90f3de88516", "expected hex12 here"},
		{"ship_{{a:hex12}}", "ship_90f3de8851653", "differs"},
		{"ship_{{a:hex12}}", "ship_90f3de88516Z", "expected hex12 here"},
		{"{{a:token8}}-x", "aB3_dE5f-x", ""},
		{"ship_{{a:hex}}", "ship_90f3de885165", "16 lower-case digits or more"},
	} {
		c := &Comparison{Binding: NewBinding(""), Rules: &Rules{}, HandWritten: true}
		why := c.Match(test.rec, test.got)
		if (why == "") != (test.want == "") || test.want != "differs" && !strings.Contains(why, test.want) {
			t.Errorf("%s and %s: %q, want %q", test.rec, test.got, why, test.want)
		}
	}
	kinds := map[string]bool{"hex12": true, "token99": true, "hex3": false, "hex04": false, "uuid8": false}
	for kind, ok := range kinds {
		if err := CheckPlaceholders("{{a:" + kind + "}}"); (err == nil) != ok {
			t.Errorf("%s: %v", kind, err)
		}
	}
}
