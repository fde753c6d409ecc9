package scan

import (
	"fmt"
	"strings"
)

// Key identifies a value among all values of its shape. UUIDs are equal in upper and lower case,
// times in any zone and precision.
func (t Token) Key() string {
	if t.resolution != nil {
		return t.resolution.key
	}
	switch t.Shape {
	case UUID:
		return "u" + strings.ToLower(t.Plain)
	case Time:
		if ms, ok := t.Instant(); ok {
			return fmt.Sprint("t", ms)
		}
	}
	return string('a'+t.Shape) + ":" + t.Plain
}

// SameForm compares the parts of a generated value that are not random.
func SameForm(rec, got Token) string {
	if rec.Shape != got.Shape {
		return fmt.Sprintf("recorded %s, got %s", rec.Shape, got.Shape)
	}
	switch rec.Shape {
	case UUID: // the version is the method of generation, the case the spelling
		if rec.Plain[14] != got.Plain[14] {
			return fmt.Sprintf("recorded a UUID of version %c, got version %c", rec.Plain[14], got.Plain[14])
		}
		if !strings.ContainsRune("89abAB", rune(got.Plain[19])) ||
			LettersOf(rec.Plain)|LettersOf(got.Plain) == bothCases {
			return "another spelling of a UUID"
		}
	case Hex:
		if len(rec.Plain) != len(got.Plain) || LettersOf(rec.Plain)|LettersOf(got.Plain) == bothCases {
			return fmt.Sprintf("recorded %d hex digits, got %d, or in other case", len(rec.Plain), len(got.Plain))
		}
	case Time:
		if rec.layout() != got.layout() {
			return fmt.Sprintf("recorded a time spelled %s, got %s", rec.layout(), got.layout())
		}
	}
	return ""
}

const bothCases = 3

// LettersOf returns the case of letters: 1 lower, 2 upper, 3 both, 0 none.
func LettersOf(s string) (found int) {
	for i := range len(s) {
		switch {
		case s[i] >= 'a' && s[i] <= 'z':
			found |= 1
		case s[i] >= 'A' && s[i] <= 'Z':
			found |= 2
		}
	}
	return found
}

// layout returns the layout of a time.
func (t Token) layout() string {
	if t.resolution != nil {
		return t.resolution.layout
	}
	return layout(t.Plain)
}

// layout returns a time with all digits replaced by one. Four to six fractional digits count as
// six, because servers that write microseconds drop trailing zeros.
func layout(s string) string {
	var b strings.Builder
	zone := strings.LastIndexAny(s, "Z+-")
	if zone < 11 {
		zone = len(s)
	}
	clock, fraction, _ := strings.Cut(s[:zone], ".")
	for _, c := range clock {
		if c >= '0' && c <= '9' {
			c = '0'
		}
		b.WriteRune(c)
	}
	if n := len(fraction); n > 3 && n <= 6 && !strings.HasSuffix(fraction, "0") {
		fraction = "micros"
	} else if n == 6 {
		fraction = "micros"
	} else if n > 0 {
		fraction = strings.Repeat("0", n)
	}
	return b.String() + "." + fraction + s[zone:]
}

// Resolved returns a token that knows its key, its instant and its layout.
func (t Token) Resolved() Token {
	var r resolvedToken
	r.key = t.Key()
	if t.Shape == Time {
		r.ms, r.isTime = t.Instant()
		r.layout = layout(t.Plain)
	}
	t.resolution = &r
	return t
}

// resolvedToken is what a token's text determines.
type resolvedToken struct {
	key    string
	ms     int64
	isTime bool
	layout string
}
