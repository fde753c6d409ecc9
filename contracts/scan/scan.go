// Package scan finds the values in a text that a server may have generated: identifiers, times, long hexadecimal
// values, JSON Web Tokens and cursors. It knows their spellings and nothing of what they stand for.
package scan

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// Shape is the form of a piece of text. Only pieces with a shape can be variables.
type Shape byte

// The shapes.
const (
	UUID        Shape = iota
	Time              // a date with a time of day
	Date              // a date alone
	Hex               // at least 32 hexadecimal digits
	JWT               // three base64url parts, the first of them JSON
	Cursor            // base64 of a JSON object or array
	Float32           // a number accurate to 32 bits only; inside cursors
	Redaction         // what the recorder has redacted
	Placeholder       // a placeholder of a hand-written case
	Listed            // a generated value that the case lists
	StandIn           // a word in place of a secret
	Number            // a number that identifies a thing of the workspace
)

var shapeNames = [...]string{"a UUID", "a time", "a date", "a long hex value", "a JWT", "a cursor", "a 32-bit number",
	"any text", "a value", "a value of that form", "a token", "a number"}

// String returns a shape with its article, for messages.
func (s Shape) String() string { return shapeNames[s] }

// Token is a piece of a text that has a shape.
type Token struct {
	Shape      Shape
	Start, End int
	Plain      string // without percent escapes

	resolution *resolvedToken // nil if nothing has been computed
}

// Tokens returns the pieces of s that have a shape, from left to right. A piece begins and ends at
// word boundaries, so that the middle of a longer number or name never counts.
func Tokens(s string) (found []Token) {
	for i := 0; i+10 <= len(s); {
		if s[i] == '%' && isHex(s[i+1]) && isHex(s[i+2]) {
			i += 3
			continue
		}
		if !IsWord(s[i]) || !Begins(s, i) {
			i++
			continue
		}
		t, ok := At(s, i)
		if ok {
			found = append(found, t)
			i = t.End
			continue
		}
		for i < len(s) && IsWord(s[i]) {
			i++
		}
	}
	return found
}

// Begins reports whether a word may begin at i: no letter or digit stands before it, except those of a percent escape.
func Begins(s string, i int) bool { return i == 0 || !IsWord(s[i-1]) || Escaped(s, i) }

// Escaped reports whether a percent escape ends right before i.
func Escaped(s string, i int) bool { return i >= 3 && s[i-3] == '%' }

// At returns the token that begins at i, if one does.
func At(s string, i int) (Token, bool) {
	for _, try := range [...]func(string, int) (Token, bool){uuidAt, TimeAt, base64At, hexAt} {
		if t, ok := try(s, i); ok {
			return t, true
		}
	}
	return Token{}, false
}

func uuidAt(s string, i int) (Token, bool) {
	if i+36 > len(s) || s[i+8] != '-' || s[i+13] != '-' || s[i+18] != '-' || s[i+23] != '-' {
		return Token{}, false
	}
	for j := i; j < i+36; j++ {
		if s[j] != '-' && !isHex(s[j]) {
			return Token{}, false
		}
	}
	return Ended(s, Token{Shape: UUID, Start: i, End: i + 36, Plain: s[i : i+36]})
}

func hexAt(s string, i int) (Token, bool) {
	j := i
	for j < len(s) && isHex(s[j]) {
		j++
	}
	if j-i < 32 {
		return Token{}, false
	}
	return Ended(s, Token{Shape: Hex, Start: i, End: j, Plain: s[i:j]})
}

// Ended rejects a token in the middle of a word.
func Ended(s string, t Token) (Token, bool) {
	return t, t.End == len(s) || !IsWord(s[t.End])
}

// TimeAt parses a date, or a date with a time of day, with colons and plus signs percent-encoded or
// not.
func TimeAt(s string, i int) (Token, bool) {
	if i+10 > len(s) || s[i+4] != '-' || s[i+7] != '-' || !like(s[i:i+10], "dddd-dd-dd") {
		return Token{}, false
	}
	j := i + 10
	if j < len(s) && (s[j] == 'T' || s[j] == ' ') {
		if end, plain := clockAt(s, j); end > 0 {
			return Ended(s, Token{Shape: Time, Start: i, End: end, Plain: s[i:j] + plain})
		}
	}
	return Ended(s, Token{Shape: Date, Start: i, End: j, Plain: s[i:j]})
}

// clockAt parses "T12:34:56.789+09:00" and returns its end.
func clockAt(s string, i int) (end int, plain string) {
	j := i + 1
	plain = s[i:j]
	take := func(pattern string) bool {
		n, text := likeEscaped(s[j:], pattern)
		j += n
		plain += text
		return n > 0
	}
	if !take("dd:dd:dd") {
		return 0, ""
	}
	if j < len(s) && s[j] == '.' {
		k := j + 1
		for k < len(s) && s[k] >= '0' && s[k] <= '9' {
			k++
		}
		plain += s[j:k]
		j = k
	}
	if !take("Z") && !take("sdd:dd") {
		take("sdd")
	}
	return j, plain
}

