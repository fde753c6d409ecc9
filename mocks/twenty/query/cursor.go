package query

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/filter"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/value"
)

// Selection says which fields a face fetched; only those get into cursors. A nil Selection is all columns
// of the record itself, and no relations, as REST fetches them.
type Selection map[string]Selection

// Cursor returns the cursor of a record under an order: base64 of JSON with the order's keys and the id.
func (o *Order) Cursor(r *record.Record, selected Selection, related func(*record.Record, *schema.Attr,
	Selection) any) string {
	body := &js.Object{}
	for _, k := range o.keys {
		o.addToCursor(body, r, k, selected, related)
	}
	body.Set("id", r.ID)
	return base64.StdEncoding.EncodeToString(jsonb.AppendObject(nil, body))
}

func (o *Order) addToCursor(body *js.Object, r *record.Record, k orderKey, selected Selection,
	related func(*record.Record, *schema.Attr, Selection) any) {
	name := k.attr.Name
	sub, chosen := selected[name]
	if selected != nil && !chosen {
		if k.attr.Composite() && k.relation == nil {
			body.Set(name, &js.Object{})
		}
		return
	}
	switch {
	case k.relation != nil:
		if chosen && related != nil {
			body.Set(name, related(r, k.attr, sub))
		}
	case k.column.Join:
	case k.sub == "":
		body.Set(name, r.Printed(k.column))
	default:
		part, _ := body.Value(name).(*js.Object)
		if part == nil {
			part = &js.Object{}
			body.Set(name, part)
		}
		if _, ok := sub[k.sub]; sub == nil || ok {
			part.Set(k.sub, r.Printed(k.column))
		}
	}
}

// parseCursor decodes a cursor.
func parseCursor(s string) (*js.Object, error) {
	// as lenient as Node: both alphabets, padding or not
	plain := strings.TrimRight(strings.NewReplacer("-", "+", "_", "/", " ", "+").Replace(s), "=")
	text, err := base64.RawStdEncoding.DecodeString(plain)
	v, wrong := js.ParseJSON(string(text))
	if o, ok := v.(*js.Object); ok && err == nil && wrong == nil {
		return o, nil
	}
	return nil, reject.With("INVALID_CURSOR", "", "Invalid cursor: %s", s)
}

// after compiles the condition that a record lies behind a cursor, in the order or against it. Only the
// keys in the cursor count, NULLs compare with nothing, and of the parts of a composite field only the last
// one counts: all as recorded, corpus_cursor_walk_101 #112 to #115. Every key but the id has to be a key of the
// order as well: kind_cursor_reuse.
func (s *Scope) after(l *record.Layout, o *Order, cursor *js.Object, backward bool) (test, error) {
	k := keyset{order: o, backward: backward}
	var alternatives, equal []test
	for _, m := range cursor.Members {
		beyond, same, err := k.member(l, m)
		if err != nil {
			return nil, err
		}
		alternatives = append(alternatives, both(append(append([]test{}, equal...), beyond)))
		equal = append(equal, same)
	}
	if k.deferred != nil {
		return nil, k.deferred
	}
	return either(alternatives), nil
}

// keyset compiles the keys of a cursor against an order.
type keyset struct {
	order    *Order
	backward bool
	deferred *reject.Error // a database error, reported once all keys are parsed
}

func badCursor(format string, args ...any) *reject.Error {
	return reject.Coded("INVALID_CURSOR", "", format, args...)
}

func (k *keyset) member(l *record.Layout, m js.Member) (beyond, same test, err error) {
	a := l.Model.Attr(m.Key)
	ordered := slices.ContainsFunc(k.order.keys, func(o orderKey) bool { return o.attr == a && !o.column.Join })
	switch {
	case a == nil:
		return nil, nil, badCursor("Field metadata not found for key: %s", m.Key)
	case m.Key == "id":
		return k.column(l.Column(m.Key), m.Value, k.order.desc)
	case !ordered:
		return nil, nil, badCursor("Invalid cursor")
	case a.Relation != schema.None:
		return nil, nil, badCursor("Expected non-composite field order by")
	case !a.Composite():
		return k.ordered(l.Column(m.Key), m.Value)
	case m.Value == nil:
		return nil, nil, reject.Crash("TypeError", "Cannot read properties of null (reading '%s')",
			schema.Composites[a.Type][0].Name)
	}
	return k.parts(l, a, m.Value)
}

// parts compiles the parts of a composite field. A value that is no object has none.
func (k *keyset) parts(l *record.Layout, a *schema.Attr, value any) (beyond, same test, err error) {
	given, _ := value.(*js.Object)
	beyond, same = always, always
	if given == nil {
		return beyond, same, nil
	}
	for _, m := range given.Members {
		col := l.Column(a.Name + "." + m.Key)
		if col == nil || col.Type == schema.RawJSON {
			continue
		}
		if beyond, same, err = k.ordered(col, m.Value); err != nil {
			return nil, nil, err
		}
	}
	return beyond, same, nil
}

// ordered compiles a column that has to be a key of the order.
func (k *keyset) ordered(col *record.Column, value any) (beyond, same test, err error) {
	for _, o := range k.order.keys {
		if o.relation == nil && o.column == col {
			return k.column(col, value, o.descending)
		}
	}
	return nil, nil, badCursor("Invalid cursor")
}

// column compiles a column. Its error is nil: those of the database come later.
func (k *keyset) column(col *record.Column, value any, descending bool) (beyond, same test, err error) {
	op := "gt"
	if descending != k.backward {
		op = "lt"
	}
	v, wrong := inputOf(col, value)
	if wrong == nil && jsonb.HasNUL(v) {
		wrong = reject.Value()
	}
	k.deferred = cmp.Or(k.deferred, wrong)
	return ordered(col, op, v).of(col), ordered(col, "eq", v).of(col), nil
}

// inputOf parses a value as the database does, because cursors are not validated before.
func inputOf(c *record.Column, v any) (any, *reject.Error) {
	if v == nil {
		return nil, nil
	}
	text := filter.DatabaseText(v)
	switch c.Kind {
	case record.UUID:
		if !schema.IsUUID(text) {
			return nil, reject.Syntax("uuid", text)
		}
		return strings.ToLower(text), nil
	case record.Number:
		n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil && c.Type == schema.Numeric {
			return nil, reject.Syntax("numeric", text)
		}
		if err != nil {
			return nil, reject.Syntax("double precision", text)
		}
		return n, nil
	case record.Boolean:
		b, err := strconv.ParseBool(strings.ToLower(text))
		if err != nil {
			return nil, reject.Syntax("boolean", text)
		}
		return b, nil
	case record.Moment:
		t, ok := value.ParseMoment(text)
		if !ok {
			return nil, reject.Value() // assumed: the server passes no such message on
		}
		return t, nil
	}
	return text, nil
}
