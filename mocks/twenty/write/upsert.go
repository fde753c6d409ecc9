package write

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
)

// upsert overwrites the records that changes match, one after the other, and then stores the
// others. Records overwritten before an error stay: the server uses no transaction (observed).
func (s *Scope) upsert(changes []*change) ([]*record.Row, error) {
	var news, olds []*change
	for _, c := range changes {
		if err := s.match(c); err != nil {
			return nil, err
		}
	}
	changes = oncePerRecord(changes)
	s.place(changes)
	for _, c := range changes {
		if c.old == nil {
			news = append(news, c)
		} else {
			olds = append(olds, c)
		}
	}
	if err := s.connect(olds); err != nil {
		return nil, err
	}
	var out []*record.Row
	for _, c := range olds {
		row, err := s.storeOne(s.overwrite(c.old, c, true))
		if err != nil {
			return nil, keep(err, len(out) > 0)
		}
		out = append(out, row)
	}
	rows, err := s.insert(news)
	return append(out, rows...), keep(err, len(out) > 0)
}

// keep marks an error so that earlier changes stay.
func keep(err error, changed bool) error {
	var e *reject.Error
	if errors.As(err, &e) {
		e.Kept = changed
	}
	return err
}

// oncePerRecord lays changes of the same record over each other, as one update after the other does; the
// answer then has the record once. Known from the vendor's public source.
func oncePerRecord(changes []*change) []*change {
	var out []*change
	for _, c := range changes {
		i := slices.IndexFunc(out, func(o *change) bool { return c.old != nil && o.old == c.old })
		if i < 0 {
			out = append(out, c)
			continue
		}
		maps.Copy(out[i].set, c.set)
	}
	return out
}

// match finds the record that an upsert updates: by id, or by a unique field. It keeps its id,
// whatever the data says. Data that matches two records is an error: known from the vendor's public
// source.
func (s *Scope) match(c *change) error {
	t := s.Table(s.Model)
	if t == nil {
		return nil
	}
	l := s.Layout(s.Model)
	found := func(row *record.Row) bool {
		other := row != nil && c.old != nil && c.old != row
		if row != nil {
			c.old = row
		}
		return other
	}
	given, _ := c.set[l.ID].(string)
	twice := found(t.Row(given))
	probe := record.New(l)
	for col, v := range c.set {
		probe.Set(col, v)
	}
	for _, key := range record.FieldKeys(probe) {
		twice = found(t.One("unique", key)) || twice
	}
	if twice {
		shown := c.uniqueValues(l)
		return reject.With("UPSERT_MULTIPLE_MATCHING_RECORDS_CONFLICT", multipleRecords(shown), "%s",
			multipleRecords(shown))
	}
	if c.old != nil && given != "" {
		c.set[l.ID] = c.old.Value.ID
	}
	return nil
}

func multipleRecords(shown string) string {
	return "Multiple records found with the same unique field values for " + shown +
		". Cannot determine which record to update."
}

// uniqueValues shows what data says of the id and of unique fields.
func (c *change) uniqueValues(l *record.Layout) string {
	var out []string
	for _, g := range l.Fields {
		a := g.Columns[0].Attr
		if a.Name != "id" && (!a.IsUnique || g.Columns[0].Join) {
			continue
		}
		var parts []string
		for _, col := range g.Columns {
			if v := c.set[col]; v != nil && (!g.Composite || col.UniquePart()) {
				parts = append(parts, col.Path+": "+js.Text(record.Plain(v)))
			}
		}
		if len(parts) > 0 {
			out = append(out, a.Name+" ("+strings.Join(parts, ", ")+")")
		}
	}
	return strings.Join(out, "; ")
}
