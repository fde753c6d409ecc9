// Package query parses query strings and urlencoded forms without errors, so that each dialect can
// decide what its vendor rejects.
package query

import (
	"net/url"
	"strconv"
	"strings"
)

// Parse parses a query string or an urlencoded form without errors: pairs end at &, a name ends at
// the first =, and an invalid escape stays as it is. It is the default of Def.Query.
func Parse(raw string) (url.Values, error) {
	values := url.Values{}
	for name, value := range Pairs(raw) {
		name = Unescape(name)
		values[name] = append(values[name], Unescape(value))
	}
	return values, nil
}

// Pairs yields the names and values of a query string in order, still escaped. It skips empty
// pairs.
func Pairs(raw string) func(yield func(name, value string) bool) {
	return func(yield func(name, value string) bool) {
		for pair := range strings.SplitSeq(raw, "&") {
			name, value, _ := strings.Cut(pair, "=")
			if pair != "" && !yield(name, value) {
				return
			}
		}
	}
}

// Unescape decodes + and the valid escapes of a text, and leaves invalid ones unchanged.
func Unescape(text string) string {
	if !strings.ContainsAny(text, "+%") {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '+' {
			c = ' '
		} else if b, ok := escaped(text[i:]); ok {
			c, i = b, i+2
		}
		out = append(out, c)
	}
	return string(out)
}

// BrokenEscape reports whether a text has a % without two hexadecimal digits after it.
func BrokenEscape(text string) bool {
	for i := range len(text) {
		if _, ok := escaped(text[i:]); text[i] == '%' && !ok {
			return true
		}
	}
	return false
}

func escaped(text string) (byte, bool) {
	if len(text) < 3 || text[0] != '%' {
		return 0, false
	}
	b, err := strconv.ParseUint(text[1:3], 16, 8)
	return byte(b), err == nil && text[1] != '+'
}
