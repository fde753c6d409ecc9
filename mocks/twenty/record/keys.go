package record

import (
	"strings"

	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/value"
)

// UniqueKeys returns the values of a record in unique fields and unique combinations of fields.
func UniqueKeys(r *Record) []string {
	out := FieldKeys(r)
	if key, ok := r.keyTogether(); ok {
		out = append(out, key)
	}
	return out
}

// keyTogether returns the values of a record in the fields that are unique together.
func (r *Record) keyTogether() (string, bool) {
	var key strings.Builder
	for _, c := range r.layout.Together {
		v := r.Value(c)
		if v == nil {
			return "", false
		}
		key.WriteString("\x01" + jsonb.Text(v))
	}
	return key.String(), key.Len() > 0
}

// FieldKeys returns the values of a record in unique fields; NULL conflicts with nothing.
func FieldKeys(r *Record) []string {
	var out []string
	for i := range r.layout.Unique {
		if key, ok := r.uniqueKey(&r.layout.Unique[i]); ok {
			out = append(out, key)
		}
	}
	return out
}

func (r *Record) uniqueKey(g *Field) (string, bool) {
	var room [128]byte // usually enough, so that only the key is allocated
	key := append(room[:0], g.Name...)
	for _, c := range g.Columns {
		switch v := r.values[c.at].(type) {
		case nil:
			return "", false
		case string:
			key = jsonb.AppendString(append(key, 1), v)
		default:
			key = append(append(key, 1), jsonb.Text(Plain(v))...)
		}
	}
	return string(key), true
}

// Plain returns a value as plain JSON: a moment as its text.
func Plain(v any) any {
	if m, ok := v.(value.Moment); ok {
		return m.String()
	}
	return v
}

// referenceKeys are the records that a record refers to, by relation column.
func referenceKeys(r *Record) []string {
	var out []string
	for _, c := range r.layout.Columns {
		if !c.Join {
			continue
		}
		if id, ok := r.values[c.at].(string); ok {
			out = append(out, c.Path+"\x01"+id)
		}
	}
	return out
}

func deletedKeys(r *Record) []string {
	if r.Deleted() {
		return []string{"yes"}
	}
	return nil
}

// positionKeys sort live records by position.
func positionKeys(r *Record) []string {
	p, ok := r.At(r.layout.Position).(float64)
	if !ok || r.Deleted() {
		return nil
	}
	return []string{string(table.AppendNumber(make([]byte, 0, 8), p, false))}
}
