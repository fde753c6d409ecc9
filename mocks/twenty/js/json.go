package js

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// deepestJSON is how deep values may nest. JavaScript has no such limit.
const deepestJSON = 5000

// ParseJSON parses a JSON text as JSON.parse does. Its errors are those of V8 in Node 24.
func ParseJSON(text string) (any, error) {
	p := &jsonParser{text: text}
	v, err := p.value()
	if err != nil {
		return nil, err
	}
	if p.space(); p.at < len(p.text) {
		return nil, p.fail(trailing)
	}
	return v, nil
}

// ParseBody parses a body as Express's body parser does: a value that is no object and no list fails at its first
// character, as a text does that is no JSON at all (fixtures/twenty/rest_validation_errors, kind_entrance_bodies).
func ParseBody(text string) (any, error) {
	p := &jsonParser{text: text}
	if p.space(); p.at < len(text) && text[p.at] != '{' && text[p.at] != '[' {
		return nil, p.unexpectedToken()
	}
	return ParseJSON(text)
}

// SyntaxError is JavaScript's error of that name.
type SyntaxError string

func (e SyntaxError) Error() string { return string(e) }

const trailing = "Unexpected non-whitespace character after JSON"

type jsonParser struct {
	text  string
	at    int
	depth int
}

func (p *jsonParser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

func (p *jsonParser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

// fail returns an error that names the place by position, line and column, in UTF-16 units. A line ends with \n, \r\n
// or \r.
func (p *jsonParser) fail(what string) error {
	before := p.text[:p.at]
	crlf := strings.Count(before, "\r\n")
	if strings.HasSuffix(before, "\r") && p.peek() == '\n' {
		crlf++ // the line ends behind the place
	}
	line := strings.Count(before, "\n") + strings.Count(before, "\r") - crlf + 1
	column := units(before[strings.LastIndexAny(before, "\r\n")+1:]) + 1
	if what != trailing {
		what += " in JSON"
	}
	return SyntaxError(fmt.Sprintf("%s at position %d (line %d column %d)", what, units(before), line, column))
}

const errEndOfJSON = SyntaxError("Unexpected end of JSON input")

// noJSON are texts that come of values that are no texts, which V8 does not take apart.
var noJSON = []string{"NaN", "Infinity", "undefined", "[object Object]"}

// unexpected returns the error for a character that begins no value, or does not belong to its word.
func (p *jsonParser) unexpected() error {
	switch c := p.peek(); {
	case p.at >= len(p.text):
		return errEndOfJSON
	case slices.Contains(noJSON, p.text):
		return SyntaxError(strconv.Quote(p.text) + " is not valid JSON")
	case c == '"':
		return p.fail("Unexpected string")
	case c == '-' || isDigit(c):
		return p.fail("Unexpected number")
	}
	return p.unexpectedToken()
}

// unexpectedToken returns an error that shows a character and the text around it.
func (p *jsonParser) unexpectedToken() error {
	all := utf16.Encode([]rune(p.text))
	at := units(p.text[:p.at])
	token := rune(all[at]) // one UTF-16 unit: half of a surrogate pair prints as U+FFFD
	const around = 10
	from, to, head, tail := 0, len(all), "", ""
	if len(all) > 2*around {
		if at >= around {
			from, head = at-around, "..."
		}
		if at+around < len(all) {
			to, tail = at+around, "..."
		}
	}
	shown := string(utf16.Decode(all[from:to]))
	return SyntaxError(fmt.Sprintf("Unexpected token '%c', %s\"%s\"%s is not valid JSON", token, head, shown, tail))
}

func units(s string) int { return len(utf16.Encode([]rune(s))) }

func (p *jsonParser) value() (any, error) {
	if p.depth++; p.depth > deepestJSON {
		return nil, p.unexpected()
	}
	defer func() { p.depth-- }()
	p.space()
	switch c := p.peek(); {
	case c == '{':
		return p.object()
	case c == '[':
		return p.array()
	case c == '"':
		return p.string()
	case c == '-' || isDigit(c):
		return p.number()
	case c == 't':
		return true, p.word("true")
	case c == 'f':
		return false, p.word("false")
	case c == 'n':
		return nil, p.word("null")
	}
	return nil, p.unexpected()
}

func (p *jsonParser) word(word string) error {
	for i := range len(word) {
		if p.peek() != word[i] {
			return p.unexpected()
		}
		p.at++
	}
	return nil
}

func (p *jsonParser) object() (any, error) {
	o := &Object{}
	p.at++
	for first := true; ; first = false {
		p.space()
		if p.peek() == '}' && first {
			p.at++
			return o, nil
		}
		if p.peek() != '"' {
			if first {
				return nil, p.fail("Expected property name or '}'")
			}
			return nil, p.fail("Expected double-quoted property name")
		}
		key, err := p.string()
		if err != nil {
			return nil, err
		}
		if p.space(); p.peek() != ':' {
			return nil, p.fail("Expected ':' after property name")
		}
		p.at++
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		o.Members = append(o.Members, Member{key, v})
		more, err := p.more('}', "Expected ',' or '}' after property value")
		if err != nil {
			return nil, err
		}
		if !more {
			o.dropRepeated()
			o.numbersFirst()
			return o, nil
		}
	}
}

// more reads what follows an item, and reports whether it is a comma and not the end.
func (p *jsonParser) more(end byte, expected string) (bool, error) {
	p.space()
	c := p.peek()
	if c != ',' && c != end {
		return false, p.fail(expected)
	}
	p.at++
	return c == ',', nil
}

func (p *jsonParser) array() (any, error) {
	out := []any{}
	p.at++
	if p.space(); p.peek() == ']' {
		p.at++
		return out, nil
	}
	for {
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		out = append(out, v)
		if more, err := p.more(']', "Expected ',' or ']' after array element"); !more {
			return out, err
		}
	}
}

func (p *jsonParser) number() (any, error) {
	from := p.at
	if p.peek() == '-' {
		p.at++
		if !isDigit(p.peek()) {
			return nil, p.fail("No number after minus sign")
		}
	}
	if p.peek() == '0' {
		p.at++
		if isDigit(p.peek()) {
			return nil, p.fail("Unexpected number")
		}
	}
	p.digits()
	if p.peek() == '.' {
		p.at++
		if !p.digits() {
			return nil, p.fail("Unterminated fractional number")
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.at++
		if c := p.peek(); c == '+' || c == '-' {
			p.at++
		}
		if !p.digits() {
			return nil, p.fail("Exponent part is missing a number")
		}
	}
	n, _ := strconv.ParseFloat(p.text[from:p.at], 64) // too large is infinity, as in JavaScript
	return n, nil
}

func (p *jsonParser) digits() (some bool) {
	for ; isDigit(p.peek()); p.at++ {
		some = true
	}
	return some
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func (p *jsonParser) string() (string, error) {
	p.at++
	from := p.at
	var out []byte // what is before from, decoded
	for {
		switch c := p.peek(); {
		case p.at >= len(p.text):
			return "", p.fail("Unterminated string")
		case c == '"':
			out = append(out, p.text[from:p.at]...)
			p.at++
			return strings.ToValidUTF8(string(out), "\uFFFD"), nil
		case c < 0x20:
			return "", p.fail("Bad control character in string literal")
		case c == '\\':
			out = append(out, p.text[from:p.at]...)
			p.at++
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			out, from = utf8.AppendRune(out, r), p.at
		default:
			p.at++
		}
	}
}

// firstBeyondLatin1 is the first byte of U+0100, the least of those that begin later characters. V8 finds them in no
// table of escapes.
const firstBeyondLatin1 = 0xC4

func (p *jsonParser) escape() (rune, error) {
	if p.at >= len(p.text) {
		return 0, errEndOfJSON
	}
	c := p.text[p.at]
	if c != 'u' {
		i := strings.IndexByte(`"\/bfnrt`, c)
		switch {
		case i < 0 && c >= firstBeyondLatin1:
			return 0, p.unexpectedToken()
		case i < 0:
			return 0, p.fail("Bad escaped character")
		}
		p.at++
		return rune("\"\\/\b\f\n\r\t"[i]), nil
	}
	p.at++
	r, err := p.hex()
	if err != nil || !utf16.IsSurrogate(r) || !strings.HasPrefix(p.text[p.at:], `\u`) {
		return r, err
	}
	before := p.at
	p.at += 2
	low, err := p.hex()
	if pair := utf16.DecodeRune(r, low); err == nil && pair != utf8.RuneError {
		return pair, nil
	}
	p.at = before
	return utf8.RuneError, err
}

func (p *jsonParser) hex() (rune, error) {
	var n rune
	for range 4 {
		digit := strings.IndexByte("0123456789abcdef0123456789ABCDEF", p.peek())
		if digit < 0 {
			return 0, p.fail("Bad Unicode escape")
		}
		n = n<<4 | rune(digit&15)
		p.at++
	}
	return n, nil
}
