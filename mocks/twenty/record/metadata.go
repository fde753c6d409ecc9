package record

import (
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// ObjectMade, and the methods below, follow the metadata: they are schema.Records.
func (s *Store) ObjectMade(*schema.Model) error { return nil }

// ObjectDropped drops the object's records.
func (s *Store) ObjectDropped(m *schema.Model) {
	if s.Table(m) != nil {
		s.State.DropTable(TableName(m))
	}
}

// ObjectRenamed moves the records to the table of the new name.
func (s *Store) ObjectRenamed(old, now *schema.Model) {
	from := s.Table(old)
	if from == nil || old.NameSingular == now.NameSingular {
		return
	}
	to, l := s.makeTable(TableName(now)), s.Layout(now)
	for r := range from.All() {
		moved := r.as(l, s.defaults)
		moved.index()
		if _, err := to.Insert(moved); err != nil {
			panic(err) // they were unique before
		}
	}
	s.State.DropTable(TableName(old))
}

// FieldMade gives the records a new column with its default.
func (s *Store) FieldMade(a *schema.Attr) error { return s.relayout(a.Model) }

// FieldDropped takes the column away.
func (s *Store) FieldDropped(a *schema.Attr) {
	if m := s.Meta.Schema().ByID(a.Model.ID); m != nil {
		if err := s.relayout(m); err != nil {
			panic(err) // fewer columns clash with nothing
		}
	}
}

// FieldChanged renames the column, and replaces values that are no option any more.
func (s *Store) FieldChanged(old, now *schema.Attr) error {
	if old.IsUnique == now.IsUnique && old.Name == now.Name &&
		slices.EqualFunc(old.Options, now.Options, func(a, b schema.Option) bool { return a.Value == b.Value }) {
		return s.relayout(now.Model)
	}
	return s.rewrite(now.Model)
}

// relayout brings the records of an object into its present layout.
func (s *Store) relayout(m *schema.Model) error {
	t := s.Table(m)
	if t == nil {
		return nil
	}
	for r := range t.All() {
		if r.layout.same(s.Layout(m)) {
			return nil
		}
		break
	}
	return s.rewrite(m)
}

func (s *Store) rewrite(m *schema.Model) error {
	t := s.Table(m)
	if t == nil {
		return nil
	}
	l := s.Layout(m)
	for _, row := range slices.Collect(t.Rows()) {
		next := row.Value.as(l, s.defaults)
		s.dropOptions(next)
		next.index()
		if err := t.Set(next); err != nil {
			return reject.Duplicate()
		}
	}
	return nil
}

// defaults fills a column that a record did not have.
func (s *Store) defaults(r *Record, c *Column) {
	if !c.Join {
		r.values[c.at] = c.Default(s.State, s.Now())
	}
}

// dropOptions gives values that are no option any more the column's default: kind_metadata_fields 125.
func (s *Store) dropOptions(r *Record) {
	for _, c := range r.layout.Columns {
		switch v := r.values[c.at].(type) {
		case string:
			if c.Kind != Option || slices.Contains(c.Options, v) {
				continue
			}
			r.values[c.at] = nil
		case []string:
			if c.Type != schema.MultiSelect {
				continue
			}
			r.values[c.at] = c.knownOptions(v)
		default:
			continue
		}
		if r.values[c.at] == nil {
			s.defaults(r, c)
		}
	}
}

// knownOptions returns the values that are options, nil if there were values but none of them is left.
func (c *Column) knownOptions(v []string) any {
	kept := slices.DeleteFunc(slices.Clone(v), func(x string) bool { return !slices.Contains(c.Options, x) })
	if len(kept) == 0 && len(v) > 0 {
		return nil
	}
	return kept
}
