package jsonb

import (
	"maps"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// Text prints a JSON value as PostgreSQL prints a jsonb: short keys first, blanks after separators.
func Text(v any) string {
	switch v := v.(type) {
	case map[string]any:
		keys := slices.SortedFunc(maps.Keys(v), compareKeys)
		parts := js.Map(keys, func(k string) string { return string(Encode(k)) + ": " + Text(v[k]) })
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		return "[" + strings.Join(js.Map(v, Text), ", ") + "]"
	case []string:
		return "[" + strings.Join(js.Map(v, func(s string) string { return string(Encode(s)) }), ", ") + "]"
	}
	return string(Encode(v))
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
