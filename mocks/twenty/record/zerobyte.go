package record

import (
	"slices"
	"strings"
)

// checkText rejects U+0000, which the database stores neither in text nor in JSON:
// kind_values_scalars 48, 80 and 116, kind_values_composites 51 and 54. It rejects more words than a search vector
// has room for, too.
func (r *Record) checkText() error {
	if slices.ContainsFunc(r.values, HasNUL) {
		return dataError()
	}
	if r.layout.fixed.vector < 0 || r.Weight() < vectorLimit/256 { // its words take much less than the limit
		return nil
	}
	text := r.searchText()
	if len(text) > vectorLimit/4 && vectorBytes(text) > vectorLimit {
		return dataError() // inferred
	}
	return nil
}

// vectorLimit is PostgreSQL's limit for the words of a tsvector and their places, in bytes.
const vectorLimit = 1<<20 - 1

// vectorBytes returns the bytes that PostgreSQL counts for the words of a text: each word once, and two bytes for the
// number of its places and for each place, on even addresses.
func vectorBytes(text string) (size int) {
	places := map[string]int{}
	for _, word := range Words(text) {
		places[word]++
	}
	for word, n := range places {
		size += len(word) + len(word)%2 + 2 + 2*min(n, 255)
	}
	return size
}

// HasNUL reports whether a value has U+0000 somewhere in a text or in a key.
func HasNUL(v any) bool {
	switch v := v.(type) {
	case string:
		return strings.Contains(v, "\x00")
	case []string:
		return slices.ContainsFunc(v, func(s string) bool { return strings.Contains(s, "\x00") })
	case []any:
		return slices.ContainsFunc(v, HasNUL)
	case map[string]any:
		for key, item := range v {
			if HasNUL(key) || HasNUL(item) {
				return true
			}
		}
	case *Object:
		return v != nil && slices.ContainsFunc(v.Members,
			func(m Member) bool { return HasNUL(m.Key) || HasNUL(m.Value) })
	}
	return false
}
