// Package record keeps the records of any object of a workspace and knows what the vendor does with them:
// values of every field type, filters, orders, cursors, groups, upserts, merges and the rest. It knows no
// HTTP; REST and GraphQL stand on it alike. Objects are rows of package schema, so nothing here knows one
// object from another.
//
// A [Store] holds the record tables of one world. Its services take a [Scope], which says who asks and for
// which object, and return records or an [*Error] that each face renders in its own shape.
//
// A record's JSON is what REST answers at depth 0, in seeds and saved states too; keys that are left out
// are unset, and searchVector is always computed.
//
// Known differences from the vendor: texts compare by golang.org/x/text with blanks and punctuation counted
// last, instead of glibc; records in no requested order come as they were last written, which is the
// database's order until it reuses space; groups in no order come sorted; markdown is read as far as notes
// use it (headings, lists, quotes, code, emphasis, links); files cannot be uploaded, so any file id is unknown;
// the digits below milliseconds are made up where samples of groups show them.
package record

import (
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/pgtext"
	"github.com/afba07b5/mockserver/mocks/twenty/value"
)

// Record is one record. It never changes: an update makes another one.
type Record struct {
	ID string

	layout    *Layout
	values    []any    // without a layout one: the record as a seed or a saved state has it
	trash     bool     // Deleted, stored with the record: scans need nothing else
	generated []string // the paths of the times that the server made; most records share them
	keys      atomic.Pointer[sortKeys]
	vector    atomic.Pointer[string] // the search vector, made when it is first asked for
}

// sortKeys are the collation keys computed so far, by column.
type sortKeys struct {
	column int
	key    string
	next   *sortKeys
}

func newRecord(l *Layout) *Record { return &Record{layout: l, values: make([]any, len(l.Columns))} }

// clone returns a copy to change before it is stored.
func (r *Record) clone() *Record {
	return &Record{ID: r.ID, layout: r.layout, values: slices.Clone(r.values), generated: r.generated}
}

// at returns a value; that of a column that the object does not have is nil.
func (r *Record) at(i int) any {
	if i < 0 || i == r.layout.fixed.vector {
		return r.computed(i)
	}
	return r.values[i]
}

func (r *Record) computed(i int) any {
	if i < 0 {
		return nil
	}
	v := r.vector.Load()
	if v == nil {
		made := pgtext.Vector(r.searchText())
		v = &made
		r.vector.Store(v)
	}
	if *v == "" {
		return nil
	}
	return *v
}

// takeVector gives a record the search vector of another, until it is stored.
func (r *Record) takeVector(from *Record) {
	if i := r.layout.fixed.vector; i >= 0 {
		from.computed(i)
		r.vector.Store(from.vector.Load())
	}
}

// timesMade are the times that the server makes of most records.
var timesMade = [...]string{"createdAt", "updatedAt"}

// generateID notes that the server made a time, or that it did not.
func (r *Record) generateID(path string, made bool) {
	switch n := len(r.generated); {
	case slices.Contains(r.generated, path) == made:
	case !made:
		r.generated = slices.DeleteFunc(slices.Clone(r.generated), func(p string) bool { return p == path })
	case n < len(timesMade) && path == timesMade[n] && slices.Equal(r.generated, timesMade[:n]):
		r.generated = timesMade[: n+1 : n+1]
	default:
		r.generated = append(slices.Clip(r.generated), path)
	}
}

// Value returns the value of a column: nil, string, float64, bool, []string, plain JSON, or a
// moment as an ISO text. Answers print another form: see Get.
func (r *Record) Value(c *Column) any {
	if m, ok := r.values[c.at].(millis); ok {
		return m.String()
	}
	return r.at(c.at)
}

