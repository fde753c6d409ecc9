package record

import (
	"slices"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

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
func (s *Scope) visible(m *schema.Model, row *Row) fake.Raw {
	if !s.Restricted(m) {
		return row.JSON()
	}
	return row.Value.AppendWithout(nil, func(key string) bool { return s.hides(m, key) })
}

func (s *Scope) related(m *schema.Model, rows []*Row) fake.Raw {
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

// writable returns an error for fields that the caller may not change. Documented:
// packages/twenty-server/src/engine/twenty-orm/repository/permissions.utils.ts.
func (s *Scope) writable(data *js.Object) error {
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
	for _, one := range order {
		o, _ := one.(*js.Object)
		if o == nil {
			continue
		}
		for _, m := range o.Members {
			if err := s.Readable(s.Model, m.Key); err != nil {
				return err
			}
		}
	}
	return nil
}
