package schema

import "testing"

func TestRangesOfVersions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		wanted   string
		fits, ok bool
	}{
		{"2.21.0", true, true}, {"2.21", true, true}, {"2", true, true}, {"*", true, true}, {"2.x", true,
			true}, {">=2.0.0", true, true},
		{">= 2.22.0", false, true}, {"^2.1.0", true, true}, {"^1.0.0", false, true}, {"~2.21.0", true,
			true}, {"~2.20.0", false, true},
		{">=2.0.0 <2.21.0", false, true}, {"<2.0.0 || >2.20", true, true}, {"=2.21.0", true, true}, {"nope",
			false, false}, {">=", false, false},
	} {
		if fits, ok := satisfies("2.21.0", c.wanted); fits != c.fits || ok != c.ok {
			t.Errorf("%s: %v %v", c.wanted, fits, ok)
		}
	}
}