// Get returns a field or a relation's id as answers print it: unset texts are "", unset lists [] and so on.
// A composite field is an *Object. ok is false if the object has no such key.
func (r *Record) Get(name string) (v any, ok bool) {
	for _, g := range r.layout.groups {
		if g.name != name {
			continue
		}
		if !g.parts {
			return r.printed(g.columns[0]), true
		}
		o := &js.Object{}
		for _, c := range g.columns {
			o.Members = append(o.Members, js.Member{Key: c.Sub, Value: r.printed(c)})
		}
		return o, true
	}
	return nil, false
}

// Keys returns the names for which Get has a value, in the order of answers.
func (r *Record) Keys() []string {
	return js.Map(r.layout.groups, func(g group) string { return g.name })
}

// Deleted reports whether the record is in the trash.
func (r *Record) Deleted() bool { return r.at(r.layout.fixed.deleted) != nil }

// printed is a value as answers show it.
func (r *Record) printed(c *Column) any {
	switch v := r.at(c.at).(type) {
	case nil:
		return c.unset()
	case millis:
		return v.String()
	default:
		return v
	}
}

// unset is what answers show of a column without value: fixtures/twenty/rest_companies_crud.
func (c *Column) unset() any {
	switch {
	case c.Sub == "blocknote", c.Sub == "currencyCode":
		return nil
	case c.kind == text || c.kind == vector:
		return ""
	case c.kind == list, c.Sub == "additionalEmails", c.Sub == "additionalPhones", c.Sub == "secondaryLinks":
		return noTexts
	}
	return nil
}

var noTexts any = []string{} // made once

// AppendJSON appends the record as REST answers it at depth 0.
func (r *Record) AppendJSON(out []byte) []byte {
	if r.layout == nil {
		return jsonb.Append(out, r.raw())
	}
	return r.appendTo(out, nil)
}

// appendTo writes the record, leaving out what hide says.
func (r *Record) appendTo(out []byte, hide func(name string) bool) []byte {
	start := len(out)
	out = append(out, '{')
	for _, g := range r.layout.groups {
		if hide != nil && hide(g.name) {
			continue
		}
		if len(out) > start+1 {
			out = append(out, ',')
		}
		out = append(jsonb.AppendString(out, g.name), ':')
		if !g.parts {
			out = r.appendValue(out, g.columns[0])
			continue
		}
		for i, c := range g.columns {
			out = append(out, "{,"[min(i, 1)])
			out = append(jsonb.AppendString(out, c.Sub), ':')
			out = jsonb.Append(out, r.printed(c))
		}
		out = append(out, '}')
	}
	return append(out, '}')
}

// MarshalJSON writes a record as a client gets it.
func (r *Record) MarshalJSON() ([]byte, error) { return r.appendTo(nil, nil), nil }

// UnmarshalJSON reads a record of a seed or a saved state; the table binds it to its layout.
func (r *Record) UnmarshalJSON(b []byte) error {
	var raw map[string]any
	if err := table.Decode(b, &raw); err != nil {
		return err
	}
	r.values = []any{raw}
	r.ID, _ = raw["id"].(string)
	return nil
}

// raw returns what UnmarshalJSON read, until the table gives the record a layout.
func (r *Record) raw() map[string]any { return r.values[0].(map[string]any) }

// checkFields refuses fields that the object does not have, and values of another JSON type than theirs.
func (l *Layout) checkFields(raw map[string]any) error {
	names, known := make([]string, len(l.groups)), 0
	for i, g := range l.groups {
		v, ok := raw[g.name]
		if names[i] = g.name; !ok {
			continue
		}
		known++
		if err := g.checkValue(v); err != nil {
			return err
		}
	}
	if known < len(raw) {
		return fmt.Errorf("unknown field %s", unknownName(raw, names))
	}
	return nil
}

