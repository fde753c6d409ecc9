package query

import (
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/pgtext"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// orderKey is one key of an order: a column of the record, or of the one that a relation leads to.
type orderKey struct {
	column     *record.Column
	relation   relationPath
	attr       *schema.Attr // the field of the record itself
	sub        string       // of a composite field of the record itself
	descending bool
	nullsFirst bool
}

// Order is a compiled order; the id, ascending, is always its last key.
type Order struct {
	keys []orderKey
	desc bool // the id was asked for in descending order, which only cursors notice
}

var directions = []string{"AscNullsFirst", "AscNullsLast", "DescNullsFirst", "DescNullsLast"}

// ParseOrder reads the order_by parameter of REST into the list that GraphQL writes as objects.
func ParseOrder(s string) ([]any, error) {
	var out []any
	for _, item := range strings.Split(s, ",") {
		path, direction := item, "AscNullsFirst"
		if strings.Contains(item, "[") && strings.Contains(item, "]") {
			parts := strings.Split(item, "[") // what comes behind a second bracket is lost
			path, direction = parts[0], strings.Replace(parts[1], "]", "", 1)
		}
		if !slices.Contains(directions, direction) {
			return nil, reject.Query("", "'order_by' direction '%s' invalid. Allowed values are '%s'. "+
				"eg: ?order_by=field_1[AscNullsFirst],field_2[DescNullsLast],field_3",
				direction, strings.Join(directions, "', '"))
		}
		names := strings.Split(path, ".")
		var v any = direction
		for i := len(names) - 1; i >= 0; i-- {
			v = js.NewObject(names[i], v)
		}
		out = append(out, v)
	}
	return out, nil
}

// Order compiles an order of an object's records: a list of objects such as {"name": "AscNullsLast"}.
func (s *Scope) Order(m *schema.Model, list []any) (*Order, error) {
	o := &Order{}
	for _, item := range js.Only[*js.Object](list) {
		for _, member := range item.Members {
			if err := s.orderBy(o, m, member); err != nil {
				return nil, err
			}
		}
	}
	return o, nil
}

func (s *Scope) orderBy(o *Order, m *schema.Model, member js.Member) error {
	l, name := s.Layout(m), member.Key
	if col := l.Column(name); col != nil && (col.Join || !col.Attr.Composite()) {
		return o.add(orderKey{column: col, attr: col.Attr}, name, member.Value)
	}
	a := m.Attr(name)
	if a == nil {
		return reject.Coded("FIELD_NOT_FOUND", "", `Field "%s" does not exist or is not sortable`, name)
	}
	nested, ok := member.Value.(*js.Object)
	switch {
	case a.Composite():
		return o.addParts(l, a, member.Value, orderKey{attr: a})
	case !ok || a.Relation != schema.ToOne:
		return reject.Coded(reject.CodeQuery, "",
			`Relation field "%s" requires nested field ordering (e.g., { %s: { fieldName: 'AscNullsFirst' } })`,
			name, name)
	}
	return s.orderByTarget(o, l, a, nested)
}

// addParts adds the parts of a composite field; the key says how the order gets to that field.
func (o *Order) addParts(l *record.Layout, a *schema.Attr, parts any, k orderKey) error {
	nested, ok := parts.(*js.Object)
	if !ok {
		return reject.Coded(reject.CodeQuery, "",
			`Composite field "%s" requires subfield ordering (e.g., { %s: { subFieldName: 'AscNullsFirst' } })`,
			a.Name, a.Name)
	}
	for _, m := range nested.Members {
		col := l.Column(a.Name + "." + m.Key)
		if col == nil {
			return reject.Crash("Error", "Sub field metadata not found for composite type: %s", a.Type)
		}
		k.column, k.sub = col, m.Key
		if err := o.add(k, a.Name, m.Value); err != nil {
			return err
		}
	}
	return nil
}

func (s *Scope) orderByTarget(o *Order, l *record.Layout, a *schema.Attr, nested *js.Object) (err error) {
	target, k := s.Layout(a.Target), orderKey{relation: s.follow(l, a), attr: a}
	for _, m := range nested.Members {
		switch b := a.Target.Attr(m.Key); {
		case b == nil:
			return reject.Coded("FIELD_NOT_FOUND", "", `Nested field "%s" not found in target object "%s"`, m.Key,
				a.Target.NameSingular)
		case b.Relation != schema.None: // leads nowhere: fixtures/twenty/kind_nested 59
		case b.Composite():
			err = o.addParts(target, b, m.Value, k)
		default:
			k.column = target.Column(m.Key)
			err = o.add(k, m.Key, m.Value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// add completes a key with its direction and appends it; name is its name in an error.
func (o *Order) add(k orderKey, name string, direction any) error {
	d, ok := direction.(string)
	if !ok || !slices.Contains(directions, d) {
		return reject.Coded(reject.CodeQuery, "", `Scalar field "%s" requires a direction value (%s)`, name,
			strings.Join(directions, ", "))
	}
	k.descending, k.nullsFirst = strings.HasPrefix(d, "Desc"), strings.HasSuffix(d, "First")
	if k.relation == nil && k.column.Path == "id" {
		o.desc, k.descending = k.descending, false // ids are ascending whatever is asked: fixtures/twenty/rest_order_by
	}
	if k.relation != nil {
		k.sub = ""
	}
	o.keys = append(o.keys, k)
	return nil
}

// literal is the order with ids in the direction asked for, which only samples of groups obey:
// corpus_rest_groupby_102 #50.
func (o *Order) literal() *Order {
	out := &Order{keys: slices.Clone(o.keys)}
	for i, k := range out.keys {
		if k.relation == nil && k.column.Path == "id" {
			out.keys[i].descending = o.desc
		}
	}
	return out
}

// byID reports whether the order is by id only.
func (o *Order) byID() bool {
	return len(o.keys) == 0 || o.keys[0].relation == nil && o.keys[0].column.Path == "id"
}

// sorted is a record with the keys by which it is ordered.
type sorted struct {
	row  *record.Row
	keys []any
	text []string // the collation keys of texts
}

func (o *Order) keysOf(row *record.Row) sorted {
	s := sorted{row: row}
	if len(o.keys) == 0 {
		return s
	}
	s.keys, s.text = make([]any, len(o.keys)), make([]string, len(o.keys))
	for i, k := range o.keys {
		r := row.Value
		if k.relation != nil {
			r = k.relation(r)
		}
		if r == nil {
			continue
		}
		s.keys[i] = r.At(k.column)
		if t, ok := s.keys[i].(string); ok && k.column.Kind == record.Text {
			s.text[i] = r.SortKey(k.column, t)
		}
	}
	return s
}

// compare orders two records; backward turns the directions round, but not the place of NULLs:
// corpus_rest_query_102 #39.
func (o *Order) compare(a, b sorted, backward bool) int {
	for i, k := range o.keys {
		k.descending = k.descending != backward
		if n := k.compare(a.keys[i], b.keys[i], a.text[i], b.text[i]); n != 0 {
			return n
		}
	}
	if backward {
		a, b = b, a
	}
	return strings.Compare(a.row.Value.ID, b.row.Value.ID)
}

func (k orderKey) compare(a, b any, textA, textB string) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil || b == nil:
		if (a == nil) == k.nullsFirst {
			return -1
		}
		return 1
	}
	var n int
	switch k.column.Kind {
	case record.Text:
		n = strings.Compare(textA, textB)
	case record.Document, record.List:
		n = jsonb.Compare(a, b)
	case record.Vector:
		n = pgtext.CompareVectors(a.(string), b.(string))
	default:
		n = compareValues(k.column, nil, a, b, "")
	}
	if k.descending {
		return -n
	}
	return n
}
