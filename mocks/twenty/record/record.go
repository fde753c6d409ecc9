// Package record has the records of any object of a workspace: the values that a column stores, how they are decoded,
// printed and turned into keys, and the tables that keep the records of one world. Objects are rows of package schema,
// so nothing here knows one object from another. Package query finds records, package write changes them.
//
// A [Layout] says where the values of an object's records are. A [Store] has a table per object, and follows the
// changes of the metadata.
//
// A record's JSON is what REST answers at depth 0, in seeds and saved states too; keys that are left out
// are unset, and searchVector is always computed.
//
// Known differences from the vendor: the digits below milliseconds are made up where samples of groups show them.
package record

import (
	"slices"
	"sync/atomic"

	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/pgtext"
	"github.com/afba07b5/mockserver/mocks/twenty/value"
)

// Record is one record. It never changes: an update makes another one.
type Record struct {
	ID string

	layout    *Layout
	values    []any    // without a layout one: the record as a seed or a saved state has it
	deleted   bool     // as its value says: scans need nothing else
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

// New returns a record of a layout, without values.
func New(l *Layout) *Record { return &Record{layout: l, values: make([]any, len(l.Columns))} }

// Clone returns a copy to change before it is stored.
func (r *Record) Clone() *Record {
	return &Record{ID: r.ID, layout: r.layout, values: slices.Clone(r.values), deleted: r.deleted,
		generated: r.generated}
}

// Layout returns where the record has its values.
func (r *Record) Layout() *Layout { return r.layout }

// At returns the value of a column as the record keeps it: nil, string, float64, bool, []string, plain JSON or a
// moment. Without a column it is nil.
func (r *Record) At(c *Column) any {
	if c == nil || c.Kind == Vector {
		return r.computed(c)
	}
	return r.values[c.at]
}

func (r *Record) computed(c *Column) any {
	if c == nil {
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

// Set sets the value of a column of a record that is not stored yet.
func (r *Record) Set(c *Column, v any) {
	if r.values[c.at] = v; c.Path == "deletedAt" {
		r.deleted = v != nil
	}
}

// TakeVector gives a record the search vector of another, until it is stored.
func (r *Record) TakeVector(from *Record) {
	if c := r.layout.SearchVector; c != nil {
		from.computed(c)
		r.vector.Store(from.vector.Load())
	}
}

// timesMade are the times that the server makes of most records.
var timesMade = [...]string{"createdAt", "updatedAt"}

// SetGenerated notes that the server made a time, or that it did not.
func (r *Record) SetGenerated(path string, made bool) {
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

// Value returns the value of a column as plain JSON: a moment as its text. Answers print another form: see Get.
func (r *Record) Value(c *Column) any { return Plain(r.At(c)) }

// Deleted reports whether the record is in the trash.
func (r *Record) Deleted() bool { return r.deleted }

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

// bind reads what UnmarshalJSON kept.
func (r *Record) bind(l *Layout) {
	raw := r.raw()
	r.layout, r.values = l, make([]any, len(l.Columns))
	for _, g := range l.Fields {
		v := raw[g.Name]
		parts, _ := v.(map[string]any)
		for _, c := range g.Columns {
			if g.Composite {
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
		if c.Kind == Moment {
			if t, ok := value.ParseMoment(v); ok {
				return t
			}
			return nil
		}
		if v == "" && (c.Attr.IsNullable || c.Kind != Text) {
			return nil
		}
	case []any:
		if c.Kind == List {
			return storedTexts(v)
		}
		if len(v) == 0 && c.Sub != "" {
			return nil
		}
	case nil:
		if c.Kind == Text && !c.Attr.IsNullable {
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
	out := New(l)
	out.ID = r.ID
	for _, c := range l.Columns {
		v, known := old[c.Attr.ID+"."+c.Sub]
		if out.values[c.at] = v; !known {
			fill(out, c)
		}
	}
	return out
}

// SortKey returns the collation key of a text column, kept with the record once it was asked for.
func (r *Record) SortKey(c *Column, s string) string {
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

// index computes whether the record is in the trash, and drops its search vector, which is computed when it is
// first asked for.
func (r *Record) index() {
	r.deleted = r.At(r.layout.DeletedAt) != nil
	if c := r.layout.SearchVector; c != nil {
		r.values[c.at] = nil
		r.vector.Store(nil)
	}
}
