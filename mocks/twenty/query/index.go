package query

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/mocks/twenty/filter"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/value"
)

// key returns the order as a key of an index, and whether it is one: an order that follows a
// relation, or compares values that have no key, is not.
func (o *Order) key(l *record.Layout, backward bool) (fake.Key[*record.Record], bool) {
	name := fmt.Sprintf("%p %t", l, backward)
	for _, k := range o.keys {
		if k.relation != nil || k.column.Kind == record.Document || k.column.Kind == record.List ||
			k.column.Kind == record.Vector {
			return fake.Key[*record.Record]{}, false
		}
		name += fmt.Sprintf(" %s %t %t", k.column.Path, k.descending, k.nullsFirst)
	}
	keys := o.keys
	return fake.Key[*record.Record]{Name: name, Of: func(row **record.Record, out []byte) []byte {
		r := *row
		for _, k := range keys {
			out = k.append(out, r, backward)
		}
		return table.AppendText(out, r.ID, backward)
	}}, true
}

// append appends the value of a record; backward does not move NULL.
func (k orderKey) append(out []byte, r *record.Record, backward bool) []byte {
	v := r.At(k.column)
	switch {
	case v == nil && k.nullsFirst:
		return append(out, 0)
	case v == nil:
		return append(out, 2)
	}
	if s, ok := v.(string); ok && k.column.Kind == record.Text {
		v = r.SortKey(k.column, s)
	}
	return appendKey(append(out, 1), k.column, v, k.descending != backward)
}

// appendKey appends a value of the column, of a text its bytes.
func appendKey(out []byte, c *record.Column, v any, descending bool) []byte {
	switch v := v.(type) {
	case float64:
		return table.AppendNumber(out, v, descending)
	case value.Moment:
		return table.AppendNumber(out, float64(v), descending)
	case bool:
		return table.AppendNumber(out, float64(jsonb.Compare(v, false)), descending)
	case string:
		if c.Kind == record.Option {
			return table.AppendNumber(out, float64(slices.Index(c.Options, v)), descending)
		}
		return table.AppendText(out, v, descending)
	}
	return out
}

// query is the filter with an order, for the indexes of a table.
func (s *Scope) query(f *Filter, key fake.Key[*record.Record]) fake.Query[*record.Record] {
	q := fake.Query[*record.Record]{Order: key, Range: f.bounds,
		Match: func(r **record.Record) bool { return (f.trash || !(*r).Deleted()) && f.rest(*r) == yes }}
	q.Within = func(rows iter.Seq[*record.Row]) iter.Seq[*record.Row] { return s.UntilDeadline(rows) }
	if f.kept != "" || !f.given {
		q.Name = fmt.Sprintf("%p %t %s", s.Layout(s.Model), f.trash, f.kept)
	}
	return q
}

// indexed reads a page with the indexes of the table. ok is false if no index fits the query.
func (s *Scope) indexed(t *record.Table, f *Filter, o *Order, q Query, backward bool) (rows []*record.Row, total int,
	ok bool) {
	key, ok := o.key(s.Layout(s.Model), backward)
	if !ok || f.onlyIDs != nil {
		return nil, 0, false
	}
	query := s.query(f, key)
	query.Limit, query.Offset = t.Len(), 0
	if limit := q.limit(); limit >= 0 {
		query.Limit = min(limit, t.Len()) + min(int(q.Offset), t.Len()) + 1
	}
	if q.After == "" && q.Before == "" {
		rows, total, _ = table.Select(t, query)
		return rows, total, true
	}
	cursor, err := parseCursor(cmp.Or(q.Before, q.After))
	if err != nil {
		return nil, 0, false
	}
	at := o.at(t, cursor)
	view, ok := table.View(t, query)
	if at == nil || !ok {
		return nil, 0, false
	}
	behind, err := s.after(s.Layout(s.Model), o, cursor, backward)
	if err != nil {
		return nil, 0, false
	}
	for row := range s.UntilDeadline(table.In(t, view, view.Rank(string(key.Of(&at.Value, nil))))) {
		if len(rows) == query.Limit {
			break
		}
		if behind(row.Value) == yes {
			rows = append(rows, row)
		}
	}
	return rows, view.Len(), true
}

// at returns the record that a cursor was made of if it still has all values of the cursor, and the
// cursor has all keys of the order. All records behind the cursor then come after it in the order.
func (o *Order) at(t *record.Table, cursor *js.Object) *record.Row {
	if o.desc || len(cursor.Members) != len(o.keys)+1 {
		return nil
	}
	last := cursor.Members[len(o.keys)]
	id, _ := last.Value.(string)
	row := t.Row(strings.ToLower(id))
	if row == nil || last.Key != "id" {
		return nil
	}
	for i, k := range o.keys {
		m := cursor.Members[i]
		have, given := jsonb.Encode(row.Value.Printed(k.column)), jsonb.Encode(m.Value)
		if k.sub != "" || k.attr.Name != m.Key || m.Value == nil || m.Value == "" || string(have) != string(given) {
			return nil
		}
	}
	return row
}

