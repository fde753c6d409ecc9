package pgtext

import (
	"slices"
	"strconv"
	"strings"
)

// Vector returns what to_tsvector('simple', text) prints: the words in byte order with the places where they
// stand.
func Vector(text string) string {
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

// VectorLimit is the most bytes that VectorBytes may return for a vector that can be stored.
const VectorLimit = 1<<20 - 1

// VectorBytes returns the bytes that PostgreSQL counts for the words of a text: each word once, and two bytes for the
// number of its places and for each place, on even addresses.
func VectorBytes(text string) (size int) {
	places := map[string]int{}
	for _, word := range Words(text) {
		places[word]++
	}
	for word, n := range places {
		size += len(word) + len(word)%2 + 2 + 2*min(n, 255)
	}
	return size
}

// CompareVectors orders printed vectors: by their size in storage, then by their words.
func CompareVectors(a, b string) int {
	if n := vectorSize(a) - vectorSize(b); n != 0 {
		return n
	}
	if n := strings.Count(a, "':") - strings.Count(b, "':"); n != 0 {
		return n
	}
	return strings.Compare(a, b)
}

func vectorSize(s string) int {
	size := 0
	for _, entry := range strings.Split(strings.TrimPrefix(s, "'"), " '") {
		word, places, ok := strings.Cut(entry, "':")
		if !ok {
			continue
		}
		size += 4 + len(word)
		size += size&1 + 2 + 2*(strings.Count(places, ",")+1)
	}
	return size
}
