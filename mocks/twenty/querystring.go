package twenty

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"

	"github.com/afba07b5/mockserver/fake/query"
)

// mostParameters is how many parameters Node reads of a query string.
const mostParameters = 1000

// parseQuery reads a query string as Node's querystring does: good escapes are decoded and broken ones stay.
func parseQuery(raw string) (url.Values, error) {
	values := url.Values{}
	n := 0
	for key, value := range query.Pairs(raw) {
		if n++; n > mostParameters {
			break
		}
		key = unescape(key)
		values[key] = append(values[key], unescape(value))
	}
	return values, nil
}

// unescape decodes a key or a value. Bytes that are not UTF-8 become U+FFFD. Bytes over 0x7F that came without
// an escape are Latin 1 where nothing is escaped: Node takes addresses for that.
func unescape(text string) string {
	text = strings.ReplaceAll(text, "+", " ")
	if !strings.Contains(text, "%") {
		return latin1(text)
	}
	// As Latin 1, a byte without an escape cannot complete the character that an escape begins.
	if decoded, err := url.PathUnescape(latin1(text)); err == nil && utf8.ValidString(decoded) {
		return decoded
	}
	plain := query.Unescape(text)
	fixed, err := unicode.UTF8.NewDecoder().String(plain)
	if err != nil {
		return plain
	}
	return fixed
}

func latin1(text string) string {
	if !strings.ContainsFunc(text, func(c rune) bool { return c >= utf8.RuneSelf }) {
		return text
	}
	var out strings.Builder
	for i := range len(text) {
		out.WriteRune(rune(text[i]))
	}
	return out.String()
}

// unescapeForm decodes a key or a value of a form as qs does, which keeps a text with an invalid
// escape unchanged: kind_entrance_bodies.
func unescapeForm(text string) string {
	text = strings.ReplaceAll(text, "+", " ")
	if plain, err := url.PathUnescape(text); err == nil && utf8.ValidString(plain) {
		return plain
	}
	return text
}
