package graphql

import (
	"fmt"

	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/query"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// projection is a selection compiled for the records of one object, so that printing a list asks for no names.
type projection struct {
	model    *schema.Model
	parts    []columnPlan
	selected query.Selection // for cursors
	depth    int
	bare     bool // its relations are not followed: see compiler.target
}

// columnPlan is one key of a record's answer.
type columnPlan struct {
	key    []byte // with its quotes and colon, and the comma before it
	kind   partKind
	text   []byte         // fixed
	column *record.Column // plain, and the id of a relation
	subs   []columnPlan   // of a composite field
	attr   *schema.Attr   // of a relation, or of the relation that an id belongs to
	one    *projection
	many   *connection
}

type partKind int

const (
	fixed partKind = iota // the same for all records: __typename, or null for a missing field
	plainColumn
	relationID // is null if the relation is selected too and leads nowhere
	composite
	toOne
	toMany
)

// connection is the selection of a list of records.
type connection struct {
	model *schema.Model
	keys  []*selection
	node  *projection
	raw   bool // selected without anything below: everything is printed
}

// compiler turns selections into shapes.
type compiler struct {
	store *record.Store
	scope *query.Scope
	err   error
}

// maxRelations is how deep relations may nest.
const maxRelations = 5

func (c *compiler) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// connection compiles the selection of a list. inList says that it hangs below another one.
func (c *compiler) connection(m *schema.Model, s *selection, inList bool, depth int) *connection {
	out := &connection{model: m, keys: s.below}
	node := &selection{}
	edges := s.find("edges")
	switch {
	case edges != nil:
		if node = edges.find("node"); node == nil {
			// The vendor reads the object's first field of undefined:
			// fixtures/twenty/graphql_errors 9.
			c.fail(crash(fmt.Sprintf("Cannot read properties of undefined (reading '%s')", firstName(m))))
			return out
		}
	case len(s.below) == 0:
		out.raw, node = true, &selection{below: []*selection{{name: "id"}}}
	}
	out.node = c.record(m, node, inList, depth)
	return out
}

func firstName(m *schema.Model) string {
	if len(m.Attrs) == 0 {
		return "id"
	}
	if a := m.Attrs[0]; a.JoinColumn != "" {
		return a.JoinColumn
	}
	return m.Attrs[0].Name
}

// record compiles the selection of a record.
func (c *compiler) record(m *schema.Model, s *selection, inList bool, depth int) *projection {
	out := &projection{model: m, depth: depth, selected: query.Selection{}}
	at := spot{m, c.store.Layout(m), s, inList, depth}
	for _, b := range s.below {
		if err := c.scope.Readable(m, b.name); err != nil && c.err == nil {
			c.err = err
		}
		p := c.part(at, b)
		p.key = key(b.name, len(out.parts) > 0)
		out.parts = append(out.parts, p)
		if p.kind != fixed {
			out.selected[b.name] = selectionOf(b, p)
		}
	}
	return out
}

// key is the text of a key with the comma that parts it from the one before.
func key(name string, comma bool) []byte {
	var out []byte
	if comma {
		out = append(out, ',')
	}
	return append(jsonb.AppendString(out, name), ':')
}

// selectionOf is what cursors need to know of a part.
func selectionOf(s *selection, p columnPlan) query.Selection {
	switch {
	case p.one != nil:
		return p.one.selected
	case p.kind == composite:
		out := query.Selection{}
		for _, b := range s.below {
			out[b.name] = nil
		}
		return out
	}
	return nil
}

// spot is where a selection stands.
type spot struct {
	model  *schema.Model
	layout *record.Layout
	all    *selection // the whole selection of the record
	inList bool       // below a list of a relation
	depth  int
}

func (c *compiler) part(at spot, s *selection) columnPlan {
	m, l, inList, depth := at.model, at.layout, at.inList, at.depth
	if s.name == "__typename" {
		return columnPlan{kind: fixed, text: jsonb.AppendString(nil, pascal(m.NameSingular))}
	}
	if a := m.Column(s.name); a != nil {
		p := columnPlan{kind: plainColumn, column: l.Column(s.name), attr: a}
		if at.all.find(a.Name) != nil {
			p.kind = relationID
		}
		return p
	}
	a := m.Attr(s.name)
	switch {
	case a == nil:
	case a.Relation == schema.None && a.Composite():
		return c.composite(a, l, s)
	case a.Relation == schema.None:
		if column := l.Column(s.name); column != nil {
			return columnPlan{kind: plainColumn, column: column}
		}
	case a.Target != nil && a.Relation == schema.ToOne:
		return columnPlan{kind: toOne, attr: a, one: c.target(a, s, inList, depth+1)}
	case a.Target != nil:
		if inList {
			c.fail(tooComplex())
		}
		return columnPlan{kind: toMany, attr: a, many: c.connection(a.Target, s, true, depth+1)}
	}
	return columnPlan{kind: fixed, text: []byte("null")}
}

// target compiles the selection of the record that a to-one relation leads to. The vendor follows the relations
// of that record only if its deletedAt is selected: fixtures/twenty/kind_nested 11 to 32.
func (c *compiler) target(a *schema.Attr, s *selection, inList bool, depth int) *projection {
	if len(s.below) == 0 {
		s = &selection{below: []*selection{{name: "id"}}} // nothing else is fetched
	}
	out := c.record(a.Target, s, inList, depth)
	out.bare = s.find("deletedAt") == nil
	return out
}

// tooComplex follows the vendor's source; it was not recorded.
func tooComplex() *Failure {
	return &Failure{Message: "Query complexity is too high. " +
		"One-to-Many relation cannot be nested in another One-to-Many relation.",
		Extensions: &Extensions{Code: badInput, SubCode: "TOO_COMPLEX_QUERY", UserFriendlyMessage: plain}}
}

func (c *compiler) composite(a *schema.Attr, l *record.Layout, s *selection) columnPlan {
	p := columnPlan{kind: composite, attr: a}
	below := s.below
	if len(below) == 0 {
		for _, sub := range schema.Composites[a.Type] {
			below = append(below, &selection{name: sub.Name})
		}
	}
	for i, b := range below {
		column := l.Column(a.Name + "." + b.name)
		sub := columnPlan{kind: plainColumn, column: column, key: key(b.name, i > 0)}
		switch {
		case b.name == "__typename":
			sub.kind, sub.text = fixed, jsonb.AppendString(nil, pascal(string(a.Type)))
		case column == nil:
			c.fail(crash(fmt.Sprintf("Sub field metadata not found for composite type: %s", a.Type)))
		}
		p.subs = append(p.subs, sub)
	}
	return p
}
