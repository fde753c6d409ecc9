package table

import "iter"

// In returns the rows of one of the table's ordered indexes, from the nth on.
func In[T any](t *Table[T], x *Ordered, n int) iter.Seq[*Row[T]] { return eachTyped[T](x.walk(n)) }

// InRange returns the rows of one of the table's ordered indexes whose keys are at least low and
// less than high.
func InRange[T any](t *Table[T], x *Ordered, low, high string) iter.Seq[*Row[T]] {
	return eachTyped[T](x.between(low, high))
}

// Nth returns the rows in the order of their identifiers, from the nth on.
func Nth[T any](t *Table[T], n int) iter.Seq[*Row[T]] { return eachTyped[T](t.core.nth(n)) }

// IndexLen returns the number of entries of an index.
func IndexLen[T any](t *Table[T], name string) int { return t.core.(*core).tree(name).Len() }

// rowsAt yields all rows in the order of their insertion, from the nth on.
//
//go:noinline
func (t *core) rowsAt(n int) iter.Seq[stored] {
	return func(yield func(stored) bool) {
		if seq, _, ok := t.data.bySeq.GetAt(n); ok {
			t.data.bySeq.Ascend(seq, func(_ uint64, row stored) bool { return yield(row) })
		}
	}
}

//go:noinline
func (t *core) nth(n int) iter.Seq[stored] {
	return func(yield func(stored) bool) {
		if id, _, ok := t.data.byKey.GetAt(n); ok {
			t.from(id, false)(yield)
		}
	}
}

// between yields the rows whose keys are at least low and less than high. An empty high is no bound.
//
//go:noinline
func (x *Ordered) between(low, high string) iter.Seq[stored] {
	return func(yield func(stored) bool) {
		x.tree.Ascend(low, func(key string, row stored) bool { return (high == "" || key < high) && yield(row) })
	}
}
