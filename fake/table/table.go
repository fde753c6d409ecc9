// Package table holds rows: typed, in memory, cheap to copy. Rows are values and never change in
// place, so a copy of a table is a copy of a few pointers; forks, undo and rewind rely on this.
package table

import "iter"

// Table holds the rows of one resource in one world. Rows are values and never change in place: a
// handler may keep what it reads from a table, but must not write into its slices and maps. A Table
// has no lock: its owner must exclude reads during writes.
//
// Its methods do little but name the type of the rows, since each of them is compiled for every type.
type Table[T any] struct {
	core Any
	key  func(T) string
	fill func(*T)
}

// Sizer is a row that reports how many bytes it holds, such as an uploaded file. Owners bound the
// sum.
type Sizer interface{ Held() int }

// Owner is notified of a table before it changes.
type Owner interface{ Touch(Any) }

// New makes a table. key returns a row's identifier, unique in the table. fill may be nil; it sets
// the defaults of a row that a client or a seed creates, and must not reject anything.
func New[T any](owner Owner, name string, key func(T) string, fill func(*T)) *Table[T] {
	if fill == nil {
		fill = func(*T) {}
	}
	t := &Table[T]{key: key, fill: fill}
	k := kind{table: t, id: func(row stored) string { return key(row.(*Row[T]).Value) }, newRow: newRow[T],
		checkRow: func(stored) error { return nil }, fastRow: func([]byte) stored { return nil },
		fillRow: func(row stored) { fill(&row.(*Row[T]).Value) }}
	var none T
	if _, ok := any(none).(Sizer); ok {
		k.sizeOf = func(row stored) int { return any(row.(*Row[T]).Value).(Sizer).Held() }
	}
	t.core = newCore(name, owner, k)
	return t
}

func newRow[T any]() stored { return &Row[T]{} }

// Of returns the Table that is used without its row type in owner, or nil if its rows have another type.
func Of[T any](table Any) *Table[T] {
	if table == nil {
		return nil
	}
	t, _ := table.types().table.(*Table[T])
	return t
}

// Untyped returns the table as its owner uses it.
func (t *Table[T]) Untyped() Any { return t.core }

// Name returns the name given to New.
func (t *Table[T]) Name() string { return t.core.Name() }

// Len returns the number of rows.
func (t *Table[T]) Len() int { return t.core.Len() }

// Has reports whether a row has that identifier.
func (t *Table[T]) Has(id string) bool { return t.core.Has(id) }

// Delete removes a row and reports whether there was one.
func (t *Table[T]) Delete(id string) bool { return t.core.Delete(id) }

// Version changes with the rows, undone changes included; results stay valid while it stays.
func (t *Table[T]) Version() uint64 { return t.core.Version() }

// Identity returns a value that a table has in common with those that show its rows, and with no other.
func Identity[T any](t *Table[T]) any { return t.core.(*core).orders.demand }

// Index declares a secondary index: keys returns the values under which By finds a row; a row without values is
// not in the index. In a unique index no two rows share a value. It panics if those of the table do. A table has the
// same indexes in every world, declared in the same order: forks take them over by their places.
func Index[T any](t *Table[T], name string, unique bool, keys func(T) []string) {
	t.core.addIndex(index{name, unique, func(row stored) []string { return keys(row.(*Row[T]).Value) }})
}

// Key returns the identifier of a row, stored or not.
func (t *Table[T]) Key(row T) string { return t.key(row) }

// Row returns the row with that identifier, or nil.
func (t *Table[T]) Row(id string) *Row[T] { return typed[T](t.core.find(id)) }

func typed[T any](row stored) *Row[T] {
	r, _ := row.(*Row[T]) // nil without a row
	return r
}

// Find returns the row with that identifier; ok is false if it does not exist.
func (t *Table[T]) Find(id string) (v T, ok bool) {
	if row := t.Row(id); row != nil {
		v, ok = row.Value, true
	}
	return v, ok
}

// Get returns the row with that identifier, or a *NotFoundError.
func (t *Table[T]) Get(id string) (v T, err error) {
	if row := t.Row(id); row != nil {
		return row.Value, nil
	}
	return v, &NotFoundError{Table: t.Name(), ID: id}
}

// Rows returns all rows in insertion order.
func (t *Table[T]) Rows() iter.Seq[*Row[T]] { return eachTyped[T](t.core.rowsAt(0)) }

// All returns the values of all rows in insertion order.
func (t *Table[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		t.core.rowsAt(0)(func(row stored) bool { return yield(row.(*Row[T]).Value) })
	}
}

// From returns the rows in the order of their identifiers, starting with the first that is at least id. Down
// is the other way, starting with the last that is at most id, or with the last of all if id is empty.
func From[T any](t *Table[T], id string, down bool) iter.Seq[*Row[T]] {
	return eachTyped[T](t.core.(*core).from(id, down))
}

// By returns the rows that an index holds under a value, in insertion order.
func (t *Table[T]) By(name, value string) iter.Seq[*Row[T]] {
	return eachTyped[T](t.core.by(name, value))
}

// eachTyped is not inlined, because each of its callers would be compiled with a copy for every type.
//
//go:noinline
func eachTyped[T any](rows iter.Seq[stored]) iter.Seq[*Row[T]] {
	return func(yield func(*Row[T]) bool) {
		rows(func(row stored) bool { return yield(row.(*Row[T])) })
	}
}

// Ends returns the rows with the smallest and the greatest value in an index, values compared as bytes, or nil.
func Ends[T any](t *Table[T], name string) (first, last *Row[T]) {
	low, high := t.core.(*core).ends(name)
	return typed[T](low), typed[T](high)
}

// One returns the first row that an index holds under a value, or nil.
func (t *Table[T]) One(name, value string) *Row[T] {
	for row := range t.core.by(name, value) {
		return row.(*Row[T])
	}
	return nil
}
