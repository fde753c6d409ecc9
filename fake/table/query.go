package table

import "iter"

// Query asks a table for a part of its rows in an order.
type Query[T any] struct {
	// Match selects rows; nil selects all. If Name is not empty it names Match among the queries of
	// the table, operands included, and says that Match depends on nothing but the row.
	Match func(*T) bool
	Name  string

	// Order is the order of the rows, that of their insertion if its Name is empty. Rows with equal
	// keys come in the order of their insertion.
	Order Key[T]

	// Range, if not nil, bounds the rows by a key. Match need not repeat it; Name must.
	Range *Range[T]

	Offset, Limit int // the part of the rows that is wanted; a Limit of 0 wants none

	// Within wraps the walks over many rows, so that they end with a deadline. It may be nil.
	Within func(iter.Seq[*Row[T]]) iter.Seq[*Row[T]]
}

// Key is a key of rows: Of appends bytes that compare as the rows do. See AppendText. Equal names
// mean equal keys. A fleeting key depends on more than the row, so that no index may keep it.
type Key[T any] struct {
	Name     string
	Of       func(row *T, key []byte) []byte
	Fleeting bool
}

// Range selects the rows whose keys are at least Low and less than High. An empty High is no bound.
// Rows for which In is false have no key.
type Range[T any] struct {
	Key       Key[T]
	In        func(*T) bool // nil: all
	Low, High string
	One       bool // all keys in it are equal
}

// Select returns the part of the rows that a query asks for, the number of all of them, and how it
// found them:
//
//   - A query without Match and Range is answered by the index of its order alone.
//   - So is a named query: its rows have an index in their order.
//   - A Range is answered by an index of its key; if it is all that is asked, by nothing else.
//     Otherwise the rows in it are matched and the first of them sorted or, if it holds most rows
//     and nothing else is to be matched, read along the index of the order until there are enough.
//   - Everything else is a scan, along the index of the order if there is one.
//
// An index of an order or of a named query is built when it is asked for again, that of a Range at
// once. Small tables are always scanned.
func Select[T any](t *Table[T], q Query[T]) (rows []*Row[T], total int, plan string) {
	found, total, plan := t.core.selectRows(q.untyped())
	rows = make([]*Row[T], len(found))
	for i, row := range found {
		rows[i] = row.(*Row[T])
	}
	return rows, total, plan
}

// Small reports whether the table has so few rows that a scan is as good as an index.
func Small[T any](t *Table[T]) bool { return t.core.(*core).small() }

// View returns the index of the rows of a named query in its order, if the query was asked before and
// the table is not small. ok is false otherwise.
func View[T any](t *Table[T], q Query[T]) (view *Ordered, ok bool) {
	return t.core.(*core).view(q.untyped())
}

func (q *Query[T]) untyped() *query {
	out := &query{name: q.Name, order: q.Order.untyped(), offset: q.Offset, limit: q.Limit}
	if match := q.Match; match != nil {
		out.match = func(row stored) bool { return match(&row.(*Row[T]).Value) }
	}
	if in := q.Range; in != nil {
		out.within = &bounds{key: in.Key.untyped(), low: in.Low, high: in.High, one: in.One}
		if has := in.In; has != nil {
			out.within.in = func(row stored) bool { return has(&row.(*Row[T]).Value) }
		}
	}
	if wrap := q.Within; wrap != nil {
		out.wrap = func(rows iter.Seq[stored]) iter.Seq[stored] {
			return func(yield func(stored) bool) {
				wrap(eachTyped[T](rows))(func(row *Row[T]) bool { return yield(row) })
			}
		}
	}
	return out
}

func (k Key[T]) untyped() key {
	out := key{name: k.Name, fleeting: k.Fleeting}
	if of := k.Of; of != nil {
		out.of = func(row stored, to []byte) []byte { return of(&row.(*Row[T]).Value, to) }
	}
	return out
}
