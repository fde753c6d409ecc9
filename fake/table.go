package fake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"sync/atomic"

	"github.com/tidwall/btree"
)

// Raw is JSON that is already encoded. A handler that returns it saves the core an encoding.
type Raw []byte

// MarshalJSON returns the text itself.
func (r Raw) MarshalJSON() ([]byte, error) { return r, nil }

// Row is one stored row and, once somebody asked for it, its JSON. A Row never changes:
// an update stores another one, so it may be kept and read without a lock.
type Row[T any] struct {
	Value T
	seq   uint64
	text  atomic.Pointer[Raw]
}

// JSON returns the row encoded with encoding/json, without HTML escapes. The caller must not change it.
func (r *Row[T]) JSON() Raw {
	if kept := r.text.Load(); kept != nil {
		return *kept
	}
	text := Raw(encode(r.Value))
	r.text.Store(&text)
	return text
}

// Joined returns the rows as one JSON array, from their kept encodings.
func Joined[T any](rows []*Row[T]) Raw {
	out := Raw{'['}
	for i, row := range rows {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, row.JSON()...)
	}
	return append(out, ']')
}

// Table holds the rows of one resource in one world. Rows are values and never change in place;
// what a handler reads from a table it may keep, but must not write into its slices and maps.
// The core holds the lock of the table's State while a handler runs, so a Table needs none of its own.
type Table[T any] struct {
	name    string
	state   *State
	key     func(T) string
	fill    func(*T)
	indexes []index[T]
	data    rows[T]
}

// rows is all that a copy of a table has to copy.
type rows[T any] struct {
	bySeq btree.Map[uint64, *Row[T]]
	byKey btree.Map[string, uint64]
	trees []btree.Map[string, uint64]
	seq   uint64
}

type index[T any] struct {
	name   string
	unique bool
	keys   func(T) []string
}

// NewTable makes a table and registers it with the State, under a name that seeds and saved states use.
// key returns a row's identifier, unique in the table. fill may be nil; it sets the defaults of a row that
// a client creates or a seed brings (it may call State.NewID and State.Now) and must not refuse anything.
func NewTable[T any](s *State, name string, key func(T) string, fill func(*T)) *Table[T] {
	t := &Table[T]{name: name, state: s, key: key, fill: fill}
	s.addTable(t)
	return t
}

// TableOf returns the table of that name, or nil if there is none of that name and row type.
func TableOf[T any](s *State, name string) *Table[T] {
	t, _ := s.tables[name].(*Table[T])
	return t
}

// Index declares a secondary index: keys returns the values under which By finds a row; a row without
// values is not in the index. In a unique index no two rows share a value. It may be added to a table
// with rows; those that clash then make it return *Taken and leave the table as it was.
func (t *Table[T]) Index(name string, unique bool, keys func(T) []string) error {
	t.state.touch(t)
	ix := index[T]{name, unique, keys}
	var tree btree.Map[string, uint64]
	for row := range t.Rows() {
		if err := t.clash(ix, &tree, row.Value, row.seq); err != nil {
			return err
		}
		enter(ix, &tree, row)
	}
	t.indexes, t.data.trees = append(t.indexes[:len(t.indexes):len(t.indexes)], ix), append(t.data.trees[:len(t.data.trees):len(t.data.trees)], tree)
	return nil
}

// Len returns the number of rows.
func (t *Table[T]) Len() int { return t.data.bySeq.Len() }

// Name returns the name the table was made with.
func (t *Table[T]) Name() string { return t.name }

// Row returns the row with that identifier, or nil.
func (t *Table[T]) Row(id string) *Row[T] {
	seq, ok := t.data.byKey.Get(id)
	if !ok {
		return nil
	}
	row, _ := t.data.bySeq.Get(seq)
	return row
}

// Find returns the row with that identifier and whether there is one.
func (t *Table[T]) Find(id string) (T, bool) {
	if row := t.Row(id); row != nil {
		return row.Value, true
	}
	var none T
	return none, false
}

// Get is Find with an error for handlers to return: a 404 that names the table and the identifier.
func (t *Table[T]) Get(id string) (T, error) {
	row, ok := t.Find(id)
	if !ok {
		return row, &Error{Status: 404, Table: t.name, ID: id}
	}
	return row, nil
}

// Rows returns all rows in the order of their insertion.
func (t *Table[T]) Rows() iter.Seq[*Row[T]] {
	return func(yield func(*Row[T]) bool) {
		t.data.bySeq.Scan(func(_ uint64, row *Row[T]) bool { return yield(row) })
	}
}

