package jsonb

import (
	"cmp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/pgtext"
)

// Arrange puts the keys of a decoded value and of all values below it in order: as listed for the keys under which an
// object is, joined by dots, or as PostgreSQL stores a jsonb if nothing is listed. An object stays as it is if it has
// few keys of its list, and so is of another kind.
func Arrange(v any, path string, listed func(path string) []string) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			Arrange(item, path, listed)
		}
	case *js.Object:
		arrange(v, listed(path))
		for _, m := range v.Members {
			Arrange(m.Value, path+"."+m.Key, listed)
		}
	}
}

// arrange puts the listed keys first.
func arrange(o *js.Object, listed []string) {
	known := 0
	for _, m := range o.Members {
		if slices.Contains(listed, m.Key) {
			known++
		}
	}
	if listed != nil && known*2 < len(o.Members) {
		return
	}
	place := func(key string) int {
		if i := slices.Index(listed, key); i >= 0 {
			return i
		}
		return len(listed)
	}
	o.Sort(func(a, b string) int { return cmp.Or(cmp.Compare(place(a), place(b)), compareKeys(a, b)) })
}

// compareKeys is the order of the keys of a jsonb: short keys first.
func compareKeys(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) }

// Compare orders JSON values as PostgreSQL orders jsonb.
func Compare(a, b any) int {
	if n := rank(a) - rank(b); n != 0 {
		return n
	}
	switch x := a.(type) {
	case []any:
		y := b.([]any)
		return cmp.Or(cmp.Compare(len(x), len(y)), slices.CompareFunc(x, y, Compare))
	case []string:
		y, _ := b.([]string)
		return slices.CompareFunc(x, y, pgtext.Compare)
	case map[string]any:
		y := b.(map[string]any)
		return cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(Text(x), Text(y)))
	case float64:
		return cmp.Compare(x, b.(float64))
	case bool:
		return compareBools(x, b.(bool))
	case string:
		return pgtext.Compare(x, b.(string))
	}
	return 0
}

func rank(v any) int {
	switch v.(type) {
	case nil:
		return 0
	case string:
		return 1
	case float64:
		return 2
	case bool:
		return 3
	case []any, []string:
		return 4
	}
	return 5
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
