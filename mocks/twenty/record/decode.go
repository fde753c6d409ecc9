package record

import "github.com/afba07b5/mockserver/fake/table"

// decode decodes a record of a seed or a saved state straight into its columns. ok is false unless it is as AppendJSON
// writes it, blanks aside: then it must be decoded in the general way, with the same result: see Record.UnmarshalJSON.
func (l *Layout) decode(text []byte) (r *Record, ok bool) {
	r = New(l)
	in := table.Scan(text)
	for _, c := range l.inJSON {
		if !in.Skip(c.before) {
			return nil, false
		}
		v, ok := c.decode(&in)
		if r.values[c.at] = v; !ok || in.Failed() {
			return nil, false
		}
	}
	if !in.Skip(l.after) || !in.End() {
		return nil, false
	}
	r.ID, ok = r.values[l.ID.at].(string)
	r.index()
	return r, ok
}

// decode decodes a value in the form of answers into the form in which stored keeps the column.
func (c *Column) decode(in *table.Scanner) (v any, ok bool) {
	switch c.Kind {
	case Number:
		if f, ok := in.Float(); ok {
			return f, true
		}
	case Boolean:
		if b, ok := in.Bool(); ok {
			return b, true
		}
	case List, Document:
		if !in.Null() {
			return c.decodeNested(in.Value())
		}
		return nil, true
	default:
		if text, ok := in.Text(); ok {
			return c.decodeText(text), true
		}
	}
	return c.stored(nil), in.Null()
}

func (c *Column) decodeText(text []byte) any {
	switch {
	case c.Kind == Vector:
		return nil
	case c.Path == "id", len(text) == 0:
		return c.stored(string(text))
	}
	v, _ := shared.Get(c.form, text, func() (any, bool) { return c.stored(string(text)), true })
	return v
}

// decodeNested decodes a list, or a value of any type if the column holds such.
func (c *Column) decodeNested(text []byte) (v any, ok bool) {
	if len(text) == 0 || c.Kind == List && text[0] != '[' {
		return nil, false
	}
	return shared.Get(c.form, text, func() (any, bool) {
		var v any
		err := table.Decode(text, &v)
		return c.stored(v), err == nil
	})
}

// shared are the values that records share because they repeat.
var shared table.Shared

// Share makes a new record share the texts that repeat, as one that is decoded does.
func (r *Record) Share() {
	for _, c := range r.layout.Columns {
		v := r.values[c.at]
		if text, ok := v.(string); ok && text != "" && text != r.ID {
			r.values[c.at], _ = shared.Get(c.form, []byte(text), func() (any, bool) { return v, true })
		}
	}
}

// formOf returns the form of a column.
func (c *Column) formOf() byte {
	form := byte(c.Kind) << 2
	if c.Attr.IsNullable {
		form |= 2
	}
	if c.Sub != "" {
		form |= 1
	}
	return form
}
