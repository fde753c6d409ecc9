package query

import (
	"slices"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// Fields returns the names that answers of an object can show: its keys and its relations.
func (s *Scope) Fields() []string {
	out := js.Map(s.Layout(s.Model).Fields, func(g record.Field) string { return g.Name })
	for _, a := range s.Model.Attrs {
		if a.Relation != schema.None {
			out = append(out, a.Name)
		}
	}
	return out
}

// relatedLimit is how many records of a one-to-many relation an answer shows.
const relatedLimit = 60

// Encode encodes a record as REST answers it: at depth 0 as stored, at depth 1 with its relations.
func (s *Scope) Encode(row *record.Row, depth int, fields ...string) fake.Raw {
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
			relations = append(relations, s.related(a.Target, s.Many(r, a, relatedLimit))...)
			continue
		}
		if one := s.One(r, a); one != nil {
			relations = append(relations, s.visible(a.Target, one)...)
			continue
		}
		relations = append(relations, "null"...)
		if c := r.Layout().Column(a.JoinColumn); c != nil {
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

// Restricted reports whether there are fields of an object that the caller may not read.
func (s *Scope) Restricted(m *schema.Model) bool {
	return s.Caller != nil && len(s.Caller.Role.FieldPermissions) > 0 && slices.ContainsFunc(m.Attrs, s.Caller.Hides)
}

// hides reports whether the caller may not read what an object's records have under a key: a field, or the
// column of a relation.
func (s *Scope) hides(m *schema.Model, key string) bool {
	a := attrOfKey(m, key)
	return a != nil && s.Caller.Hides(a)
}

func attrOfKey(m *schema.Model, key string) *schema.Attr {
	if a := m.Attr(key); a != nil {
		return a
	}
	return m.Column(key)
}

// visible is a related record without the fields that the caller may not read.
func (s *Scope) visible(m *schema.Model, row *record.Row) fake.Raw {
	if !s.Restricted(m) {
		return row.JSON()
	}
	return row.Value.AppendWithout(nil, func(key string) bool { return s.hides(m, key) })
}

func (s *Scope) related(m *schema.Model, rows []*record.Row) fake.Raw {
	if !s.Restricted(m) {
		return fake.Joined(rows)
	}
	out := fake.Raw{'['}
	for i, row := range rows {
		out = js.Comma(out, i)
		out = append(out, s.visible(m, row)...)
	}
	return append(out, ']')
}

// Readable returns an error for keys that the caller may not read:
// fixtures/twenty/roles_and_permissions 26 and 31.
func (s *Scope) Readable(m *schema.Model, keys ...string) error {
	for _, key := range keys {
		if s.hides(m, key) {
			return forbiddenField("read", m, key)
		}
	}
	return nil
}

// Writable returns an error for fields that the caller may not change. Documented:
// packages/twenty-server/src/engine/twenty-orm/repository/permissions.utils.ts.
func (s *Scope) Writable(data *js.Object) error {
	if s.Caller == nil || len(s.Caller.Role.FieldPermissions) == 0 || data == nil {
		return nil
	}
	for _, m := range data.Members {
		if a := attrOfKey(s.Model, m.Key); a != nil && s.Caller.Locks(a) {
			return forbiddenField("write", s.Model, m.Key)
		}
	}
	return nil
}

func forbiddenField(verb string, m *schema.Model, key string) *reject.Error {
	e := reject.Forbidden()
	e.Message += `: no permission to ` + verb + ` field "` + attrOfKey(m, key).Name + `" on "` + m.NameSingular + `"`
	return e
}

// readableOrder returns an error for an order by fields that the caller may not read.
func (s *Scope) readableOrder(order []any) error {
	for _, o := range js.Only[*js.Object](order) {
		for _, m := range o.Members {
			if err := s.Readable(s.Model, m.Key); err != nil {
				return err
			}
		}
	}
	return nil
}
