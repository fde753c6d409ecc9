package redact

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

// encodings of the fuzz test below; each digit of a number selects one.
var encodings = []func(string) string{
	func(s string) string { return s },
	url.QueryEscape,
	url.PathEscape,
	func(s string) string { q, _ := json.Marshal(s); return string(q[1 : len(q)-1]) },
	html.EscapeString,
	func(s string) string { return base64.StdEncoding.EncodeToString([]byte("{ " + s + " }")) },
	func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte("<" + s)) },
}

func nested(s string, how uint16) string {
	for range 3 {
		s = encodings[int(how)%len(encodings)](s)
		how /= uint16(len(encodings))
	}
	return s
}

// FuzzScrub hides a secret in other text, in up to three nested encodings, and searches the result
// for it. The same secret must have the same pseudonym everywhere, and different secrets different
// ones.
func FuzzScrub(f *testing.F) {
	f.Add("s3cret-value", "x", uint16(0))
	f.Add("pa55 wörd/+=", `{"a":"`, uint16(9))
	f.Add("ada@corp.test", "\\n", uint16(58))
	f.Add("0123456789abcdef0123456789abcdef", "%41", uint16(300))
	f.Add(`quo"te\back1`, "&amp;", uint16(171))
	f.Fuzz(func(t *testing.T, value, around string, how uint16) {
		value = strings.TrimSpace(value)
		if !utf8.ValidString(value) || !utf8.ValidString(around) ||
			strings.ContainsFunc(value, func(r rune) bool { return r < ' ' }) {
			t.Skip("no text")
		}
		b := New([]byte("key"), nil)
		b.observe(value, certain)
		b.observe("another-s3cret", certain)
		s := b.all[value]
		if s == nil || !b.replaceEverywhere(s) {
			t.Skip("a word")
		}
		hidden := "<" + nested(value, how) + ">"
		text := around + hidden + around + " " + value + " "
		b.read(text, 0)
		out := b.replace(text, 0)
		if b.replace(out, 0) != out || strings.Contains(out, value) {
			t.Errorf("%q is left in %q, from %q", value, out, text)
		}
		if strings.Contains(out, hidden) && !strings.Contains(around, hidden) {
			t.Errorf("%q hides in %q", value, out)
		}
		if one, other := b.of(s), b.of(b.all["another-s3cret"]); one == other || one != b.of(s) {
			t.Errorf("stand-ins %q and %q", one, other)
		}
		if fmt.Sprint(json.Valid([]byte(text))) != fmt.Sprint(json.Valid([]byte(out))) {
			t.Errorf("%q became %q", text, out)
		}
	})
}
