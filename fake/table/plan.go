package table

import (
	"iter"
	"slices"
)

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

	Offset, Limit int // the part of the rows that is wanted

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
func (t *Table[T]) Select(q Query[T]) (rows []*Row[T], total int, plan string) {
	q.Offset = max(0, min(q.Offset, t.Len()))
	q.Limit = max(0, min(q.Limit, t.Len()))
	all := q.Match == nil && q.Range == nil
	switch {
	case all && q.Order.Name == "":
		return take(t.RowsAt(q.Offset), q.Limit), t.Len(), "count"
	case t.Small():
		q.Match, q.Range = q.accepts(), nil
		return t.sorted(q, t.Rows(), "scan")
	case all && t.indexed(q.Order):
		return t.cut(t.orderIndex(q.Order), q)
	case all:
		return t.sorted(q, t.Rows(), "scan")
	case q.alone():
		return t.selectRange(q)
	}
	if view, ok := t.View(q); ok {
		return t.cut(view, q)
	}
	switch {
	case q.Range != nil:
		return t.selectRange(q)
	case q.Order.Name == "" || t.indexed(q.Order):
		return t.scan(q)
	}
	return t.sorted(q, t.Rows(), "scan")
}

// Small reports whether the table has so few rows that a scan is as good as an index.
func (t *Table[T]) Small() bool { return t.Len() < t.orders.fewRows() }

// View returns the index of the rows of a named query in its order, if the query was asked before and
// the table is not small. ok is false otherwise.
func (t *Table[T]) View(q Query[T]) (view *Ordered, ok bool) {
	if q.Name == "" || q.Order.Fleeting || t.Small() || !t.again(q.viewName()) {
		return nil, false
	}
	return t.Ordered(q.viewName(), q.viewKey()), true
}

// indexed reports whether rows are to be read along an index of a key.
func (t *Table[T]) indexed(k Key[T]) bool { return k.Name != "" && !k.Fleeting && t.again(k.Name) }

// alone reports whether a Range answers the query by itself.
func (q *Query[T]) alone() bool {
	return q.Range != nil && q.Range.One && q.Match == nil && q.Order.Name == ""
}

// scan matches all rows in the order that is wanted.
func (t *Table[T]) scan(q Query[T]) ([]*Row[T], int, string) {
	if q.Order.Name == "" {
		rows, total := t.filter(q, t.Rows())
		return rows, total, "scan"
	}
	rows, total := t.filter(q, t.In(t.orderIndex(q.Order), 0))
	return rows, total, "scan along index " + q.Order.Name
}

func (t *Table[T]) orderIndex(k Key[T]) *Ordered {
	return t.Ordered(k.Name, func(row *T) (string, bool) { return string(k.Of(row, nil)), true })
}

// cut returns a part of an index.
func (t *Table[T]) cut(x *Ordered, q Query[T]) ([]*Row[T], int, string) {
	return take(t.In(x, q.Offset), q.Limit), x.Len(), "index " + x.name
}

// viewName and viewKey are an index of the rows of a query in its order.
func (q *Query[T]) viewName() string { return "rows " + q.Name + " by " + q.Order.Name }

func (q *Query[T]) viewKey() func(*T) (string, bool) {
	accept, order := q.accepts(), q.Order.Of
	return func(row *T) (string, bool) {
		if !accept(row) {
			return "", false
		}
		if order == nil {
			return "", true
		}
		return string(order(row, nil)), true
	}
}

// accepts returns the test of Match and Range together.
func (q *Query[T]) accepts() func(*T) bool {
	match, in := q.Match, q.Range
	return func(row *T) bool {
		if in != nil {
			if in.In != nil && !in.In(row) {
				return false
			}
			if key := string(in.Key.Of(row, nil)); key < in.Low || in.High != "" && key >= in.High {
				return false
			}
		}
		return match == nil || match(row)
	}
}

// selectRange answers a query with a Range by an index of its key.
func (t *Table[T]) selectRange(q Query[T]) ([]*Row[T], int, string) {
	in := q.Range
	x := t.Ordered("range "+in.Key.Name, func(row *T) (string, bool) {
		return string(in.Key.Of(row, nil)), in.In == nil || in.In(row)
	})
	from, to := x.Range(in.Low, in.High)
	plan := "index " + x.name
	if q.alone() {
		return take(t.In(x, from+q.Offset), min(q.Limit, max(0, to-from-q.Offset))), to - from, plan
	}
	if end := q.Offset + q.Limit; q.Match == nil && end*t.Len() < (to-from)*(to-from) && t.indexed(q.Order) {
		part := q
		part.Match = q.accepts()
		rows := matching(part, t.In(t.orderIndex(q.Order), 0), end)
		return rows[min(q.Offset, len(rows)):], to - from, plan + ", then along index " + q.Order.Name
	}
	return t.sorted(q, t.InRange(x, in.Low, in.High), plan)
}

// sorted matches rows that come in no useful order, and sorts those that are wanted.
func (t *Table[T]) sorted(q Query[T], rows iter.Seq[*Row[T]], plan string) ([]*Row[T], int, string) {
	found := matching(q, rows, -1)
	total := len(found)
	if q.Order.Name == "" {
		slices.SortFunc(found, func(a, b *Row[T]) int { return int(int64(a.seq - b.seq)) })
		return part(found, q), total, plan
	}
	first := &top[T]{limit: q.Offset + q.Limit}
	var key []byte
	for _, row := range found {
		key = q.Order.Of(&row.Value, key[:0])
		first.offer(key, row)
	}
	return part(first.rows(), q), total, plan + ", then sorted"
}

// filter matches rows that come in the order that is wanted.
func (t *Table[T]) filter(q Query[T], rows iter.Seq[*Row[T]]) (found []*Row[T], total int) {
	if q.Within != nil {
		rows = q.Within(rows)
	}
	for row := range rows {
		if !q.Match(&row.Value) {
			continue
		}
		if total >= q.Offset && len(found) < q.Limit {
			found = append(found, row)
		}
		total++
	}
	return found, total
}

// matching collects the first so many rows that a query matches, all if limit is negative.
func matching[T any](q Query[T], rows iter.Seq[*Row[T]], limit int) (found []*Row[T]) {
	if q.Within != nil {
		rows = q.Within(rows)
	}
	for row := range rows {
		if len(found) == limit {
			break
		}
		if q.Match == nil || q.Match(&row.Value) {
			found = append(found, row)
		}
	}
	return found
}

func take[T any](rows iter.Seq[*Row[T]], n int) []*Row[T] {
	out := make([]*Row[T], 0, max(0, min(n, 128)))
	if n <= 0 {
		return out
	}
	for row := range rows {
		if out = append(out, row); len(out) == n {
			break
		}
	}
	return out
}

func part[T any](rows []*Row[T], q Query[T]) []*Row[T] {
	from := min(q.Offset, len(rows))
	return rows[from:min(from+q.Limit, len(rows))]
}
