package record

import (
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Object is a JSON object that remembers the order of its keys, in which values are checked.
type Object struct {
	Members   []Member
	NullProto bool // it was written as a literal of a GraphQL document, which shows when it is printed
}

// Member is one key of an Object with its value: nil, bool, float64, string, []any or *Object.
type Member struct {
	Key   string
	Value any
}

// Get returns the value of a key and whether there is one.
func (o *Object) Get(key string) (any, bool) {
	for _, m := range o.Members {
		if m.Key == key {
			return m.Value, true
		}
	}
	return nil, false
}

// Value returns the value of a key, or nil.
func (o *Object) Value(key string) any {
	v, _ := o.Get(key)
	return v
}

// Set adds a key or replaces its value.
func (o *Object) Set(key string, value any) {
	for i := range o.Members {
		if o.Members[i].Key == key {
			o.Members[i].Value = value
			return
		}
	}
	o.Members = append(o.Members, Member{key, value})
}

// Plain returns a value with its objects as maps.
func Plain(v any) any {
	switch v := v.(type) {
	case *Object:
		out := make(map[string]any, len(v.Members))
		for _, m := range v.Members {
			out[m.Key] = Plain(m.Value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = Plain(v[i])
		}
		return out
	}
	return v
}

// Ordered returns a value with its maps as objects, keys sorted.
func Ordered(v any) any {
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		out := &Object{}
		for _, k := range keys {
			out.Members = append(out.Members, Member{k, Ordered(v[k])})
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = Ordered(v[i])
		}
		return out
	}
	return v
}

// CheckBody returns nil for a JSON text whose value is an object or an array, and otherwise the
// error of the server's body parser, which is V8's: a bare value fails at its first character.
func CheckBody(text string) error {
	p := &jsonParser{text: text}
	if p.space(); p.at < len(text) && text[p.at] != '{' && text[p.at] != '[' {
		return p.unexpected()
	}
	if json.Valid([]byte(text)) {
		return nil
	}
	_, err := ParseJSON(text)
	return err
}

// deepestJSON is how deep values may nest. JavaScript has no such limit.
const deepestJSON = 5000

// ParseJSON reads a JSON text as JavaScript's JSON.parse does. Its errors carry V8's messages.
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

// fail is an error that names the place by position, line and column, in UTF-16 units.
func (p *jsonParser) fail(what string) error {
	before := p.text[:p.at]
	line := strings.Count(before, "\n") + 1
	column := units(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	if what != trailing {
		what += " in JSON"
	}
	return SyntaxError(fmt.Sprintf("%s at position %d (line %d column %d)", what, units(before), line, column))
}

const errEndOfJSON = SyntaxError("Unexpected end of JSON input")

// unexpected returns an error that shows the token and the text around it.
func (p *jsonParser) unexpected() error {
	if p.at >= len(p.text) {
		return errEndOfJSON
	}
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
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	for word, v := range map[string]any{"true": true, "false": false, "null": nil} {
		if p.peek() == word[0] {
			return v, p.word(word)
		}
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
		o.Set(key, v)
		p.space()
		switch p.peek() {
		case ',':
			p.at++
		case '}':
			p.at++
			return o.numbersFirst(), nil
		default:
			return nil, p.fail("Expected ',' or '}' after property value")
		}
	}
}

// numbersFirst puts keys that are array indexes first, in ascending order, as JavaScript does.
func (o *Object) numbersFirst() *Object {
	index := func(m Member) int {
		n, err := strconv.ParseUint(m.Key, 10, 32)
		if err != nil || strconv.FormatUint(n, 10) != m.Key {
			return math.MaxInt
		}
		return int(n)
	}
	sort.SliceStable(o.Members, func(i, j int) bool { return index(o.Members[i]) < index(o.Members[j]) })
	return o
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
		p.space()
		switch p.peek() {
		case ',':
			p.at++
		case ']':
			p.at++
			return out, nil
		default:
			return nil, p.fail("Expected ',' or ']' after array element")
		}
	}
}

func (p *jsonParser) number() (any, error) {
	from := p.at
	if p.peek() == '-' {
		p.at++
		if c := p.peek(); c < '0' || c > '9' {
			return nil, p.fail("No number after minus sign")
		}
	}
	if p.peek() == '0' {
		p.at++
		if c := p.peek(); c >= '0' && c <= '9' {
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
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.at++
		some = true
	}
	return some
}

func (p *jsonParser) string() (string, error) {
	p.at++
	var out []byte
	for {
		switch c := p.peek(); {
		case p.at >= len(p.text):
			return "", p.fail("Unterminated string")
		case c == '"':
			p.at++
			return strings.ToValidUTF8(string(out), "\uFFFD"), nil
		case c < 0x20:
			return "", p.fail("Bad control character in string literal")
		case c == '\\':
			p.at++
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, c)
			p.at++
		}
	}
}

func (p *jsonParser) escape() (rune, error) {
	if p.at >= len(p.text) {
		return 0, errEndOfJSON
	}
	c := p.text[p.at]
	if c != 'u' {
		i := strings.IndexByte(`"\/bfnrt`, c)
		if i < 0 {
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
