package story

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/ohler55/ojg/jp"

	"github.com/afba07b5/mockserver/fake/nearest"
)

// placeholder is {{name}}, {{name.field}} or {{$.name[0].field}} in a text.
var placeholder = regexp.MustCompile(`\{\{\s*([^{}]+?)\s*\}\}`)

// values are what placeholders name: saved values and those that every run has.
type values map[string]any

// parsePath parses a JSONPath; the $. at its beginning may be left out.
func parsePath(text string) (jp.Expr, error) {
	if !strings.HasPrefix(text, "$") {
		text = "$." + text
	}
	return jp.ParseString(text)
}

// root returns the first name of a path, or "" if it does not begin with one.
func root(path jp.Expr) string {
	for _, part := range path {
		switch p := part.(type) {
		case jp.Root:
		case jp.Child:
			return string(p)
		default:
			return ""
		}
	}
	return ""
}

// find returns what a path selects first.
func find(text string, in any) (any, error) {
	path, err := parsePath(text)
	if err != nil {
		return nil, fmt.Errorf("path %q: %v", text, err)
	}
	found := path.Get(in)
	if len(found) == 0 {
		return nil, fmt.Errorf("path %q: there is no such value", text)
	}
	return found[0], nil
}

// expand replaces the placeholders in all texts of a value. A text that is one placeholder becomes its value.
func (s values) expand(v any) (any, error) {
	switch v := v.(type) {
	case string:
		return s.expandText(v)
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			var err error
			if out[i], err = s.expand(item); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, item := range v {
			var err error
			if out[key], err = s.expand(item); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v, nil
}

func (s values) expandText(text string) (any, error) {
	if m := placeholder.FindStringSubmatchIndex(text); m != nil && m[0] == 0 && m[1] == len(text) {
		return s.lookUp(text[m[2]:m[3]])
	}
	return s.text(text, func(text string) string { return text })
}

// text expands a text; escape is applied to each value.
func (s values) text(text string, escape func(string) string) (out string, err error) {
	out = placeholder.ReplaceAllStringFunc(text, func(found string) string {
		v, wrong := s.lookUp(placeholder.FindStringSubmatch(found)[1])
		if wrong != nil {
			err = wrong
			return found
		}
		return escape(plainText(v))
	})
	return out, err
}

func (s values) lookUp(name string) (any, error) {
	v, err := find(name, map[string]any(s))
	if err == nil {
		return v, nil
	}
	known := slices.Sorted(maps.Keys(s))
	return nil, fmt.Errorf("{{%s}} has no value%s; values: %s", name, nearest.Hint(name, known),
		strings.Join(known, ", "))
}

// plainText is a value within a text.
func plainText(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	text, _ := json.Marshal(v) // it came from JSON
	return string(text)
}

// mismatch returns how a document differs from the values that its paths must have, or "".
func (s values) mismatch(where map[string]any, in any) (string, error) {
	for _, path := range slices.Sorted(maps.Keys(where)) {
		want, err := s.expand(where[path])
		if err != nil {
			return "", err
		}
		got, err := find(path, in)
		if err != nil {
			return err.Error(), nil
		}
		if !reflect.DeepEqual(got, want) {
			return fmt.Sprintf("%s is %s, not %s", path, plainJSON(got), plainJSON(want)), nil
		}
	}
	return "", nil
}

func plainJSON(v any) string {
	text, _ := json.Marshal(v) // it came from JSON
	if len(text) > 200 {
		return string(text[:200]) + "…"
	}
	return string(text)
}
