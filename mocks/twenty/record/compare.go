package record

import (
	"math"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/pgtext"
)

// comparison compares the value of a column with the operand of a condition. The record is nil if a
// relation leads to none.
type comparison func(r *Record, v any) ternary

func (c *compiler) comparison(col *Column, name, op string, operand any) (comparison, error) {
	switch op {
	case "is":
		return isNull(col, operand)
	case "in":
		return c.among(col, name, operand)
	case "containsAny", "isEmptyArray", "containsIlike":
		return c.listComparison(col, op, operand)
	case "like", "ilike", "startsWith", "endsWith":
		return c.pattern(col, name, op, operand)
	}
	v, err := c.operand(col, name, operand)
	if err != nil {
		return nil, err
	}
	return ordered(col, op, v), nil
}

// isNull: an empty text and NULL are the same. fixtures/twenty/rest_filter_comparators.
func isNull(col *Column, operand any) (comparison, error) {
	if operand != "NULL" && operand != "NOT_NULL" {
		return nil, refuse(argsFilter, `Invalid value for "is" operator`,
			`Invalid filter value for "is" operator. Expected "NULL" or "NOT_NULL"`)
	}
	want := operand == "NULL"
	return func(_ *Record, v any) ternary {
		items, isList := v.([]string)
		return boolTruth((v == nil || v == "" && col.emptyIsNull() || isList && len(items) == 0) == want)
	}, nil
}

// emptyIsNull reports whether a condition takes an empty text for NULL: of all texts but these two, as the
// vendor's public source has it.
func (c *Column) emptyIsNull() bool {
	return c.kind == text && c.Sub != "currencyCode" && c.Sub != "blocknote"
}

// operand converts the operand of a condition into the column's type.
func (c *compiler) operand(col *Column, name string, v any) (any, error) {
	if v == nil {
		return nil, nil // NULL compares with nothing: corpus_metadata_101 #90
	}
	switch col.kind {
	case uuid:
		s, ok := v.(string)
		if !ok || !IsUUID(s) {
			return nil, refuse(argsFilter, `Invalid value for UUID: "`+shownInHint(v)+`"`,
				"Invalid UUID value %s for field %s", js.Inspect(v), quoted(name))
		}
		return strings.ToLower(s), nil
	case number:
		return filterNumber(v, name)
	case moment:
		return checkMoment(v, name, argsFilter)
	case day:
		return checkDay(v, name, argsFilter)
	case boolean:
		return filterBoolean(v, name)
	case option:
		return c.optionOperand(col, v), nil
	}
	return js.Text(v), nil // a number compares as text: fixtures/twenty/graphql_filters #48
}

// filterNumber reads the number that a text begins with, as parseFloat does; of other values only numbers pass.
// Known from the vendor's public source.
func filterNumber(v any, name string) (any, error) {
	if s, ok := v.(string); ok {
		v = js.ParseFloat(s)
	}
	n, ok := v.(float64)
	if !ok || math.IsNaN(n) || math.IsInf(n, 0) {
		return nil, refuse(argsFilter, `Invalid value for number: "`+shownInHint(v)+`"`,
			"Invalid number value %s for field %s", js.Inspect(v), quoted(name))
	}
	return n, nil
}

