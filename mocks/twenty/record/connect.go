package record

import (
	"fmt"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// connect resolves the relations that changes write by name.
func (s *Scope) connect(changes []*change) error { return s.resolve(changes, false) }

func (s *Scope) resolve(changes []*change, update bool) error {
	l := s.Layout(s.Model)
	for _, c := range changes {
		for _, link := range c.links {
			column := l.byPath[link.attr.JoinColumn]
			switch {
			case link.disconnect:
				c.set[column] = nil
			case link.where != nil && (len(link.where.Members) > 0 || !update):
				id, err := s.target(link)
				if err != nil {
					return err
				}
				if id != "" {
					c.set[column] = id
				}
			case link.where != nil:
				e := crash("EntityPropertyNotFoundError", `Property "%s.connect" was not found in "%s". Make sure your query is correct.`, link.attr.Name, s.Model.NameSingular)
				return e
			}
		}
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
	wanted, names := map[*Column]string{}, []string{}
	for _, member := range k.where.Members {
		if parts, ok := member.Value.(*Object); ok {
			for _, p := range parts.Members {
				if c := l.byPath[member.Key+"."+p.Key]; c != nil {
					wanted[c] = stringOf(p.Value)
					names = append(names, c.DB)
				}
			}
			continue
		}
		if c := l.byPath[member.Key]; c != nil {
			wanted[c] = stringOf(member.Value)
			names = append(names, c.DB)
		}
	}
	if !l.identifies(wanted) {
		return "", database("Missing required fields: at least one unique constraint have to be fully populated for {connectFieldName}.",
			"Missing required fields: at least one unique constraint have to be fully populated for '%s'.", k.attr.Name)
	}
	if id := s.only(m, wanted); id != "" {
		return id, nil
	}
	return "", noTarget(k.attr, l, wanted, names)
}

func noTarget(a *schema.Attr, l *Layout, wanted map[*Column]string, names []string) *Error {
	var parts []string
	for _, name := range names {
		for c, v := range wanted {
			if c.DB == name {
				parts = append(parts, fmt.Sprintf("%s = %s", name, v))
			}
		}
	}
	condition := strings.Join(parts, " and ")
	return database("Can't connect to "+a.Name+". No unique record found with condition: "+condition,
		"Expected 1 record to connect to %s, but found 0 for %s", a.Name, condition)
}

// identifies reports whether the columns hold the id or a whole unique field.
func (l *Layout) identifies(wanted map[*Column]string) bool {
	if _, ok := wanted[l.byPath["id"]]; ok {
		return true
	}
	for _, g := range l.groups {
		if a := g.columns[0].Attr; !a.IsUnique || g.columns[0].Join {
			continue
		}
		whole := true
		for _, c := range g.columns {
			if _, ok := wanted[c]; !ok && (!g.parts || c.uniquePart()) {
				whole = false
			}
		}
		if whole {
			return true
		}
	}
	return false
}

// only returns the id of the live record with those values, "" if there is none.
func (s *Store) only(m *schema.Model, wanted map[*Column]string) string {
	t := s.Table(m)
	if t == nil {
		return ""
	}
	for row := range t.Rows() {
		fits := !row.Value.Deleted()
		for c, v := range wanted {
			fits = fits && row.Value.textAt(c) == v
		}
		if fits {
			return row.Value.ID
		}
	}
	return ""
}
