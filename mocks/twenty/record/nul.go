package record

import (
	"slices"
	"strings"
)

// checkText rejects U+0000, which the database stores neither in text nor in JSON:
// kind_values_scalars 48, 80 and 116, kind_values_composites 51 and 54.
func (r *Record) checkText() error {
	if slices.ContainsFunc(r.values, hasNUL) {
		return dataError()
	}
	return nil
}

// hasNUL reports whether a value has U+0000 somewhere in a text or in a key.
func hasNUL(v any) bool {
	switch v := v.(type) {
	case string:
		return strings.Contains(v, "\x00")
	case []string:
		return slices.ContainsFunc(v, func(s string) bool { return strings.Contains(s, "\x00") })
	case []any:
		return slices.ContainsFunc(v, hasNUL)
	case map[string]any:
		for key, item := range v {
			if hasNUL(key) || hasNUL(item) {
				return true
			}
		}
	case *Object:
		return v != nil && slices.ContainsFunc(v.Members,
			func(m Member) bool { return hasNUL(m.Key) || hasNUL(m.Value) })
	}
	return false
}
