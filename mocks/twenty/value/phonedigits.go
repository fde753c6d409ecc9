package value

import (
	"regexp"
	"strings"
	"sync"
	"unicode/utf16"
)

// The characters of phone numbers as regular expressions. This file follows libphonenumber-js
// (MIT), which the server uses: known from its public source and compared with its results.
const (
	phoneDigit = `0-9\x{FF10}-\x{FF19}\x{0660}-\x{0669}\x{06F0}-\x{06F9}`
	phoneMarks = `\-\x{2010}-\x{2015}\x{2212}\x{30FC}\x{FF0D}\x{FF0F}/\x{FF0E}. ` +
		`\x{A0}\x{AD}\x{200B}\x{2060}\x{3000}()\x{FF08}\x{FF09}\x{FF3B}\x{FF3D}\[\]~\x{2053}\x{223C}\x{FF5E}`
)

const longestPhone = 250 // UTF-16 units

// phonePatterns match a usual number, which needs no other pattern, the start of a number, a whole possible number, and
// the extension at its end.
type phonePatterns struct{ plain, start, rest, viable, extension *regexp.Regexp }

// phoneForms is compiled when it is first needed, for that takes a millisecond.
var phoneForms = sync.OnceValue(func() phonePatterns {
	const (
		label    = `[ \x{A0}\t,]*`
		after    = `[:.\x{FF0E}]?[ \x{A0}\t,-]*`
		explicit = `(?:e?xt(?:ensi(?:o\x{0301}?|ó))?n?|\x{FF45}?\x{FF58}\x{FF54}\x{FF4E}?|доб|anexo)`
		unclear  = `(?:[x\x{FF58}#\x{FF03}~\x{FF5E}]|int|\x{FF49}\x{FF4E}\x{FF54})`
	)
	digits := func(most string) string { return "[" + phoneDigit + "]{1," + most + "}" }
	extension := ";ext=" + digits("20") +
		"|" + label + explicit + after + digits("20") + "#?" +
		"|" + label + unclear + after + digits("9") + "#?" +
		"|[- ]+" + digits("6") + "#" +
		`|[ \x{A0}\t]*(?:,{2}|;)` + after + digits("15") + "#?" +
		`|[ \x{A0}\t]*,+` + after + digits("9") + "#?"
	number := `[+\x{FF0B}]?(?:[` + phoneMarks + "]*[" + phoneDigit + "]){3,}[" + phoneMarks + phoneDigit + "]*"
	return phonePatterns{
		plain:     regexp.MustCompile(`^\+?\d{2}[\d\-()./ ]*\d$`),
		start:     regexp.MustCompile(`[+\x{FF0B}` + phoneDigit + "]"),
		rest:      regexp.MustCompile("[^" + phoneDigit + "#]+$"),
		viable:    regexp.MustCompile("(?i)^(?:[" + phoneDigit + "]{2}|" + number + "(?:" + extension + ")?)$"),
		extension: regexp.MustCompile("(?i)(?:" + extension + ")$"),
	}
})

// phoneDigits returns the digits of a number in ASCII, after the plus it may begin with, or "" for
// a text that is not a number. It ignores a full-width plus and the text before and after the
// number.
func phoneDigits(s string) string {
	if forms := phoneForms(); len(s) > longestPhone || !forms.plain.MatchString(s) {
		s = forms.number(s)
	}
	digits := strings.TrimPrefix(s, "+")
	return s[:len(s)-len(digits)] + strings.Map(asciiDigit, digits)
}

// number returns the number in a text without its extension, or "".
func (forms phonePatterns) number(s string) string {
	start := forms.start.FindStringIndex(s)
	if start == nil || len(utf16.Encode([]rune(s))) > longestPhone {
		return ""
	}
	s = forms.rest.ReplaceAllString(s[start[0]:], "")
	if !forms.viable.MatchString(s) {
		return ""
	}
	return forms.extension.ReplaceAllString(s, "")
}

// asciiDigit maps a digit to ASCII and drops everything else.
func asciiDigit(c rune) rune {
	for _, zero := range []rune{'0', '\uFF10', '\u0660', '\u06F0'} {
		if c >= zero && c <= zero+9 {
			return '0' + c - zero
		}
	}
	return -1
}
