package query

import (
	"github.com/afba07b5/mockserver/mocks/twenty/filter"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// ternary is SQL's: a comparison with NULL is neither true nor false.
type ternary int8

const (
	no ternary = iota
	unknown
	yes
)

// test evaluates a condition.
type test func(*record.Record) ternary

func always(*record.Record) ternary { return yes }

func boolTruth(b bool) ternary {
	if b {
		return yes
	}
	return no
}

// predicate compiles a condition on records of a layout.
func (s *Scope) predicate(l *record.Layout, c filter.Condition) test {
	switch c := c.(type) {
	case filter.And:
		return both(s.predicates(l, c))
	case filter.Or:
		return either(s.predicates(l, c))
	case filter.Not:
		return negate(s.predicate(l, c.Condition))
	case filter.Compare:
		return s.compare(l, c)
	}
	return always
}

func (s *Scope) predicates(l *record.Layout, parts []filter.Condition) []test {
	out := make([]test, len(parts))
	for i, part := range parts {
		out[i] = s.predicate(l, part)
	}
	return out
}

func both(all []test) test { return combine(all, no) }

func either(all []test) test { return combine(all, yes) }

// combine returns a test with the result decisive if one of the tests has it. Without tests it always holds.
func combine(all []test, decisive ternary) test {
	switch len(all) {
	case 0:
		return always
	case 1:
		return all[0]
	}
	return func(r *record.Record) ternary {
		result := yes - decisive
		for _, t := range all {
			switch t(r) {
			case decisive:
				return decisive
			case unknown:
				result = unknown
			}
		}
		return result
	}
}

func negate(t test) test { return func(r *record.Record) ternary { return yes - t(r) } }

func (s *Scope) compare(l *record.Layout, c filter.Compare) test {
	compare, column := comparisonOf(c.Column, c.Operator, c.Operand), c.Column
	if c.Relation == nil {
		return compare.of(column)
	}
	via := s.follow(l, c.Relation)
	return func(r *record.Record) ternary {
		if r = via(r); r == nil {
			return compare(nil, nil)
		}
		return compare(r, r.At(column))
	}
}

// relationPath returns the related record whose columns a condition is about; nil means the record
// itself.
type relationPath func(*record.Record) *record.Record

// follow returns the record that a to-one relation refers to, or nil. Records in the trash do not
// count, even if the filter includes them: corpus_rest_query_102 #62.
func (s *Scope) follow(l *record.Layout, a *schema.Attr) relationPath {
	table, column := s.Table(a.Target), l.Column(a.JoinColumn)
	return func(r *record.Record) *record.Record {
		id, ok := r.At(column).(string)
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
