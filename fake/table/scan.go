package table

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// Scanner reads the JSON of a row that a table wrote itself, faster than a decoder does. It reads objects of scalars
// and of objects; other values it returns undecoded. It refuses some valid JSON, such as names with escapes and texts
// that are no UTF-8: after a refusal Failed is true, nothing more is read, and the row must be decoded in another way.
type Scanner struct {
	text   []byte
	at     int
	first  bool // no member of the innermost object has been read
	failed bool
}

// Scan returns a Scanner that stands before a value.
func Scan(text []byte) Scanner { return Scanner{text: text} }

// Failed reports whether the JSON was refused.
func (s *Scanner) Failed() bool { return s.failed }

// peek returns the next byte that is no blank, or 0 at the end and after a refusal.
func (s *Scanner) peek() byte {
	for ; s.at < len(s.text) && !s.failed; s.at++ {
		if c := s.text[s.at]; c > ' ' || c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c
		}
	}
	return 0
}

// Open enters an object; it returns false if the next value is none.
func (s *Scanner) Open() bool {
	if s.peek() != '{' {
		return false
	}
	s.at, s.first = s.at+1, true
	return true
}

// Next returns the name of the next member, whose value must be read then. It leaves the object after the last one.
func (s *Scanner) Next() (name []byte, ok bool) {
	c := s.peek()
	first := s.first
	s.first = false
	if c == '}' {
		s.at++
		return nil, false
	}
	if !first {
		if c != ',' {
			s.failed = true
			return nil, false
		}
		s.at++
		c = s.peek()
	}
	name, plain := s.quoted(c)
	if s.peek() != ':' || !plain {
		s.failed = true
		return nil, false
	}
	s.at++
	return name, true
}

// End reports whether nothing follows and all was read.
func (s *Scanner) End() bool { return s.peek() == 0 && !s.failed && s.at == len(s.text) }

// quoted reads a text that begins with c, without its quotes. If it is not plain, it has escapes.
func (s *Scanner) quoted(c byte) (content []byte, plain bool) {
	if c != '"' {
		s.failed = true
		return nil, false
	}
	start, ascii := s.at+1, byte(0)
	plain = true
	for i := start; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '"':
			s.at = i + 1
			content = s.text[start:i]
			s.failed = ascii >= utf8.RuneSelf && !utf8.Valid(content)
			return content, plain
		case c == '\\':
			plain = false
			i++
		case c < ' ':
			s.failed = true
			return nil, false
		default:
			ascii |= c
		}
	}
	s.failed = true
	return nil, false
}

// Text reads a text; ok is false if the next value is another.
func (s *Scanner) Text() (text []byte, ok bool) {
	if s.peek() != '"' {
		return nil, false
	}
	start := s.at
	text, plain := s.quoted('"')
	if plain || s.failed {
		return text, !s.failed
	}
	var decoded string
	if Decode(s.text[start:s.at], &decoded) != nil {
		s.failed = true
		return nil, false
	}
	return []byte(decoded), true
}

// Null reads a null; ok is false if the next value is another.
func (s *Scanner) Null() (ok bool) { return s.peek() == 'n' && s.word("null") }

// Bool reads a boolean; ok is false if the next value is another.
func (s *Scanner) Bool() (value, ok bool) {
	switch s.peek() {
	case 't':
		return true, s.word("true")
	case 'f':
		return false, s.word("false")
	}
	return false, false
}

func (s *Scanner) word(word string) bool {
	if !bytes.HasPrefix(s.text[s.at:], []byte(word)) {
		s.failed = true
		return false
	}
	s.at += len(word)
	return true
}

// Number reads a number as it is written; ok is false if the next value is none.
func (s *Scanner) Number() (digits []byte, ok bool) {
	if c := s.peek(); c != '-' && (c < '0' || c > '9') {
		return nil, false
	}
	start := s.at
	s.optional("-")
	if whole := s.digits(); len(whole) == 0 || len(whole) > 1 && whole[0] == '0' {
		s.failed = true
	}
	if s.optional(".") && len(s.digits()) == 0 {
		s.failed = true
	}
	if s.optional("eE") {
		s.optional("+-")
		s.failed = len(s.digits()) == 0 || s.failed
	}
	return s.text[start:s.at], !s.failed
}

// Float reads a number; ok is false if the next value is another.
func (s *Scanner) Float() (value float64, ok bool) {
	digits, ok := s.Number()
	if !ok {
		return 0, false
	}
	value, err := strconv.ParseFloat(string(digits), 64)
	s.failed = err != nil
	return value, !s.failed
}

func (s *Scanner) optional(signs string) bool {
	if s.at < len(s.text) && bytes.IndexByte([]byte(signs), s.text[s.at]) >= 0 {
		s.at++
		return true
	}
	return false
}

func (s *Scanner) digits() []byte {
	start := s.at
	for s.at < len(s.text) && s.text[s.at] >= '0' && s.text[s.at] <= '9' {
		s.at++
	}
	return s.text[start:s.at]
}

// Value returns the text of a value of any kind. It may be invalid JSON if it is an object or a list, which must be
// decoded.
func (s *Scanner) Value() []byte {
	c := s.peek()
	start := s.at
	switch c {
	case '{', '[':
		s.nested()
	case '"':
		s.quoted(c)
	case 'n':
		s.word("null")
	case 't', 'f':
		s.Bool()
	default:
		if _, ok := s.Number(); !ok {
			s.failed = true
		}
	}
	if s.failed {
		return nil
	}
	return s.text[start:s.at]
}

// nested passes over an object or a list.
func (s *Scanner) nested() {
	for depth := 0; s.at < len(s.text) && !s.failed; {
		switch c := s.text[s.at]; c {
		case '"':
			s.quoted(c)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				s.at++
				return
			}
		}
		s.at++
	}
	s.failed = true
}

// Seen is a set of members that were read: those of greater numbers than it has room for do not fit.
type Seen [4]uint64

// Add adds a member; it returns false if the member is there or does not fit.
func (s *Seen) Add(i int) bool {
	if i >= 64*len(s) || s.Has(i) {
		return false
	}
	s[i/64] |= 1 << (i % 64)
	return true
}

// Has reports whether a member is there.
func (s *Seen) Has(i int) bool { return i < 64*len(s) && s[i/64]&(1<<(i%64)) != 0 }
