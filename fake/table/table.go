// Package table holds rows: typed, in memory, cheap to copy. Rows are values and never change in
// place, so a copy of a table is a copy of a few pointers; forks, undo and rewind rely on this.
package table

import (
	"iter"

	fastjson "github.com/go-json-experiment/json"
)

// Table holds the rows of one resource in one world. Rows are values and never change in place: a
// handler may keep what it reads from a table, but must not write into its slices and maps. A Table
// has no lock: its owner must exclude reads during writes.
type Table[T any] struct {
	core
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
	t.core = core{name: name, owner: owner, self: t, data: noRows(0),
		id: func(row stored) string { return key(row.(*Row[T]).Value) }, decodeRow: decodeRow[T],
		checkRow: func(stored) error { return nil },
		fillRow:  func(row stored) { fill(&row.(*Row[T]).Value) }}
	var none T
	if _, ok := any(none).(Sizer); ok {
		t.sizeOf = func(row stored) int { return any(row.(*Row[T]).Value).(Sizer).Held() }
	}
	return t
}

func decodeRow[T any](text []byte) stored {
	row := &Row[T]{}
	if fastjson.Unmarshal(text, &row.Value, fastStrict) != nil {
		return nil
	}
	return row
}

// CheckLoaded sets a function that may refuse a row of a seed or a saved state before it is filled. It is for rows that
// decode themselves, whose unknown fields New cannot know.
func (t *Table[T]) CheckLoaded(check func(T) error) {
	t.checkRow = func(row stored) error { return check(row.(*Row[T]).Value) }
}

// Index declares a secondary index: keys returns the values under which By finds a row; a row
// without values is not in the index. In a unique index no two rows share a value. Index may be
// added to a table with rows; if they conflict, it returns a *ConflictError and leaves the table
// unchanged.
func (t *Table[T]) Index(name string, unique bool, keys func(T) []string) error {
	return t.addIndex(index{name, unique, func(row stored) []string { return keys(row.(*Row[T]).Value) }})
}

// Key returns the identifier of a row, stored or not.
func (t *Table[T]) Key(row T) string { return t.key(row) }

// Row returns the row with that identifier, or nil.
func (t *Table[T]) Row(id string) *Row[T] { return typed[T](t.find(id)) }

func typed[T any](row stored) *Row[T] {
	if row == nil {
		return nil
	}
	return row.(*Row[T])
}

// Find returns the row with that identifier; ok is false if it does not exist.
func (t *Table[T]) Find(id string) (T, bool) {
	if row := t.Row(id); row != nil {
		return row.Value, true
	}
	var none T
	return none, false
}

// Get returns the row with that identifier, or a *NotFoundError.
func (t *Table[T]) Get(id string) (T, error) {
	row, ok := t.Find(id)
	if !ok {
		return row, &NotFoundError{Table: t.name, ID: id}
	}
	return row, nil
}

// Rows returns all rows in insertion order.
func (t *Table[T]) Rows() iter.Seq[*Row[T]] {
	return func(yield func(*Row[T]) bool) {
		t.data.bySeq.Scan(func(_ uint64, row stored) bool { return yield(row.(*Row[T])) })
	}
}

// All returns the values of all rows in insertion order.
func (t *Table[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		t.data.bySeq.Scan(func(_ uint64, row stored) bool { return yield(row.(*Row[T]).Value) })
	}
}

// From returns the rows in ascending order of their identifiers, starting with the first that is at
// least id.
func (t *Table[T]) From(id string) iter.Seq[*Row[T]] { return eachTyped[T](t.from(id)) }

// DownFrom returns the rows in descending order of their identifiers, starting with the last that
// is at most id; an empty id starts with the last row.
func (t *Table[T]) DownFrom(id string) iter.Seq[*Row[T]] { return eachTyped[T](t.downFrom(id)) }

// By returns the rows that an index holds under a value, in insertion order.
func (t *Table[T]) By(name, value string) iter.Seq[*Row[T]] { return eachTyped[T](t.by(name, value)) }

func eachTyped[T any](rows iter.Seq[stored]) iter.Seq[*Row[T]] {
	return func(yield func(*Row[T]) bool) {
		rows(func(row stored) bool { return yield(row.(*Row[T])) })
	}
}

// First returns the row with the smallest value in an index, values compared as bytes, or nil.
func (t *Table[T]) First(name string) *Row[T] { return typed[T](t.first(name)) }

// Last returns the row with the greatest value in an index, values compared as bytes, or nil.
func (t *Table[T]) Last(name string) *Row[T] { return typed[T](t.last(name)) }

// One returns the first row that an index holds under a value, or nil.
func (t *Table[T]) One(name, value string) *Row[T] {
	for row := range t.by(name, value) {
		return row.(*Row[T])
	}
	return nil
}
