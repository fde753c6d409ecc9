package query

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// Grouping asks for records in groups.
type Grouping struct {
	By          []any // objects such as {"stage": true}
	Filter      any
	Order       []any // objects over the dimensions, or {"aggregate": {"totalCount": "DescNullsLast"}}
	Aggregates  []string
	Limit       float64 // 0 is the default
	Records     bool    // with a sample of each group's records
	RecordOrder []any
	Offset      float64 // of the sample among the records of a group
	View        string  // whose filters count too
	REST        bool    // values as REST shows them
}

// Group is one group of records.
type Group struct {
	Values     []any         // its dimensions
	Aggregates []js.Member   // in the order asked for
	Rows       []*record.Row // the sample

	keys    []any
	records []*record.Row
	plain   []*record.Record
}

// How many groups and samples an answer has: fixtures/twenty/rest_group_by.
const (
	defaultGroups = 50
	largestGroups = 200
	sampleSize    = 10
)

// GroupBy returns the groups of the records that a filter matches.
func (s *Scope) GroupBy(g Grouping) ([]Group, error) {
	if err := s.Allow(schema.Read); err != nil {
		return nil, err
	}
	dims, err := s.dimensions(g.By)
	if err != nil {
		return nil, err
	}
	if err := s.readableOrder(g.By); err != nil {
		return nil, err
	}
	aggregates, err := s.chosen(g.Aggregates)
	if err != nil {
		return nil, err
	}
	filter, err := s.withView(g.Filter, g.View)
	if err != nil {
		return nil, err
	}
	f, err := s.Filter(s.Model, filter)
	if err != nil {
		return nil, err
	}
	order, err := s.groupOrder(g.Order, dims)
	if err != nil {
		return nil, err
	}
	if err := refusedBySQL(s.Model, dims, order, len(aggregates) > 0, g.Records); err != nil {
		return nil, err
	}
	recordOrder, err := s.Order(s.Model, g.RecordOrder)
	if err != nil {
		return nil, err
	}
	groups := s.collect(f, dims, len(dims) == 0 && len(aggregates) == 0)
	if err := s.DeadlineError(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(groups, func(a, b *Group) int { return order.compare(a, b) })
	limit := g.Limit
	if limit <= 0 || limit != math.Trunc(limit) { // known from the vendor's public source
		limit = defaultGroups
	}
	groups = groups[:min(len(groups), int(min(limit, largestGroups)))]
	out := make([]Group, len(groups))
	for i, group := range groups {
		group.finish(dims, aggregates, g.REST)
		if g.Records {
			group.sample(recordOrder, g.Offset)
		}
		out[i] = *group
	}
	return out, nil
}

// chosen are the aggregates asked for, each once.
func (s *Scope) chosen(names []string) ([]*Aggregate, error) {
	if err := AggregateError(s.Model, names); err != nil {
		return nil, err
	}
	known := s.Aggregates(s.Model)
	var out []*Aggregate
	var unknownNames []string
	for _, name := range names {
		a := known[name]
		if a == nil {
			unknownNames = append(unknownNames, name)
		} else if !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	if len(unknownNames) > 0 {
		return nil, groupError("Unknown aggregate field(s): %s", strings.Join(unknownNames, ", "))
	}
	return out, nil
}

// refusedBySQL returns the database's error for groups that SQL cannot express: an order by
// aggregates without grouped rows, samples of the only group of all rows, and two equal dimensions
// with samples.
func refusedBySQL(m *schema.Model, dims []*dimension, o *groupOrder, figures, samples bool) error {
	byFigure := slices.ContainsFunc(o.keys, func(k groupKey) bool { return k.aggregate != nil })
	switch {
	case len(dims) == 0 && byFigure && !figures:
		return reject.SQL(`column "%s" must appear in the GROUP BY clause or be used in an aggregate function`,
			m.NameSingular+".id")
	case len(dims) == 0 && samples:
		return reject.Crash("BadRequestException", `syntax error at or near ")"`).By(
			"the database behind the server refuses it")
	}
	for i, d := range dims {
		for _, other := range dims[:i] {
			if samples && other.alias == d.alias {
				return reject.SQL(`column reference "%s" is ambiguous`, d.alias)
			}
		}
	}
	return nil
}

// collect puts the matching records into groups. Without dimensions there is one group, or with nothing to
// compute one per record: corpus_rest_groupby_101 #26.
func (s *Scope) collect(f *Filter, dims []*dimension, apart bool) []*Group {
	var out []*Group
	index := map[string]*Group{}
	for row := range s.matches(s.Table(s.Model), f) {
		keys, id := make([]any, len(dims)), ""
		for i, d := range dims {
			keys[i] = d.key(row.Value)
			id += jsonb.Text(keys[i]) + "\x00"
		}
		g := index[id]
		if g == nil || apart {
			g = &Group{keys: keys}
			index[id] = g
			out = append(out, g)
		}
		g.records, g.plain = append(g.records, row), append(g.plain, row.Value)
	}
	if len(out) == 0 && len(dims) == 0 && !apart {
		out = []*Group{{}}
	}
	return out
}

func (g *Group) finish(dims []*dimension, aggregates []*Aggregate, rest bool) {
	g.Values = []any{}
	for i := range dims {
		v := g.keys[i]
		switch c := dims[i].column; x := v.(type) {
		case float64: // the database's own form: corpus_rest_groupby_101 #77, kind_groupby 71
			if c.Type == schema.Numeric {
				v = js.FormatNumber(x)
			}
		case []string: // kind_groupby 61, 75
			if c.Type == schema.MultiSelect {
				v = "{" + strings.Join(x, ",") + "}"
			}
		}
		g.Values = append(g.Values, v)
	}
	for _, a := range aggregates {
		result := a.over(g.plain)
		value := result.graph()
		if rest {
			value = result.rest()
		}
		g.Aggregates = append(g.Aggregates, js.Member{Key: a.Name, Value: value})
	}
}

// sample keeps the records that are numbered from behind the offset on.
func (g *Group) sample(o *Order, offset float64) {
	end := int(min(max(0, offset+sampleSize), float64(len(g.records))))
	top := &top{order: o.literal(), limit: end}
	for _, row := range g.records {
		top.offer(o.keysOf(row))
	}
	g.Rows = top.rows()[:end][min(end, int(max(0, offset))):]
}

// groupOrder is an order of groups; behind its keys all dimensions count, ascending, NULL last.
type groupOrder struct {
	keys []groupKey
	dims []*dimension
}

type groupKey struct {
	aggregate  *Aggregate
	dim        int
	descending bool
	nullsFirst bool
}

func (s *Scope) groupOrder(list []any, dims []*dimension) (*groupOrder, error) {
	o := &groupOrder{dims: dims}
	for _, item := range js.Only[*js.Object](list) {
		if err := s.groupOrderKey(o, item); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// groupOrderKey parses one key of the order of groups. Its errors are known from the vendor's
// public source.
func (s *Scope) groupOrderKey(o *groupOrder, item *js.Object) error {
	if aggregate, _ := item.Get("aggregate"); aggregate != nil {
		return s.aggregateKey(o, aggregate)
	}
	if len(item.Members) > 1 {
		return badOrder("Please provide orderBy field criteria one by one in orderBy array")
	}
	m := firstMember(item)
	a := s.Model.Attr(m.Key)
	nested, isObject := m.Value.(*js.Object)
	switch {
	case a == nil:
		return badOrder("Cannot orderBy unknown field: %s.", m.Key)
	case isDirection(m.Value):
		if !o.by(a.Name, "", m.Value) {
			return badOrder("Cannot order by a field that is not an aggregate nor in groupBy criteria: %s.", a.Name)
		}
		return nil
	case !isObject:
		return badOrder("Unknown orderBy value: %s", js.Text(m.Value))
	case isDate(a) && isDirection(nested.Value("orderBy")) && granularityOf(nested) != "":
		return o.byPeriod(a.Name, nested)
	case a.Relation != schema.None && len(nested.Members) > 0:
		return o.byTarget(a, nested)
	case len(nested.Members) > 1:
		return badOrder("Please provide orderBy field criteria one by one in orderBy array")
	case len(nested.Members) == 0 || !isDirection(nested.Members[0].Value):
		return badOrder("Unknown orderBy value: [object Object]")
	}
	part := nested.Members[0]
	if !o.by(a.Name+"."+part.Key, "", part.Value) {
		return badOrder("Cannot order by a field that is not in groupBy or that is not an aggregate field: %s",
			part.Key)
	}
	return nil
}

func (s *Scope) aggregateKey(o *groupOrder, v any) error {
	nested, _ := v.(*js.Object)
	if nested != nil && len(nested.Members) > 1 {
		return badOrder("Please provide aggregate criteria one by one in orderBy array")
	}
	m := firstMember(nested)
	a := s.Aggregates(s.Model)[m.Key]
	if a == nil {
		return badOrder("Unknown aggregate field: %s", m.Key)
	}
	o.add(groupKey{aggregate: a}, m.Value)
	return nil
}

func (o *groupOrder) byPeriod(path string, nested *js.Object) error {
	granularity := granularityOf(nested)
	if !o.by(path, granularity, nested.Value("orderBy")) {
		return badOrder("Cannot order by a date granularity that is not in groupBy criteria: %s", granularity)
	}
	return nil
}

// byTarget orders by a field of the record that a relation leads to.
func (o *groupOrder) byTarget(a *schema.Attr, nested *js.Object) error {
	if len(nested.Members) > 1 {
		return badOrder("Please provide nested field criteria one by one in orderBy array")
	}
	m := nested.Members[0]
	if m.Value == nil {
		return nil
	}
	if a.Target.Attr(m.Key) == nil {
		return badOrder("Nested field metadata id not found for field %s", m.Key)
	}
	path, direction := a.Name+"."+m.Key, m.Value
	deeper, isObject := m.Value.(*js.Object)
	if isObject && isDate(a.Target.Attr(m.Key)) && granularityOf(deeper) != "" {
		return o.byPeriod(path, deeper)
	}
	if isObject && len(deeper.Members) == 1 {
		path, direction = path+"."+deeper.Members[0].Key, deeper.Members[0].Value
	}
	if isDirection(direction) && o.by(path, "", direction) {
		return nil
	}
	return badOrder("Cannot order by a relation field that is not in groupBy criteria: %s.%s", a.Name, m.Key)
}

// by adds a key for the first dimension with a path and a granularity, "" for any; false if no dimension has them.
func (o *groupOrder) by(path, granularity string, direction any) bool {
	i := slices.IndexFunc(o.dims, func(d *dimension) bool {
		return d.path == path && (granularity == "" || d.granularity == granularity)
	})
	if i < 0 {
		return false
	}
	same := func(k groupKey) bool { return k.aggregate == nil && k.dim == i && o.dims[i].granularity == "" }
	if before := slices.IndexFunc(o.keys, same); before >= 0 {
		o.keys = slices.Delete(o.keys, before, before+1) // the last word counts: corpus_rest_groupby_101 #99
	}
	o.add(groupKey{dim: i}, direction)
	return true
}

func isDirection(v any) bool { return slices.Contains(directions, js.StringOf(v)) }

func badOrder(format string, args ...any) error {
	return &reject.Error{Status: 400, Name: "UserInputError", Message: fmt.Sprintf(format, args...),
		Class: "BAD_USER_INPUT", Rule: reject.RuleOf("FIELD_NOT_FOUND")}
}

func (o *groupOrder) add(k groupKey, direction any) {
	d := js.StringOf(direction)
	k.descending, k.nullsFirst = strings.HasPrefix(d, "Desc"), strings.HasSuffix(d, "First")
	o.keys = append(o.keys, k)
}

func (o *groupOrder) compare(a, b *Group) int {
	for _, k := range o.keys {
		var n int
		if k.aggregate != nil {
			n = k.results(k.aggregate.over(a.plain), k.aggregate.over(b.plain))
		} else {
			n = k.values(o.dims[k.dim], a.keys[k.dim], b.keys[k.dim], true)
		}
		if n != 0 {
			return n
		}
	}
	for i, d := range o.dims {
		if n := (groupKey{}).values(d, a.keys[i], b.keys[i], false); n != 0 {
			return n
		}
	}
	return 0
}

func (k groupKey) results(a, b result) int {
	if a.null || b.null {
		return k.nulls(a.null, b.null)
	}
	return k.turned(compareResults(a, b))
}

// values compares two keys. Options of the object itself count as texts if the order was asked for, and
// names of days and months by the calendar only then: fixtures/twenty/rest_group_by #19 to #21,
// corpus_rest_groupby_101 #14 and #49.
func (k groupKey) values(d *dimension, a, b any, asked bool) int {
	if a == nil || b == nil {
		return k.nulls(a == nil, b == nil)
	}
	c := d.column
	switch {
	case c.Kind == record.Option && (!asked || d.relation != nil):
		return k.turned(compareValues(c, nil, a, b, ""))
	case asked && d.named():
		return k.turned(d.turn(a) - d.turn(b))
	}
	return k.turned(jsonb.Compare(a, b))
}

func (k groupKey) nulls(a, b bool) int {
	switch {
	case a && b:
		return 0
	case a == k.nullsFirst:
		return -1
	}
	return 1
}

func (k groupKey) turned(n int) int {
	if k.descending {
		return -n
	}
	return n
}
