package table

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math/bits"
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

// Open enters an object; it returns false if the next value is not an object.
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
		s.failed = c != ','
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

// Skip passes over signs and names in quotes that come next, with blanks between them or without; it refuses others.
func (s *Scanner) Skip(signs string) bool {
	if !s.failed && bytes.HasPrefix(s.text[s.at:], []byte(signs)) {
		s.at += len(signs)
		return true
	}
	for i, inside := 0, false; i < len(signs) && !s.failed; i++ {
		if !inside {
			s.peek()
		}
		s.failed = s.at == len(s.text) || s.text[s.at] != signs[i]
		inside = inside != (signs[i] == '"')
		s.at++
	}
	return !s.failed
}

// End reports whether nothing follows and all was read.
func (s *Scanner) End() bool { return s.peek() == 0 && !s.failed && s.at == len(s.text) }

// quoted reads a text that begins with c, without its quotes. If it is not plain, it has escapes.
func (s *Scanner) quoted(c byte) (content []byte, plain bool) {
	if c != '"' {
		s.failed = true
		return nil, false
	}
	start, high := s.at+1, uint64(0)
	plain = true
	for i := start; i < len(s.text); i++ {
		if i+8 <= len(s.text) {
			eight := binary.LittleEndian.Uint64(s.text[i:])
			high |= eight
			special := below(' ', eight) | below(1, eight^'"'*each) | below(1, eight^'\\'*each)
			if i += bits.TrailingZeros64(special) / 8; special == 0 {
				i-- // all eight are usual
				continue
			}
		}
		switch c := s.text[i]; {
		case c == '"':
			s.at = i + 1
			content = s.text[start:i]
			s.failed = high&highest != 0 && !utf8.Valid(content)
			return content, plain
		case c == '\\':
			plain = false
			i++
		case c < ' ':
			s.failed = true
			return nil, false
		default:
			high |= uint64(c)
		}
	}
	s.failed = true
	return nil, false
}

const each, highest = 0x0101010101010101, 0x8080808080808080

// below has the highest bit of the first of eight bytes that is below n, perhaps of some after it, and of no other.
func below(n, eight uint64) uint64 { return (eight - n*each) &^ eight & highest }

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
	s.failed = Decode(s.text[start:s.at], &decoded) != nil
	return []byte(decoded), !s.failed
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
	s.failed = !bytes.HasPrefix(s.text[s.at:], []byte(word))
	s.at += len(word)
	return !s.failed
}

// Number reads a number as it is written; ok is false if the next value is not a number.
func (s *Scanner) Number() (digits []byte, ok bool) {
	if c := s.peek(); c != '-' && (c < '0' || c > '9') {
		return nil, false
	}
	start, whole := s.at, true
	for ; s.at < len(s.text); s.at++ {
		c := s.text[s.at]
		if c <= ' ' || c == ',' || c == '}' || c == ']' {
			break
		}
		whole = whole && c >= '0' && c <= '9'
	}
	digits = s.text[start:s.at]
	s.failed = (!whole || digits[0] == '0' && len(digits) > 1) && !json.Valid(digits)
	return digits, !s.failed
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
	default:
		_, ok := s.Number()
		if !ok {
			_, ok = s.Bool()
		}
		s.failed = !ok && !s.Null()
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