// All returns the values of all rows in the order of their insertion.
func (t *Table[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		t.data.bySeq.Scan(func(_ uint64, row *Row[T]) bool { return yield(row.Value) })
	}
}

// From returns the rows in the order of their identifiers, starting with the first that is at least id.
func (t *Table[T]) From(id string) iter.Seq[*Row[T]] {
	return func(yield func(*Row[T]) bool) {
		t.data.byKey.Ascend(id, func(_ string, seq uint64) bool {
			row, _ := t.data.bySeq.Get(seq)
			return yield(row)
		})
	}
}

// DownFrom returns the rows in the reverse order of their identifiers, starting with the last that is at
// most id; an empty id starts with the last of all.
func (t *Table[T]) DownFrom(id string) iter.Seq[*Row[T]] {
	return func(yield func(*Row[T]) bool) {
		visit := func(_ string, seq uint64) bool {
			row, _ := t.data.bySeq.Get(seq)
			return yield(row)
		}
		if id == "" {
			t.data.byKey.Reverse(visit)
			return
		}
		t.data.byKey.Descend(id, visit)
	}
}

// By returns the rows that an index holds under a value, in the order of their insertion.
func (t *Table[T]) By(name, value string) iter.Seq[*Row[T]] {
	return func(yield func(*Row[T]) bool) {
		for i := range t.indexes {
			if t.indexes[i].name != name {
				continue
			}
			under(&t.data.trees[i], value, func(seq uint64) bool {
				row, _ := t.data.bySeq.Get(seq)
				return yield(row)
			})
			return
		}
		panic("fake: table " + t.name + " has no index " + name) // a misspelt name in Go, never input
	}
}

// One returns the first row that an index holds under a value, or nil.
func (t *Table[T]) One(name, value string) *Row[T] {
	for row := range t.By(name, value) {
		return row
	}
	return nil
}

// Insert fills and stores a new row and returns it as stored. It returns *Taken if its identifier or a
// unique value is in use.
func (t *Table[T]) Insert(v T) (T, error) {
	if t.fill != nil {
		t.fill(&v)
	}
	if id := t.key(v); t.Row(id) != nil {
		return v, &Taken{Table: t.name, Value: id, ID: id}
	}
	return v, t.put(nil, v)
}

// Update stores what change makes of a row. It returns a 404 if there is none, *Taken if the new value
// clashes, and the error of change; then nothing was changed.
func (t *Table[T]) Update(id string, change func(T) (T, error)) (T, error) {
	row := t.Row(id)
	if row == nil {
		return t.Get(id)
	}
	v, err := change(row.Value)
	if err != nil {
		return row.Value, err
	}
	if other := t.Row(t.key(v)); other != nil && other != row {
		return row.Value, &Taken{Table: t.name, Value: t.key(v), ID: t.key(v)}
	}
	return v, t.put(row, v)
}

// Set stores a row in place of the one with the same identifier, which must exist.
func (t *Table[T]) Set(v T) error {
	_, err := t.Update(t.key(v), func(T) (T, error) { return v, nil })
	return err
}

// Each replaces every row by what change makes of it; change must keep identifiers and unique values.
func (t *Table[T]) Each(change func(T) T) {
	var all []*Row[T]
	for row := range t.Rows() {
		all = append(all, row)
	}
	for _, row := range all {
		if err := t.put(row, change(row.Value)); err != nil {
			panic(err) // the caller's promise about unique values is broken
		}
	}
}

// Delete removes a row and reports whether there was one.
func (t *Table[T]) Delete(id string) bool {
	row := t.Row(id)
	if row == nil {
		return false
	}
	t.state.touch(t)
	t.remove(row)
	return true
}

// DeleteIf removes the rows for which drop is true and returns how many there were.
func (t *Table[T]) DeleteIf(drop func(T) bool) int {
	var gone []*Row[T]
	for row := range t.Rows() {
		if drop(row.Value) {
			gone = append(gone, row)
		}
	}
	for _, row := range gone {
		t.state.touch(t)
		t.remove(row)
	}
	return len(gone)
}

// encode is JSON without HTML escapes and without a final newline.
func encode(v any) []byte {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(fmt.Errorf("fake: encoding %T: %w", v, err)) // plain data always encodes; the core turns a panic into a 500
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}
