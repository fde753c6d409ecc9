// Package js reads texts as JavaScript does, because the vendor's server is written in it: what counts as a
// number, which characters are trimmed, and how URLs are parsed.
package js

import (
	"encoding/json"
	"math"
	"strconv"
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

// Number parses a text as Number(text) of JavaScript does, NaN for other texts.
func Number(text string) float64 {
	text = Trim(text)
	switch text {
	case "":
		return 0
	case "Infinity", "+Infinity":
		return math.Inf(1)
	case "-Infinity":
		return math.Inf(-1)
	}
	if len(text) > 2 && text[0] == '0' {
		if base := map[byte]int{'x': 16, 'o': 8, 'b': 2}[text[1]|0x20]; base != 0 {
			return integer(text[2:], base)
		}
	}
	if strings.Trim(text, "+-.0123456789eE") != "" {
		return math.NaN()
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil && !math.IsInf(n, 0) {
		return math.NaN()
	}
	return n
}

// integer reads the digits behind a prefix. A sign or an underscore is no digit.
func integer(digits string, base int) (n float64) {
	for _, c := range strings.ToLower(digits) {
		digit := strings.IndexRune("0123456789abcdef", c)
		if digit < 0 || digit >= base {
			return math.NaN()
		}
		n = n*float64(base) + float64(digit)
	}
	return n
}

// Trim returns a text without the blanks around it that text.trim() removes.
func Trim(text string) string { return strings.TrimFunc(text, isSpace) }

func isSpace(c rune) bool {
	return strings.ContainsRune("\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff", c) ||
		c >= 0x2000 && c <= 0x200a
}

// Text returns what String(value) returns for decoded JSON.
func Text(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		return v
	case map[string]any:
		return "[object Object]"
	case []any:
		parts := make([]string, len(v))
		for i, one := range v {
			if one != nil {
				parts[i] = Text(one)
			}
		}
		return strings.Join(parts, ",")
	}
	plain, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(plain)
}
