package write

import (
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/query"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// leastDuplicate is how long a value must be to make two records alike.
const leastDuplicate = 3

// Duplicates returns, for each id that exists or for each given record, the live records like it by the
// criteria of the object. Exactly one of ids and data is not nil. Of records found by their ids only the
// fields that a face fetched count: GraphQL passes its selection (corpus_graphql_write_101 #8), REST none for all.
func (s *Scope) Duplicates(ids []string, data []*js.Object, fetched ...query.Selection) ([]*query.Page, error) {
	if err := s.Allow(schema.Read); err != nil {
		return nil, err
	}
	switch {
	case ids == nil && data == nil:
		return nil, reject.Query("", `You have to provide either "data" or "ids" argument`)
	case ids != nil && data != nil:
		return nil, reject.Query("", `You cannot provide both "data" and "ids" arguments`)
	case ids == nil && len(data) == 0:
		return nil, reject.Query("", `The "data" condition can not be empty when "ids" input not provided`)
	}
	out := []*query.Page{}
	for _, o := range data {
		if jsonb.HasNUL(o) { // as in a filter; inferred
			return nil, reject.Value()
		}
		value, self, err := s.given(o)
		if err != nil {
			return nil, err
		}
		out = append(out, s.alike(value, self))
	}
	for _, id := range ids {
		if !schema.IsUUID(id) {
			return nil, reject.Syntax("uuid", id)
		}
	}
	lower := js.Map(ids, strings.ToLower)
	for i, id := range lower {
		if row := s.Live(s.Model, id); row != nil && !slices.Contains(lower[:i], id) {
			out = append(out, s.alike(fetchedText(row.Value, fetched), row.Value.ID))
		}
	}
	return out, s.DeadlineError()
}

// fetchedText reads the texts of a record that a selection covers.
func fetchedText(r *record.Record, fetched []query.Selection) func(*record.Column) string {
	return func(c *record.Column) string {
		if len(fetched) > 0 && fetched[0] != nil {
			sub, ok := fetched[0][c.Name]
			if _, chosen := sub[c.Sub]; !ok || c.Sub != "" && sub != nil && !chosen {
				return ""
			}
		}
		return r.Text(c)
	}
}

// given reads data that was sent as a write does, so that addresses and links are tidy. A record that bears
// the data's own id is not like it. Known from the vendor's public source.
func (s *Scope) given(o *js.Object) (value func(*record.Column) string, self string, err error) {
	c, err := s.read(o, false)
	if err != nil {
		return nil, "", err
	}
	self = js.StringOf(c.set[s.Layout(s.Model).Column("id")])
	return func(col *record.Column) string { return js.StringOf(c.set[col]) }, self, nil
}

// alike finds the records that share all values of one of the groups of criteria.
func (s *Scope) alike(value func(*record.Column) string, self string) *query.Page {
	l := s.Layout(s.Model)
	byDB := map[string]*record.Column{}
	for _, c := range l.Columns {
		byDB[c.DB] = c
	}
	p := &query.Page{}
	t := s.Table(s.Model)
	if t == nil {
		return p
	}
	for row := range s.UntilDeadline(t.Rows()) {
		if r := row.Value; !r.Deleted() && r.ID != self && matchesAny(r, s.Model.DuplicateCriteria, byDB, value) {
			p.Rows = append(p.Rows, row)
		}
	}
	if p.Total = len(p.Rows); p.Total > batchLimit {
		p.Rows = p.Rows[:batchLimit]
	}
	return p
}

func matchesAny(r *record.Record, criteria [][]string, byDB map[string]*record.Column,
	value func(*record.Column) string) bool {
	differs := func(name string) bool {
		c := byDB[name]
		return c == nil || len([]rune(value(c))) < leastDuplicate || r.Text(c) != value(c)
	}
	return slices.ContainsFunc(criteria, func(names []string) bool {
		return len(names) > 0 && !slices.ContainsFunc(names, differs)
	})
}
