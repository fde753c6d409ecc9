package redact

import (
	"html"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// decodedText is a text with some of its escapes decoded. Byte i of text begins at raw[i] of the
// original text; raw has one more element, the end.
type decodedText struct {
	text string
	raw  []int32
}

// Escapes may nest, as in a URL in a JSON string in a JSON string.
const (
	deepest   = 3
	mostViews = 24
)

// escape is one kind of escape, which begins with mark. undo returns the number of bytes of s that
// an escape takes and the text it stands for, or 0 if s begins with no escape.
type escape struct {
	mark byte
	undo func(s string) (n int, plain string)
}

var escapes = []escape{{'\\', backslash}, {'%', percent}, {'&', entity}}

// decodedTextsOf returns the text itself and its decoded texts, with the kinds of escapes decoded
// in every order.
func decodedTextsOf(s string) []decodedText {
	first := decodedText{s, make([]int32, len(s)+1)}
	for i := range first.raw {
		first.raw[i] = int32(i)
	}
	all, seen := []decodedText{first}, map[string]bool{s: true}
	from := 0
	for range deepest {
		last := all[from:]
		from = len(all)
		for _, v := range last {
			all = append(all, v.deeper(seen, mostViews-len(all))...)
		}
	}
	return all
}

// deeper returns the decoded texts of v that are not in seen.
func (v decodedText) deeper(seen map[string]bool, most int) (more []decodedText) {
	for _, e := range escapes {
		next, ok := v.undone(e)
		if ok && !seen[next.text] && len(more) < most {
			seen[next.text] = true
			more = append(more, next)
		}
	}
	return more
}

func (v decodedText) undone(e escape) (out decodedText, changed bool) {
	if strings.IndexByte(v.text, e.mark) < 0 {
		return v, false
	}
	var b strings.Builder
	raw := make([]int32, 0, len(v.raw))
	for i := 0; i < len(v.text); {
		n, plain := e.at(v.text, i)
		changed = changed || n > 0
		if n == 0 {
			n, plain = 1, v.text[i:i+1]
		}
		b.WriteString(plain)
		for k := range len(plain) {
			raw = append(raw, v.raw[i+n*min(k, 1)]) // of several bytes, the first has the whole escape
		}
		i += n
	}
	return decodedText{b.String(), append(raw, v.raw[len(v.raw)-1])}, changed
}

func (e escape) at(s string, i int) (n int, plain string) {
	if s[i] != e.mark {
		return 0, ""
	}
	return e.undo(s[i:])
}

// blanked returns the text with blanks in place of possible escapes, so that a word found in it
// does not begin in the middle of an escape.
func (v decodedText) blanked() string {
	b := []byte(v.text)
	for i := 0; i < len(b); i++ {
		for _, e := range escapes {
			if n, _ := e.at(v.text, i); n > 0 {
				copy(b[i:], strings.Repeat(" ", n))
				i += n - 1
				break
			}
		}
	}
	return string(b)
}

// span returns the position in the raw text of text[start:end].
func (v decodedText) span(start, end int) (from, to int) { return int(v.raw[start]), int(v.raw[end]) }

const backslashes = `"\/bfnrtev0'`
const backslashed = "\"\\/\b\f\n\r\t\x1b\v\x00'"

// backslash decodes the escapes of JSON, JavaScript and YAML.
func backslash(s string) (int, string) {
	if len(s) < 2 {
		return 0, ""
	}
	switch s[1] {
	case 'u':
		return unicodeEscape(s)
	case 'x':
		if n, err := strconv.ParseUint(s[2:min(4, len(s))], 16, 8); err == nil && len(s) >= 4 {
			return 4, string(rune(n))
		}
		return 0, ""
	}
	if i := strings.IndexByte(backslashes, s[1]); i >= 0 {
		return 2, backslashed[i : i+1]
	}
	return 0, ""
}

func unicodeEscape(s string) (int, string) {
	first, ok := fourDigits(s)
	if !ok {
		return 0, ""
	}
	if utf16.IsSurrogate(first) {
		if second, ok := fourDigits(s[6:]); ok {
			if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
				return 12, string(r)
			}
		}
	}
	return 6, string(first)
}

func fourDigits(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(n), err == nil
}

// percent decodes the escapes of URLs and forms.
func percent(s string) (int, string) {
	if len(s) < 3 {
		return 0, ""
	}
	n, err := strconv.ParseUint(s[1:3], 16, 8)
	if err != nil {
		return 0, ""
	}
	return 3, string([]byte{byte(n)})
}

// entity decodes the entities of HTML and XML.
func entity(s string) (int, string) {
	end := strings.IndexByte(s[:min(len(s), 12)], ';')
	if end < 2 || strings.IndexByte(s[1:end], '&') >= 0 { // another entity begins before this one ends
		return 0, ""
	}
	plain := html.UnescapeString(s[:end+1])
	if plain == s[:end+1] || strings.HasSuffix(plain, ";") {
		return 0, ""
	}
	return end + 1, plain
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// edit replaces a part of a raw text.
type edit struct {
	from, to int
	text     string
}

// apply makes the edits, the earlier and longer ones first, and skips those that overlap an edit
// already made.
func apply(s string, edits []edit) string {
	if len(edits) == 0 {
		return s
	}
	inOrder(edits)
	var b strings.Builder
	at := 0
	for _, e := range edits {
		if e.from < at || e.to <= e.from {
			continue
		}
		b.WriteString(s[at:e.from])
		b.WriteString(e.text)
		at = e.to
	}
	b.WriteString(s[at:])
	return b.String()
}

// inOrder sorts edits by start, the longer ones first.
func inOrder(edits []edit) {
	slices.SortStableFunc(edits, func(a, b edit) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return b.to - a.to
	})
}

// spelled writes a pseudonym in the place of a secret. Characters that are escaped there stay
// escaped.
func (v decodedText) spelled(whole string, start, end int, standIn string) string {
	how := map[byte]string{}
	for i := start; i < end; i++ {
		if !isAlnum(v.text[i]) {
			how[v.text[i]] = whole[v.raw[i]:v.raw[i+1]]
		}
	}
	from, to := v.span(start, end)
	quoted := strings.Contains(whole[from:to], "%")
	var b strings.Builder
	for i := range len(standIn) {
		switch c := standIn[i]; {
		case how[c] != "":
			b.WriteString(how[c])
		case quoted && strings.IndexByte("@+/=", c) >= 0:
			b.WriteString("%" + strings.ToUpper(strconv.FormatUint(uint64(c), 16)))
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
