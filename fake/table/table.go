// Package table holds rows: typed, in memory, copied at no cost. Rows are values and never change in place,
// so a copy of a table is a copy of a few pointers; forks, undo and rewind rest on this.
package table

import (
	"iter"

	"github.com/tidwall/btree"
)

// Table holds the rows of one resource in one world. Rows are values and never change in place;
// what a handler reads from a table it may keep, but must not write into its slices and maps.
// A Table has no lock: its owner sees to it that nobody reads while somebody writes.
type Table[T any] struct {
	name    string
	owner   Owner
	key     func(T) string
	fill    func(*T)
	indexes []index[T]
	data    rows[T]
	version uint64
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

// Owner is told of a table before it changes.
type Owner interface{ Touch(Any) }

// New makes a table. key returns a row's identifier, unique in the table. fill may be nil; it sets the
// defaults of a row that a client creates or a seed brings, and must not refuse anything.
func New[T any](owner Owner, name string, key func(T) string, fill func(*T)) *Table[T] {
	return &Table[T]{name: name, owner: owner, key: key, fill: fill}
}

// Index declares a secondary index: keys returns the values under which By finds a row; a row without
// values is not in the index. In a unique index no two rows share a value. It may be added to a table
// with rows; those that clash then make it return *Taken and leave the table as it was.
func (t *Table[T]) Index(name string, unique bool, keys func(T) []string) error {
	t.touch()
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

// Version changes with every change of the rows, undone ones included: what was worked out from the rows at one
// version holds as long as it stays.
func (t *Table[T]) Version() uint64 { return t.version }

func (t *Table[T]) touch() {
	t.owner.Touch(t)
	t.version++
}

// Len returns the number of rows.
func (t *Table[T]) Len() int { return t.data.bySeq.Len() }

// Key returns the identifier of a row, stored or not.
func (t *Table[T]) Key(row T) string { return t.key(row) }

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

// Get is Find with an error that names the table and the identifier, *Missing.
func (t *Table[T]) Get(id string) (T, error) {
	row, ok := t.Find(id)
	if !ok {
		return row, &Missing{Table: t.name, ID: id}
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
		under(t.tree(name), value, func(seq uint64) bool {
			row, _ := t.data.bySeq.Get(seq)
			return yield(row)
		})
	}
}

// First returns the row with the least value in an index, values compared as bytes, or nil.
func (t *Table[T]) First(name string) *Row[T] {
	_, seq, _ := t.tree(name).Min()
	row, _ := t.data.bySeq.Get(seq)
	return row
}

// Last returns the row with the greatest value in an index, values compared as bytes, or nil.
func (t *Table[T]) Last(name string) *Row[T] {
	_, seq, _ := t.tree(name).Max()
	row, _ := t.data.bySeq.Get(seq)
	return row
}

func (t *Table[T]) tree(name string) *btree.Map[string, uint64] {
	for i := range t.indexes {
		if t.indexes[i].name == name {
			return &t.data.trees[i]
		}
	}
	panic("table " + t.name + " has no index " + name) // a misspelt name in Go, never input
}

// One returns the first row that an index holds under a value, or nil.
func (t *Table[T]) One(name, value string) *Row[T] {
	for row := range t.By(name, value) {
		return row
	}
	return nil
}
