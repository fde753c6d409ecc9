// Package js has the values of JavaScript, because the vendor's server is written in it: how JSON, numbers and URLs are
// parsed and with which errors, which characters are trimmed, and how values appear in texts and messages.
//
// A value is nil, a bool, a float64, a string, a list ([]any) or an *[Object], which keeps the order of its keys.
package js

import (
	"strings"

	"github.com/nlnwa/whatwg-url/url"
)

// parser is Node 24's: its path encodes the caret too, which the WHATWG has asked for since 2024
// (fixtures/twenty/kind_values_links 58).
var parser = url.NewParser(url.WithPathPercentEncodeSet(url.PathPercentEncodeSet.Set('^')))

// ParseURL parses a text as new URL(text) of JavaScript does. Known difference: a host with letters
// beyond ASCII may not hold an underscore or other punctuation, which JavaScript allows.
func ParseURL(text string) (*url.Url, error) { return parser.Parse(text) }

// Origin returns what JavaScript calls the origin of a URL, "null" without a host.
func Origin(u *url.Url) string {
	switch u.Scheme() {
	case "http", "https", "ws", "wss", "ftp":
		return u.Protocol() + "//" + u.Host()
	}
	return "null"
}

// Trim returns a text without the blanks around it that text.trim() removes.
func Trim(text string) string { return strings.TrimFunc(text, isSpace) }

// OneSpaced returns a text without blanks around it, and with one between any two words.
func OneSpaced(text string) string { return strings.Join(strings.FieldsFunc(text, isSpace), " ") }

func isSpace(c rune) bool {
	return strings.ContainsRune("\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff", c) ||
		c >= 0x2000 && c <= 0x200a
}

// Map returns the results of f for the items of a list. It is never nil.
func Map[T, R any](list []T, f func(T) R) []R {
	out := make([]R, len(list))
	for i, item := range list {
		out[i] = f(item)
	}
	return out
}

// Where returns the items of a list that f accepts; without one it is nil.
func Where[T any](list []T, f func(T) bool) (out []T) {
	for _, item := range list {
		if f(item) {
			out = append(out, item)
		}
	}
	return out
}

// Only returns the items of a list that have a type; without one it is nil.
func Only[R, T any](list []T) (out []R) {
	for _, item := range list {
		if r, ok := any(item).(R); ok {
			out = append(out, r)
		}
	}
	return out
}

// Comma appends the comma before each item of a list but the first.
func Comma(out []byte, i int) []byte {
	if i > 0 {
		out = append(out, ',')
	}
	return out
}
