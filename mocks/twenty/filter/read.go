// Package filter reads filters of records. A filter has one form, a [Condition], whether it was written in the grammar
// of REST or as an object of GraphQL: operands are as columns store them, and all refusals are made while it is read.
package filter

import (
	"fmt"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// Read reads a filter of an object.
func Read(s *record.Store, m *schema.Model, filter *js.Object) (Condition, error) {
	r := &reader{store: s}
	c, err := r.group(s.Layout(m), filter, nil)
	switch {
	case err != nil:
		return nil, err
	case r.deferred != nil:
		return nil, r.deferred
	case jsonb.HasNUL(filter): // as in a text to write; inferred
		return nil, reject.Value()
	}
	return c, nil
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

// reader reads a filter. Errors of the database come last, because it only runs if the whole filter is valid.
type reader struct {
	store    *record.Store
	deferred *reject.Error
}

func branches(v any) []*js.Object {
	switch v := v.(type) {
	case *js.Object:
		return []*js.Object{v}
	case []any:
		return js.Only[*js.Object](v)
	}
	return nil
}

// group reads an object, all of whose members must hold. The object is about the records that a relation leads to,
// if there is one.
func (r *reader) group(l *record.Layout, o *js.Object, relation *schema.Attr) (Condition, error) {
	var all []Condition
	for _, m := range o.Members {
		c, err := r.member(l, m, relation)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return allOf(all), nil
}

func (r *reader) member(l *record.Layout, m js.Member, relation *schema.Attr) (Condition, error) {
	switch m.Key {
	case "and", "or":
		var all []Condition
		for _, part := range branches(m.Value) {
			c, err := r.group(l, part, relation)
			if err != nil {
				return nil, err
			}
			all = append(all, c)
		}
		if m.Key == "and" {
			return allOf(all), nil
		}
		return anyOf(all), nil
	case "not":
		o, ok := m.Value.(*js.Object)
		if !ok || len(o.Members) == 0 {
			return And{}, nil
		}
		c, err := r.group(l, o, relation)
		if err != nil {
			return nil, err
		}
		return Not{c}, nil
	}
	return r.field(l, m, relation)
}

func (r *reader) field(l *record.Layout, m js.Member, relation *schema.Attr) (Condition, error) {
	if col := l.Column(m.Key); col != nil && (col.Join || col.Attr.Name == m.Key && !col.Attr.Composite()) {
		return r.compare(col, m.Key, m.Value, relation)
	}
	a := l.Model.Attr(m.Key)
	switch {
	case a == nil:
		return nil, reject.UnknownField(l.Model, m.Key, reject.CodeFilter)
	case a.Relation == schema.Many:
		return nil, reject.Filter(`Invalid filter: filtering by relation field "`+m.Key+`" is not supported`,
			`Cannot filter by relation field "%s"`, m.Key)
	}
	o, ok := m.Value.(*js.Object)
	switch {
	case !ok && a.Relation == schema.ToOne:
		return nil, reject.Filter(`Invalid filter: use "`+a.JoinColumn+`" to filter by this relation field`,
			`Cannot filter by relation field "%s": use "%s" instead`, m.Key, a.JoinColumn)
	case !ok:
		return nil, notAnObject(m.Key)
	}
	if a.Relation == schema.ToOne {
		return r.related(a, o, relation)
	}
	return r.composite(l, a, o, relation)
}

func notAnObject(name string) *reject.Error {
	return reject.Filter("Invalid filter: filter value must be an object",
		`Filter value for field "%s" must be an object`, name)
}

func (r *reader) composite(l *record.Layout, a *schema.Attr, o *js.Object, relation *schema.Attr) (Condition,
	error) {
	var all []Condition
	for _, m := range o.Members {
		col := l.Column(a.Name + "." + m.Key)
		if col == nil {
			return nil, reject.Filter("", `Sub field "%s" not found for composite type: %s`, m.Key, a.Type)
		}
		c, err := r.compare(col, col.Path, m.Value, relation)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return allOf(all), nil
}

func (r *reader) related(a *schema.Attr, o *js.Object, relation *schema.Attr) (Condition, error) {
	if relation != nil {
		return nil, reject.Filter("Relation filters can only traverse one relation deep",
			"Relation filter nesting deeper than 1 hop is not supported")
	}
	return r.group(r.store.Layout(a.Target), o, a)
}

// compare reads the condition on one column.
func (r *reader) compare(col *record.Column, name string, value any, relation *schema.Attr) (Condition, error) {
	o, ok := value.(*js.Object)
	if !ok {
		return nil, notAnObject(name)
	}
	if len(o.Members) != 1 {
		return nil, reject.Filter("Invalid filter: exactly one operator per field is required",
			`Filter for field "%s" must have exactly one operator`, name)
	}
	op, operand := o.Members[0].Key, o.Members[0].Value
	if !slices.Contains(operatorsOf(col.Type), op) {
		return nil, reject.Filter(
			fmt.Sprintf(`Invalid filter : Operator "%s" is not valid for this "%s" %s field`, op, name, col.Type),
			`Operator "%s" is not valid for field "%s" of type %s - Allowed operators: %s`, op, name, col.Type,
			strings.Join(operatorsOf(col.Type), ", "))
	}
	v, err := r.operandOf(col, name, op, operand)
	if err != nil {
		return nil, err
	}
	return Compare{relation, col, op, v}, nil
}