// like matches a text with a pattern: d is a digit, s a sign, anything else itself.
func like(s, pattern string) bool {
	n, _ := likeEscaped(s, pattern)
	return n == len(s)
}

// likeEscaped matches the start of s, in which colons and signs may be percent-encoded.
func likeEscaped(s, pattern string) (n int, plain string) {
	var b strings.Builder
	for k := range len(pattern) {
		if n >= len(s) {
			return 0, ""
		}
		c, width := s[n], 1
		if c == '%' && n+3 <= len(s) {
			if un, err := url.PathUnescape(s[n : n+3]); err == nil {
				c, width = un[0], 3
			}
		}
		ok := c == pattern[k]
		switch pattern[k] {
		case 'd':
			ok = c >= '0' && c <= '9'
		case 's':
			ok = c == '+' || c == '-'
		}
		if !ok {
			return 0, ""
		}
		b.WriteByte(c)
		n += width
	}
	return n, b.String()
}

// base64At parses a cursor or a JWT, which begin with a JSON object or array in base64.
func base64At(s string, i int) (Token, bool) {
	if !strings.HasPrefix(s[i:], "ey") && !strings.HasPrefix(s[i:], "W") && !strings.HasPrefix(s[i:], "e3") {
		return Token{}, false
	}
	j := base64Run(s, i)
	if k := jwtEnd(s, j); k > 0 {
		if _, ok := DecodeSegment(s[i:j]); ok {
			return Ended(s, Token{Shape: JWT, Start: i, End: k, Plain: s[i:k]})
		}
	}
	t := Token{Shape: Cursor, Start: i, End: j, Plain: s[i:j]}
	if plain, err := url.PathUnescape(t.Plain); err == nil {
		t.Plain = plain
	}
	if _, _, ok := DecodeCursor(t.Plain); !ok {
		return Token{}, false
	}
	return Ended(s, t)
}

func base64Run(s string, i int) int {
	j := i
	for j < len(s) {
		switch {
		case IsWord(s[j]) || strings.IndexByte("+/-_=", s[j]) >= 0:
			j++
		case s[j] == '%' && j+3 <= len(s) && strings.Contains("2B2F3D", strings.ToUpper(s[j+1:j+3])):
			j += 3
		default:
			return j
		}
	}
	return j
}

// jwtEnd returns the end of a JWT whose first part ends at j, or 0.
func jwtEnd(s string, j int) int {
	for range 2 {
		if j >= len(s) || s[j] != '.' {
			return 0
		}
		k := j + 1
		for k < len(s) && (IsWord(s[k]) || s[k] == '-' || s[k] == '_') {
			k++
		}
		if k == j+1 {
			return 0
		}
		j = k
	}
	return j
}

// DecodeSegment returns the JSON that a part of a JWT holds in base64.
func DecodeSegment(s string) (string, bool) {
	plain, err := base64.RawURLEncoding.DecodeString(s)
	return string(plain), err == nil && json.Valid(plain)
}

var encodings = [...]*base64.Encoding{
	base64.StdEncoding.Strict(), base64.RawStdEncoding.Strict(), base64.URLEncoding.Strict(),
	base64.RawURLEncoding.Strict(),
}

// DecodeCursor returns the JSON object or array that s holds in base64, and its alphabet.
func DecodeCursor(s string) (plain string, in *base64.Encoding, ok bool) {
	for _, e := range encodings {
		data, err := e.DecodeString(s)
		if err == nil && len(data) > 1 && (data[0] == '{' || data[0] == '[') && utf8.Valid(data) && json.Valid(data) {
			return string(data), e, true
		}
	}
	return "", nil, false
}

// Instant returns the time of a token of timeShape in milliseconds, the precision that all
// spellings share.
func (t Token) Instant() (int64, bool) {
	if t.resolution != nil {
		return t.resolution.ms, t.resolution.isTime
	}
	s := strings.Replace(t.Plain, " ", "T", 1)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700",
		"2006-01-02T15:04:05.999999999Z07", "2006-01-02T15:04:05.999999999"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UnixMilli(), true
		}
	}
	return 0, false
}

// IsWord reports whether a byte is a letter or a digit of ASCII.
func IsWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// UUIDs returns the identifiers in a text, including those in cursors.
func UUIDs(s string) (ids []string) {
	for _, t := range Tokens(s) {
		switch t.Shape {
		case UUID:
			ids = append(ids, t.Plain)
		case Cursor:
			plain, _, _ := DecodeCursor(t.Plain)
			ids = append(ids, UUIDs(plain)...)
		}
	}
	return ids
}