// bounds returns a part of the condition as bounds of a column's values, so that an index finds the records; nil if
// no part that has to hold is one. A comparison with one value is preferred. The rest is what records within the bounds
// still have to satisfy: the whole or, if the bounds are one text, the other parts.
func (s *Scope) bounds(l *record.Layout, c filter.Condition, whole test) (best *fake.Range[*record.Record], rest test) {
	all, ok := c.(filter.And)
	if !ok {
		all = filter.And{c}
	}
	rest = whole
	for i, part := range all {
		compare, _ := part.(filter.Compare)
		if r := boundsOf(l, compare); r != nil && (best == nil || r.One && !best.One) {
			best, rest = r, whole
			if r.One && compare.Column.Kind == record.Text {
				rest = both(s.predicates(l, slices.Concat(all[:i], all[i+1:])))
			}
		}
	}
	return best, rest
}

func boundsOf(l *record.Layout, c filter.Compare) *fake.Range[*record.Record] {
	col, op, v := c.Column, c.Operator, c.Operand
	if col == nil || c.Relation != nil || col.Kind > record.Option || v == nil || v == "" {
		return nil
	}
	r := &fake.Range[*record.Record]{In: func(r **record.Record) bool { return (*r).At(col) != nil }}
	r.Key = fake.Key[*record.Record]{Name: fmt.Sprintf("%p %s", l, col.Path), Of: func(r **record.Record,
		out []byte) []byte {
		return appendKey(out, col, (*r).At(col), false)
	}}
	value := string(appendKey(nil, col, v, false))
	ordered := col.Kind == record.Number || col.Kind == record.Moment
	switch {
	case op == "eq":
		r.Low, r.High, r.One = value, table.After(value), true
	case op == "startsWith" && col.Kind == record.Text:
		r.Low = value[:len(value)-len(table.AppendText(nil, "", false))]
		r.High = table.After(r.Low)
	case op == "gt" && ordered:
		r.Low = table.After(value)
	case op == "gte" && ordered:
		r.Low = value
	case op == "lt" && ordered:
		r.High = value
	case op == "lte" && ordered:
		r.High = table.After(value)
	default:
		return nil
	}
	return r
}

// Search returns the records that a filter matches and whose search vector has a word with one of the
// beginnings, in the order of their ids. It looks the words up in an index.
func (s *Scope) Search(filter any, beginnings []string) ([]*record.Row, error) {
	if err := s.Allow(schema.Read); err != nil {
		return nil, err
	}
	f, err := s.Filter(s.Model, filter)
	if err != nil {
		return nil, err
	}
	t, c := s.Table(s.Model), s.Layout(s.Model).SearchVector
	if t == nil || c == nil {
		return nil, s.DeadlineError()
	}
	if table.Small(t) {
		page, err := s.Find(Query{Filter: filter, NoTotal: true})
		if err != nil {
			return nil, err
		}
		return page.Rows, nil
	}
	name := fmt.Sprintf("words %p", s.Layout(s.Model))
	words := table.OrderByWords(t, name, func(r **record.Record, add func(string)) {
		vector, _ := (*r).At(c).(string)
		eachWord(vector, add)
	})
	found := map[string]*record.Row{}
	for _, beginning := range beginnings {
		for row := range s.UntilDeadline(table.InRange(t, words, beginning, table.After(beginning))) {
			found[row.Value.ID] = row
		}
	}
	var out []*record.Row
	for _, row := range found {
		if f.accepts(row.Value) {
			out = append(out, row)
		}
	}
	slices.SortFunc(out, func(a, b *record.Row) int { return strings.Compare(a.Value.ID, b.Value.ID) })
	return out, s.DeadlineError()
}

// eachWord calls add with the words of a search vector as PostgreSQL prints it.
func eachWord(vector string, add func(string)) {
	for {
		_, rest, ok := strings.Cut(vector, "'")
		if !ok {
			return
		}
		var word strings.Builder
		i := 0
		for ; i < len(rest); i++ {
			if rest[i] == '\'' && !strings.HasPrefix(rest[i+1:], "'") {
				break
			}
			if rest[i] == '\'' || rest[i] == '\\' {
				i++
			}
			if i < len(rest) {
				word.WriteByte(rest[i])
			}
		}
		add(word.String())
		vector = rest[min(i+1, len(rest)):]
	}
}
