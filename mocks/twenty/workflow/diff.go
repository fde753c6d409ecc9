package workflow

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// The differences of two values, with their keys in the order of the package.
type (
	creation struct {
		Type  string `json:"type"`
		Path  []any  `json:"path"`
		Value any    `json:"value"`
	}
	change struct {
		Path     []any  `json:"path"`
		Type     string `json:"type"`
		Value    any    `json:"value"`
		OldValue any    `json:"oldValue"`
	}
	removal struct {
		Type     string `json:"type"`
		Path     []any  `json:"path"`
		OldValue any    `json:"oldValue"`
	}
)

// A difference has the path of what differs.
type difference interface{ at() []any }

func (d creation) at() []any { return d.Path }
func (d change) at() []any   { return d.Path }
func (d removal) at() []any  { return d.Path }

// differences lists what turns one value into another, as the public package microdiff does: what is gone or changed
// comes in the order of the old members, then what is new. Members are in the order of the database: short
// keys first.
func differences(path []any, was, now any) (out []difference) {
	oldKeys, newKeys := keys(was), keys(now)
	for _, key := range oldKeys {
		at := append(slices.Clone(path), key)
		before, after := member(was, key), member(now, key)
		switch {
		case !slices.Contains(newKeys, key):
			out = append(out, removal{"REMOVE", at, before})
		case nests(before) && reflect.TypeOf(before) == reflect.TypeOf(after):
			out = append(out, differences(at, before, after)...)
		case !reflect.DeepEqual(before, after):
			out = append(out, change{at, "CHANGE", after, before})
		}
	}
	for _, key := range newKeys {
		if !slices.Contains(oldKeys, key) {
			out = append(out, creation{"CREATE", append(slices.Clone(path), key), member(now, key)})
		}
	}
	return out
}

func nests(v any) bool { return object(v) != nil || list(v) != nil }

// keys are the members of an object or the indexes of a list.
func keys(v any) (out []any) {
	for _, key := range slices.SortedFunc(maps.Keys(object(v)), func(a, b string) int {
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
