package query

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// withView returns a filter together with those of a view; a view that is not there has none. Documented:
// packages/twenty-server/src/engine/api/common/common-query-runners/common-group-by-query-runner.service.ts, and in
// packages/twenty-shared/src/utils/filter turnRecordFilterIntoGqlOperationFilter.ts for the filters one by one and
// computeRecordGqlOperationFilter.ts for their groups, of which the first without a parent counts.
func (s *Scope) withView(filter any, id string) (any, error) {
	v, err := s.Meta.View(id)
	if id == "" || err != nil {
		return filter, nil
	}
	if v.AnyFieldFilterValue != nil && *v.AnyFieldFilterValue != "" {
		return nil, &schema.Missing{Kind: "view", What: "with a filter of any field"}
	}
	all, err := s.viewGroup(id, "")
	return js.NewObject("and", append(all, []any{filter}[:min(1, len(js.Entries(filter)))]...)), err
}

// viewGroup converts the filters of one group of a view, or those without a group and the first group.
func (s *Scope) viewGroup(view, id string) (all []any, err error) {
	for _, p := range s.Meta.PartsOf(schema.KindOfPart("viewFilter"), view) {
		if p.Text("viewFilterGroupId") == id && err == nil {
			var f any
			if f, err = s.viewFilter(p); f != nil {
				all = append(all, f)
			}
		}
	}
	for _, g := range s.Meta.PartsOf(schema.KindOfPart("viewFilterGroup"), view) {
		if g.Text("parentViewFilterGroupId") == id && err == nil {
			var parts []any
			parts, err = s.viewGroup(view, g.ID)
			all = append(all, js.NewObject(strings.ToLower(g.Text("logicalOperator")), parts))
			if id == "" {
				break
			}
		}
	}
	return all, err
}

// negated are the operands that hold where others do not.
var negated = map[string]string{"IS_NOT": "IS", "DOES_NOT_CONTAIN": "CONTAINS", "IS_NOT_EMPTY": "IS_EMPTY"}

// unvalued are the operands that need no value.
var unvalued = []string{"IS_EMPTY", "IS_TODAY", "IS_IN_PAST", "IS_IN_FUTURE"}

// viewOperators are the operators of a field's type with its part and an operand; day is that of a range.
var viewOperators = map[string]string{
	"TEXT CONTAINS": "ilike", "RAW_JSON CONTAINS": "like", "FILES CONTAINS": "like", "ARRAY CONTAINS": "containsIlike",
	"BOOLEAN IS": "eq", "RATING IS": "eq", "MULTI_SELECT CONTAINS": "containsAny", "SELECT IS": "in",
	"RELATION IS": "in", "CURRENCY.currencyCode IS": "in", "ACTOR.source IS": "in", "ACTOR.workspaceMemberId IS": "in",
	"ADDRESS.addressCountry CONTAINS": "in", "DATE IS": "eq", "DATE IS_AFTER": "gte", "DATE IS_BEFORE": "lt",
	"DATE IS_TODAY": "eq", "DATE IS_IN_PAST": "lt", "DATE IS_IN_FUTURE": "gte", "DATE_TIME IS": "day",
	"DATE_TIME IS_TODAY": "day", "DATE_TIME IS_IN_PAST": "lt", "DATE_TIME IS_IN_FUTURE": "gt",
	"DATE_TIME IS_AFTER": "gte", "DATE_TIME IS_BEFORE": "lt", "NUMBER IS": "eq", "NUMBER GREATER_THAN_OR_EQUAL": "gte",
	"NUMBER LESS_THAN_OR_EQUAL": "lte", "CURRENCY.amountMicros IS": "eq",
	"CURRENCY.amountMicros GREATER_THAN_OR_EQUAL": "gte", "CURRENCY.amountMicros LESS_THAN_OR_EQUAL": "lte",
	"CURRENCY.amountMicros IS_EMPTY": "is",
}

// viewParts are the parts that a filter of a whole composite looks at.
var viewParts = map[schema.Type]string{schema.FullName: "firstName lastName",
	schema.Links: "primaryLinkLabel primaryLinkUrl secondaryLinks", schema.Emails: "primaryEmail additionalEmails",
	schema.Address: "addressStreet1 addressStreet2 addressCity addressState addressCountry addressPostcode"}

