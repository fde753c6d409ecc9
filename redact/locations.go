package redact

import (
	"regexp"
	"strings"
)

// location is a named value in a text.
type location struct {
	name       string
	value      string // with its escapes decoded
	start, end int    // in the decoded text
	form       bool   // name=value
}

// places finds the named values of a text: in JSON, GraphQL, queries, forms, attributes and
// parameters of headers, and by the patterns.
func (v decodedText) places() (found []location) {
	for i := 1; i < len(v.text); i++ {
		if c := v.text[i]; c != ':' && c != '=' {
			continue
		}
		if name := nameBefore(v.text[:i]); name != "" {
			found = append(found, v.valuesAt(name, i)...)
		}
	}
	for _, p := range patterns {
		if strings.Contains(v.text, p.needs) {
			found = append(found, p.places(v)...)
		}
	}
	return found
}

// longestName bounds the length of a name, in bytes.
const longestName = 100

// nameBefore returns the name, quoted or not, that a text ends with.
func nameBefore(s string) string {
	s = strings.TrimRight(s[max(0, len(s)-longestName):], " \t\r\n")
	if s == "" {
		return ""
	}
	end := len(s) - 1
	if quote := s[end]; quote == '"' || quote == '\'' {
		return s[strings.LastIndexByte(s[:end], quote)+1 : end]
	}
	start := len(s)
	for start > 0 && (isAlnum(s[start-1]) || strings.IndexByte("_.-[]$", s[start-1]) >= 0) {
		start--
	}
	return s[start:]
}

// valuesAt reads the value after the colon or equals sign at i: a quoted string, a number, a
// random-looking word, a list of strings, an object, or in a form everything up to the next pair.
func (v decodedText) valuesAt(name string, i int) []location {
	s, at := v.text, i+1
	for at < len(s) && s[i] == ':' && strings.IndexByte(" \t\r\n", s[at]) >= 0 {
		at++
	}
	if at >= len(s) {
		return nil
	}
	switch c := s[at]; {
	case strings.HasPrefix(s[at:], `"""`): // a block string of GraphQL
		if n := strings.Index(s[at+3:], `"""`); n >= 0 {
			return []location{{name: name, value: s[at+3 : at+3+n], start: at + 3, end: at + 3 + n}}
		}
		return nil
	case c == '"' || c == '\'':
		if end := closing(s, at); end > 0 {
			return []location{{name: name, value: unquoted(s[at+1 : end]), start: at + 1, end: end}}
		}
		return []location{{name: name, value: unquoted(s[at+1:]), start: at + 1, end: len(s)}} // truncated
	case c == '[':
		return v.elements(name, at+1)
	case c == '{' && named(name) != nothing:
		return v.members(at + 1)
	case s[i] == '=':
		end := at + len(s[at:])
		if n := strings.IndexAny(s[at:], "&;, \t\r\n\"'<>\\(){}"); n >= 0 {
			end = at + n
		}
		return []location{{name: name, value: unescaped(s[at:end]), start: at, end: end, form: true}}
	}
	end := at
	for end < len(s) && strings.IndexByte(" \t\r\n,;\"'<>\\(){}[]", s[end]) < 0 {
		end++
	}
	// otherwise it may be a sentence
	if value := s[at:end]; strings.Trim(value, "0123456789.-") == "" || looksRandom(value) {
		return []location{{name: name, value: value, start: at, end: end}}
	}
	return nil
}

// largest bounds the size in bytes of an object under a name like secret.
const largest = 4 << 10

// members reads all strings of an object, whatever their keys.
func (v decodedText) members(at int) (found []location) {
	end := min(len(v.text), at+largest)
	for depth := 1; at < end && depth > 0; at++ {
		switch v.text[at] {
		case '{':
			depth++
		case '}':
			depth--
		case '"':
			to := closing(v.text, at)
			if to < 0 {
				return found
			}
			found = append(found,
				location{name: "credential", value: unquoted(v.text[at+1 : to]), start: at + 1, end: to})
			at = to
		}
	}
	return found
}

// elements reads the strings of a list.
func (v decodedText) elements(name string, at int) (found []location) {
	for at < len(v.text) {
		switch c := v.text[at]; {
		case strings.IndexByte(" \t\r\n,", c) >= 0:
			at++
		case c == '"':
			end := closing(v.text, at)
			if end < 0 {
				return found
			}
			found = append(found, location{name: name, value: unquoted(v.text[at+1 : end]), start: at + 1, end: end})
			at = end + 1
		default:
			return found
		}
	}
	return found
}

// closing returns the position of the quote that closes the one at i, or -1.
func closing(s string, i int) int {
	for j := i + 1; j < len(s); j++ {
		switch s[j] {
		case '\\':
			j++
		case s[i]:
			return j
		}
	}
	return -1
}

// pattern finds the locations of a notation. Group 1 is the name, group 2 the value.
type pattern struct {
	*regexp.Regexp
	needs    string              // a text without it has no such location
	plain    func(string) string // decodes the escapes of the notation; may be nil
	reversed bool                // the value comes first
	name     string              // for a notation that implies the name of its value
}

var patterns = []pattern{
	{needs: "</", Regexp: regexp.MustCompile(
		`<([A-Za-z_][\w.:-]*)(?:\s[^<>]*)?>(?:<!\[CDATA\[)?([^<>\]]+)(?:\]\]>)?</`)},
	{needs: "<input", Regexp: regexp.MustCompile(
		`<input\b[^<>]*\bname=["']([^"']+)["'][^<>]*\bvalue=["']([^"']+)["']`)},
	{needs: "<input", Regexp: regexp.MustCompile(
		`<input\b[^<>]*\bvalue=["']([^"']+)["'][^<>]*\bname=["']([^"']+)["']`), reversed: true},
	// multipart
	{needs: `name="`, Regexp: regexp.MustCompile(
		`(?s)\bname="([^"\r\n]+)"[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n(.+?)\r?\n--`)},
	{needs: `"value"`, Regexp: regexp.MustCompile(
		`"(?:name|key|field|code)"\s*:\s*"((?:[^"\\]|\\.)+)"\s*,\s*"value"\s*:\s*"((?:[^"\\]|\\.)*)"`),
		plain: unquoted},
	{needs: "://", Regexp: regexp.MustCompile(`://([^/\s:@"'<>\\?#]*):([^/\s"'<>\\?#]+)@`), plain: unescaped,
		name: "password"},
	// a user without a password
	{needs: "://", Regexp: regexp.MustCompile(`(://)([^/\s:@"'<>\\?#]+)@`), plain: unescaped, name: "token"},
}

func (p pattern) places(v decodedText) (found []location) {
	for _, m := range p.FindAllStringSubmatchIndex(v.text, -1) {
		if p.reversed {
			m[2], m[3], m[4], m[5] = m[4], m[5], m[2], m[3]
		}
		one := location{name: v.text[m[2]:m[3]], value: v.text[m[4]:m[5]], start: m[4], end: m[5]}
		if p.name != "" {
			one.name = p.name
		}
		if p.plain != nil {
			one.value = p.plain(one.value)
		}
		found = append(found, one)
	}
	return found
}

// unquoted decodes the escapes of a JSON string.
func unquoted(s string) string { return undo(s, escapes[0]) }

// unescaped decodes the percent escapes of a form value.
func unescaped(s string) string { return undo(s, escapes[1]) }

func undo(s string, e escape) string {
	plain, _ := decodedText{s, make([]int32, len(s)+1)}.undone(e)
	return plain.text
}
