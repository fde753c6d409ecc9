package graphql

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// didYouMean asks for one of a few names, as graphql-js does.
func didYouMean(kind string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	for i, n := range names {
		names[i] = `"` + n + `"`
	}
	names = names[:min(len(names), 5)]
	last, text := len(names)-1, names[len(names)-1]
	switch {
	case last == 1:
		text = names[0] + " or " + text
	case last > 1:
		text = strings.Join(names[:last], ", ") + ", or " + text
	}
	return " Did you mean " + kind + text + "?"
}

// didYouMeanEnum asks for a value of an enum.
func didYouMeanEnum(def *ast.Definition, text string) string {
	names := js.Map(def.EnumValues, func(v *ast.EnumValueDefinition) string { return v.Name })
	return didYouMean("the enum value ", suggest(text, names))
}

// suggest returns the names that are like a word, the nearest first.
func suggest(word string, names []string) []string {
	limit := len(word)*2/5 + 1
	near := map[string]int{}
	for _, n := range names {
		if d := distance(word, n, limit); d >= 0 {
			near[n] = d
		}
	}
	return slices.SortedFunc(maps.Keys(near),
		func(a, b string) int { return cmp.Or(near[a]-near[b], strings.Compare(a, b)) })
}

// distance is how many letters must be changed, added, dropped or swapped to make one word of the other; a
// difference in case is one. It is -1 beyond the limit.
func distance(word, other string, limit int) int {
	if word == other {
		return 0
	}
	a, b := strings.ToLower(other), strings.ToLower(word)
	if a == b {
		return 1
	}
	if len(a) < len(b) {
		a, b = b, a
	}
	if len(a)-len(b) > limit {
		return -1
	}
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		if smallest := nextRow(&rows, a, b, i); smallest > limit {
			return -1
		}
	}
	if d := rows[len(a)%3][len(b)]; d <= limit {
		return d
	}
	return -1
}

func nextRow(rows *[3][]int, a, b string, i int) int {
	up, row := rows[(i-1)%3], rows[i%3]
	row[0] = i
	smallest := i
	for j := 1; j <= len(b); j++ {
		row[j] = min(up[j], row[j-1], up[j-1]) + 1
		if a[i-1] == b[j-1] {
			row[j] = min(row[j], up[j-1])
		}
		if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
			row[j] = min(row[j], rows[(i-2)%3][j-2]+1)
		}
		smallest = min(smallest, row[j])
	}
	return smallest
}
