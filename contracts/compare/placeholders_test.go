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
