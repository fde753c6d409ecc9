package record

import (
	"fmt"
	"maps"
	"slices"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/pgtext"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/value"
)

// Storable reports whether the database stores the values. It stores no U+0000, neither in text nor in JSON
// (kind_values_scalars 48, 80 and 116, kind_values_composites 51 and 54), no time before the year 1, and not more words
// than a search vector has room for.
func (r *Record) Storable() bool {
	if slices.Contains(r.values, any(value.BeforeYearOne)) || slices.ContainsFunc(r.values, jsonb.HasNUL) {
		return false
	}
	if r.layout.SearchVector == nil || r.size() < pgtext.VectorLimit/256 { // its words take much less than the limit
		return true
	}
	text := r.searchText()
	return len(text) <= pgtext.VectorLimit/4 || pgtext.VectorBytes(text) <= pgtext.VectorLimit // inferred
}

// Missing returns the first column without a value on which the database insists, or nil.
func (r *Record) Missing() *Column {
	for _, c := range r.layout.Columns {
		if r.values[c.at] == nil && !c.Attr.IsNullable && c.required() {
			return c
		}
	}
	return nil
}

// required reports whether the database insists on a value. It does for no relation, whatever the metadata say
// (observed).
func (c *Column) required() bool {
	if c.Join || c.Kind == Vector || c.Path == "deletedAt" || c.Sub != "" && c.Attr.Type != schema.Actor {
		return false
	}
	return c.Sub == "" || c.Sub == "source" || c.Sub == "name"
}

// size returns about as many bytes as the texts and documents of a record have.
func (r *Record) size() (n int) {
	for _, v := range r.values {
		switch v := v.(type) {
		case string:
			n += len(v)
		case []string, []any, map[string]any, *js.Object:
			n += len(jsonb.Encode(v))
		}
	}
	return n
}

// checkFields refuses fields that the object does not have, and values of another JSON type than theirs.
func (l *Layout) checkFields(raw map[string]any) error {
	return checkMembers("", raw, l.Fields, func(f Field) string { return f.Name }, Field.checkValue)
}

func checkMembers[M any](in string, raw map[string]any, all []M, name func(M) string, check func(M, any) error) error {
	names, known := make([]string, len(all)), 0
	for i, m := range all {
		names[i] = name(m)
		v, ok := raw[names[i]]
		if !ok {
			continue
		}
		known++
		if err := check(m, v); err != nil {
			return err
		}
	}
	if known < len(raw) {
		return fmt.Errorf("%sunknown field %s", in, unknownName(raw, names))
	}
	return nil
}

func (f Field) checkValue(v any) error {
	if !f.Composite {
		return f.Columns[0].checkValue(v)
	}
	parts, ok := v.(map[string]any)
	if !ok && v != nil {
		return fmt.Errorf("%s: expected an object, not %s", f.Name, jsonb.Encode(v))
	}
	return checkMembers(f.Name+": ", parts, f.Columns, func(c *Column) string { return c.Sub }, (*Column).checkValue)
}

// unknownName returns the first key that is not among the names, with the nearest one.
func unknownName(raw map[string]any, names []string) string {
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		if !slices.Contains(names, key) {
			return fmt.Sprintf("%q%s", key, fake.Hint(key, names))
		}
	}
	return ""
}

func (c *Column) checkValue(v any) error {
	expected, ok := "a text", false
	switch c.Kind {
	case Document:
		return nil
	case Number:
		_, ok = v.(float64)
		expected = "a number"
	case Boolean:
		_, ok = v.(bool)
		expected = "true or false"
	case List:
		_, ok = v.([]any)
		expected = "a list"
	default:
		_, ok = v.(string)
	}
	if !ok && v != nil {
		return fmt.Errorf("%s: expected %s, not %s", c.Path, expected, jsonb.Encode(v))
	}
	return nil
}
