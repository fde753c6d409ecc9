package record

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// withView returns a filter together with those of a view; a view that is not there has none. Documented:
// packages/twenty-server/src/engine/api/common/common-query-runners/common-group-by-query-runner.service.ts, and
// packages/twenty-shared/src/utils/filter/turnRecordFilterIntoGqlOperationFilter.ts for the filters one by one.
func (s *Scope) withView(filter any, id string) (any, error) {
	v, err := s.Meta.View(id)
	if id == "" || err != nil {
		return filter, nil
	}
	if v.AnyFieldFilterValue != nil && *v.AnyFieldFilterValue != "" {
		return nil, &schema.Missing{Kind: "view", What: "with a filter of any field"}
	}
	all := []any{filter}[:min(1, len(entries(filter)))]
	for _, p := range s.Meta.PartsOf(schema.KindOfPart("viewFilter"), id) {
		f, err := s.viewFilter(p)
		if err != nil {
			return nil, err
		}
		if f != nil {
			all = append(all, f)
		}
	}
	return js.NewObject("and", all), nil
}

// negated are the operands that hold where others do not.
var negated = map[string]string{"IS_NOT": "IS", "DOES_NOT_CONTAIN": "CONTAINS", "IS_NOT_EMPTY": "IS_EMPTY"}

// viewOperators are the operators of a field's type with its part and an operand.
var viewOperators = map[string]string{
	"TEXT CONTAINS": "ilike", "FULL_NAME.firstName CONTAINS": "ilike", "FULL_NAME.lastName CONTAINS": "ilike",
	"RAW_JSON CONTAINS": "like", "FILES CONTAINS": "like", "ARRAY CONTAINS": "containsIlike", "BOOLEAN IS": "eq",
	"SELECT IS": "in", "RELATION IS": "in", "CURRENCY.currencyCode IS": "in", "ACTOR.source IS": "in",
	"MULTI_SELECT CONTAINS": "containsAny", "DATE IS": "eq", "DATE IS_AFTER": "gte", "DATE IS_BEFORE": "lt",
	"DATE_TIME IS_AFTER": "gte", "DATE_TIME IS_BEFORE": "lt", "NUMBER IS": "eq", "NUMBER GREATER_THAN_OR_EQUAL": "gte",
	"NUMBER LESS_THAN_OR_EQUAL": "lte", "CURRENCY.amountMicros IS": "eq",
	"CURRENCY.amountMicros GREATER_THAN_OR_EQUAL": "gte", "CURRENCY.amountMicros LESS_THAN_OR_EQUAL": "lte",
	"CURRENCY.amountMicros IS_EMPTY": "is",
}

// viewFilter converts one filter of a view, nil if it filters nothing. Where it is negated, records without a relation
// or options match too; texts and lists can be empty in two ways.
func (s *Scope) viewFilter(p schema.Part) (any, error) {
	text, operand := p.Text("value"), p.Text("operand")
	if _, ok := p.Get("value").(string); !ok {
		text = jsonText(p.Get("value"))
	}
	positive, negative := negated[operand]
	if !negative {
		positive = operand
	}
	a := s.Meta.Schema().Attr(p.Text("fieldMetadataId"))
	if a == nil || a.Model != s.Model || positive != "IS_EMPTY" && (text == "" || text == "[]") {
		return nil, nil
	}
	path, typed := []string{a.Name}, string(a.Type)
	if sub := p.Text("subFieldName"); sub != "" || a.Type == schema.Currency {
		path = append(path, cmp.Or(sub, "amountMicros"))
		typed += "." + path[1]
	} else if a.Type == schema.Relation {
		path[0] = a.JoinColumn
	}
	operator := viewOperators[typed+" "+positive]
	if positive == "IS_EMPTY" && !a.Composite() {
		operator = "is"
	}
	if operator == "" || p.Get("viewFilterGroupId") != nil || p.Get("relationTargetFieldMetadataId") != nil {
		return nil, &schema.Missing{Kind: "view", What: "with a filter " + operand + " of " + typed}
	}
	on := func(operator string, value any) any {
		out := js.NewObject(operator, value)
		for _, name := range slices.Backward(path) {
			out = js.NewObject(name, out)
		}
		return out
	}
	either := []any{on(operator, viewOperand(operator, typed, text))}
	switch {
	case operator == "is" && a.Type == schema.Text:
		either = append(either, on("ilike", ""))
	case operator == "is" && (a.Type == schema.Array || a.Type == schema.MultiSelect):
		either = append(either, on("isEmptyArray", true))
	}
	if !negative {
		return js.NewObject("or", either), nil
	}
	either = []any{js.NewObject("not", js.NewObject("or", either))}
	if operator == "containsAny" {
		either = append(either, on("isEmptyArray", true))
	}
	if operator == "containsAny" || operator == "in" && a.Type == schema.Relation {
		either = append(either, on("is", "NULL"))
	}
	return js.NewObject("or", either), nil
}

// viewOperand converts the value of a filter. Filters of relations have a list of records, alone or in an object.
func viewOperand(operator, typed, text string) any {
	switch {
	case operator == "is":
		return "NULL"
	case strings.HasSuffix(strings.ToLower(operator), "like"):
		return "%" + text + "%"
	case operator == "in" || operator == "containsAny":
		var list []any
		var selected struct{ SelectedRecordIds []any }
		if json.Unmarshal([]byte(text), &list) != nil && json.Unmarshal([]byte(text), &selected) == nil {
			list = selected.SelectedRecordIds
		}
		return list
	case typed == "BOOLEAN":
		return text == "true"
	case typed == "NUMBER":
		return js.Number(text)
	case strings.HasPrefix(typed, "CURRENCY"):
		return js.Number(text) * 1e6
	}
	return text
}
