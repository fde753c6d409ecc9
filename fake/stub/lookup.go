package stub

import (
	"strconv"
	"strings"
)

// walk looks names up one below the other.
func walk(v any, parts []string) any {
	for _, part := range parts {
		v, _ = step(v, part)
	}
	return v
}

// step looks one name up in a value.
func step(v any, name string) (any, bool) {
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	switch v := v.(type) {
	case map[string]any:
		one, ok := v[name]
		return one, ok
	case object:
		one, ok := v.names[name]
		if !ok && v.fold {
			one, ok = v.names[strings.ToLower(name)]
		}
		return one, ok
	case []any:
		i, err := strconv.Atoi(name)
		if name == "first" || name == "last" && len(v) > 0 {
			i, err = map[string]int{"last": len(v) - 1}[name], nil
		}
		if name == "size" || name == "length" {
			return float64(len(v)), true
		}
		if err != nil || i < 0 || i >= len(v) {
			return nil, false
		}
		return v[i], true
	}
	return nil, false
}

// object is a value that has both a text and named members, like the path of a request.
type object struct {
	text  string
	names map[string]any
	fold  bool // the names, which are in lower case, are found in any case
}
