package record

import (
	"slices"
	"strings"
)

// jsonbText prints a JSON value as PostgreSQL prints a jsonb: short keys first, blanks after separators.
func jsonbText(v any) string {
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.SortFunc(keys, jsonbOrder)
		parts := make([]string, len(keys))
		for i, k := range keys {
			parts[i] = jsonText(k) + ": " + jsonbText(v[k])
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = jsonbText(x)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case []string:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = jsonText(x)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return jsonText(v)
}

func jsonText(v any) string { return string(appendJSON(nil, v)) }
