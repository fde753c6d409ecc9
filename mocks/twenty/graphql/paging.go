package graphql

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// cursorPrefix begins a decoded cursor of /metadata; the place in the list follows.
// Evidence: fixtures/twenty/metadata_graphql_read.
const cursorPrefix = "arrayconnection:"

func placeCursor(i int) string {
	return base64.StdEncoding.EncodeToString([]byte(cursorPrefix + strconv.Itoa(i)))
}

// place decodes a cursor, or returns -1.
func place(cursor any) int {
	text, _ := cursor.(string)
	plain, err := base64.StdEncoding.DecodeString(text)
	number, ok := strings.CutPrefix(string(plain), cursorPrefix)
	n, bad := strconv.Atoi(number)
	if err != nil || !ok || bad != nil || n < 0 {
		return -1
	}
	return n
}

// page filters a list and cuts the page that a connection's arguments ask for.
func page(args map[string]any, list []any) (any, error) {
	filter, _ := args["filter"].(map[string]any)
	all := js.Where(list, func(row any) bool { return keeps(filter, row) })
	paging, _ := args["paging"].(map[string]any)
	from, to := bounds(paging, len(all))
	edges := make([]any, 0, to-from)
	for i := from; i < to; i++ {
		edges = append(edges, map[string]any{"node": all[i], "cursor": placeCursor(i)})
	}
	info := map[string]any{"hasNextPage": to < len(all), "hasPreviousPage": from > 0}
	if to > from {
		info["startCursor"], info["endCursor"] = placeCursor(from), placeCursor(to-1)
	}
	return map[string]any{"edges": edges, "pageInfo": info}, nil
}

// stored returns a page of rows from the vendor's database, which cannot compare an id with an
// invalid one, as for one record: fixtures/twenty/metadata_graphql_read 9.
func stored(args map[string]any, list []any) (any, error) {
	filter, _ := args["filter"].(map[string]any)
	if bad, found := noID(filter); found {
		return nil, guarded(internal, fmt.Sprintf("invalid input syntax for type uuid: \"%s\"", bad))
	}
	return page(args, list)
}

// noID returns an invalid id in a filter.
func noID(filter map[string]any) (bad string, found bool) {
	for key, condition := range filter {
		if key != "and" && key != "or" {
			bad, found = noIDAmong(asMap(condition))
		}
		for _, f := range items(condition) {
			if found {
				break
			}
			if key == "and" || key == "or" {
				bad, found = noID(asMap(f))
			}
		}
		if found {
			return bad, true
		}
	}
	return "", false
}

func noIDAmong(comparison map[string]any) (bad string, found bool) {
	for operator, operand := range comparison {
		if operand == nil || strings.Contains(strings.ToLower(operator), "like") {
			continue
		}
		for _, v := range items(operand) {
			if text, ok := v.(string); ok && !schema.IsUUID(text) {
				return text, true
			}
		}
	}
	return "", false
}

// bounds are the places of the first row of a page and of the one behind its last.
func bounds(paging map[string]any, n int) (from, to int) {
	number := func(key string) int {
		if f, ok := paging[key].(float64); ok {
			return max(0, int(min(f, float64(n))))
		}
		return -1
	}
	from, to = 0, n
	if after := place(paging["after"]); after >= 0 {
		from = min(after+1, n)
	}
	if before := place(paging["before"]); before >= 0 {
		to = max(from, min(before, n))
	}
	switch first, last := number("first"), number("last"); {
	case last >= 0:
		from = max(from, to-last)
	case first >= 0:
		to = min(to, from+first)
	case len(paging) == 0:
		to = min(to, from+10)
	}
	return from, to
}

// keeps reports whether a filter of /metadata keeps a row.
func keeps(filter map[string]any, row any) bool {
	for key, condition := range filter {
		switch key {
		case "and":
			if slices.ContainsFunc(items(condition), func(f any) bool { return !keeps(asMap(f), row) }) {
				return false
			}
		case "or":
			if list := items(condition); len(list) > 0 &&
				!slices.ContainsFunc(list, func(f any) bool { return keeps(asMap(f), row) }) {
				return false
			}
		default:
			if !matches(asMap(condition), member(row, key)) {
				return false
			}
		}
	}
	return true
}

func asMap(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// matches reports whether a value meets all of a comparison.
func matches(comparison map[string]any, v any) bool {
	for operator, operand := range comparison {
		if operand != nil && !compare(operator, v, operand) {
			return false
		}
	}
	return true
}

func compare(operator string, v, operand any) bool {
	have, _ := v.(string)
	want, _ := operand.(string)
	switch operator {
	case "is":
		return v == operand
	case "isNot":
		return v != operand
	case "eq":
		return have == want
	case "neq":
		return have != want
	case "gt":
		return have > want
	case "gte":
		return have >= want
	case "lt":
		return have < want
	case "lte":
		return have <= want
	case "in":
		return slices.Contains(items(operand), v)
	case "notIn":
		return !slices.Contains(items(operand), v)
	case "like", "iLike":
		return strings.EqualFold(have, strings.Trim(want, "%"))
	case "notLike", "notILike":
		return !strings.EqualFold(have, strings.Trim(want, "%"))
	}
	return true
}
