package table

import (
	"iter"
	"slices"
)

// query is a Query without the type of the rows.
type query struct {
	match         func(stored) bool
	name          string
	order         key
	within        *bounds
	offset, limit int
	wrap          func(iter.Seq[stored]) iter.Seq[stored]
}

// key is a Key without the type of the rows.
type key struct {
	name     string
	of       func(row stored, to []byte) []byte
	fleeting bool
}

// bounds are a Range without the type of the rows.
type bounds struct {
	key       key
	in        func(stored) bool
	low, high string
	one       bool
}

// selectRows does what Table.Select says.
func (t *core) selectRows(q *query) (rows []stored, total int, plan string) {
	q.offset = max(0, min(q.offset, t.Len()))
	q.limit = max(0, min(q.limit, t.Len()))
	all := q.match == nil && q.within == nil
	switch {
	case all && q.order.name == "":
		return take(t.rowsAt(q.offset), q.limit), t.Len(), "count"
	case t.small():
		q.match, q.within = q.accepts(), nil
		return t.sorted(q, t.rowsAt(0), "scan")
	case all && t.indexed(q.order):
		return t.cut(t.orderIndex(q.order), q)
	case all:
		return t.sorted(q, t.rowsAt(0), "scan")
	case q.alone():
		return t.selectRange(q)
	}
	if view, ok := t.view(q); ok {
		return t.cut(view, q)
	}
	switch {
	case q.within != nil:
		return t.selectRange(q)
	case q.order.name == "" || t.indexed(q.order):
		return t.scan(q)
	}
	return t.sorted(q, t.rowsAt(0), "scan")
}

func (t *core) small() bool { return t.Len() < t.orders.fewRows() }

func (t *core) view(q *query) (view *Ordered, ok bool) {
	if q.name == "" || q.order.fleeting || t.small() || !t.again(q.viewName()) {
		return nil, false
	}
	return t.oneKey(q.viewName(), q.viewKey()), true
}

// indexed reports whether rows are to be read along an index of a key.
func (t *core) indexed(k key) bool { return k.name != "" && !k.fleeting && t.again(k.name) }

// alone reports whether a Range answers the query by itself.
func (q *query) alone() bool {
	return q.within != nil && q.within.one && q.match == nil && q.order.name == ""
}

// scan matches all rows in the order that is wanted.
func (t *core) scan(q *query) ([]stored, int, string) {
	if q.order.name == "" {
		rows, total := q.filter(t.rowsAt(0))
		return rows, total, "scan"
	}
	rows, total := q.filter(t.orderIndex(q.order).walk(0))
	return rows, total, "scan along index " + q.order.name
}

// oneKey returns the ordered index of that name for rows with one key or none.
func (t *core) oneKey(name string, key func(stored) (string, bool)) *Ordered {
	return t.ordered(name, func(row stored, add func(string)) {
		if k, ok := key(row); ok {
			add(k)
		}
	})
}

func (t *core) orderIndex(k key) *Ordered {
	return t.oneKey(k.name, func(row stored) (string, bool) { return string(k.of(row, nil)), true })
}

// cut returns a part of an index.
func (t *core) cut(x *Ordered, q *query) ([]stored, int, string) {
	return take(x.walk(q.offset), q.limit), x.Len(), "index " + x.name
}

// viewName and viewKey are an index of the rows of a query in its order.
func (q *query) viewName() string { return "rows " + q.name + " by " + q.order.name }

func (q *query) viewKey() func(stored) (string, bool) {
	accept, order := q.accepts(), q.order.of
	return func(row stored) (string, bool) {
		if !accept(row) {
			return "", false
		}
		if order == nil {
			return "", true
		}
		return string(order(row, nil)), true
	}
}

// accepts returns the test of match and within together.
func (q *query) accepts() func(stored) bool {
	match, in := q.match, q.within
	return func(row stored) bool {
		if in != nil {
			if in.in != nil && !in.in(row) {
				return false
			}
			if key := string(in.key.of(row, nil)); key < in.low || in.high != "" && key >= in.high {
				return false
			}
		}
		return match == nil || match(row)
	}
}

// selectRange answers a query with bounds by an index of their key.
func (t *core) selectRange(q *query) ([]stored, int, string) {
	in := q.within
	x := t.oneKey("range "+in.key.name, func(row stored) (string, bool) {
		return string(in.key.of(row, nil)), in.in == nil || in.in(row)
	})
	from, to := x.Range(in.low, in.high)
	plan := "index " + x.name
	if q.alone() {
		return take(x.walk(from+q.offset), min(q.limit, max(0, to-from-q.offset))), to - from, plan
	}
	if end := q.offset + q.limit; q.match == nil && end*t.Len() < (to-from)*(to-from) && t.indexed(q.order) {
		part := *q
		part.match = q.accepts()
		rows := part.matching(t.orderIndex(q.order).walk(0), end)
		return rows[min(q.offset, len(rows)):], to - from, plan + ", then along index " + q.order.name
	}
	return t.sorted(q, x.between(in.low, in.high), plan)
}

// sorted matches rows that come in no useful order, and sorts those that are wanted.
func (t *core) sorted(q *query, rows iter.Seq[stored], plan string) ([]stored, int, string) {
	found := q.matching(rows, -1)
	total := len(found)
	if q.order.name == "" {
		slices.SortFunc(found, func(a, b stored) int { return int(int64(a.own().seq - b.own().seq)) })
		return q.part(found), total, plan
	}
	first := &top{limit: q.offset + q.limit}
	var key []byte
	for _, row := range found {
		key = q.order.of(row, key[:0])
		first.offer(key, row)
	}
	return q.part(first.rows()), total, plan + ", then sorted"
}

// filter matches rows that come in the order that is wanted.
func (q *query) filter(rows iter.Seq[stored]) (found []stored, total int) {
	if q.wrap != nil {
		rows = q.wrap(rows)
	}
	for row := range rows {
		if !q.match(row) {
			continue
		}
		if total >= q.offset && len(found) < q.limit {
			found = append(found, row)
		}
		total++
	}
	return found, total
}

// matching collects the first so many rows that the query matches, all if limit is negative.
func (q *query) matching(rows iter.Seq[stored], limit int) (found []stored) {
	if q.wrap != nil {
		rows = q.wrap(rows)
	}
	for row := range rows {
		if len(found) == limit {
			break
		}
		if q.match == nil || q.match(row) {
			found = append(found, row)
		}
	}
	return found
}

func take(rows iter.Seq[stored], n int) []stored {
	out := make([]stored, 0, max(0, min(n, 128)))
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

// part returns the part of the rows that the query wants.
func (q *query) part(rows []stored) []stored {
	from := min(q.offset, len(rows))
	return rows[from:min(from+q.limit, len(rows))]
}
