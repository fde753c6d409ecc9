package table

import "iter"

// In returns the rows of one of the table's ordered indexes, from the nth on.
func (t *Table[T]) In(x *Ordered, n int) iter.Seq[*Row[T]] { return eachTyped[T](x.walk(n)) }

// RowsAt returns all rows in the order of their insertion, from the nth on.
func (t *Table[T]) RowsAt(n int) iter.Seq[*Row[T]] {
	return func(yield func(*Row[T]) bool) {
		if seq, _, ok := t.data.bySeq.GetAt(n); ok {
			t.data.bySeq.Ascend(seq, func(_ uint64, row stored) bool { return yield(row.(*Row[T])) })
		}
	}
}

// InRange returns the rows of one of the table's ordered indexes whose keys are at least low and
// less than high.
func (t *Table[T]) InRange(x *Ordered, low, high string) iter.Seq[*Row[T]] {
	return func(yield func(*Row[T]) bool) {
		x.tree.Ascend(low, func(key string, row stored) bool {
			return (high == "" || key < high) && yield(row.(*Row[T]))
		})
	}
}

// Nth returns the rows in the order of their identifiers, from the nth on.
func (t *Table[T]) Nth(n int) iter.Seq[*Row[T]] {
	if id, _, ok := t.data.byKey.GetAt(n); ok {
		return t.From(id)
	}
	return func(func(*Row[T]) bool) {}
}

// IndexLen returns the number of entries of an index.
func (t *Table[T]) IndexLen(name string) int { return t.tree(name).Len() }
