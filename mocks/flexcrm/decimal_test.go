package flexcrm

import (
	"math/rand/v2"
	"regexp"
	"testing"
)

func TestDecimalsHaveDigitsAroundTheirPoint(t *testing.T) {
	t.Parallel()
	pattern := regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
	r, found := rand.New(rand.NewPCG(1, 2)), 0
	for range 20000 {
		text := make([]byte, r.IntN(6))
		for i := range text {
			text[i] = "--..0129e+ "[r.IntN(11)]
		}
		got, want := isDecimal(string(text)), pattern.Match(text)
		if got != want {
			t.Fatalf("isDecimal(%q) is %v", text, got)
		}
		if got {
			found++
		}
	}
	if found < 500 {
		t.Errorf("only %d of the texts are decimals", found)
	}
}
