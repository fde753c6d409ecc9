package record

import (
	"math"
	"slices"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// Fields returns the names that answers of an object can show: its keys and its relations.
func (s *Scope) Fields() []string {
	out := js.Map(s.Layout(s.Model).Fields, func(g Field) string { return g.Name })
	for _, a := range s.Model.Attrs {
		if a.Relation != schema.None {
			out = append(out, a.Name)
		}
	}
	return out
}

// relatedLimit is how many records of a one-to-many relation an answer shows.
const relatedLimit = 60

// One returns the record of a to-one relation, or nil if it is missing or in the trash.
func (s *Store) One(r *Record, a *schema.Attr) *Row {
	id, ok := r.At(r.layout.Column(a.JoinColumn)).(string)
	if !ok || a.Target == nil {
		return nil
	}
	row := s.Row(a.Target, id)
	if row == nil || row.Value.Deleted() {
		return nil
	}
	return row
}

// Many returns the live records that refer to one by a one-to-many relation, last written last, as
// the database has them.
func (s *Store) Many(r *Record, a *schema.Attr) []*Row {
	return s.many(r, a, math.MaxInt)
}

// many is Many for the first so many records.
func (s *Store) many(r *Record, a *schema.Attr, limit int) (out []*Row) {
	if a.Target == nil || a.Inverse == nil {
		return nil
	}
	t := s.Table(a.Target)
	if t == nil {
		return nil
	}
	for row := range t.By("refers", a.Inverse.JoinColumn+"\x01"+r.ID) {
		if len(out) == limit {
			break
		}
		if !row.Value.Deleted() {
			out = append(out, row)
		}
	}
	return out
}

// Encode encodes a record as REST answers it: at depth 0 as stored, at depth 1 with its relations.
func (s *Scope) Encode(row *Row, depth int, fields ...string) fake.Raw {
	if depth == 0 && fields == nil && !s.Restricted(s.Model) {
		return row.JSON()
	}
	r := row.Value
	hidden := func(name string) bool {
		return fields != nil && !slices.Contains(fields, name) || s.hides(s.Model, name)
	}
	if depth == 0 {
		return r.AppendWithout(nil, hidden)
	}
	var relations []byte
	shown := r.Clone() // without ids of records in the trash
	for _, a := range s.Model.Attrs {
		if a.Relation == schema.None || a.Target == nil || hidden(a.Name) ||
			s.Caller != nil && !s.Caller.May(schema.Read, a.Target) {
			continue
		}
		relations = append(jsonb.AppendString(append(relations, ','), a.Name), ':')
		if a.Relation == schema.Many {
			relations = append(relations, s.related(a.Target, s.many(r, a, relatedLimit))...)
			continue
		}
		if one := s.One(r, a); one != nil {
			relations = append(relations, s.visible(a.Target, one)...)
			continue
		}
		relations = append(relations, "null"...)
		if c := r.layout.Column(a.JoinColumn); c != nil {
			shown.Set(c, nil)
		}
	}
	own := shown.AppendWithout(nil, hidden)
	own = own[:len(own)-1]
	own = append(append(own, relations...), '}')
	if len(own) > 1 && own[1] == ',' {
		own = append(own[:1], own[2:]...) // no field of the record itself was requested
	}
	return own
}
