package pgtext

import (
	"slices"
	"strconv"
	"strings"
)

// Vector returns what to_tsvector('simple', text) prints: the words in byte order with the places where they
// stand, 255 of each at most.
func Vector(text string) string {
	words := Words(text)
	order := make([]int, len(words))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(words[a], words[b]) })
	out := make([]byte, 0, 512)
	for i := 0; i < len(order); {
		word := words[order[i]]
		if i > 0 {
			out = append(out, ' ')
		}
		out = append(append(append(out, '\''), vectorQuote.Replace(word)...), '\'')
		last, separator := 0, byte(':')
		for first := i; i < len(order) && words[order[i]] == word; i++ {
			if at := min(order[i]+1, 16383); at != last && i < first+255 {
				out = strconv.AppendInt(append(out, separator), int64(at), 10)
				last, separator = at, ','
			}
		}
	}
	return string(out)
}

// Words returns the words of a text as a search vector counts them, and as a search looks for them: a word
// with hyphens is followed by its parts, an address of the web by its host and its path.
func Words(text string) (words []string) {
	p := parser{rules: parserRules, text: text}
	words = make([]string, 0, 16)
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
