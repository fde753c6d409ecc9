package graphql

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/query"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// maxAnswer bounds an answer: relations of relations multiply. Assumed: the vendor runs out of memory.
const maxAnswer = 64 << 20

// encoder writes records in the shapes that were asked for.
type encoder struct {
	scope  *query.Scope
	order  []any // of the root list; it names the keys of all cursors
	orders map[*schema.Model]*query.Order
	err    error
}

// orderOf compiles the root list's order for an object: cursors of lists below hold the same keys, as far
// as their object has them.
func (p *encoder) orderOf(m *schema.Model) *query.Order {
	if o := p.orders[m]; o != nil {
		return o
	}
	o, err := p.scope.Order(m, js.Where(p.order, func(key any) bool {
		_, err := p.scope.Order(m, []any{key})
		return err == nil
	}))
	if err != nil {
		p.fail(err)
		return &query.Order{}
	}
	if p.orders == nil {
		p.orders = map[*schema.Model]*query.Order{}
	}
	p.orders[m] = o
	return o
}

func (p *encoder) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// record appends one record.
func (p *encoder) record(out []byte, r *record.Record, s *projection) []byte {
	if s.depth >= maxRelations {
		p.fail(&Failure{Message: fmt.Sprintf("Maximum depth of %d reached", maxRelations),
			Extensions: &Extensions{Code: badInput, SubCode: "MAX_DEPTH_REACHED", UserFriendlyMessage: plain}})
	}
	if len(out) > maxAnswer {
		p.fail(coded(badInput, "Query too complex - The answer is too large"))
	}
	if err := p.scope.DeadlineError(); err != nil {
		p.fail(err)
	}
	if p.err != nil {
		return out
	}
	out = append(out, '{')
	for i := range s.parts {
		out = append(out, s.parts[i].key...)
		out = p.part(out, r, &s.parts[i], s.bare)
	}
	return append(out, '}')
}

func (p *encoder) part(out []byte, r *record.Record, q *columnPlan, bare bool) []byte {
	switch q.kind {
	case plainColumn:
		return r.AppendColumn(out, q.column)
	case relationID:
		if !bare && p.one(r, q.attr) == nil {
			return append(out, "null"...)
		}
		return r.AppendColumn(out, q.column)
	case composite:
		return p.composite(out, r, q)
	case toOne:
		if other := p.one(r, q.attr); other != nil && !bare {
			return p.record(out, other, q.one)
		}
		return append(out, "null"...)
	case toMany:
		if bare {
			return p.listing(out, &connectionEncoder{conn: q.many})
		}
		return p.many(out, r, q)
	}
	return append(out, q.text...)
}

func (p *encoder) composite(out []byte, r *record.Record, q *columnPlan) []byte {
	out = append(out, '{')
	for i := range q.subs {
		sub := &q.subs[i]
		out = append(out, sub.key...)
		if sub.kind == fixed {
			out = append(out, sub.text...)
			continue
		}
		out = r.AppendColumn(out, sub.column)
	}
	return append(out, '}')
}

// one returns the record of a to-one relation, or nil if the caller sees none.
func (p *encoder) one(r *record.Record, a *schema.Attr) *record.Record {
	if !p.scope.Caller.May(schema.Read, a.Target) {
		return nil
	}
	if row := p.scope.One(r, a); row != nil {
		return row.Value
	}
	return nil
}

// many appends the list of a relation. It has no pages, whatever its arguments say:
// fixtures/twenty/graphql_people_and_relations 5 and 6.
func (p *encoder) many(out []byte, r *record.Record, q *columnPlan) []byte {
	if !p.scope.Caller.May(schema.Read, q.attr.Target) {
		return append(out, "null"...)
	}
	rows := p.scope.Many(r, q.attr, math.MaxInt)
	page := &connectionEncoder{conn: q.many, total: len(rows), records: recordsOf(rows)}
	if wanted := q.many.aggregates(); len(wanted) > 0 {
		if err := query.AggregateError(q.attr.Target, wanted); err != nil {
			p.err = err
			return out
		}
		all := &query.Page{All: slices.Values(page.records)}
		page.figures = all.Aggregates(p.scope, q.attr.Target, wanted)
	}
	return p.listing(out, page)
}

// connectionEncoder encodes a list of records with the fields of its connection.
type connectionEncoder struct {
	conn             *connection
	records          []*record.Record
	total            int
	hasNext, hasPrev bool
	figures          map[string]any
	dimensions       []any // of a group
	grouped          bool
}

// aggregates are the names that may be figures.
func (c *connection) aggregates() (out []string) {
	for _, k := range c.keys {
		switch k.name {
		case "__typename", "edges", "pageInfo", "totalCount", "groupByDimensionValues":
		default:
			out = append(out, k.name)
		}
	}
	return out
}

// has reports whether something is selected of the list.
func (c *connection) has(name string) bool {
	for _, k := range c.keys {
		if k.name == name {
			return true
		}
	}
	return c.raw
}

