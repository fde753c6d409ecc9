package contracts

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// shape is the form of a piece of text. Only pieces with a shape can be variables.
type shape byte

const (
	uuidShape    shape = iota
	timeShape          // a date with a time of day
	dateShape          // a date alone
	hexShape           // at least 32 hexadecimal digits
	jwtShape           // three base64url parts, the first of them JSON
	cursorShape        // base64 of a JSON object or array
	floatShape         // a number accurate to 32 bits only; inside cursors
	redactShape        // what the recorder has redacted
	holeShape          // a placeholder of a hand-written case
	listedShape        // a generated value that the case lists
	standInShape       // a word in place of a secret
	numberShape        // a number that identifies a thing of the workspace
)

var shapeNames = [...]string{"a UUID", "a time", "a date", "a long hex value", "a JWT", "a cursor", "a 32-bit number",
	"any text", "a value", "a value of that form", "a token", "a number"}

func (s shape) String() string { return shapeNames[s] }

// token is a piece of a text that has a shape.
type token struct {
	shape      shape
	start, end int
	plain      string // without percent escapes

	resolution *resolvedToken // nil if nothing has been computed
}

// scan returns the pieces of s that have a shape, from left to right. A piece begins and ends at
// word boundaries, so that the middle of a longer number or name never counts.
func scan(s string) (found []token) {
	for i := 0; i+10 <= len(s); {
		if s[i] == '%' && isHex(s[i+1]) && isHex(s[i+2]) {
			i += 3
			continue
		}
		if !isWord(s[i]) || i > 0 && isWord(s[i-1]) && !escaped(s, i) {
			i++
			continue
		}
		t, ok := tokenAt(s, i)
		if ok {
			found = append(found, t)
			i = t.end
			continue
		}
		for i < len(s) && isWord(s[i]) {
			i++
		}
	}
	return found
}

// escaped reports whether a percent escape ends right before i.
func escaped(s string, i int) bool { return i >= 3 && s[i-3] == '%' }

func tokenAt(s string, i int) (token, bool) {
	for _, try := range [...]func(string, int) (token, bool){uuidAt, timeAt, base64At, hexAt} {
		if t, ok := try(s, i); ok {
			return t, true
		}
	}
	return token{}, false
}

func uuidAt(s string, i int) (token, bool) {
	if i+36 > len(s) || s[i+8] != '-' || s[i+13] != '-' || s[i+18] != '-' || s[i+23] != '-' {
		return token{}, false
	}
	for j := i; j < i+36; j++ {
		if s[j] != '-' && !isHex(s[j]) {
			return token{}, false
		}
	}
	return ended(s, token{shape: uuidShape, start: i, end: i + 36, plain: s[i : i+36]})
}

func hexAt(s string, i int) (token, bool) {
	j := i
	for j < len(s) && isHex(s[j]) {
		j++
	}
	if j-i < 32 {
		return token{}, false
	}
	return ended(s, token{shape: hexShape, start: i, end: j, plain: s[i:j]})
}

// ended rejects a token in the middle of a word.
func ended(s string, t token) (token, bool) {
	return t, t.end == len(s) || !isWord(s[t.end])
}

// timeAt parses a date, or a date with a time of day, with colons and plus signs percent-encoded or
// not.
func timeAt(s string, i int) (token, bool) {
	if i+10 > len(s) || s[i+4] != '-' || s[i+7] != '-' || !like(s[i:i+10], "dddd-dd-dd") {
		return token{}, false
	}
	j := i + 10
	if j < len(s) && (s[j] == 'T' || s[j] == ' ') {
		if end, plain := clockAt(s, j); end > 0 {
			return ended(s, token{shape: timeShape, start: i, end: end, plain: s[i:j] + plain})
		}
	}
	return ended(s, token{shape: dateShape, start: i, end: j, plain: s[i:j]})
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
func base64At(s string, i int) (token, bool) {
	if !strings.HasPrefix(s[i:], "ey") && !strings.HasPrefix(s[i:], "W") && !strings.HasPrefix(s[i:], "e3") {
		return token{}, false
	}
	j := base64Run(s, i)
	if k := jwtEnd(s, j); k > 0 {
		if _, ok := decodeSegment(s[i:j]); ok {
			return ended(s, token{shape: jwtShape, start: i, end: k, plain: s[i:k]})
		}
	}
	t := token{shape: cursorShape, start: i, end: j, plain: s[i:j]}
	if plain, err := url.PathUnescape(t.plain); err == nil {
		t.plain = plain
	}
	if _, _, ok := decodeCursor(t.plain); !ok {
		return token{}, false
	}
	return ended(s, t)
}

func base64Run(s string, i int) int {
	j := i
	for j < len(s) {
		switch {
		case isWord(s[j]) || strings.IndexByte("+/-_=", s[j]) >= 0:
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
		for k < len(s) && (isWord(s[k]) || s[k] == '-' || s[k] == '_') {
			k++
		}
		if k == j+1 {
			return 0
		}
		j = k
	}
	return j
}

func decodeSegment(s string) (string, bool) {
	plain, err := base64.RawURLEncoding.DecodeString(s)
	return string(plain), err == nil && json.Valid(plain)
}

var encodings = [...]*base64.Encoding{
	base64.StdEncoding.Strict(), base64.RawStdEncoding.Strict(), base64.URLEncoding.Strict(),
	base64.RawURLEncoding.Strict(),
}

// decodeCursor returns the JSON object or array that s holds in base64, and its alphabet.
func decodeCursor(s string) (plain string, in *base64.Encoding, ok bool) {
	for _, e := range encodings {
		data, err := e.DecodeString(s)
		if err == nil && len(data) > 1 && (data[0] == '{' || data[0] == '[') && utf8.Valid(data) && json.Valid(data) {
			return string(data), e, true
		}
	}
	return "", nil, false
}

// instant returns the time of a token of timeShape in milliseconds, the precision that all
// spellings share.
func (t token) instant() (int64, bool) {
	if t.resolution != nil {
		return t.resolution.ms, t.resolution.isTime
	}
	s := strings.Replace(t.plain, " ", "T", 1)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700",
		"2006-01-02T15:04:05.999999999Z07", "2006-01-02T15:04:05.999999999"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UnixMilli(), true
		}
	}
	return 0, false
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
