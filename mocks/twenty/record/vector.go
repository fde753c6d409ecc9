package record

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// searchVector returns what PostgreSQL's to_tsvector('simple', text) prints: the words in byte order with
// the places where they stand.
func searchVector(text string) string {
	places := map[string][]int{}
	n := 0
	p := parser{rules: parserRules, text: text}
	for {
		kind, word, ok := p.next()
		if !ok {
			break
		}
		if !kind.indexed() || len(word) > 2046 {
			continue
		}
		n++
		word = strings.ToLower(word)
		if at := places[word]; len(at) < 255 {
			places[word] = append(at, min(n, 16383))
		}
	}
	return printVector(places)
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

// unaccent writes a text without the accents of Latin and Greek letters, as the extension of that name does.
func unaccent(s string) string {
	if isASCII(s) {
		return s
	}
	var out strings.Builder
	for _, r := range norm.NFC.String(s) {
		if r > 0xFF00 && r < 0xFF5F {
			r -= 0xFF00 - 0x20 // a wide form of an ASCII character
		}
		if plain, ok := plainLetters[r]; ok {
			out.WriteString(plain)
			continue
		}
		parts := []rune(norm.NFD.String(string(r)))
		if len(parts) > 1 && unicode.In(parts[0], unicode.Latin, unicode.Greek) || r == 'ё' || r == 'Ё' {
			out.WriteRune(parts[0])
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
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
	'ª': "a", 'º': "o", '«': "<<", '»': ">>", '©': "(C)", '®': "(R)", '×': "*", '÷': "/", '¡': "!", '¿': "?",
	'‘': "'", '’': "'", '‚': ",", '‛': "'", '“': "\"", '”': "\"", '„': ",,", '‟': "\"", '‐': "-", '‑': "-", '‒': "-",
	'–': "-", '—': "-", '―': "-", '…': "...", '′': "'", '″': "\"", '‹': "<", '›': ">", '⁄': "/", '№': "No", '€': "€",
	'ﬀ': "ff", 'ﬁ': "fi", 'ﬂ': "fl", 'ﬃ': "ffi", 'ﬄ': "ffl", 'ﬅ': "st", 'ﬆ': "st", '¼': " 1/4", '½': " 1/2", '¾': " 3/4",
	'℃': "°C", '℉': "°F", '™': "TM", '−': "-", '、': ",", '。': ".", '！': "!", '（': "(", '）': ")", '，': ",", '－': "-", '．': ".", '：': ":",
}
