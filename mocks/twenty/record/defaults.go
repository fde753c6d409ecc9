package record

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/value"
)

// Default returns the value of a column of a new record. The server writes the default of
// the metadata into SQL as a text with a cast to the column's type, so the database parses it like
// texts of that type. uuid and now are functions: kind_metadata_fields 38.
func (c *Column) Default(s *fake.State, now value.Moment) any {
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
			return c.functionDefault(s, v, now)
		}
		plain, _ := schema.Unquote(v)
		return c.textDefault(plain)
	case map[string]any:
		if c.Kind == Document {
			return v
		}
	}
	if c.Kind == Document {
		return v
	}
	return c.textDefault(js.Text(v))
}

// functionDefault calls uuid_generate_v4() or now() and assigns the result to the column.
func (c *Column) functionDefault(s *fake.State, name string, now value.Moment) any {
	at := time.UnixMilli(int64(now)).UTC()
	switch {
	case c.Path == "id":
		return nil // its caller sets it
	case name == "uuid" && (c.Kind == UUID || c.Kind == Text):
		return s.NewID()
	case name == "now" && c.Kind == Moment:
		return now
	case name == "now" && c.Kind == Day:
		return at.Format(time.DateOnly)
	case name == "now" && c.Kind == Text:
		return at.Format("2006-01-02 15:04:05.999999-07")
	}
	return nil
}

// textDefault parses a text as a value of the column, or returns nil.
func (c *Column) textDefault(s string) any {
	switch c.Kind {
	case Boolean:
		if b, ok := schema.DatabaseBoolean(s); ok {
			return b
		}
		return nil
	case Moment, Day:
		return c.timeDefault(s)
	case Number:
		return js.ToNumber(s)
	case Text:
		if s == "" && c.Nullable {
			return nil
		}
	case Document:
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
			at, ok = value.Moment(moved.UnixMilli()), true
		}
	}
	switch {
	case c.Kind == Day && ok:
		return time.UnixMilli(int64(at)).UTC().Format(time.DateOnly)
	case c.Kind == Day:
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
	switch c.Kind {
	case Text: // the database writes a list into a text with braces
		return "{" + strings.Join(out, ",") + "}"
	case List:
		return out
	}
	return nil
}
