package compare

import (
	"net/http"
	"strings"
	"testing"
)

func TestListedValuesAreRenamedOneToOne(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, rec, got string
		why            string // a part of it; "" if equal
	}{
		{"renamed", `code=9445c01534654a18&state=x`, `code=a9a249261465479c&state=x`, ""},
		{"not listed", `code=9445c01534654a19`, `code=a9a249261465479c`, "differs"},
		{"part of a longer word", `x9445c01534654a18`, `xa9a249261465479c`, "differs"},
		{"another length", `9445c01534654a18`, `a9a249261465479`, "differs"},
		{"longer", `9445c01534654a18`, `a9a249261465479c0`, "expected 16 characters"},
		{"other characters", `9445c01534654a18`, `A9A249261465479C`, "expected 16 characters"},
		{"two values for one", `9445c01534654a18 9445c01534654a18`, `a9a249261465479c a9a249261465479d`, "stands for"},
		{"one value for two", `9445c01534654a18 Zx9-Zx9_Zx9`, `a9a249261465479c Ab1-Ab1_Ab1`, ""},
		{"a counted number", `/records/10234?limit=10`, `/records/7?limit=10`, ""},
		{"a counted number, and none", `/records/10234`, `/records/x`, "expected a number"},
		{"a counted number, and zeros in front", `/records/10234`, `/records/00007`, "expected a number"},
		{"two numbers for one", `10234 10234`, `7 8`, "stands for"},
		{"one number for two", `10234 10235`, `7 7`, "stands for"},
		{"another number", `/records/10236`, `/records/7`, "differs"},
		{"text around it", `code 9445c01534654a18`, `Code a9a249261465479c`, "differs"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := &Comparison{
				Binding:   NewBinding("2026-11-21"),
				Rules:     &Rules{},
				Generated: []string{"9445c01534654a18", "Zx9-Zx9_Zx9", "10234", "10235"},
			}
			why := c.Match(test.rec, test.got)
			if (why == "") != (test.why == "") || !strings.Contains(why, test.why) {
				t.Errorf("%q, want %q", why, test.why)
			}
			if why == "" && c.Substitute(test.rec) != test.got {
				t.Errorf("sent again as %q", c.Substitute(test.rec))
			}
		})
	}
}

func TestLimitsAreComparedWhereTheyAreOn(t *testing.T) {
	t.Parallel()
	counted, none := http.Header{"Ratelimit-Remaining": {"29"}}, http.Header{}
	for _, test := range []struct {
		name      string
		unlimited bool
		rec, got  http.Header
		want      int
	}{
		{"on", false, counted, none, 1},
		{"off", true, counted, none, 0},
		{"off, and counted nevertheless", true, none, counted, 0},
		{"on, and counted without a recording of it", false, none, counted, 1},
	} {
		c := &Comparison{Binding: NewBinding("2026-11-21"), Rules: &Rules{}, Unlimited: test.unlimited}
		if c.CompareHeaders(test.rec, test.got); len(c.Found) != test.want {
			t.Errorf("%s: %v", test.name, c.Found)
		}
	}
}
