package js

import (
	"math"
	"testing"
)

func TestNumbersAreJavaScripts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{
		"": 0, " ": 0, "\ufeff1\u00a0": 1, "0x2": 2, "0XfF": 255, "0b10": 2, "0o17": 15, "1e2": 100, ".5": 0.5,
		"5.": 5, "+2": 2, "-0": 0, "1e400": math.Inf(1), "Infinity": math.Inf(1), "-Infinity": math.Inf(-1), "02": 2,
	} {
		if got := Number(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
	for _, text := range []string{"1_0", "0x", "0x1p1", "-0x1", "0b2", "inf", "nan", "NaN", "infinity", "1,2", "1 2",
		"true", "null", "1e", "--1", "0x1_0", ".", "1\x00"} {
		if got := Number(text); !math.IsNaN(got) {
			t.Errorf("%q: got %v, want NaN", text, got)
		}
	}
}

func TestURLsAreJavaScripts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{ // as Node prints them
		"https://ACME.example": "https://acme.example/", "http://x.example:80/a/../b c": "http://x.example/b%20c",
		"https://münchen.example/ü?ä#ß": "https://xn--mnchen-3ya.example/%C3%BC?%C3%A4#%C3%9F",
		"http://0x7f.1":                 "http://127.0.0.1/", "https://x.example/^`|": "https://x.example/%5E%60|",
		" https://x.example\n": "https://x.example/", "mailto:a@b.example": "mailto:a@b.example",
	} {
		u, err := ParseURL(text)
		if err != nil || u.Href(false) != want {
			t.Errorf("%q: got %v (%v), want %s", text, u, err, want)
		}
	}
	for _, text := range []string{"", "x.example", "https://", "https://x.example:99999", "https://a b",
		"http://1.2.3.256"} {
		if u, err := ParseURL(text); err == nil {
			t.Errorf("%q: got %s, want an error", text, u.Href(false))
		}
	}
}
