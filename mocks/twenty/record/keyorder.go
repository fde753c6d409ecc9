package record

import (
	"cmp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
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
	o.Sort(func(a, b string) int { return cmp.Or(cmp.Compare(place(a), place(b)), jsonbOrder(a, b)) })
}

// jsonbOrder is the order of the keys of a jsonb: short keys first.
func jsonbOrder(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) }
