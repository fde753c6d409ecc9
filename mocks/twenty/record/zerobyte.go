package record

import (
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/pgtext"
)

// checkText rejects U+0000, which the database stores neither in text nor in JSON:
// kind_values_scalars 48, 80 and 116, kind_values_composites 51 and 54. It rejects more words than a search vector
// has room for, too.
func (r *Record) checkText() error {
	if slices.ContainsFunc(r.values, HasNUL) {
		return dataError()
	}
	if r.layout.fixed.vector < 0 || r.size() < pgtext.VectorLimit/256 { // its words take much less than the limit
		return nil
	}
	text := r.searchText()
	if len(text) > pgtext.VectorLimit/4 && pgtext.VectorBytes(text) > pgtext.VectorLimit {
		return dataError() // inferred
	}
	return nil
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
	case *js.Object:
		return v != nil && slices.ContainsFunc(v.Members,
			func(m js.Member) bool { return HasNUL(m.Key) || HasNUL(m.Value) })
	}
	return false
}