// listing appends a connection.
func (p *encoder) listing(out []byte, l *connectionEncoder) []byte {
	keys := l.conn.keys
	if l.conn.raw {
		keys = everything
	}
	out = append(out, '{')
	for i, k := range keys {
		out = append(out, key(k.name, i > 0)...)
		switch k.name {
		case "__typename":
			out = jsonb.AppendString(out, pascal(l.conn.model.NameSingular)+typeSuffix(l.grouped))
		case "edges":
			out = p.edges(out, l, k)
		case "pageInfo":
			out = p.pageInfo(out, l, k)
		case "totalCount":
			out = p.total(out, l)
		case "groupByDimensionValues":
			out = appendPlain(out, l.dimensionsOrNull())
		default:
			out = appendPlain(out, l.figures[k.name])
		}
	}
	return append(out, '}')
}

// everything is the selection of a connection that was selected without subfields.
var everything = []*selection{
	{name: "edges", below: []*selection{{name: "node"}, {name: "cursor"}}},
	{name: "pageInfo", below: []*selection{{name: "hasNextPage"}, {name: "hasPreviousPage"}, {name: "startCursor"},
		{name: "endCursor"}}},
	{name: "totalCount"},
}

func typeSuffix(grouped bool) string {
	if grouped {
		return "GroupByConnection"
	}
	return "Connection"
}

func (l *connectionEncoder) dimensionsOrNull() any {
	if !l.grouped {
		return nil
	}
	return l.dimensions
}

func (p *encoder) total(out []byte, l *connectionEncoder) []byte {
	if l.grouped {
		return appendPlain(out, l.figures["totalCount"])
	}
	return strconv.AppendInt(out, int64(l.total), 10)
}

func (p *encoder) edges(out []byte, l *connectionEncoder, s *selection) []byte {
	out = append(out, '[')
	for i, r := range l.records {
		out = js.Comma(out, i)
		out = append(out, '{')
		first := true
		for _, k := range s.below {
			if k.name != "__typename" && k.name != "cursor" && k.name != "node" {
				continue // an edge has nothing else, and not even null for it
			}
			out = append(out, key(k.name, !first)...)
			first = false
			switch k.name {
			case "__typename":
				out = jsonb.AppendString(out, pascal(l.conn.model.NameSingular)+"Edge")
			case "cursor":
				out = jsonb.AppendString(out, p.cursor(l, i))
			case "node":
				out = p.record(out, r, l.conn.node)
			}
		}
		out = append(out, '}')
	}
	return append(out, ']')
}

func (p *encoder) pageInfo(out []byte, l *connectionEncoder, s *selection) []byte {
	out = append(out, '{')
	for i, k := range s.below {
		out = append(out, key(k.name, i > 0)...)
		switch {
		case k.name == "__typename":
			out = jsonb.AppendString(out, "PageInfo")
		case k.name == "hasNextPage":
			out = appendPlain(out, l.hasNext)
		case k.name == "hasPreviousPage":
			out = appendPlain(out, l.hasPrev)
		case k.name == "startCursor" && len(l.records) > 0:
			out = jsonb.AppendString(out, p.cursor(l, 0))
		case k.name == "endCursor" && len(l.records) > 0:
			out = jsonb.AppendString(out, p.cursor(l, len(l.records)-1))
		default:
			out = append(out, "null"...)
		}
	}
	return append(out, '}')
}

// cursor returns the cursor of a record of a list. It holds the values that the root list is
// ordered by, as far as they were selected: twenty-corpus cursor_walk_101.
func (p *encoder) cursor(l *connectionEncoder, i int) string {
	return p.orderOf(l.conn.model).Cursor(l.records[i], l.conn.node.selected, p.related)
}

// related returns the object of a relation in a cursor: its id, and its selected fields.
func (p *encoder) related(r *record.Record, a *schema.Attr, selected query.Selection) any {
	other := p.one(r, a)
	if other == nil {
		return nil
	}
	out := &js.Object{}
	out.Set("id", other.ID)
	for _, name := range other.Keys() {
		sub, ok := selected[name]
		if !ok || name == "id" {
			continue
		}
		v, _ := other.Get(name)
		if whole, ok := v.(*js.Object); ok && len(sub) > 0 {
			v = narrowed(whole, sub)
		}
		out.Set(name, v)
	}
	_, followed := selected["deletedAt"]
	for _, b := range a.Target.Attrs {
		if sub, ok := selected[b.Name]; ok && followed && b.Relation == schema.ToOne {
			if v := p.related(other, b, sub); v != nil { // twenty-corpus graphql_query_101, 146
				out.Set(b.Name, v)
			}
		}
	}
	return out
}

func narrowed(whole *js.Object, to query.Selection) *js.Object {
	out := &js.Object{}
	for _, m := range whole.Members {
		if _, ok := to[m.Key]; ok {
			out.Set(m.Key, m.Value)
		}
	}
	return out
}
