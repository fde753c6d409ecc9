// Package query finds records of an object: by filters, in an order, page by page, in groups, or by the words in them.
// It knows no HTTP; REST and GraphQL stand on it alike. [NewScope] says who asks and for which object.
//
// The predicate of a scan, the bounds of an index and the key under which its rows are remembered follow from the one
// form that package filter gives to a filter.
//
// Known differences from the vendor: texts compare by golang.org/x/text with blanks and punctuation counted last,
// instead of glibc; records in no requested order come as they were last written, which is the database's order until
// it reuses space; groups in no order come sorted.
package query

import (
	"cmp"
	"container/heap"
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// Scope is a caller with the object of the requested records.
type Scope struct {
	*record.Store
	Caller *schema.Caller
	Model  *schema.Model

	context context.Context // of the request
}

// NewScope returns the services for one object, as one caller may use them until the request's time is over.
func NewScope(ctx context.Context, s *record.Store, c *schema.Caller, m *schema.Model) *Scope {
	return &Scope{Store: s, Caller: c, Model: m, context: ctx}
}

// With returns the services for another object.
func (s *Scope) With(m *schema.Model) *Scope { return NewScope(s.context, s.Store, s.Caller, m) }

// Allow returns an error for what the caller's role does not permit.
func (s *Scope) Allow(do schema.Action) error {
	if s.Caller != nil && !s.Caller.May(do, s.Model) {
		return reject.Forbidden()
	}
	if a := s.Model.Broken; a != nil {
		return reject.Undirected(a)
	}
	return nil
}

// Query asks for a page of records.
type Query struct {
	Filter any   // nil, or an *Object
	Order  []any // objects such as {"name": "AscNullsLast"}

	First, Last   *float64 // at most one; nil is no limit of that side
	After, Before string
	Offset        float64
	NoTotal       bool // the total is not wanted
}

// Page is the result of a query.
type Page struct {
	Rows             []*record.Row
	Total            int
	HasNext, HasPrev bool
	Backward         bool // it was read from its end; the vendor then swaps the cursors of the page in pageInfo

	order Order
	All   func(yield func(*record.Record) bool) // every record that the filter matches, for aggregates
}

// Cursor returns the cursor of one of the page's records.
func (p *Page) Cursor(i int, selected Selection, related func(*record.Record, *schema.Attr, Selection) any) string {
	return p.order.Cursor(p.Rows[i].Value, selected, related)
}

// Find returns the page that a query asks for.
func (s *Scope) Find(q Query) (*Page, error) {
	if err := s.Allow(schema.Read); err != nil {
		return nil, err
	}
	if err := q.check(); err != nil {
		return nil, err
	}
	f, err := s.Filter(s.Model, q.Filter)
	if err != nil {
		return nil, err
	}
	o, err := s.Order(s.Model, q.Order)
	if err != nil {
		return nil, err
	}
	if err := s.readableOrder(q.Order); err != nil {
		return nil, err
	}
	backward := q.Before != "" // last alone reads from the start: corpus_cursor_walk_101 #16
	behind, err := s.behind(o, q, backward)
	if err != nil {
		return nil, err
	}
	return s.page(f, o, behind, q, backward)
}

func (q Query) check() error {
	conflict := func(what string) error { return reject.With("ARGS_CONFLICT", "", "Cannot provide both %s", what) }
	some := func(n *float64) bool { return n != nil && *n != 0 } // 0 counts as none: corpus_graphql_query_101 #102
	switch {
	case some(q.First) && some(q.Last):
		return conflict("first and last")
	case q.After != "" && q.Before != "":
		return conflict("before and after")
	case q.Before != "" && some(q.First):
		return conflict("before and first")
	case q.After != "" && some(q.Last):
		return conflict("after and last")
	case q.First != nil && *q.First < 0:
		return reject.With("INVALID_ARGS_FIRST", "", "First argument must be non-negative")
	case q.Last != nil && *q.Last < 0:
		return reject.With("INVALID_ARGS_LAST", "", "Last argument must be non-negative")
	case q.Offset < 0:
		return reject.Value()
	}
	return nil
}

func (s *Scope) behind(o *Order, q Query, backward bool) (test, error) {
	text := cmp.Or(q.Before, q.After)
	if text == "" {
		return always, nil
	}
	cursor, err := parseCursor(text)
	if err != nil {
		return nil, err
	}
	return s.after(s.Layout(s.Model), o, cursor, backward)
}

// limit is how many rows a page may have, -1 for all.
func (q Query) limit() int {
	for _, n := range []*float64{q.First, q.Last} {
		if n != nil {
			return int(*n)
		}
	}
	return -1
}

// page collects the rows. Those in the order of their ids are read from the index and no further than the
// page goes; other orders look at all rows and keep the best.
func (s *Scope) page(f *Filter, o *Order, behind test, q Query, backward bool) (*Page, error) {
	p := &Page{order: *o, Backward: backward}
	t := s.Table(s.Model)
	p.All = func(yield func(*record.Record) bool) {
		for row := range s.matches(t, f) {
			if !yield(row.Value) {
				return
			}
		}
	}
	limit, skip := q.limit(), int(q.Offset)
	want := limit
	if limit >= 0 {
		want = limit + skip + 1
	}
	if t == nil {
		return p, nil
	}
	if o.byID() && (!f.given || q.NoTotal && f.bounds == nil) && f.onlyIDs == nil && skip == 0 {
		p.Rows = s.byID(table.From(t, o.start(q), backward), f, behind, want)
		p.Total = t.Len() - table.IndexLen(t, "deleted")
	} else if rows, total, ok := s.indexed(t, f, o, q, backward); ok {
		p.Rows, p.Total = rows, total
	} else {
		p.Rows, p.Total = s.best(t, f, behind, &top{order: o, backward: backward, limit: want})
	}
	p.Rows = p.Rows[min(skip, len(p.Rows)):]
	more := limit >= 0 && len(p.Rows) > limit
	if more {
		p.Rows = p.Rows[:limit]
	}
	if backward {
		slices.Reverse(p.Rows)
		p.HasPrev = more
	} else {
		p.HasNext = more
	}
	return p, s.DeadlineError()
}

// accepts reports whether a record is visible and matches.
func (f *Filter) accepts(r *record.Record) bool { return (f.trash || !r.Deleted()) && f.test(r) == yes }

// Matcher returns a function that reports whether a filter matches a record, in the trash or not.
func (s *Scope) Matcher(filter any) (func(*record.Record) bool, error) {
	f, err := s.Filter(s.Model, filter)
	if err != nil {
		return nil, err
	}
	return func(r *record.Record) bool { return f.test(r) == yes }, nil
}

// rows returns the candidates of a filter: all rows, or those whose ids it names.
func (s *Scope) rows(t *record.Table, f *Filter) func(yield func(*record.Row) bool) {
	if t == nil {
		return func(func(*record.Row) bool) {}
	}
	if f.onlyIDs == nil {
		return s.UntilDeadline(t.Rows())
	}
	return s.UntilDeadline(func(yield func(*record.Row) bool) {
		for _, id := range f.onlyIDs {
			if row := t.Row(id); row != nil && !yield(row) {
				return
			}
		}
	})
}

// start returns the id of the cursor if the records behind it are those behind that id, else "".
func (o *Order) start(q Query) string {
	cursor, err := parseCursor(cmp.Or(q.Before, q.After))
	if err != nil || o.desc || len(cursor.Members) != 1 || cursor.Members[0].Key != "id" {
		return ""
	}
	id, _ := cursor.Members[0].Value.(string)
	return strings.ToLower(id)
}

// byID reads rows along the ids, from the cursor on.
func (s *Scope) byID(walk iter.Seq[*record.Row], f *Filter, behind test, want int) []*record.Row {
	var out []*record.Row
	for row := range s.UntilDeadline(walk) {
		if want >= 0 && len(out) >= want {
			break
		}
		if f.accepts(row.Value) && behind(row.Value) == yes {
			out = append(out, row)
		}
	}
	return out
}

// best returns the first rows of an order and how many match in all. The top, empty at first, has the order
// and keeps the best.
func (s *Scope) best(t *record.Table, f *Filter, behind test, best *top) ([]*record.Row, int) {
	total := 0
	for row := range s.matches(t, f) {
		total++
		if behind(row.Value) == yes {
			best.offer(best.order.keysOf(row))
		}
	}
	return best.rows(), total
}

// top keeps the first of the rows it is offered. It is a heap with the last of them first.
type top struct {
	order    *Order
	backward bool
	limit    int // -1 for all
	items    []sorted
}

func (h *top) Len() int           { return len(h.items) }
func (h *top) Less(i, j int) bool { return h.order.compare(h.items[i], h.items[j], h.backward) > 0 }
func (h *top) Swap(i, j int)      { h.items[i], h.items[j] = h.items[j], h.items[i] }
func (h *top) Push(item any)      { h.items = append(h.items, item.(sorted)) }
func (h *top) Pop() any           { panic("rows are replaced, not removed") }

func (h *top) offer(s sorted) {
	switch {
	case h.limit < 0:
		h.items = append(h.items, s)
	case len(h.items) < h.limit:
		heap.Push(h, s)
	case h.limit > 0 && h.order.compare(s, h.items[0], h.backward) < 0:
		h.items[0] = s
		heap.Fix(h, 0)
	}
}

func (h *top) rows() []*record.Row {
	slices.SortFunc(h.items, func(a, b sorted) int { return h.order.compare(a, b, h.backward) })
	out := make([]*record.Row, len(h.items))
	for i, s := range h.items {
		out[i] = s.row
	}
	return out
}

// Get returns one record that is not in the trash.
func (s *Scope) Get(id string) (*record.Row, error) {
	if err := s.Allow(schema.Read); err != nil {
		return nil, err
	}
	if row := s.Live(s.Model, id); row != nil {
		return row, nil
	}
	return nil, s.NotFound(id)
}

// FindOne returns the first record that a filter matches, in the order of the ids.
func (s *Scope) FindOne(filter any) (*record.Row, error) {
	one := 1.0
	p, err := s.Find(Query{Filter: filter, First: &one, NoTotal: true})
	if err != nil {
		return nil, err
	}
	if len(p.Rows) == 0 {
		return nil, s.NotFound("")
	}
	return p.Rows[0], nil
}

// NotFound returns the error for a record that the object does not have.
func (s *Scope) NotFound(id string) *reject.Error {
	return reject.NotFound(record.TableName(s.Model), id)
}

// Timeout bounds the work for one request. Inferred: the vendor's database gives up as well, after a time
// that a setting of the server says.
const Timeout = 10 * time.Second

// between is after how many rows a query looks at the time.
const between = 64

// errDeadlineExceeded is the error of a query past its deadline. Inferred: the vendor has the code
// TIMEOUT; the message is ours.
func errDeadlineExceeded() *reject.Error {
	return &reject.Error{Status: 408, Name: "Error",
		Message: "The query took longer than " + Timeout.String() + " and was given up", Code: "TIMEOUT",
		Class: "TIMEOUT", Hint: reject.PlainHint, Rule: "a query has " + Timeout.String()}
}

// DeadlineError returns an error once the query's deadline has passed or its client has
// disconnected, otherwise nil.
func (s *Scope) DeadlineError() error {
	if s.context.Err() != nil {
		return errDeadlineExceeded()
	}
	return nil
}

// UntilDeadline yields rows until the query's deadline passes. An iterator cannot return an error,
// so callers check DeadlineError after the loop.
func (s *Scope) UntilDeadline(rows iter.Seq[*record.Row]) iter.Seq[*record.Row] {
	return func(yield func(*record.Row) bool) {
		n := 0
		rows(func(row *record.Row) bool {
			if n++; n%between == 1 && s.context.Err() != nil {
				return false
			}
			return yield(row)
		})
	}
}
