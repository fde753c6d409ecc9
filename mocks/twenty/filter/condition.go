package filter

import (
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// Condition is what a filter asks of a record: And, Or, Not or Compare.
type Condition interface {
	// AppendText appends the condition as a text that only equal conditions have.
	AppendText(out []byte) []byte
}

type (
	// And holds if all of its conditions hold, and thus if there are none.
	And []Condition

	// Or holds if one of its conditions holds. It has at least two.
	Or []Condition

	// Not negates a condition. What is unknown stays unknown.
	Not struct{ Condition Condition }

	// Compare compares a column with an operand.
	Compare struct {
		Relation *schema.Attr // to-one, to the record with the column; nil for a column of the record itself
		Column   *record.Column
		Operator string

		// Operand is a value as the column stores it, nil for NULL. Of in it is a list of such values ([]any), of
		// containsAny a list of texts ([]string), and of other operators a text.
		Operand any
	}
)

// allOf returns the condition that all parts hold.
func allOf(parts []Condition) Condition {
	all := flatten[And](parts)
	if len(all) == 1 {
		return all[0]
	}
	return all
}

// anyOf returns the condition that one of the parts holds. An empty or matches all: fixtures/twenty/graphql_filters.
func anyOf(parts []Condition) Condition {
	switch len(parts) {
	case 0:
		return And{}
	case 1:
		return parts[0]
	}
	return flatten[Or](parts)
}

// flatten returns a list of conditions with those of the lists in it that are of the same type.
func flatten[L And | Or](parts []Condition) L {
	out := L{}
	for _, part := range parts {
		if list, ok := any(part).(L); ok {
			out = append(out, list...)
		} else {
			out = append(out, part)
		}
	}
	return out
}

// AppendText implements Condition.
func (c And) AppendText(out []byte) []byte { return appendParts(append(out, "and("...), c) }

// AppendText implements Condition.
func (c Or) AppendText(out []byte) []byte { return appendParts(append(out, "or("...), c) }

// AppendText implements Condition.
func (c Not) AppendText(out []byte) []byte {
	return appendParts(append(out, "not("...), []Condition{c.Condition})
}

func appendParts(out []byte, parts []Condition) []byte {
	for i, part := range parts {
		out = js.Comma(out, i)
		out = part.AppendText(out)
	}
	return append(out, ')')
}

// AppendText implements Condition.
func (c Compare) AppendText(out []byte) []byte {
	if c.Relation != nil {
		out = append(append(out, c.Relation.Name...), '/')
	}
	out = append(append(append(append(out, c.Column.Path...), '['), c.Operator...), "]:"...)
	return jsonb.Append(out, c.Operand)
}

// Any reports whether a function holds for one of the comparisons in a condition.
func Any(c Condition, holds func(Compare) bool) bool {
	within := func(part Condition) bool { return Any(part, holds) }
	switch c := c.(type) {
	case And:
		return slices.ContainsFunc(c, within)
	case Or:
		return slices.ContainsFunc(c, within)
	case Not:
		return within(c.Condition)
	case Compare:
		return holds(c)
	}
	return false
}

// Required returns the comparisons that have to hold so that the condition does.
func Required(c Condition) []Compare {
	switch c := c.(type) {
	case And:
		return js.Only[Compare](c)
	case Compare:
		return []Compare{c}
	}
	return nil
}

// IDs returns the ids that the records have to have, nil if any will do.
func IDs(c Condition) []string {
	for _, compare := range Required(c) {
		if compare.Relation != nil || compare.Column.Path != "id" {
			continue
		}
		switch id := compare.Operand.(type) {
		case string:
			if compare.Operator == "eq" {
				return []string{id}
			}
		case []any:
			if ids := lowerTexts(id); ids != nil {
				return ids
			}
		}
	}
	return nil
}

// lowerTexts returns the texts of a list in lower case and without repetitions, nil if it has other values.
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
