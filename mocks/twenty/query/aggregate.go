package query

import (
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// Aggregate is one value over many records: totalCount, countEmptyName, sumAmountAmountMicros and so on.
type Aggregate struct {
	Name    string
	op      string
	columns []*record.Column
}

// counting are the aggregates that every field has.
var counting = []string{"countUniqueValues", "countEmpty", "countNotEmpty", "percentageEmpty", "percentageNotEmpty"}

// counted are the parts that counts look at, of the composite types that do not count as a whole.
var counted = map[schema.Type][]string{
	schema.Links: {"primaryLinkUrl"}, schema.Emails: {"primaryEmail"},
	schema.Phones:   {"primaryPhoneNumber", "primaryPhoneCallingCode"},
	schema.Currency: {"amountMicros", "currencyCode"}, schema.Actor: {"source", "workspaceMemberId"},
	schema.RichText: {"blocknote", "markdown"},
}

// Aggregates returns what an object can be summed up by, by name: fixtures/twenty/graphql_introspection.
func (s *Scope) Aggregates(m *schema.Model) map[string]*Aggregate {
	l := s.Layout(m)
	out := map[string]*Aggregate{"totalCount": {Name: "totalCount", op: "total"}}
	for _, g := range l.Fields {
		a := g.Columns[0].Attr
		if g.Columns[0].Join {
			continue
		}
		name := schema.Capital(g.Name)
		parts := countedColumns(g)
		for _, op := range counting {
			out[op+name] = &Aggregate{op + name, op, parts}
		}
		ops, column := []string(nil), g.Columns[0]
		switch a.Type {
		case schema.Boolean:
			ops = []string{"countTrue", "countFalse"}
		case schema.DateTime, schema.Date:
			ops = []string{"min", "max"}
		case schema.Number, schema.Numeric:
			ops = []string{"min", "max", "avg", "sum"}
		case schema.Currency:
			ops, name, column = []string{"min", "max", "avg", "sum"}, name+
				"AmountMicros", l.Column(g.Name+".amountMicros")
		}
		for _, op := range ops {
			out[op+name] = &Aggregate{op + name, op, []*record.Column{column}}
		}
	}
	return out
}

func countedColumns(g record.Field) []*record.Column {
	names := counted[g.Columns[0].Attr.Type]
	if names == nil {
		return g.Columns
	}
	return js.Where(g.Columns, func(c *record.Column) bool { return slices.Contains(names, c.Sub) })
}

// Aggregates computes values over all records that the query matched, as GraphQL shows them; names that
// the object does not have are left out. Without a record all but totalCount are null.
func (p *Page) Aggregates(s *Scope, m *schema.Model, names []string) map[string]any {
	known, out, rows := s.Aggregates(m), map[string]any{}, slices.Collect(p.All)
	for _, name := range names {
		if a := known[name]; a != nil {
			out[name] = a.over(rows).graph()
		}
	}
	return out
}

// AggregateError returns the database's error for an aggregate over a polymorphic relation: the
// server selects a column named like the relation, which does not exist (observed). It is nil if no
// name belongs to such a relation.
func AggregateError(m *schema.Model, names []string) error {
	for _, a := range m.Attrs {
		if a.Type != schema.MorphRelation || a.Relation != schema.ToOne {
			continue
		}
		for _, op := range counting {
			if slices.Contains(names, op+schema.Capital(a.Name)) {
				return reject.SQL("column %s.%s does not exist", m.NameSingular, a.Name)
			}
		}
	}
	return nil
}

// result is the value of an aggregate: NULL, a number as the database keeps it, or a time or day.
type result struct {
	null   bool
	exact  *big.Rat
	scale  int // digits behind the point
	float  bool
	other  any // a moment or a day
	places bool
}

func count(n int) result { return result{exact: big.NewRat(int64(n), 1)} }

// over computes the aggregate over records.
func (a *Aggregate) over(rows []*record.Record) result {
	if a.op == "total" {
		return count(len(rows))
	}
	if len(rows) == 0 {
		return result{null: true}
	}
	switch a.op {
	case "countUniqueValues", "countEmpty", "countNotEmpty", "percentageEmpty", "percentageNotEmpty":
		return a.counts(rows)
	case "countTrue", "countFalse":
		n := 0
		for _, r := range rows {
			if v, ok := r.At(a.columns[0]).(bool); ok && v == (a.op == "countTrue") {
				n++
			}
		}
		return count(n)
	}
	return a.numeric(rows)
}

func (a *Aggregate) counts(rows []*record.Record) result {
	filled, distinct := 0, map[string]bool{}
	for _, r := range rows {
		if text, ok := a.text(r); ok {
			filled++
			distinct[text] = true
		}
	}
	empty := len(rows) - filled
	switch a.op {
	case "countUniqueValues":
		return count(len(distinct))
	case "countEmpty":
		return count(empty)
	case "countNotEmpty":
		return count(filled)
	case "percentageEmpty":
		return divide(big.NewRat(int64(empty), 1), len(rows))
	}
	return divide(big.NewRat(int64(filled), 1), len(rows))
}

// text returns the values of a record in the counted columns, one after the other; ok is false if
// all of them are empty.
func (a *Aggregate) text(r *record.Record) (string, bool) {
	if len(a.columns) == 1 {
		v := r.At(a.columns[0])
		return jsonb.Text(record.Plain(v)), v != nil && v != ""
	}
	var out strings.Builder
	for _, c := range a.columns {
		switch v := r.At(c).(type) {
		case nil:
		case string:
			out.WriteString(v)
		default:
			out.WriteString(jsonb.Text(record.Plain(v)))
		}
	}
	return out.String(), out.Len() > 0
}

// numeric is min, max, sum and avg. Money is exact in the database, other numbers are floats.
func (a *Aggregate) numeric(rows []*record.Record) result {
	c := a.columns[0]
	if c.Kind != record.Number {
		return a.extreme(rows)
	}
	var values []float64
	for _, r := range rows {
		if f, ok := r.At(c).(float64); ok {
			values = append(values, f)
		}
	}
	switch {
	case len(values) == 0:
		return result{null: true}
	case a.op == "min":
		return figure(slices.Min(values), c)
	case a.op == "max":
		return figure(slices.Max(values), c)
	case c.Type == schema.Numeric:
		sum := new(big.Rat)
		for _, f := range values {
			sum.Add(sum, figure(f, c).exact)
		}
		if a.op == "avg" {
			return divide(sum, len(values))
		}
		return result{exact: sum}
	}
	sum := 0.0
	for _, f := range values {
		sum += f
	}
	if a.op == "avg" {
		sum /= float64(len(values))
	}
	return figure(sum, c)
}

// figure is a number as the column's type has it.
func figure(f float64, c *record.Column) result {
	if c.Type != schema.Numeric {
		return result{exact: shortest(f), float: true}
	}
	x := new(big.Rat)
	if x.SetFloat64(f) == nil {
		return result{exact: new(big.Rat)}
	}
	return result{exact: x}
}

// shortest is the decimal number that a float is printed as.
func shortest(f float64) *big.Rat {
	x, ok := new(big.Rat).SetString(js.FormatNumber(f))
	if !ok {
		return new(big.Rat)
	}
	return x
}

func (a *Aggregate) extreme(rows []*record.Record) result {
	c := a.columns[0]
	var best any
	for _, r := range rows {
		v := r.At(c)
		if v == nil {
			continue
		}
		if n := 0; best != nil {
			if n = compareValues(c, nil, v, best, ""); n == 0 || (n < 0) != (a.op == "min") {
				continue
			}
		}
		best = v
	}
	return result{null: best == nil, other: record.Plain(best)}
}

// divide divides as PostgreSQL divides numerics, with at least 16 significant digits.
func divide(x *big.Rat, by int) result {
	weight1, first1 := leading(x)
	weight2, first2 := leading(big.NewRat(int64(by), 1))
	weight := weight1 - weight2
	if first1 <= first2 {
		weight--
	}
	scale := max(16-weight*4, 0)
	return result{exact: new(big.Rat).Quo(x, big.NewRat(int64(by), 1)), scale: min(scale, 1000), places: true}
}

// leading returns the first digit of a number to base 10000, and its power.
func leading(x *big.Rat) (weight, first int) {
	if x.Sign() == 0 {
		return 0, 0
	}
	n := new(big.Int).Quo(new(big.Int).Abs(x.Num()), x.Denom())
	if n.Sign() == 0 {
		f, _ := new(big.Rat).Abs(x).Float64()
		weight = int(math.Floor(math.Log10(f) / 4))
		return weight, int(f / math.Pow(10000, float64(weight)))
	}
	base := big.NewInt(10000)
	for n.Cmp(base) >= 0 {
		n.Quo(n, base)
		weight++
	}
	return weight, int(n.Int64())
}

// graph is the value as GraphQL shows it.
func (v result) graph() any {
	switch {
	case v.null:
		return nil
	case v.exact == nil:
		return v.other
	}
	f, _ := v.exact.Float64()
	return f
}

// rest is the value as REST shows it: numbers of the database as text, floats as numbers.
func (v result) rest() any {
	switch {
	case v.null || v.exact == nil || v.float:
		return v.graph()
	case v.places:
		return v.exact.FloatString(v.scale)
	case v.exact.IsInt():
		return v.exact.Num().String()
	}
	return strings.TrimRight(v.exact.FloatString(20), "0")
}

func compareResults(a, b result) int {
	switch {
	case a.exact != nil && b.exact != nil:
		return a.exact.Cmp(b.exact)
	case a.other != nil && b.other != nil:
		return strings.Compare(a.other.(string), b.other.(string))
	}
	return 0
}