// viewFilter converts one filter of a view, nil if it filters nothing.
func (s *Scope) viewFilter(p schema.Part) (any, error) {
	text, operand, sub := p.Text("value"), p.Text("operand"), p.Text("subFieldName")
	if _, ok := p.Get("value").(string); !ok {
		text = string(jsonb.Encode(p.Get("value")))
	}
	positive := cmp.Or(negated[operand], operand)
	a := s.Meta.Schema().Attr(p.Text("fieldMetadataId"))
	switch {
	case a == nil || a.Model != s.Model || !slices.Contains(unvalued, positive) && (text == "" || text == "[]"):
		return nil, nil
	case p.Get("relationTargetFieldMetadataId") != nil:
		return nil, &schema.Missing{Kind: "view", What: "with a filter of a field of a relation"}
	case sub != "" || positive != "CONTAINS" || viewParts[a.Type] == "":
		return s.viewCondition(a, sub, operand, text)
	}
	words, joint, all := []string{text}, "or", []any{}
	if operand != positive {
		joint = "and"
	}
	if a.Type == schema.FullName {
		words = strings.Split(text, " ")
	}
	for _, word := range words {
		for _, sub := range strings.Fields(viewParts[a.Type]) {
			one, err := s.viewCondition(a, sub, operand, word)
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
	}
	return js.NewObject(joint, all), nil
}

// viewCondition converts a filter of a field or of a part of it. Where it is negated, records without a relation,
// options, an address or a list match too; texts and lists can be empty in two ways. Days are those of UTC.
func (s *Scope) viewCondition(a *schema.Attr, sub, operand, text string) (any, error) {
	positive, path, typed := cmp.Or(negated[operand], operand), []string{a.Name}, string(a.Type)
	if sub != "" || a.Type == schema.Currency {
		path = append(path, cmp.Or(sub, "amountMicros"))
		typed += "." + path[1]
	} else if a.Type == schema.Relation {
		path[0] = a.JoinColumn
	}
	part, _ := a.Sub(sub)
	operator := viewOperators[typed+" "+positive]
	switch textual := part.Type == schema.Text && a.Type != schema.Actor; {
	case positive == "IS_EMPTY" && (textual || !a.Composite()):
		operator = "is"
	case positive == "CONTAINS" && textual && (operator == "" || text[0] != '['):
		operator = "ilike"
	case positive == "CONTAINS" && part.Type == schema.RawJSON:
		operator = "like"
	case operator == "":
		return nil, &schema.Missing{Kind: "view", What: "with a filter " + operand + " of " + typed}
	}
	on := func(operator string, value any) any {
		out := js.NewObject(operator, value)
		for _, name := range slices.Backward(path) {
			out = js.NewObject(name, out)
		}
		return out
	}
	if text = s.viewMoment(typed, operand, text); operator == "day" {
		return viewDay(text, on)
	}
	either := []any{on(operator, viewOperand(operator, typed, text))}
	switch {
	case operator == "is" && (a.Type == schema.Text || part.Type == schema.Text):
		either = append(either, on("ilike", ""))
	case operator == "is" && (a.Type == schema.Array || a.Type == schema.MultiSelect):
		either = append(either, on("isEmptyArray", true))
	}
	if positive == operand {
		return js.NewObject("or", either), nil
	}
	either = []any{js.NewObject("not", js.NewObject("or", either))}
	if operator == "containsAny" {
		either = append(either, on("isEmptyArray", true))
	}
	if operator == "containsAny" || operator != "is" && (a.Type == schema.Relation || a.Type == schema.Address ||
		part.Type == schema.RawJSON || part.Name == "workspaceMemberId") {
		either = append(either, on("is", "NULL"))
	}
	return js.NewObject("or", either), nil
}

// viewMoment returns what a filter of moments compares with: its value, today, or the minute that it is.
func (s *Scope) viewMoment(typed, operand, text string) string {
	switch now := s.State.Now().UTC(); {
	case !slices.Contains(unvalued[1:], operand):
		return text
	case typed == "DATE_TIME" && operand != "IS_TODAY":
		return now.Round(time.Minute).Format(time.RFC3339)
	default:
		return now.Format(time.DateOnly)
	}
}

// viewDay converts a filter of the day of a moment.
func viewDay(text string, on func(operator string, value any) any) (any, error) {
	day, _, _ := strings.Cut(text, "T")
	start, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return nil, reject.Crash("Error", "Cannot parse \"%s\" for DATE_TIME filter", text)
	}
	end := start.AddDate(0, 0, 1)
	return js.NewObject("and", []any{on("gte", start.Format(time.RFC3339)), on("lt", end.Format(time.RFC3339))}), nil
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
	case typed == "RATING":
		return "RATING_" + text
	case typed == "NUMBER":
		return js.Number(text)
	case strings.HasPrefix(typed, "CURRENCY"):
		return js.Number(text) * 1e6
	}
	return text
}
