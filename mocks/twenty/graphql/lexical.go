package graphql

import (
	"fmt"
	"strings"
)

// reader reads the tokens of a document to find the first invalid one, as graphql-js does, which
// reports only the first error, whether of a token or of the order of tokens.
type reader struct {
	text  []rune
	at    int
	fault string
	place int // of the fault
	start int // of the token it is in
}

// firstFault returns the first invalid token; ok is false if all are valid.
func firstFault(text string) (r *reader, ok bool) {
	r = &reader{text: []rune(text)}
	for r.fault == "" && r.skip() {
		r.start = r.at
		r.token()
	}
	return r, r.fault != ""
}

func (r *reader) peek(n int) rune {
	if r.at+n < len(r.text) {
		return r.text[r.at+n]
	}
	return -1
}

// skip goes over blanks, commas and comments; it is false at the end.
func (r *reader) skip() bool {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\t', '\n', '\r', ',', '\uFEFF':
			r.at++
		case '#':
			for r.at < len(r.text) && r.text[r.at] != '\n' && r.text[r.at] != '\r' {
				r.at++
			}
		default:
			return true
		}
	}
	return false
}

func (r *reader) refuse(format string, args ...any) {
	r.fault, r.place = fmt.Sprintf(format, args...), r.at
}

// shown is the character at the place as messages show it.
func (r *reader) shown() string {
	switch c := r.peek(0); {
	case c < 0:
		return "<EOF>"
	case c == '"':
		return `'"'`
	case c >= ' ' && c <= '~':
		return `"` + string(c) + `"`
	default:
		return fmt.Sprintf("U+%04X", c)
	}
}

func beginsName(c rune) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c rune) bool    { return c >= '0' && c <= '9' }

func (r *reader) token() {
	switch c := r.peek(0); {
	case strings.ContainsRune("!$&():=@[]{|}", c):
		r.at++
	case c == '.' && r.peek(1) == '.' && r.peek(2) == '.':
		r.at += 3
	case c == '"' && r.peek(1) == '"' && r.peek(2) == '"':
		r.block()
	case c == '"':
		r.quoted()
	case isDigit(c) || c == '-':
		r.number()
	case beginsName(c):
		for beginsName(r.peek(0)) || isDigit(r.peek(0)) {
			r.at++
		}
	case c == '\'':
		r.refuse(`Unexpected single quote character ('), did you mean to use a double quote (")?`)
	default:
		r.refuse("Unexpected character: %s.", r.shown())
	}
}

func (r *reader) number() {
	if r.peek(0) == '-' {
		r.at++
	}
	if r.peek(0) == '0' {
		if r.at++; isDigit(r.peek(0)) {
			r.refuse("Invalid number, unexpected digit after 0: %s.", r.shown())
			return
		}
	} else {
		r.digits()
	}
	if r.fault == "" && r.peek(0) == '.' {
		r.at++
		r.digits()
	}
	if r.fault == "" && r.peek(0)|0x20 == 'e' {
		if r.at++; r.peek(0) == '+' || r.peek(0) == '-' {
			r.at++
		}
		r.digits()
	}
	if r.fault == "" && (r.peek(0) == '.' || beginsName(r.peek(0))) {
		r.refuse("Invalid number, expected digit but got: %s.", r.shown())
	}
}

func (r *reader) digits() {
	if !isDigit(r.peek(0)) {
		r.refuse("Invalid number, expected digit but got: %s.", r.shown())
		return
	}
	for isDigit(r.peek(0)) {
		r.at++
	}
}

func (r *reader) quoted() {
	for r.at++; r.fault == ""; {
		switch r.peek(0) {
		case '"':
			r.at++
			return
		case '\n', '\r', -1:
			r.refuse("Unterminated string.")
		case '\\':
			r.escape()
		default:
			r.at++
		}
	}
}

// slice is the text from the place on, so long.
func (r *reader) slice(n int) string { return string(r.text[r.at:min(r.at+n, len(r.text))]) }

func isHex(c rune) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

func (r *reader) escape() {
	switch next := r.peek(1); {
	case next == 'u' && r.peek(2) == '{':
		n := 3
		for isHex(r.peek(n)) && n < 11 {
			n++
		}
		if r.peek(n) != '}' || n == 3 {
			r.refuse(`Invalid Unicode escape sequence: "%s".`, r.slice(n+1))
			return
		}
		r.at += n + 1
	case next == 'u':
		for n := 2; n < 6; n++ {
			if !isHex(r.peek(n)) {
				r.refuse(`Invalid Unicode escape sequence: "%s".`, r.slice(6))
				return
			}
		}
		r.at += 6
	case next > 0 && strings.ContainsRune(`"\/bfnrt`, next):
		r.at += 2
	default:
		r.refuse(`Invalid character escape sequence: "%s".`, r.slice(2))
	}
}

func (r *reader) block() {
	for r.at += 3; r.at < len(r.text); r.at++ {
		quotes := r.slice(3) == `"""`
		if quotes {
			r.at += 3
			return
		}
		if r.slice(4) == `\"""` {
			r.at += 3
		}
	}
	r.refuse("Unterminated string.")
}
