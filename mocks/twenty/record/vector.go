package record

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// searchVector returns what PostgreSQL's to_tsvector('simple', text) prints: the words in byte order with
// the places where they stand.
func searchVector(text string) string {
	places := map[string][]int{}
	for i, word := range Words(text) {
		if at := places[word]; len(at) < 255 {
			places[word] = append(at, min(i+1, 16383))
		}
	}
	return printVector(places)
}

// Words returns the words of a text as a search vector counts them, and as a search looks for them: a word
// with hyphens is followed by its parts, an address of the web by its host and its path.
func Words(text string) (words []string) {
	p := parser{rules: parserRules, text: text}
	for {
		kind, word, ok := p.next()
		if !ok {
			return words
		}
		if kind.indexed() && len(word) <= 2046 {
			words = append(words, strings.ToLower(word))
		}
	}
}

func printVector(places map[string][]int) string {
	words := make([]string, 0, len(places))
	for w := range places {
		words = append(words, w)
	}
	slices.Sort(words)
	var out strings.Builder
	for i, w := range words {
		if i > 0 {
			out.WriteByte(' ')
		}
		out.WriteString("'" + vectorQuote.Replace(w) + "':")
		for j, at := range slices.Compact(places[w]) {
			if j > 0 {
				out.WriteByte(',')
			}
			out.WriteString(strconv.Itoa(at))
		}
	}
	return out.String()
}

var vectorQuote = strings.NewReplacer("'", "''", `\`, `\\`)

// Unaccent writes a text without the accents of Latin and Greek letters, as the extension of that name does.
func Unaccent(s string) string {
	if isASCII(s) {
		return s
	}
	var out strings.Builder
	for _, r := range s {
		out.WriteString(plain(r))
	}
	return out.String()
}

func plain(r rune) string {
	whole := string(r)
	if p, ok := plainLetters[r]; ok {
		return p
	}
	if p, ok := rareLetters()[r]; ok {
		return p
	}
	switch {
	case r < 0xAA:
		return whole
	case r >= 0x300 && r <= 0x362 || r >= 0x20DD && r <= 0x20E4: // a combining accent
		return ""
	case r > 0xFF00 && r < 0xFF5F:
		return string(r - 0xFF00 + 0x20) // a wide form of an ASCII character
	case norm.NFC.String(whole) != whole:
		return whole
	}
	parts := []rune(norm.NFD.String(whole))
	if base := parts[0]; len(parts) > 1 && (base < 128 || base >= 'Α' && base <= 'ω') {
		return string(base)
	}
	return whole
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 128 {
			return false
		}
	}
	return true
}

// plainLetters are the letters and signs that have a plain spelling without being a letter with an accent.
var plainLetters = map[rune]string{
	'Æ': "AE", 'æ': "ae", 'Ø': "O", 'ø': "o", 'ß': "ss", 'ẞ': "SS", 'Ð': "D", 'ð': "d", 'Þ': "TH", 'þ': "th",
	'Đ': "D", 'đ': "d", 'Ħ': "H", 'ħ': "h", 'ı': "i", 'ĸ': "q", 'Ł': "L", 'ł': "l", 'Ŋ': "N", 'ŋ': "n",
	'Œ': "OE", 'œ': "oe", 'Ŧ': "T", 'ŧ': "t", 'ŀ': "l", 'Ŀ': "L", 'ŉ': "'n", 'ĳ': "ij", 'Ĳ': "IJ", 'ſ': "s",
	'«': "<<", '»': ">>", '©': "(C)", '®': "(R)", '×': "*", '÷': "/", '¡': "!", '¿': "?",
	'‘': "'", '’': "'", '‚': ",", '‛': "'", '“': "\"", '”': "\"", '„': ",,", '‟': "\"", '‐': "-", '‑': "-", '‒': "-",
	'–': "-", '—': "-", '―': "-", '…': "...", '′': "'", '″': "\"", '‹': "<", '›': ">", '⁄': "/", '№': "No", 'Ё': "Е",
	'ё': "е", '\u00AD': "-", '±': "+/-", 'ﬀ': "ff", 'ﬁ': "fi", 'ﬂ': "fl", 'ﬃ': "ffi", 'ﬄ': "ffl", 'ﬅ': "st", 'ﬆ': "st",
	'¼': "1/4", '½': "1/2", '¾': "3/4", '℃': "°C", '℉': "°F", '−': "-", '、': ",", '。': ".", '！': "!", '（': "(",
	'）': ")", '，': ",", '－': "-", '．': ".", '：': ":",
}
