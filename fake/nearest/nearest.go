// Package nearest suggests known words for misspelt ones.
package nearest

import (
	"fmt"
	"strings"
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
	a, b = strings.ToLower(a), strings.ToLower(b)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// Hint returns a suffix for an error message that names the nearest known word, or "" if none is
// near.
func Hint(word string, known []string) string {
	if near := Word(word, known); near != "" {
		return fmt.Sprintf("; nearest: %q", near)
	}
	return ""
}
