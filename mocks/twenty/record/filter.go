package record

import (
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// ternary is SQL's: a comparison with NULL is neither true nor false.
type ternary int8

const (
	no ternary = iota
	unknown
	yes
)

// test is a compiled condition.
type test func(*Record) ternary

func always(*Record) ternary { return yes }

func boolTruth(b bool) ternary {
	if b {
		return yes
	}
	return no
}

// Filter is a compiled filter of one object.
type Filter struct {
	test    test
	trash   bool // it mentions deletedAt, so that records in the trash are looked at
	given   bool // there is a condition at all
	onlyIDs []string
	bounds  *fake.Range[*Record] // what an index may narrow the filter to, nil for nothing
	kept    string               // name of the matches in a memo; "" if the filter reads other tables
}

// operators are the operators of each type, in the order of the messages:
// fixtures/twenty/rest_filter_errors.
var operators = map[schema.Type][]string{
	schema.Text:        {"eq", "neq", "gt", "gte", "lt", "lte", "in", "is", "like", "ilike", "startsWith", "endsWith"},
	schema.Select:      {"eq", "neq", "gt", "gte", "lt", "lte", "in", "containsAny", "is", "isEmptyArray"},
	schema.Rating:      {"eq", "neq", "gt", "gte", "lt", "lte", "in", "containsAny", "is", "isEmptyArray"},
	schema.MultiSelect: {"containsAny", "is", "isEmptyArray"},
	schema.Array:       {"containsIlike", "is", "isEmptyArray"},
	schema.Boolean:     {"eq", "is"},
	schema.RawJSON:     {"is", "like"},
	schema.Files:       {"is", "like"},
	schema.TSVector:    {"eq", "neq", "is"},
}

var plainOperators = []string{"eq", "neq", "gt", "gte", "lt", "lte", "in", "is"}

func operatorsOf(t schema.Type) []string {
	if ops := operators[t]; ops != nil {
		return ops
	}
	return plainOperators
}

// compiler compiles a filter tree into a predicate. Errors of the database come last, because it
// only runs if the whole tree is valid.
type compiler struct {
	store    *Store
	deferred *Error
	hops     bool // a condition looks at another table
}

// Filter compiles a filter of an object: nil, or an *Object as ParseFilter and GraphQL's arguments have it.
func (s *Store) Filter(m *schema.Model, tree any) (*Filter, error) {
	o, _ := tree.(*js.Object)
	f := &Filter{test: always}
	if o == nil || len(o.Members) == 0 {
		return f, nil
	}
	c := &compiler{store: s}
	t, err := c.group(s.Layout(m), o, nil)
	if err != nil {
		return nil, err
	}
	if c.deferred == nil && HasNUL(o) { // as in a text to write; inferred
		c.deferred = dataError()
	}
	if c.deferred != nil {
		return nil, c.deferred
	}
	f = &Filter{test: t, trash: mentions(o, "deletedAt"), given: true, onlyIDs: idsOf(o)}
	f.bounds = c.bounds(s.Layout(m), o)
	if !c.hops && f.onlyIDs == nil {
		f.kept = string(appendObject(nil, o))
	}
	return f, nil
}

// idsOf returns the ids to which a filter limits itself by a condition on id at its top, nil if it does not.
func idsOf(o *js.Object) []string {
	for _, m := range o.Members {
		if list, ok := m.Value.([]any); ok && m.Key == "and" {
			if ids := idsOfParts(list); ids != nil {
				return ids
			}
		}
		leaf, ok := m.Value.(*js.Object)
		if m.Key != "id" || !ok || len(leaf.Members) != 1 {
			continue
		}
		switch op, v := leaf.Members[0].Key, leaf.Members[0].Value; op {
		case "eq":
			if id, ok := v.(string); ok {
				return []string{strings.ToLower(id)}
			}
		case "in":
			return lowerTexts(v)
		}
	}
	return nil
}

// idsOfParts returns the ids of the first part of an and that limits itself to ids, nil if none does.
func idsOfParts(parts []any) []string {
	for _, part := range parts {
		o, ok := part.(*js.Object)
		if !ok {
			continue
		}
		if ids := idsOf(o); ids != nil {
			return ids
		}
	}
	return nil
}

func lowerTexts(v any) []string {
	list, _ := v.([]any)
	out := make([]string, 0, len(list))
	for _, x := range list {
		id, ok := x.(string)
		if !ok {
			return nil
		}
		if id = strings.ToLower(id); !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// mentions reports whether a filter names a field at its root, inside and, or, not as well.
func mentions(o *js.Object, field string) bool {
	for _, m := range o.Members {
		if m.Key == field {
			return true
		}
		if m.Key != "and" && m.Key != "or" && m.Key != "not" {
			continue
		}
		for _, part := range branches(m.Value) {
			if mentions(part, field) {
				return true
			}
		}
	}
	return false
}

func branches(v any) []*js.Object {
	switch v := v.(type) {
	case *js.Object:
		return []*js.Object{v}
	case []any:
		var out []*js.Object
		for _, x := range v {
			if o, ok := x.(*js.Object); ok {
				out = append(out, o)
			}
		}
		return out
	}
	return nil
}

// relationPath returns the related record whose columns a condition is about; nil means the record
// itself.
type relationPath func(*Record) *Record

// group compiles an object: all its members must hold.
func (c *compiler) group(l *Layout, o *js.Object, via relationPath) (test, error) {
	var all []test
	for _, m := range o.Members {
		t, err := c.member(l, m, via)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return both(all), nil
}

func both(all []test) test {
	switch len(all) {
	case 0:
		return always
	case 1:
		return all[0]
	}
	return func(r *Record) ternary {
		least := yes
		for _, t := range all {
			if v := t(r); v < least {
				if least = v; v == no {
					return no
				}
			}
		}
		return least
	}
}

func either(all []test) test {
	if len(all) == 0 {
		return always // an empty or matches all: fixtures/twenty/graphql_filters
	}
	if len(all) == 1 {
		return all[0]
	}
	return func(r *Record) ternary {
		most := no
		for _, t := range all {
			if v := t(r); v > most {
				if most = v; v == yes {
					return yes
				}
			}
		}
		return most
	}
}

func negate(t test) test { return func(r *Record) ternary { return yes - t(r) } }

func (c *compiler) member(l *Layout, m js.Member, via relationPath) (test, error) {
	switch m.Key {
	case "and", "or":
		var all []test
		for _, part := range branches(m.Value) {
			t, err := c.group(l, part, via)
			if err != nil {
				return nil, err
			}
			all = append(all, t)
		}
		if m.Key == "and" {
			return both(all), nil
		}
		return either(all), nil
	case "not":
		o, ok := m.Value.(*js.Object)
		if !ok || len(o.Members) == 0 {
			return always, nil
		}
		t, err := c.group(l, o, via)
		if err != nil {
			return nil, err
		}
		return negate(t), nil
	}
	return c.field(l, m, via)
}

func (c *compiler) field(l *Layout, m js.Member, via relationPath) (test, error) {
	if col := l.byPath[m.Key]; col != nil && (col.Join || col.Attr.Name == m.Key && !col.Attr.Composite()) {
		return c.leaf(col, m.Key, m.Value, via)
	}
	a := l.Model.Attr(m.Key)
	switch {
	case a == nil:
		return nil, unknownField(l.Model, m.Key, argsFilter)
	case a.Relation == schema.Many:
		return nil, refuse(argsFilter, "Invalid filter: filtering by relation field "+quoted(m.Key)+" is not supported",
			"Cannot filter by relation field %s", quoted(m.Key))
	}
	o, ok := m.Value.(*js.Object)
	switch {
	case !ok && a.Relation == schema.ToOne:
		return nil, refuse(argsFilter, "Invalid filter: use "+quoted(a.JoinColumn)+" to filter by this relation field",
			"Cannot filter by relation field %s: use %s instead", quoted(m.Key), quoted(a.JoinColumn))
	case !ok:
		return nil, notAnObject(m.Key)
	}
	if a.Relation == schema.ToOne {
		return c.relation(l, a, o, via)
	}
	return c.composite(l, a, o, via)
}

func unknownField(m *schema.Model, name, code string) *Error {
	hint := ""
	if code == argsFilter {
		hint = "Invalid filter : " + m.NameSingular + " object doesn't have any " + quoted(name) + " field."
	}
	return refuse(code, hint, "Object %s doesn't have any %s field.", m.NameSingular, quoted(name))
}

func notAnObject(name string) *Error {
	return refuse(argsFilter, "Invalid filter: filter value must be an object",
		"Filter value for field %s must be an object", quoted(name))
}

func (c *compiler) composite(l *Layout, a *schema.Attr, o *js.Object, via relationPath) (test, error) {
	var all []test
	for _, m := range o.Members {
		col := l.byPath[a.Name+"."+m.Key]
		if col == nil {
			return nil, refuse(argsFilter, "", "Sub field %s not found for composite type: %s", quoted(m.Key), a.Type)
		}
		t, err := c.leaf(col, col.Path, m.Value, via)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return both(all), nil
}

func (c *compiler) relation(l *Layout, a *schema.Attr, o *js.Object, via relationPath) (test, error) {
	if via != nil {
		return nil, refuse(argsFilter, "Relation filters can only traverse one relation deep",
			"Relation filter nesting deeper than 1 hop is not supported")
	}
	c.hops = true
	return c.group(c.store.Layout(a.Target), o, c.store.follow(l, a))
}

// follow returns the record that a to-one relation refers to, or nil. Records in the trash do not
// count, even if the filter includes them: corpus_rest_query_102 #62.
func (s *Store) follow(l *Layout, a *schema.Attr) relationPath {
	table, at := s.Table(a.Target), l.index(a.JoinColumn)
	return func(r *Record) *Record {
		id, ok := r.at(at).(string)
		if !ok || table == nil {
			return nil
		}
		row := table.Row(id)
		if row == nil || row.Value.Deleted() {
			return nil
		}
		return row.Value
	}
}

// leaf compiles the condition on one column.
func (c *compiler) leaf(col *Column, name string, value any, via relationPath) (test, error) {
	o, ok := value.(*js.Object)
	if !ok {
		return nil, notAnObject(name)
	}
	if len(o.Members) != 1 {
		return nil, refuse(argsFilter, "Invalid filter: exactly one operator per field is required",
			"Filter for field %s must have exactly one operator", quoted(name))
	}
	op, operand := o.Members[0].Key, o.Members[0].Value
	if !slices.Contains(operatorsOf(col.Type), op) {
		return nil, refuse(argsFilter, "Invalid filter : Operator "+quoted(op)+" is not valid for this "+quoted(name)+
			" "+string(col.Type)+" field",
			"Operator %s is not valid for field %s of type %s - Allowed operators: %s", quoted(op), quoted(name),
			col.Type, strings.Join(operatorsOf(col.Type), ", "))
	}
	compare, err := c.comparison(col, name, op, operand)
	if err != nil {
		return nil, err
	}
	at := col.at
	if via == nil {
		return func(r *Record) ternary { return compare(r, r.at(at)) }, nil
	}
	return func(r *Record) ternary {
		if r = via(r); r == nil {
			return compare(nil, nil)
		}
		return compare(r, r.at(at))
	}, nil
}
