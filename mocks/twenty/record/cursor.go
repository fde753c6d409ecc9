package record

import (
	"encoding/base64"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// Selection says which fields a face fetched; only those get into cursors. A nil Selection is all columns
// of the record itself, and no relations, as REST fetches them.
type Selection map[string]Selection

// Cursor returns the cursor of a record under an order: base64 of JSON with the order's keys and the id.
func (o *Order) Cursor(r *Record, selected Selection, related func(*Record, *schema.Attr, Selection) any) string {
	body := &Object{}
	for _, k := range o.keys {
		o.addToCursor(body, r, k, selected, related)
	}
	body.Set("id", r.ID)
	return base64.StdEncoding.EncodeToString(appendObject(nil, body))
}

func (o *Order) addToCursor(body *Object, r *Record, k orderKey, selected Selection, related func(*Record, *schema.Attr, Selection) any) {
	name := k.attr.Name
	sub, chosen := selected[name]
	if selected != nil && !chosen {
		if k.attr.Composite() && k.via == nil {
			body.Set(name, &Object{})
		}
		return
	}
	switch {
	case k.via != nil:
		if chosen && related != nil {
			body.Set(name, related(r, k.attr, sub))
		}
	case k.column.Join:
	case k.sub == "":
		body.Set(name, r.printed(k.column))
	default:
		part, _ := body.Value(name).(*Object)
		if part == nil {
			part = &Object{}
			body.Set(name, part)
		}
		if _, ok := sub[k.sub]; sub == nil || ok {
			part.Set(k.sub, r.printed(k.column))
		}
	}
}

// parseCursor decodes a cursor.
func parseCursor(s string) (*Object, error) {
	text, err := decodeBase64(s)
	if err == nil {
		if v, err := ParseJSON(string(text)); err == nil {
			if o, ok := v.(*Object); ok {
				return o, nil
			}
		}
	}
	e := refuse("INVALID_CURSOR", "", "Invalid cursor: %s", s)
	return nil, e
}

// decodeBase64 is as lenient as Node: both alphabets, padding or not.
func decodeBase64(s string) ([]byte, error) {
	s = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/", " ", "+").Replace(s), "=")
	return base64.RawStdEncoding.DecodeString(s)
}

// after compiles the condition that a record lies behind a cursor, in the order or against it. Only the
// keys in the cursor count, NULLs compare with nothing, and of the parts of a composite field only the last
// one counts: all as recorded, corpus_cursor_walk_101 #112 to #115.
func (s *Store) after(l *Layout, o *Order, cursor *Object, backward bool) (test, error) {
	c := &compiler{store: s}
	var alternatives, equal []test
	for _, m := range cursor.Members {
		beyond, same, err := c.cursorKey(l, o, m, backward)
		if err != nil {
			return nil, err
		}
		alternatives = append(alternatives, both(append(append([]test{}, equal...), beyond)))
		equal = append(equal, same)
	}
	return either(alternatives), nil
}

func (c *compiler) cursorKey(l *Layout, o *Order, m Member, backward bool) (beyond, same test, err error) {
	a := l.Model.Attr(m.Key)
	if a == nil {
		return nil, nil, coded("INVALID_CURSOR", "", "Field metadata not found for key: %s", m.Key)
	}
	if a.Relation != schema.None {
		return nil, nil, coded("INVALID_CURSOR", "", "Expected non-composite field order by")
	}
	if a.Composite() {
		parts, _ := m.Value.(*Object)
		if parts == nil {
			return always, always, nil
		}
		return c.cursorParts(l, o, a, parts, backward)
	}
	col := l.byPath[m.Key]
	descending := m.Key == "id" && o.desc
	if m.Key == "id" {
		return c.cursorColumn(col, m.Value, descending != backward)
	}
	for _, k := range o.keys {
		if k.via == nil && k.column == col {
			descending = k.descending
			break
		}
	}
	return c.cursorColumn(col, m.Value, descending != backward)
}

func (c *compiler) cursorParts(l *Layout, o *Order, a *schema.Attr, parts *Object, backward bool) (beyond, same test, err error) {
	beyond, same = always, always
	for _, m := range parts.Members {
		col := l.byPath[a.Name+"."+m.Key]
		if col == nil {
			continue
		}
		descending := false
		for _, k := range o.keys {
			if k.via == nil && k.column == col {
				descending = k.descending
				break
			}
		}
		if beyond, same, err = c.cursorColumn(col, m.Value, descending != backward); err != nil {
			return nil, nil, err
		}
	}
	return beyond, same, nil
}

func (c *compiler) cursorColumn(col *Column, value any, smaller bool) (beyond, same test, err error) {
	op := "gt"
	if smaller {
		op = "lt"
	}
	v, err := c.operand(col, col.Path, value)
	if err != nil {
		return nil, nil, err
	}
	over, equals := ordered(col, op, v), ordered(col, "eq", v)
	at := col.at
	return func(r *Record) ternary { return over(r, r.values[at]) }, func(r *Record) ternary { return equals(r, r.values[at]) }, nil
}