func filterBoolean(v any, name string) (any, error) {
	if s, ok := v.(string); ok {
		switch strings.ToLower(s) {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
	}
	b, ok := v.(bool)
	if !ok {
		return nil, refuse(argsFilter, `Invalid value for boolean: "`+shownInHint(v)+`"`,
			"Invalid boolean value %s for field %s", js.Inspect(v), quoted(name))
	}
	return b, nil
}

// optionOperand: an unknown option is the database's complaint.
func (c *compiler) optionOperand(col *Column, v any) any {
	s := columnText(v)
	if !slices.Contains(col.values, s) {
		c.fail(c.store.badOption(col, s))
	}
	return s
}

// columnText returns a value as it is passed to the database. Inferred: a snapshot of
// twenty-server's tests.
func columnText(v any) string {
	switch v := v.(type) {
	case []any:
		var parts []string
		for _, item := range v {
			parts = append(parts, quoted(columnText(item)))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case *js.Object:
		return string(appendJSON(nil, v))
	}
	return js.Text(v)
}

func (c *compiler) fail(e *Error) {
	if c.deferred == nil {
		c.deferred = e
	}
}

// longestName is how much PostgreSQL keeps of a name.
const longestName = 63

// badOption is the database's message for a value that an enumeration does not have.
func (s *Store) badOption(col *Column, value string) *Error {
	name := col.Attr.Model.DatabaseTable() + "_" + col.DB + "_enum"
	name = name[:min(len(name), longestName)]
	if strings.ToLower(name) != name {
		name = quoted(name)
	}
	return database("Invalid input provided.", "invalid input value for enum %s.%s: %s",
		s.Meta.Workspace().DatabaseSchema, name, quoted(value))
}

// compareValues orders two values of a column that are not NULL.
func compareValues(col *Column, r *Record, v, than any, thanKey string) int {
	switch col.kind {
	case text:
		s := v.(string)
		if s == than.(string) {
			return 0
		}
		if r != nil {
			return strings.Compare(r.sortKey(col, s), thanKey)
		}
		return strings.Compare(pgtext.SortKey(s), thanKey)
	case number:
		return compareOrdered(v.(float64), than.(float64))
	case moment:
		return compareOrdered(v.(millis), than.(millis))
	case option:
		return slices.Index(col.values, v.(string)) - slices.Index(col.values, than.(string))
	case boolean:
		return compareBools(v.(bool), than.(bool))
	}
	a, _ := v.(string)
	b, _ := than.(string)
	return strings.Compare(a, b)
}

func compareOrdered[T float64 | millis](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

var holds = map[string]func(int) bool{
	"eq": func(n int) bool { return n == 0 }, "neq": func(n int) bool { return n != 0 },
	"gt": func(n int) bool { return n > 0 }, "gte": func(n int) bool { return n >= 0 },
	"lt": func(n int) bool { return n < 0 }, "lte": func(n int) bool { return n <= 0 },
}

func ordered(col *Column, op string, than any) comparison {
	if than == nil {
		same := op == "eq" && col.emptyIsNull()
		return func(_ *Record, v any) ternary {
			if same && v == nil {
				return yes
			}
			return unknown
		}
	}
	if col.kind == text && than == "" {
		return emptyText(col, op)
	}
	if s, ok := than.(string); ok && (op == "eq" || op == "neq") {
		return equalText(s, op == "eq")
	}
	hold, key := holds[op], ""
	if col.kind == text {
		key = pgtext.SortKey(than.(string))
	}
	return func(r *Record, v any) ternary {
		if v == nil {
			return unknown
		}
		return boolTruth(hold(compareValues(col, r, v, than, key)))
	}
}

func equalText(s string, equal bool) comparison {
	return func(_ *Record, v any) ternary {
		if v == nil {
			return unknown
		}
		return boolTruth((v.(string) == s) == equal)
	}
}

// emptyText compares with "", which is the same as NULL for eq and neq: fixtures/twenty/rest_filter_comparators.
func emptyText(col *Column, op string) comparison {
	hold, same := holds[op], col.emptyIsNull()
	return func(_ *Record, v any) ternary {
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
func (c *compiler) among(col *Column, name string, operand any) (comparison, error) {
	list, ok := operand.([]any)
	if !ok {
		return nil, refuse(argsFilter, "", `Filter operator "in" requires an array value for field %s`, name)
	}
	if len(list) == 0 {
		last := name[strings.LastIndexByte(name, '.')+1:]
		c.fail(refuse(queryInput, `Invalid filter value: ""`,
			"Invalid filter value for field %s. Expected non-empty array", last))
	}
	var wanted []any
	otherwise := no
	for _, x := range list {
		v, err := c.operand(col, name, x)
		if err != nil {
			return nil, err
		}
		if wanted = append(wanted, v); v == nil {
			otherwise = unknown
		}
	}
	return func(_ *Record, v any) ternary {
		switch {
		case v == nil:
			return unknown
		case slices.Contains(wanted, v):
			return yes
		}
		return otherwise
	}, nil
}

func (c *compiler) listComparison(col *Column, op string, operand any) (comparison, error) {
	if col.kind == option && op == "isEmptyArray" {
		c.fail(c.store.badOption(col, "{}")) // observed
		return func(*Record, any) ternary { return unknown }, nil
	}
	if col.kind == option {
		c.fail(dataError()) // fixtures/twenty/rest_filter_comparators: containsAny on a SELECT is a 500
		return func(*Record, any) ternary { return unknown }, nil
	}
	switch op {
	case "isEmptyArray":
		return func(_ *Record, v any) ternary { items, _ := v.([]string); return boolTruth(len(items) == 0) }, nil
	case "containsIlike":
		wanted, ok := operand.(string)
		if kind := zodType(operand); !ok { // inferred: a snapshot of twenty-server's tests
			if kind != "number" && kind != "boolean" {
				kind = "object"
			}
			return nil, refuse(argsFilter, "",
				`Filter operator "containsIlike" requires a string value for field %s, got %s`, quoted(col.Path), kind)
		}
		like := pgtext.NewPattern(wanted, true)
		return func(_ *Record, v any) ternary {
			items, ok := v.([]string)
			return boolTruth(ok && slices.ContainsFunc(items, like.Matches))
		}, nil
	}
	list, ok := operand.([]any)
	if !ok {
		return nil, refuse(argsFilter, "", "Filter operator %s requires an array value for field %s", quoted(op),
			col.Path)
	}
	return func(_ *Record, v any) ternary {
		if v == nil {
			return unknown
		}
		return boolTruth(slices.ContainsFunc(list,
			func(x any) bool { return slices.Contains(v.([]string), stringOf(x)) }))
	}, nil
}

func stringOf(v any) string {
	s, _ := v.(string)
	return s
}

// pattern: a LIKE pattern that fits the empty text fits NULL as well; the beginning and the end of a text are
// no patterns, and NULL has neither.
func (c *compiler) pattern(col *Column, name, op string, operand any) (comparison, error) {
	s, ok := operand.(string)
	if !ok {
		return nil, refuse(argsFilter, `Invalid value: "`+shownInHint(operand)+`"`,
			"Invalid string value %s for text field %s", js.Inspect(operand), quoted(name))
	}
	if col.kind == document {
		like := pgtext.NewPattern(s, true)
		return func(_ *Record, v any) ternary {
			if v == nil {
				return unknown
			}
			return boolTruth(like.Matches(jsonbText(v)))
		}, nil
	}
	match, empty := pgtext.NewPattern(s, op == "ilike").Matches, false
	switch op {
	case "startsWith":
		match = func(text string) bool { return strings.HasPrefix(text, s) }
	case "endsWith":
		match = func(text string) bool { return strings.HasSuffix(text, s) }
	default:
		empty = match("") && col.emptyIsNull()
	}
	return func(_ *Record, v any) ternary {
		if v == nil {
			if empty {
				return yes
			}
			return unknown
		}
		return boolTruth(match(v.(string)))
	}, nil
}

// IsUUID reports whether a text has the form of a UUID. It accepts any version, in either case.
func IsUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
			continue
		}
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
}
