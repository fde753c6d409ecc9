package value

import (
	"math/rand/v2"
	"testing"
)

// TestPlainPhonesAreWholeNumbers compares the short way for plain numbers with the patterns, on random texts.
func TestPlainPhonesAreWholeNumbers(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	forms, plain := phoneForms(), 0
	for range 20_000 {
		text := make([]byte, random.IntN(12))
		for i := range text {
			text[i] = "0123456789012345678901234567890123456789+-()./ ,x#;~"[random.IntN(52)]
		}
		if s := string(text); forms.plain.MatchString(s) {
			plain++
			if got := forms.number(s); got != s {
				t.Fatalf("the patterns find %q in %q", got, s)
			}
		}
	}
	if plain < 3_000 {
		t.Errorf("only %d texts were plain numbers", plain)
	}
}
