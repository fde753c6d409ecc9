package workflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/query"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/write"
)

// step does one step and returns what becomes of it.
func (x *execution) step(step map[string]any) map[string]any {
	in := x.resolve(object(step["settings"])["input"])
	var result any
	var err error
	switch kind := textOf(step["type"]); kind {
	case "FORM":
		return map[string]any{"status": pending}
	case "FILTER":
		ok, err := x.matches(object(object(step["settings"])["input"]))
		if err == nil && !ok {
			return map[string]any{"status": stopped, "result": map[string]any{"matchesFilter": false}}
		}
		if err == nil {
			return map[string]any{"status": success, "result": map[string]any{"matchesFilter": true}}
		}
		return map[string]any{"status": failed, "error": err.Error()}
	case "EMPTY": // does nothing (inferred)
		result = map[string]any{}
	case "IF_ELSE":
		result, err = x.branch(object(object(step["settings"])["input"]))
	case "ITERATOR":
		var info map[string]any
		if info, err = x.iterate(step, object(in)); err == nil {
			return info
		}
	case "DELAY":
		if err = x.delay(step, object(in)); err == nil {
			return map[string]any{"status": pending}
		}
	case "CREATE_RECORD", "UPSERT_RECORD", "UPDATE_RECORD", "DELETE_RECORD", "FIND_RECORDS":
		result, err = x.onRecords(kind, object(in))
	default:
		err = errors.New("steps of type " + kind + " are not in this fake")
	}
	var refused *reject.Error
	if errors.As(err, &refused) {
		err = errors.New(refused.Message)
	}
	if err != nil {
		return map[string]any{"status": failed, "error": err.Error()}
	}
	return map[string]any{"status": success, "result": result}
}

// onRecords does a step on the records of an object.
func (x *execution) onRecords(kind string, in map[string]any) (any, error) {
	m := x.model(textOf(in["objectName"]))
	if m == nil {
		return nil, errors.New("the workspace has no object " + textOf(in["objectName"]))
	}
	s := write.NewScope(context.Background(), x.Records, nil, m)
	s.Writer = x.actor
	id := textOf(in["objectRecordId"])
	var row *record.Row
	var err error
	switch kind {
	case "CREATE_RECORD", "UPSERT_RECORD":
		data := write.ObjectOf(object(in["objectRecord"]))
		if now := x.moment(); kind == "CREATE_RECORD" {
			data.Set("createdAt", now)
			data.Set("updatedAt", now)
			data.Set("createdBy", write.ObjectOf(x.author))
		}
		row, err = s.Create(data, kind == "UPSERT_RECORD")
	case "UPDATE_RECORD":
		data := map[string]any{"updatedAt": x.moment()}
		for key, v := range object(in["objectRecord"]) {
			if slices.Contains(list(in["fieldsToUpdate"]), any(key)) {
				data[key] = v
			}
		}
		row, err = s.Update(id, write.ObjectOf(data))
	case "DELETE_RECORD":
		row, err = s.Delete(id)
	default:
		return x.search(s, in)
	}
	if err != nil {
		return nil, err
	}
	return content(row.Value), nil
}

// search is the step that finds records. Without any, it has no first one (inferred).
func (x *execution) search(s *write.Scope, in map[string]any) (any, error) {
	most, ok := in["limit"].(float64)
	if !ok {
		most = 1
	}
	offset, _ := in["offset"].(float64)
	q := query.Query{First: &most, Offset: offset}
	if f := object(object(in["filter"])["gqlOperationFilter"]); f != nil {
		q.Filter = js.Ordered(f)
	}
	if o := list(object(in["orderBy"])["gqlOperationOrderBy"]); o != nil {
		q.Order, _ = js.Ordered(o).([]any)
	}
	page, err := s.Find(q)
	if err != nil {
		return nil, err
	}
	all := js.Map(page.Rows, func(row *record.Row) any { return content(row.Value) })
	out := map[string]any{"all": all, "totalCount": strconv.Itoa(page.Total)}
	if len(all) > 0 {
		out["first"] = all[0]
	}
	return out, nil
}

