package graphql

import (
	"reflect"
	"strings"
	"sync"
)

// member reads a field of a row by the name that its JSON has; nil if the row has none of that name.
func member(row any, name string) any {
	if m, ok := row.(map[string]any); ok {
		return m[name]
	}
	v := reflect.ValueOf(row)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return nil
	}
	path, ok := pathsOf(v.Type())[name]
	if !ok {
		return nil
	}
	return settled(v.FieldByIndex(path))
}

// settled returns nil for a nil pointer, and the value of any other pointer, unless that is a row.
func settled(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		if v.Elem().Kind() == reflect.Struct {
			return v.Interface()
		}
		return settled(v.Elem())
	case reflect.Slice, reflect.Map:
		if v.IsNil() {
			return nil
		}
	case reflect.String:
		return v.String()
	}
	return v.Interface()
}

var paths sync.Map // reflect.Type → map[string][]int

func pathsOf(t reflect.Type) map[string][]int {
	if kept, ok := paths.Load(t); ok {
		return kept.(map[string][]int)
	}
	out := map[string][]int{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" && name != "-" && f.IsExported() {
			out[name] = f.Index
		}
	}
	paths.Store(t, out)
	return out
}

// items returns the elements of a list.
func items(v any) []any {
	if list, ok := v.([]any); ok {
		return list
	}
	r := reflect.ValueOf(v)
	if r.Kind() != reflect.Slice {
		return []any{v}
	}
	out := make([]any, r.Len())
	for i := range out {
		out[i] = settled(r.Index(i))
	}
	return out
}
