package filter

import (
	"math"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/value"
)

// operandOf reads the operand of a condition; name is that of the column in errors.
func (r *reader) operandOf(col *record.Column, name, op string, v any) (any, error) {
	switch op {
	case "is":
		if v != "NULL" && v != "NOT_NULL" {
			return nil, reject.Filter(`Invalid value for "is" operator`,
				`Invalid filter value for "is" operator. Expected "NULL" or "NOT_NULL"`)
		}
		return v, nil
	case "in":
		return r.among(col, name, v)
	case "containsAny", "isEmptyArray":
		return r.list(col, op, v)
	case "containsIlike":
		return containedText(col, v)
	case "like", "ilike", "startsWith", "endsWith":
		s, ok := v.(string)
		if !ok {
			return nil, badOperand("Invalid value: ", v, "Invalid string value %s for text field %s", name)
		}
		return s, nil
	}
	return r.value(col, name, v)
}

// value converts an operand into the column's type.
func (r *reader) value(col *record.Column, name string, v any) (any, error) {
	if v == nil {
		return nil, nil // NULL compares with nothing: corpus_metadata_101 #90
	}
	switch col.Kind {
	case record.UUID:
		s, ok := v.(string)
		if !ok || !schema.IsUUID(s) {
			return nil, badOperand("Invalid value for UUID: ", v, "Invalid UUID value %s for field %s", name)
		}
		return strings.ToLower(s), nil
	case record.Number:
		return filterNumber(v, name)
	case record.Moment:
		if t, ok := value.ParseFilterMoment(js.StringOf(v)); ok {
			return t, nil
		}
		return nil, reject.Moment(reject.CodeFilter, v, name)
	case record.Day:
		if d, ok := value.ParseDay(js.StringOf(v)); ok {
			return d, nil
		}
		return nil, reject.Day(reject.CodeFilter, v, name)
	case record.Boolean:
		return filterBoolean(v, name)
	case record.Option:
		return r.option(col, v), nil
	}
	return js.Text(v), nil // a number compares as text: fixtures/twenty/graphql_filters #48
}

func badOperand(hint string, v any, format, name string) error {
	return reject.BadValue(reject.CodeFilter, hint, v, format, name)
}

// filterNumber reads the number that a text begins with, as parseFloat does; of other values only numbers pass.
// Known from the vendor's public source.
func filterNumber(v any, name string) (any, error) {
	if s, ok := v.(string); ok {
		v = js.ParseFloat(s)
	}
	n, ok := v.(float64)
	if !ok || math.IsNaN(n) || math.IsInf(n, 0) {
		return nil, badOperand("Invalid value for number: ", v, "Invalid number value %s for field %s", name)
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
		return nil, badOperand("Invalid value: ", v, "Invalid boolean value %s for field %s", name)
	}
	return b, nil
}

// option converts the operand of a SELECT: an unknown option is the database's complaint.
func (r *reader) option(col *record.Column, v any) any {
	s := DatabaseText(v)
	if !slices.Contains(col.Options, s) {
		r.fail(r.badOption(col, s))
	}
	return s
}

// DatabaseText returns a value as it is passed to the database. Inferred: a snapshot of
// twenty-server's tests.
func DatabaseText(v any) string {
	switch v := v.(type) {
	case []any:
		var parts []string
		for _, item := range v {
			if item == nil {
				parts = append(parts, "NULL")
				continue
			}
			parts = append(parts, `"`+DatabaseText(item)+`"`)
		}
		return "{" + strings.Join(parts, ",") + "}"
	case *js.Object:
		return string(jsonb.Encode(v))
	}
	return js.Text(v)
}

func (r *reader) fail(e *reject.Error) {
	if r.deferred == nil {
		r.deferred = e
	}
}

// longestName is how much PostgreSQL keeps of a name.
const longestName = 63

// badOption is the database's message for a value that an enumeration does not have.
func (r *reader) badOption(col *record.Column, value string) *reject.Error {
	name := col.Attr.Model.DatabaseTable() + "_" + col.DB + "_enum"
	name = name[:min(len(name), longestName)]
	if strings.ToLower(name) != name {
		name = `"` + name + `"`
	}
	return reject.SQL(`invalid input value for enum %s.%s: "%s"`, r.store.Meta.Workspace().DatabaseSchema, name, value)
}

func (r *reader) among(col *record.Column, name string, operand any) (any, error) {
	list, ok := operand.([]any)
	if !ok {
		return nil, reject.Filter(needsArray("in"), `Filter operator "in" requires an array value for field %s`, name)
	}
	if len(list) == 0 {
		last := name[strings.LastIndexByte(name, '.')+1:]
		r.fail(reject.Query(`Invalid filter value: ""`,
			"Invalid filter value for field %s. Expected non-empty array", last))
	}
	var wanted []any
	for _, x := range list {
		v, err := r.value(col, name, x)
		if err != nil {
			return nil, err
		}
		wanted = append(wanted, v)
	}
	return wanted, nil
}

func (r *reader) list(col *record.Column, op string, operand any) (any, error) {
	switch {
	case col.Kind == record.Option && op == "isEmptyArray":
		r.fail(r.badOption(col, "{}")) // observed
		return nil, nil
	case col.Kind == record.Option:
		r.fail(reject.Value()) // fixtures/twenty/rest_filter_comparators: containsAny on a SELECT is a 500
		return nil, nil
	case op == "isEmptyArray":
		return nil, nil
	}
	list, ok := operand.([]any)
	if !ok {
		return nil, reject.Filter(needsArray(op), `Filter operator "%s" requires an array value for field %s`,
			op, col.Path)
	}
	return js.Map(list, js.StringOf), nil
}

// needsArray is the hint about an operand that is no list. Documented: packages/twenty-server/src/engine/api/common/
// common-args-processors/filter-arg-processor/validator-utils/validate-array-operator-value-or-throw.util.ts.
func needsArray(op string) string {
	return `Invalid filter: "` + op + `" operator requires an array`
}

// containedText reads the operand of containsIlike. Inferred: a snapshot of twenty-server's tests.
func containedText(col *record.Column, operand any) (any, error) {
	if s, ok := operand.(string); ok {
		return s, nil
	}
	kind := js.TypeOf(operand)
	if kind != "number" && kind != "boolean" {
		kind = "object"
	}
	return nil, reject.Filter(`Invalid filter: "containsIlike" operator requires a String`,
		`Filter operator "containsIlike" requires a string value for field "%s", got %s`, col.Path, kind)
}