func (g group) checkValue(v any) error {
	if !g.parts {
		return g.columns[0].checkValue(v)
	}
	parts, ok := v.(map[string]any)
	if !ok && v != nil {
		return fmt.Errorf("%s: expected an object, not %s", g.name, jsonb.Encode(v))
	}
	names, known := make([]string, len(g.columns)), 0
	for i, c := range g.columns {
		v, ok := parts[c.Sub]
		if names[i] = c.Sub; !ok {
			continue
		}
		known++
		if err := c.checkValue(v); err != nil {
			return err
		}
	}
	if known < len(parts) {
		return fmt.Errorf("%s: unknown field %s", g.name, unknownName(parts, names))
	}
	return nil
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
	switch c.kind {
	case document:
		return nil
	case number:
		_, ok = v.(float64)
		expected = "a number"
	case boolean:
		_, ok = v.(bool)
		expected = "true or false"
	case list:
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

// bind reads what UnmarshalJSON kept.
func (r *Record) bind(l *Layout) {
	raw := r.raw()
	r.layout, r.values = l, make([]any, len(l.Columns))
	for _, g := range l.groups {
		v := raw[g.name]
		parts, _ := v.(map[string]any)
		for _, c := range g.columns {
			if g.parts {
				v = parts[c.Sub]
			}
			r.values[c.at] = c.stored(v)
		}
	}
}

// stored converts a value in the form of answers into the column's form.
func (c *Column) stored(v any) any {
	switch v := v.(type) {
	case string:
		if c.kind == moment {
			if t, ok := value.ParseMoment(v); ok {
				return t
			}
			return nil
		}
		if v == "" && (c.Attr.IsNullable || c.kind != text) {
			return nil
		}
	case []any:
		if c.kind == list {
			return storedTexts(v)
		}
		if len(v) == 0 && c.Sub != "" {
			return nil
		}
	case nil:
		if c.kind == text && !c.Attr.IsNullable {
			return ""
		}
	}
	return v
}

// storedTexts keeps the texts of a list, nil if it has none.
func storedTexts(list []any) any {
	if out := js.Only[string](list); out != nil {
		return out
	}
	return nil
}

// as returns the record in another layout: values move with their fields, new ones get their defaults.
func (r *Record) as(l *Layout, fill func(*Record, *Column)) *Record {
	old := map[string]any{}
	for _, c := range r.layout.Columns {
		old[c.Attr.ID+"."+c.Sub] = r.values[c.at]
	}
	out := newRecord(l)
	out.ID = r.ID
	for _, c := range l.Columns {
		v, known := old[c.Attr.ID+"."+c.Sub]
		if out.values[c.at] = v; !known {
			fill(out, c)
		}
	}
	return out
}

// sortKey returns the collation key of a text column, kept with the record once it was asked for.
func (r *Record) sortKey(c *Column, s string) string {
	head := r.keys.Load()
	for k := head; k != nil; k = k.next {
		if k.column == c.at {
			return k.key
		}
	}
	key := pgtext.SortKey(s)
	r.keys.CompareAndSwap(head, &sortKeys{c.at, key, head})
	return key
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

// Sample is the record as groups show it: times in the database's own spelling, those that the server made
// with microseconds: fixtures/twenty/rest_group_by #11.
func (r *Record) Sample() []byte {
	out := []byte{'{'}
	for i, g := range r.layout.groups {
		out = js.Comma(out, i)
		out = append(jsonb.AppendString(out, g.name), ':')
		if m, ok := r.values[g.columns[0].at].(millis); ok && !g.parts {
			out = jsonb.AppendString(out, r.databaseTime(g.columns[0], m))
			continue
		}
		out = r.AppendField(out, g.name)
	}
	return append(out, '}')
}

func (r *Record) databaseTime(c *Column, m millis) string {
	s := m.Time().Format("2006-01-02T15:04:05.999")
	if slices.Contains(r.generated, c.Path) {
		s = m.Time().Format("2006-01-02T15:04:05.000") + madeUpMicros
	}
	return s + "+00:00"
}

// madeUpMicros replaces the digits below milliseconds, which are not stored.
const madeUpMicros = "379"