var variable = regexp.MustCompile(`\{\{\s*([^{}]+?)\s*\}\}`)

// resolve fills in the variables of a value. A text that is one variable takes its value as it is; in the midst of a
// text a missing variable is the word undefined.
func (x *execution) resolve(v any) any {
	return js.Walk(v, func(v any) any {
		text, ok := v.(string)
		if !ok {
			return v
		}
		if found := variable.FindStringSubmatch(text); found != nil && found[0] == text {
			value, _ := x.lookUp(found[1])
			return value
		}
		return variable.ReplaceAllStringFunc(text, func(name string) string {
			value, ok := x.lookUp(variable.FindStringSubmatch(name)[1])
			if !ok {
				return "undefined"
			}
			return written(value)
		})
	})
}

// lookUp follows a path through the results of the trigger and the steps.
func (x *execution) lookUp(path string) (any, bool) {
	parts := strings.Split(path, ".")
	var at any = object(x.infos[parts[0]])["result"]
	for _, part := range parts[1:] {
		switch in := at.(type) {
		case map[string]any:
			v, ok := in[part]
			if !ok {
				return nil, false
			}
			at = v
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(in) {
				return nil, false
			}
			at = in[i]
		default:
			return nil, false
		}
	}
	return at, true
}

// written is a value in the midst of a text.
func written(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain JSON
	}
	return string(raw)
}

// matches reports whether the results so far fit a filter. One without conditions always does. Of the
// operands, CONTAINS
// is recorded; the others are known from the vendor's public source.
func (x *execution) matches(in map[string]any) (bool, error) {
	byGroup := map[string][]bool{}
	for _, f := range list(in["stepFilters"]) {
		ok, err := x.condition(object(f))
		if err != nil {
			return false, err
		}
		group := textOf(object(f)["stepFilterGroupId"])
		byGroup[group] = append(byGroup[group], ok)
	}
	groups := list(in["stepFilterGroups"])
	var holds func(id, operator string) bool
	holds = func(id, operator string) bool {
		parts := byGroup[id]
		for _, g := range groups {
			if g := object(g); textOf(g["parentStepFilterGroupId"]) == id && textOf(g["id"]) != id {
				parts = append(parts, holds(textOf(g["id"]), textOf(g["logicalOperator"])))
			}
		}
		if operator == "OR" {
			return slices.Contains(parts, true)
		}
		return !slices.Contains(parts, false)
	}
	return holds("", "AND"), nil
}

func (x *execution) condition(f map[string]any) (bool, error) {
	left, right := x.resolve(f["stepOutputKey"]), x.resolve(f["value"])
	choices := []any{right}
	if several, ok := parsedList(textOf(right)); ok {
		choices = several
	}
	same := slices.ContainsFunc(choices, func(c any) bool { return written(c) == written(left) })
	contains := slices.ContainsFunc(choices, func(c any) bool {
		if l := list(left); l != nil {
			return slices.Contains(l, c)
		}
		return strings.Contains(textOf(left), textOf(c))
	})
	a, b := number(left), number(right)
	switch operand := textOf(f["operand"]); operand {
	case "IS":
		return same, nil
	case "IS_NOT":
		return !same, nil
	case "CONTAINS":
		return contains, nil
	case "DOES_NOT_CONTAIN":
		return !contains, nil
	case "IS_EMPTY":
		return !filled(left), nil
	case "IS_NOT_EMPTY":
		return filled(left), nil
	case "GREATER_THAN_OR_EQUAL":
		return a >= b, nil
	case "LESS_THAN_OR_EQUAL":
		return a <= b, nil
	default:
		return false, fmt.Errorf("filters with the operand %s are not in this fake", operand)
	}
}

// parsedList returns the list that a text holds as JSON.
func parsedList(written string) (out []any, ok bool) {
	v, err := js.ParseJSON(written)
	out, ok = js.Plain(v).([]any)
	return out, ok && err == nil && strings.HasPrefix(written, "[")
}

func number(v any) float64 {
	n, ok := v.(float64)
	if !ok {
		n, _ = strconv.ParseFloat(textOf(v), 64)
	}
	return n
}
