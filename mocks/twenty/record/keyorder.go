package record

import (
	"cmp"
	"slices"
	"strings"
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
	case *Object:
		v.arrange(listed(path))
		for _, m := range v.Members {
			Arrange(m.Value, path+"."+m.Key, listed)
		}
	}
}

// arrange puts the listed keys first. JavaScript keeps keys that are array indexes before all others.
func (o *Object) arrange(listed []string) {
	known := 0
	for _, m := range o.Members {
		if slices.Contains(listed, m.Key) {
			known++
		}
	}
	if listed != nil && known*2 < len(o.Members) {
		return
	}
	place := func(m Member) int {
		if i := slices.Index(listed, m.Key); i >= 0 {
			return i
		}
		return len(listed)
	}
	slices.SortStableFunc(o.Members, func(a, b Member) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), jsonbOrder(a.Key, b.Key))
	})
	o.numbersFirst()
}

// jsonbOrder is the order of the keys of a jsonb: short keys first.
func jsonbOrder(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}
