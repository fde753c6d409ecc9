package conduct

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// At returns the values at a JSON pointer, in which * stands for every key of an object. The empty pointer is the
// value itself.
func At(value any, pointer string) []any {
	found := []any{value}
	for _, name := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		if pointer == "" {
			break
		}
		var next []any
		for _, v := range found {
			next = append(next, child(v, name)...)
		}
		found = next
	}
	return found
}

func child(v any, name string) (all []any) {
	switch v := v.(type) {
	case map[string]any:
		if name != "*" {
			if one, ok := v[name]; ok {
				all = append(all, one)
			}
			return all
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			all = append(all, v[key])
		}
	case []any:
		if n, err := strconv.Atoi(name); err == nil && n >= 0 && n < len(v) {
			all = append(all, v[n])
		}
	}
	return all
}

// List returns the list at a pointer; ok reports whether there is one.
func List(value any, pointer string) (items []any, ok bool) {
	for _, v := range At(value, pointer) {
		if items, ok = v.([]any); ok {
			return items, true
		}
	}
	return nil, false
}
