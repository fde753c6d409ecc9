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
	if r.layout.fixed.vector >= 0 && vectorBytes(r.searchText()) > vectorLimit {
		e := dataError()
		e.Rule = "a search vector has room for 1,048,575 bytes of words" // PostgreSQL's; the answer is inferred
		return e
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
	case *Object:
		return v != nil && slices.ContainsFunc(v.Members,
			func(m Member) bool { return HasNUL(m.Key) || HasNUL(m.Value) })
	}
	return false
}
