package workflow

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// differences lists what turns one value into another, as the public package microdiff does: what is gone or changed
// comes in the order of the old members, then what is new. Members are in the order of the database: short
// keys first.
func differences(path []any, was, now any) (out []any) {
	oldKeys, newKeys := keys(was), keys(now)
	for _, key := range oldKeys {
		at := append(slices.Clone(path), key)
		before, after := member(was, key), member(now, key)
		switch {
		case !slices.Contains(newKeys, key):
			out = append(out, map[string]any{"type": "REMOVE", "path": at, "oldValue": before})
		case nests(before) && reflect.TypeOf(before) == reflect.TypeOf(after):
			out = append(out, differences(at, before, after)...)
		case !reflect.DeepEqual(before, after):
			out = append(out, map[string]any{"type": "CHANGE", "path": at, "value": after, "oldValue": before})
		}
	}
	for _, key := range newKeys {
		if !slices.Contains(oldKeys, key) {
			out = append(out, map[string]any{"type": "CREATE", "path": append(slices.Clone(path), key),
				"value": member(now, key)})
		}
	}
	return out
}

func nests(v any) bool { return object(v) != nil || list(v) != nil }

// keys are the members of an object or the indexes of a list.
func keys(v any) (out []any) {
	for _, key := range slices.SortedFunc(maps.Keys(object(v)), func(a,
		b string) int {
		return cmp.Or(len(a)-len(b), strings.Compare(a, b))
	}) {
		out = append(out, key)
	}
	for i := range list(v) {
		out = append(out, i)
	}
	return out
}

func member(v, key any) any {
	if i, ok := key.(int); ok {
		if l := list(v); i < len(l) {
			return l[i]
		}
		return nil
	}
	return object(v)[key.(string)]
}
