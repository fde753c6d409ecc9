package compare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/contracts/jsontree"
)

// compareVectors compares the text-search vectors of a row. A vector over a generated identifier
// varies with it in all its lexemes and positions, so it is not renamed: if the recorded vector is
// that of the recorded identifier, the target's must be that of the target's, both by PostgreSQL's
// rules.
func (c *Comparison) compareVectors(rec, got *jsontree.Node, path string) {
	for i, key := range rec.Keys {
		other := got.Get(key)
		if rec.Kids[i].Kind != jsontree.Text || other == nil || !c.Rules.IsVector(key) {
			continue
		}
		now, over := c.vectorOverID(rec.Get("id"), rec.Kids[i].Text)
		switch {
		case !over || other.Kind != jsontree.Text:
			c.Compare(rec.Kids[i], other, path+"."+key)
		case other.Text != now:
			c.unlike(path+"."+key, rec.Kids[i], other,
				"a search vector over the row's id; expected "+now)
		}
	}
}

// vectorOverID reports whether a vector is that of a generated identifier, the row's own or, if the
// answer does not show that, any bound one, and returns the vector of the target's.
func (c *Comparison) vectorOverID(id *jsontree.Node, vector string) (now string, over bool) {
	if vector == "" {
		return "", false
	}
	if id != nil && id.Kind == jsontree.Text {
		known, _ := c.standsFor(id.Text)
		if known == "" || !c.generatedText(id.Text) || SearchVector(id.Text) != vector {
			return "", false
		}
		return SearchVector(known), true
	}
	for key, known := range c.Binding.To {
		if key[0] == 'u' && SearchVector(key[1:]) == vector {
			return SearchVector(known), true
		}
	}
	return "", false
}

// SearchVector is PostgreSQL's to_tsvector('simple', id) for a UUID in lower case.
func SearchVector(id string) string {
	places := map[string][]string{}
	var words []string
	for i, word := range lexemes(strings.ToLower(id)) {
		if places[word] == nil {
			words = append(words, word)
		}
		places[word] = append(places[word], fmt.Sprint(i+1))
	}
	slices.Sort(words)
	for i, word := range words {
		words[i] = fmt.Sprintf("'%s':%s", word, strings.Join(places[word], ","))
	}
	return strings.Join(words, " ")
}

// lexemes splits a text of lower-case hex digits and dashes like PostgreSQL's default parser:
// numbers with sign and exponent, words, and words joined by dashes, which are returned whole and
// in parts.
func lexemes(s string) (found []string) {
	for i := 0; i < len(s); {
		switch {
		case s[i] == '-' && (i+1 == len(s) || !isDigit(s[i+1])):
			i++
		case s[i] == '-' || isDigit(s[i]) && !startsWord(s, i):
			end := numberEnd(s, i)
			found = append(found, s[i:end])
			i = end
		default:
			end := wordEnd(s, i)
			joined := joinedEnd(s, end)
			found = append(found, s[i:joined])
			if joined == end {
				i = end
				continue
			}
			var parts []string
			parts, i = partsFrom(s, i)
			found = append(found, parts...)
		}
	}
	return found
}

// startsWord reports whether the digits at i continue as a word: with letters that are not an
// exponent.
func startsWord(s string, i int) bool {
	j := i
	for j < len(s) && isDigit(s[j]) {
		j++
	}
	return j < len(s) && s[j] != '-' && !(s[j] == 'e' && exponentEnd(s, j) > 0)
}

func numberEnd(s string, i int) int {
	j := i + 1
	for j < len(s) && isDigit(s[j]) {
		j++
	}
	if j < len(s) && s[j] == 'e' {
		if end := exponentEnd(s, j); end > 0 {
			return end
		}
	}
	return j
}

// exponentEnd returns the end of the exponent whose e is at i, or 0 without digits.
func exponentEnd(s string, i int) int {
	j := i + 1
	if j < len(s) && s[j] == '-' {
		j++
	}
	first := j
	for j < len(s) && isDigit(s[j]) {
		j++
	}
	if j == first {
		return 0
	}
	return j
}

func wordEnd(s string, i int) int {
	for i < len(s) && s[i] != '-' {
		i++
	}
	return i
}

// joinedEnd returns the end of the words that dashes join to the one ending at i.
func joinedEnd(s string, i int) int {
	for i < len(s) && i+1 < len(s) {
		end := wordEnd(s, i+1)
		if strings.Trim(s[i+1:end], "0123456789") == "" {
			return i // digits alone do not join
		}
		i = end
	}
	return i
}

// partsFrom returns the parts of joined words, the first of which begins at i, and the position
// after the dash that follows them, so that a number there has no sign.
func partsFrom(s string, i int) (parts []string, next int) {
	for i < len(s) {
		if s[i] == '-' {
			if i+1 == len(s) || s[i+1] == '-' {
				return parts, i
			}
			i++
			continue
		}
		end := wordEnd(s, i)
		if strings.Trim(s[i:end], "0123456789") == "" {
			return parts, i
		}
		parts = append(parts, s[i:end])
		i = end
	}
	return parts, i
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
