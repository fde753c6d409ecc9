// Package nearest suggests known words for misspelt ones.
package nearest

import (
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Word returns the known word with the smallest edit distance to word, or "" if none is near.
func Word(word string, known []string) string {
	best, least := "", len(word)/2+2
	for _, k := range known {
		if d := Distance(word, k); d < least {
			best, least = k, d
		}
	}
	return best
}

// Distance returns the number of letters to insert, delete or replace between two words, in any case.
func Distance(a, b string) int {
	return levenshtein.ComputeDistance(strings.ToLower(a), strings.ToLower(b))
}

// Hint returns a suffix for an error message that names the nearest known word, or "" if none is
// near.
func Hint(word string, known []string) string {
	if near := Word(word, known); near != "" {
		return fmt.Sprintf("; nearest: %q", near)
	}
	return ""
}
