package query

import (
	"iter"
	"slices"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/filter"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// Filter is a compiled filter of one object.
type Filter struct {
	test    test
	trash   bool // it mentions deletedAt, so that records in the trash are looked at
	given   bool // there is a condition at all
	onlyIDs []string
	bounds  *fake.Range[*record.Record] // what an index may narrow the filter to, nil for nothing
	rest    test                        // what the rows within the bounds have to satisfy
	kept    string                      // the condition as a key of the cache; "" if the filter reads other tables
}

// Filter compiles a filter of an object: nil, or an *Object as ParseFilter and GraphQL's arguments have it.
func (s *Scope) Filter(m *schema.Model, tree any) (*Filter, error) {
	o, _ := tree.(*js.Object)
	if o == nil || len(o.Members) == 0 {
		return &Filter{test: always, rest: always}, nil
	}
	c, err := filter.Read(s.Store, m, o)
	if err != nil {
		return nil, err
	}
	l := s.Layout(m)
	f := &Filter{test: s.predicate(l, c), given: true, onlyIDs: filter.IDs(c)}
	f.bounds, f.rest = s.bounds(l, c, f.test)
	f.trash = filter.Any(c, func(c filter.Compare) bool { return c.Relation == nil && c.Column.Path == "deletedAt" })
	if f.onlyIDs == nil && !filter.Any(c, func(c filter.Compare) bool { return c.Relation != nil }) {
		f.kept = string(c.AppendText(nil))
	}
	return f, nil
}

// matches are the rows that a filter matches, in the order of their insertion.
func (s *Scope) matches(t *record.Table, f *Filter) iter.Seq[*record.Row] {
	if t == nil {
		return func(func(*record.Row) bool) {}
	}
	l := s.Layout(s.Model)
	if f.kept != "" {
		if rows, ok := s.Matched(t, l, f.kept); ok {
			return s.UntilDeadline(slices.Values(rows))
		}
	}
	return func(yield func(*record.Row) bool) {
		var found []*record.Row
		for row := range s.rows(t, f) {
			if !f.accepts(row.Value) {
				continue
			}
			if f.kept != "" {
				found = append(found, row)
			}
			if !yield(row) {
				return
			}
		}
		if f.kept != "" && s.DeadlineError() == nil {
			s.SetMatched(t, l, f.kept, found)
		}
	}
}
