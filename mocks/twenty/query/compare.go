package query

import (
	"cmp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/pgtext"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/value"
)

// comparison compares the value of a column with the operand of a condition. The record is nil if a
// relation leads to none.
type comparison func(r *record.Record, v any) ternary

// of returns the test of the column of a record.
func (c comparison) of(col *record.Column) test {
	return func(r *record.Record) ternary { return c(r, r.At(col)) }
}

func comparisonOf(col *record.Column, op string, operand any) comparison {
	switch op {
	case "is":
		return isNull(col, operand == "NULL")
	case "in":
		return among(operand.([]any))
	case "containsAny":
		return containsAny(operand.([]string))
	case "isEmptyArray":
		return func(_ *record.Record, v any) ternary { items, _ := v.([]string); return boolTruth(len(items) == 0) }
	case "containsIlike":
		return containsLike(pgtext.NewPattern(operand.(string), true))
	case "like", "ilike", "startsWith", "endsWith":
		return matchText(col, op, operand.(string))
	}
	return ordered(col, op, operand)
}

// isNull: an empty text and NULL are the same. fixtures/twenty/rest_filter_comparators.
func isNull(col *record.Column, want bool) comparison {
	return func(_ *record.Record, v any) ternary {
		items, isList := v.([]string)
		return boolTruth((v == nil || v == "" && emptyIsNull(col) || isList && len(items) == 0) == want)
	}
}

// emptyIsNull reports whether a condition takes an empty text for NULL: of all texts but these two, as the
// vendor's public source has it.
func emptyIsNull(c *record.Column) bool {
	return c.Kind == record.Text && c.Sub != "currencyCode" && c.Sub != "blocknote"
}

// compareValues orders two values of a column that are not NULL.
func compareValues(col *record.Column, r *record.Record, v, than any, thanKey string) int {
	switch col.Kind {
	case record.Text:
		s := v.(string)
		if s == than.(string) {
			return 0
		}
		if r != nil {
			return strings.Compare(r.SortKey(col, s), thanKey)
		}
		return strings.Compare(pgtext.SortKey(s), thanKey)
	case record.Number:
		return cmp.Compare(v.(float64), than.(float64))
	case record.Moment:
		return cmp.Compare(v.(value.Moment), than.(value.Moment))
	case record.Option:
		return slices.Index(col.Options, v.(string)) - slices.Index(col.Options, than.(string))
	case record.Boolean:
		return jsonb.Compare(v, than)
	}
	a, _ := v.(string)
	b, _ := than.(string)
	return strings.Compare(a, b)
}

var holds = map[string]func(int) bool{
	"eq": func(n int) bool { return n == 0 }, "neq": func(n int) bool { return n != 0 },
	"gt": func(n int) bool { return n > 0 }, "gte": func(n int) bool { return n >= 0 },
	"lt": func(n int) bool { return n < 0 }, "lte": func(n int) bool { return n <= 0 },
}

func ordered(col *record.Column, op string, than any) comparison {
	if than == nil {
		same := op == "eq" && emptyIsNull(col)
		return func(_ *record.Record, v any) ternary {
			if same && v == nil {
				return yes
			}
			return unknown
		}
	}
	if col.Kind == record.Text && than == "" {
		return emptyText(col, op)
	}
	if s, ok := than.(string); ok && (op == "eq" || op == "neq") {
		return equalText(s, op == "eq")
	}
	hold, key := holds[op], ""
	if col.Kind == record.Text {
		key = pgtext.SortKey(than.(string))
	}
	return func(r *record.Record, v any) ternary {
		if v == nil {
			return unknown
		}
		return boolTruth(hold(compareValues(col, r, v, than, key)))
	}
}

func equalText(s string, equal bool) comparison {
	return func(_ *record.Record, v any) ternary {
		if v == nil {
			return unknown
		}
		return boolTruth((v.(string) == s) == equal)
	}
}

// emptyText compares with "", which is the same as NULL for eq and neq: fixtures/twenty/rest_filter_comparators.
func emptyText(col *record.Column, op string) comparison {
	hold, same := holds[op], emptyIsNull(col)
	return func(_ *record.Record, v any) ternary {
		if v == nil {
			switch {
			case same && op == "eq":
				return yes
			case same && op == "neq":
				return no
			}
			return unknown
		}
		return boolTruth(hold(len(v.(string))))
	}
}

// among: in compares with each value and knows no empty text: corpus_rest_groupby_101 #19.
func among(wanted []any) comparison {
	otherwise := no
	if slices.Contains(wanted, nil) {
		otherwise = unknown
	}
	return func(_ *record.Record, v any) ternary {
		switch {
		case v == nil:
			return unknown
		case slices.Contains(wanted, v):
			return yes
		}
		return otherwise
	}
}

func containsAny(wanted []string) comparison {
	return func(_ *record.Record, v any) ternary {
		if v == nil {
			return unknown
		}
		return boolTruth(slices.ContainsFunc(v.([]string), func(x string) bool { return slices.Contains(wanted, x) }))
	}
}

func containsLike(like *pgtext.Pattern) comparison {
	return func(_ *record.Record, v any) ternary {
		items, ok := v.([]string)
		return boolTruth(ok && slices.ContainsFunc(items, like.Matches))
	}
}

// matchText: a LIKE pattern that fits the empty text fits NULL as well; the beginning and the end of a text are
// no patterns, and NULL has neither.
func matchText(col *record.Column, op, s string) comparison {
	if col.Kind == record.Document {
		like := pgtext.NewPattern(s, true)
		return func(_ *record.Record, v any) ternary {
			if v == nil {
				return unknown
			}
			return boolTruth(like.Matches(jsonb.Text(v)))
		}
	}
	match, empty := pgtext.NewPattern(s, op == "ilike").Matches, false
	switch op {
	case "startsWith":
		match = func(text string) bool { return strings.HasPrefix(text, s) }
	case "endsWith":
		match = func(text string) bool { return strings.HasSuffix(text, s) }
	default:
		empty = match("") && emptyIsNull(col)
	}
	return func(_ *record.Record, v any) ternary {
		if v == nil {
			if empty {
				return yes
			}
			return unknown
		}
		return boolTruth(match(v.(string)))
	}
}
