package record

import "github.com/afba07b5/mockserver/fake/table"

// decode decodes a record of a seed or a saved state that lacks nothing, straight into its columns. ok is false if
// the record must be decoded in the general way: see Record.UnmarshalJSON, which the result is equal to.
func (s *Store) decode(singular string, text []byte) (r *Record, ok bool) {
	m := s.Meta.Schema().Singular(singular)
	if m == nil {
		return nil, false
	}
	l := s.Layout(m)
	r = newRecord(l)
	in := table.Scan(text)
	if !in.Open() {
		return nil, false
	}
	if !r.decodeGroups(&in) || !in.End() {
		return nil, false
	}
	r.ID, ok = r.values[l.byPath["id"].at].(string)
	r.index()
	return r, ok
}

// decodeGroups decodes the members of an object, whose order is usually that of the groups.
func (r *Record) decodeGroups(in *table.Scanner) bool {
	l := r.layout
	var seen table.Seen
	next := 0
	for {
		name, more := in.Next()
		if !more {
			break
		}
		i := l.group(name, next)
		if i < 0 || !seen.Add(i) || !r.decodeGroup(&l.groups[i], in) {
			return false
		}
		next = i + 1
	}
	for i := range l.groups {
		if !l.groups[i].columns[0].Join && !seen.Has(i) {
			return false // it has a default
		}
	}
	return true
}

// group returns the index of a group, looked for from an index on, or -1.
func (l *Layout) group(name []byte, from int) int {
	for i := range l.groups {
		if at := (from + i) % len(l.groups); l.groups[at].name == string(name) {
			return at
		}
	}
	return -1
}

// decodeGroup decodes the value of one key; false stands for one that only the general way decodes.
func (r *Record) decodeGroup(g *group, in *table.Scanner) bool {
	if !g.parts {
		return r.decodeColumn(g.columns[0], in)
	}
	if in.Null() {
		for _, c := range g.columns {
			r.values[c.at] = c.stored(nil)
		}
		return true
	}
	if !in.Open() {
		return false
	}
	for _, c := range g.columns {
		if name, ok := in.Next(); !ok || string(name) != c.Sub || !r.decodeColumn(c, in) {
			return false
		}
	}
	_, more := in.Next()
	return !more
}

func (r *Record) decodeColumn(c *Column, in *table.Scanner) bool {
	v, ok := c.decode(in)
	r.values[c.at] = v
	return ok && !in.Failed()
}

// decode decodes a value in the form of answers into the column's form: what stored makes of it.
func (c *Column) decode(in *table.Scanner) (v any, ok bool) {
	if in.Null() {
		return c.stored(nil), true
	}
	switch c.kind {
	case number:
		f, ok := in.Float()
		return f, ok
	case boolean:
		b, ok := in.Bool()
		return b, ok
	case list, document:
		return c.decodeNested(in.Value())
	}
	text, ok := in.Text()
	switch {
	case !ok || c.kind == vector:
		return nil, ok
	case c.Path == "id", len(text) == 0:
		return c.stored(string(text)), true
	}
	return shared.Get(c.form(), text, func() (any, bool) { return c.stored(string(text)), true })
}

// decodeNested decodes a list, or a value of any type if the column holds such.
func (c *Column) decodeNested(text []byte) (v any, ok bool) {
	if len(text) == 0 || c.kind == list && text[0] != '[' {
		return nil, false
	}
	return shared.Get(c.form(), text, func() (any, bool) {
		var v any
		err := table.Decode(text, &v)
		return c.stored(v), err == nil
	})
}

// shared are the values that records share because they repeat.
var shared table.Shared

// form differs for columns that decode a text in different ways.
func (c *Column) form() byte {
	form := byte(c.kind) << 2
	if c.Attr.IsNullable {
		form |= 2
	}
	if c.Sub != "" {
		form |= 1
	}
	return form
}
