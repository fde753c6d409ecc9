package record

import (
	"maps"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// jsonbText prints a JSON value as PostgreSQL prints a jsonb: short keys first, blanks after separators.
func jsonbText(v any) string {
	switch v := v.(type) {
	case map[string]any:
		keys := slices.SortedFunc(maps.Keys(v), jsonbOrder)
		parts := js.Map(keys, func(k string) string { return jsonText(k) + ": " + jsonbText(v[k]) })
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		return "[" + strings.Join(js.Map(v, jsonbText), ", ") + "]"
	case []string:
		return "[" + strings.Join(js.Map(v, func(s string) string { return jsonText(s) }), ", ") + "]"
	}
	return jsonText(v)
}

func jsonText(v any) string { return string(appendJSON(nil, v)) }
