// Package jsontext checks JSON and complains in the words of the JavaScript engine that the vendor's server
// runs on, because clients see them.
//
//	err := jsontext.Check(body) // Unexpected token 'n', "nope" is not valid JSON
//
// [Check] refuses bare values as the server's body parser does; [Parse] takes any JSON.
package jsontext

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Check returns nil for JSON whose value is an object or an array, and otherwise the engine's complaint.
func Check(text []byte) error {
	first := bytes.TrimLeft(text, " \t\r\n")
	if len(first) == 0 || first[0] == '{' || first[0] == '[' {
		return Parse(text)
	}
	c := reader{text: string(text), at: len(text) - len(first)}
	return c.unexpected()
}

// Parse returns nil for JSON, and otherwise the engine's complaint.
func Parse(text []byte) error {
	if json.Valid(text) && utf8.Valid(text) {
		return nil
	}
	r := &reader{text: string(text)}
	err := r.value(0)
	if err == nil {
		r.space()
		if r.at < len(r.text) {
			return r.place("Unexpected non-whitespace character after JSON")
		}
	}
	return err
}

// reader walks JSON until it finds what is wrong with it.
type reader struct {
	text string
	at   int
}

func (r *reader) space() {
	for r.at < len(r.text) && strings.IndexByte(" \t\r\n", r.text[r.at]) >= 0 {
		r.at++
	}
}

// next skips blanks and returns the byte there, 0 at the end.
func (r *reader) next() byte {
	r.space()
	if r.at >= len(r.text) {
		return 0
	}
	return r.text[r.at]
}

func (r *reader) place(what string) error {
	before := r.text[:r.at]
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return complaint(fmt.Sprintf("%s in JSON at position %d (line %d column %d)", what, utf8.RuneCountInString(before), line, column))
}

// complaint is what the engine says, as it says it.
type complaint string

func (c complaint) Error() string { return string(c) }

const errEnd = complaint("Unexpected end of JSON input")

// context is how many characters the engine shows on both sides of a token.
const context = 10

func (r *reader) unexpected() error {
	if r.at >= len(r.text) {
		return errEnd
	}
	token, _ := utf8.DecodeRuneInString(r.text[r.at:])
	all := []rune(r.text)
	at := utf8.RuneCountInString(r.text[:r.at])
	shown, before, after := all, "", ""
	if len(all) > 2*context {
		from, to := max(0, at-context), min(len(all), at+context)
		shown = all[from:to]
		if from > 0 {
			before = "..."
		}
		if to < len(all) {
			after = "..."
		}
	}
	return complaint(fmt.Sprintf("Unexpected token '%c', %s\"%s\"%s is not valid JSON", token, before, string(shown), after))
}

const deepest = 5000

func (r *reader) value(depth int) error {
	switch c := r.next(); {
	case c == '{' && depth < deepest:
		r.at++
		return r.object(depth + 1)
	case c == '[' && depth < deepest:
		r.at++
		return r.array(depth + 1)
	case c == '"':
		return r.quoted()
	case c == '-' || c >= '0' && c <= '9':
		return r.number()
	}
	for _, word := range []string{"true", "false", "null"} {
		if r.at < len(r.text) && r.text[r.at] == word[0] {
			return r.word(word)
		}
	}
	return r.unexpected()
}

func (r *reader) word(word string) error {
	for i := range len(word) {
		if r.at >= len(r.text) || r.text[r.at] != word[i] {
			return r.unexpected()
		}
		r.at++
	}
	return nil
}

func (r *reader) object(depth int) error {
	if r.next() == '}' {
		r.at++
		return nil
	}
	complaint := "Expected property name or '}'"
	for {
		if c := r.next(); c != '"' {
			return r.place(complaint)
		}
		if err := r.quoted(); err != nil {
			return err
		}
		if r.next() != ':' {
			return r.place("Expected ':' after property name")
		}
		r.at++
		if err := r.value(depth); err != nil {
			return err
		}
		switch r.next() {
		case ',':
			r.at++
		case '}':
			r.at++
			return nil
		default:
			return r.place("Expected ',' or '}' after property value")
		}
		complaint = "Expected double-quoted property name"
	}
}

func (r *reader) array(depth int) error {
	if r.next() == ']' {
		r.at++
		return nil
	}
	for {
		if err := r.value(depth); err != nil {
			return err
		}
		switch r.next() {
		case ',':
			r.at++
		case ']':
			r.at++
			return nil
		default:
			return r.place("Expected ',' or ']' after array element")
		}
	}
}

func (r *reader) quoted() error {
	for r.at++; r.at < len(r.text); r.at++ {
		switch c := r.text[r.at]; {
		case c == '"':
			r.at++
			return nil
		case c < 0x20:
			return r.place("Bad control character in string literal")
		case c == '\\':
			if err := r.escape(); err != nil {
				return err
			}
		}
	}
	return r.place("Unterminated string")
}

func (r *reader) escape() error {
	r.at++
	if r.at >= len(r.text) {
		return r.place("Unterminated string")
	}
	if r.text[r.at] != 'u' {
		if strings.IndexByte(`"\/bfnrt`, r.text[r.at]) < 0 {
			return r.place("Bad escaped character")
		}
		return nil
	}
	for range 4 {
		r.at++
		if r.at >= len(r.text) || !strings.ContainsRune("0123456789abcdefABCDEF", rune(r.text[r.at])) {
			return r.place("Bad Unicode escape")
		}
	}
	return nil
}

func (r *reader) digits() (n int) {
	for r.at < len(r.text) && r.text[r.at] >= '0' && r.text[r.at] <= '9' {
		r.at++
		n++
	}
	return n
}

func (r *reader) number() error {
	if r.text[r.at] == '-' {
		r.at++
		if r.at >= len(r.text) || r.text[r.at] < '0' || r.text[r.at] > '9' {
			return r.place("No number after minus sign")
		}
	}
	if r.text[r.at] == '0' {
		r.at++
		if r.at < len(r.text) && r.text[r.at] >= '0' && r.text[r.at] <= '9' {
			return r.place("Unexpected number")
		}
	}
	r.digits()
	if r.at < len(r.text) && r.text[r.at] == '.' {
		r.at++
		if r.digits() == 0 {
			return r.place("Unterminated fractional number")
		}
	}
	if r.at < len(r.text) && r.text[r.at]|0x20 == 'e' {
		r.at++
		if r.at < len(r.text) && (r.text[r.at] == '+' || r.text[r.at] == '-') {
			r.at++
		}
		if r.digits() == 0 {
			return r.place("Exponent part is missing a number")
		}
	}
	return nil
}
