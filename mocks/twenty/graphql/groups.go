package graphql

import (
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/query"
	"github.com/afba07b5/mockserver/mocks/twenty/verb"
)

// duplicates lists, for each id or each new record, the records that look the same.
func (r *fieldExecution) duplicates(out []byte) ([]byte, error) {
	data, err := verb.Objects(r.args, "data")
	if err != nil {
		return nil, err
	}
	fetched := query.Selection{}
	if r.list.node != nil {
		fetched = r.list.node.selected
	}
	pages, err := r.scope.Duplicates(verb.Texts(r.args, "ids"), data, fetched)
	if err != nil {
		return nil, err
	}
	out = append(out, '[')
	for i, page := range pages {
		out = js.Comma(out, i)
		p := &encoder{scope: &r.scope.Scope}
		out = p.listing(out, &connectionEncoder{conn: r.list, records: recordsOf(page.Rows), total: page.Total,
			hasNext: page.HasNext, hasPrev: page.HasPrev})
		if p.err != nil {
			return nil, p.err
		}
	}
	return append(out, ']'), nil
}

// groups lists groups of records with their figures and, if edges are selected, some of their records.
func (r *fieldExecution) groups(out []byte) ([]byte, error) {
	wanted, known := []string{}, r.scope.Aggregates(r.root.model)
	for _, k := range r.list.keys {
		if known[k.name] != nil || query.AggregateError(r.root.model, []string{k.name}) != nil {
			wanted = append(wanted, k.name)
		}
	}
	groups, err := r.scope.GroupBy(query.Grouping{By: argAs(r.args, "groupBy"), Filter: filterOf(r.args),
		Order:      argAs(r.args, "orderBy"),
		Aggregates: wanted, Limit: verb.Argument[float64](r.args, "limit"), Records: r.list.has("edges"),
		RecordOrder: argAs(r.args, "orderByForRecords"), Offset: verb.Argument[float64](r.args, "offsetForRecords"),
		View: verb.Argument[string](r.args, "viewId")})
	if err != nil {
		return nil, err
	}
	out = append(out, '[')
	p := &encoder{scope: &r.scope.Scope}
	for i, g := range groups {
		out = js.Comma(out, i)
		l := &connectionEncoder{conn: r.list, records: recordsOf(g.Rows), grouped: true, dimensions: g.Values,
			figures: map[string]any{}}
		for _, m := range g.Aggregates {
			l.figures[m.Key] = m.Value
		}
		out = p.listing(out, l)
	}
	return append(out, ']'), p.err
}
