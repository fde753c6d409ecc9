package pgtext

import "strings"

// Pattern is a LIKE pattern: % for any text, _ for one character, \ before either for itself.
type Pattern struct {
	parts []part
	fold  bool
}

// part is a literal, any text, or one character.
type part struct {
	literal  string
	any, one bool
}

// NewPattern parses a pattern; fold makes it one of ILIKE, which ignores case.
func NewPattern(s string, fold bool) *Pattern {
	p := &Pattern{fold: fold}
	if fold {
		s = strings.ToLower(s)
	}
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			p.parts = append(p.parts, part{literal: literal.String()})
			literal.Reset()
		}
	}
	escaped := false
	for _, r := range s {
		switch {
		case escaped:
			literal.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case r == '%':
			flush()
			p.parts = append(p.parts, part{any: true})
		case r == '_':
			flush()
			p.parts = append(p.parts, part{one: true})
		default:
			literal.WriteRune(r)
		}
	}
	flush()
	return p
}

// Matches reports whether the pattern matches the whole of a text.
func (p *Pattern) Matches(s string) bool {
	if p.fold {
		var short [32]byte // of which a text is made without the heap
		if n := lowered(short[:], s); n >= 0 {
			return p.matchesFolded(string(short[:n]))
		}
		s = strings.ToLower(s)
	}
	return p.matchesFolded(s)
}

// lowered writes a short text of ASCII in lower case, and returns its length, -1 for others.
func lowered(out []byte, s string) int {
	if len(s) > len(out) {
		return -1
	}
	for i := range len(s) {
		c := s[i]
		if c >= 0x80 {
			return -1
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		out[i] = c
	}
	return len(s)
}

func (p *Pattern) matchesFolded(s string) bool {
	// the beginning of a text, which is asked for most
	if len(p.parts) == 2 && p.parts[0].literal != "" && p.parts[1].any {
		return strings.HasPrefix(s, p.parts[0].literal)
	}
	return matchParts(p.parts, s)
}

func matchParts(parts []part, s string) bool {
	for i, p := range parts {
		switch {
		case p.any:
			rest := parts[i+1:]
			if len(rest) == 0 {
				return true
			}
			return matchAnywhere(rest, s)
		case p.one:
			if s == "" {
				return false
			}
			s = s[runeWidth(s):]
		default:
			if !strings.HasPrefix(s, p.literal) {
				return false
			}
			s = s[len(p.literal):]
		}
	}
	return s == ""
}

func matchAnywhere(rest []part, s string) bool {
	if first := rest[0]; first.literal != "" { // jump from one occurrence of the literal to the next
		for {
			i := strings.Index(s, first.literal)
			if i < 0 {
				return false
			}
			if matchParts(rest, s[i:]) {
				return true
			}
			s = s[i+runeWidth(s[i:]):]
		}
	}
	for {
		if matchParts(rest, s) {
			return true
		}
		if s == "" {
			return false
		}
		s = s[runeWidth(s):]
	}
}

func runeWidth(s string) int {
	for i := range s {
		if i > 0 {
			return i
		}
	}
	return len(s)
}
