package record

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/value"
)

// defaultValue returns the default of a column of a new record. The server writes the default of
// the metadata into SQL as a text with a cast to the column's type, so the database parses it like
// texts of that type. uuid and now are functions: kind_metadata_fields 38.
func (s *Store) defaultValue(c *Column, now millis) any {
	v := c.Attr.DefaultValue
	if c.Sub != "" {
		parts, _ := v.(map[string]any)
		v = parts[c.Sub]
	}
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return c.listDefault(v)
	case string:
		if v == "uuid" || v == "now" {
			return s.functionDefault(c, v, now)
		}
		plain, _ := schema.Unquote(v)
		return c.textDefault(plain)
	case map[string]any:
		if c.kind == document {
			return v
		}
	}
	if c.kind == document {
		return v
	}
	return c.textDefault(js.Text(v))
}

// functionDefault calls uuid_generate_v4() or now() and assigns the result to the column.
func (s *Store) functionDefault(c *Column, name string, now millis) any {
	at := time.UnixMilli(int64(now)).UTC()
	switch {
	case c.Path == "id":
		return nil // its caller sets it
	case name == "uuid" && (c.kind == uuid || c.kind == text):
		return s.State.NewID()
	case name == "now" && c.kind == moment:
		return now
	case name == "now" && c.kind == day:
		return at.Format(time.DateOnly)
	case name == "now" && c.kind == text:
		return at.Format("2006-01-02 15:04:05.999999-07")
	}
	return nil
}

// textDefault parses a text as a value of the column, or returns nil.
func (c *Column) textDefault(s string) any {
	switch c.kind {
	case boolean:
		if b, ok := schema.DatabaseBoolean(s); ok {
			return b
		}
		return nil
	case moment, day:
		return c.timeDefault(s)
	case number:
		return js.ToNumber(s)
	case text:
		if s == "" && c.nullable {
			return nil
		}
	case document:
		var v any
		if json.Unmarshal([]byte(s), &v) != nil {
			return nil
		}
		return v
	}
	return s
}

// timeDefault parses a date or time. The database evaluates words like today when a default is
// set: here, at the last change of the field.
func (c *Column) timeDefault(s string) any {
	at, ok := value.ParseMoment(s)
	if set, err := time.Parse(time.RFC3339Nano, c.Attr.UpdatedAt); err == nil {
		if moved, isWord := schema.DatabaseTime(s, set); isWord {
			at, ok = millis(moved.UnixMilli()), true
		}
	}
	switch {
	case c.kind == day && ok:
		return time.UnixMilli(int64(at)).UTC().Format(time.DateOnly)
	case c.kind == day:
		return s
	case ok:
		return at
	}
	return nil
}

func (c *Column) listDefault(v []any) any {
	out := []string{} // an empty default is an empty list, not NULL: corpus_metadata_101 #92
	for _, one := range v {
		plain, _ := schema.Unquote(js.Text(one))
		out = append(out, plain)
	}
	switch c.kind {
	case text: // the database writes a list into a text with braces
		return "{" + strings.Join(out, ",") + "}"
	case list:
		return out
	}
	return nil
}
