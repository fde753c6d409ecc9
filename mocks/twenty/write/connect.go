package write

import (
	"fmt"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// connect resolves the relations that changes write by name.
func (s *Scope) connect(changes []*change) error { return s.resolve(changes, false) }

func (s *Scope) resolve(changes []*change, update bool) error {
	l := s.Layout(s.Model)
	for _, c := range changes {
		for _, link := range c.links {
			if err := s.resolveLink(c, l.Column(link.attr.JoinColumn), link, update); err != nil {
				return err
			}
		}
	}
	return nil
}

// resolveLink stores the id of a linked record in its column. Only an update rejects an empty where
// clause.
func (s *Scope) resolveLink(c *change, column *record.Column, k link, update bool) error {
	switch {
	case k.both:
		return reject.Database("Cannot have both connect and disconnect for the same field on {connectFieldName}.",
			"Cannot have both connect and disconnect for the same field on undefined.")
	case k.disconnect:
		c.set[column] = nil
		return nil
	case k.where == nil:
		return nil
	case update && len(k.where.Members) == 0:
		return reject.Crash("EntityPropertyNotFoundError",
			`Property "%s.connect" was not found in "%s". Make sure your query is correct.`, k.attr.Name,
			s.Model.NameSingular)
	}
	id, err := s.target(k)
	if err != nil {
		return err
	}
	if id != "" {
		c.set[column] = id
	}
	return nil
}

// target finds the one record that a where clause names by a unique field; "" for an empty clause.
func (s *Scope) target(k link) (string, error) {
	if len(k.where.Members) == 0 {
		return "", nil
	}
	m := k.attr.Target
	l := s.Layout(m)
	wanted, names := conditions(l, k.where)
	if !identifies(l, wanted) {
		return "",
			reject.Database("Missing required fields: at least one unique constraint have to be fully populated for "+
				"{connectFieldName}.",
				"Missing required fields: at least one unique constraint have to be fully populated for '%s'.",
				k.attr.Name)
	}
	if id := s.only(m, wanted); id != "" {
		return id, nil
	}
	return "", noTarget(k.attr, l, wanted, names)
}

// conditions returns the values that a where clause asks for, and the names of their columns in its order.
func conditions(l *record.Layout, where *js.Object) (wanted map[*record.Column]string, names []string) {
	wanted = map[*record.Column]string{}
	want := func(path string, v any) {
		if c := l.ColumnOf(path); c != nil { // the schema names the relation, of what is unique together
			wanted[c] = js.StringOf(v)
			names = append(names, c.DB)
		}
	}
	for _, member := range where.Members {
		parts, ok := member.Value.(*js.Object)
		if !ok {
			want(member.Key, member.Value)
			continue
		}
		for _, p := range parts.Members {
			want(member.Key+"."+p.Key, p.Value)
		}
	}
	return wanted, names
}

func noTarget(a *schema.Attr, l *record.Layout, wanted map[*record.Column]string, names []string) *reject.Error {
	var parts []string
	for _, name := range names {
		for c, v := range wanted {
			if c.DB == name {
				parts = append(parts, fmt.Sprintf("%s = %s", name, v))
			}
		}
	}
	condition := strings.Join(parts, " and ")
	return reject.Database("Can't connect to "+a.Name+". No unique record found with condition: "+condition,
		"Expected 1 record to connect to %s, but found 0 for %s", a.Name, condition)
}

// identifies reports whether values are there for the id, for a whole unique field or for all fields that are unique
// together. Of these it is inferred: the recorded introspection has them in the inputs that connect.
func identifies(l *record.Layout, wanted map[*record.Column]string) bool {
	missing := func(c *record.Column) bool {
		_, ok := wanted[c]
		return !ok
	}
	if !missing(l.ID) || len(l.Together) > 0 && !slices.ContainsFunc(l.Together, missing) {
		return true
	}
	return slices.ContainsFunc(l.Unique, func(f record.Field) bool {
		return !slices.ContainsFunc(f.Columns, func(c *record.Column) bool { return c.Join || missing(c) })
	})
}

// only returns the id of the live record with those values, or "".
func (s *Scope) only(m *schema.Model, wanted map[*record.Column]string) string {
	t := s.Table(m)
	if t == nil {
		return ""
	}
	for row := range t.Rows() {
		fits := !row.Value.Deleted()
		for c, v := range wanted {
			fits = fits && row.Value.Text(c) == v
		}
		if fits {
			return row.Value.ID
		}
	}
	return ""
}
