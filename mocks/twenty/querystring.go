package twenty

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
)

// mostParameters is how many parameters Node reads of a query string.
const mostParameters = 1000

// readQuery reads a query string as Node's querystring does: good escapes are decoded and broken ones stay.
func readQuery(raw string) (url.Values, error) {
	values := url.Values{}
	n := 0
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		if n++; n > mostParameters {
			break
		}
		key, value, _ := strings.Cut(pair, "=")
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
	plain := decodePercent(text)
	fixed, err := unicode.UTF8.NewDecoder().String(plain)
	if err != nil {
		return plain
	}
	return fixed
}

// decodePercent decodes the valid escapes of a text and keeps everything else.
func decodePercent(text string) string {
	var out bytes.Buffer
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if b, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil &&
				!strings.ContainsAny(text[i+1:i+3], "+-_") {
				out.WriteByte(byte(b))
				i += 2
				continue
			}
		}
		out.WriteByte(text[i])
	}
	return out.String()
}

func latin1(text string) string {
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
