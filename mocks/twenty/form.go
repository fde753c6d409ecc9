package twenty

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake/query"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// formObject reads a form as qs does, which nests: name[firstName] is firstName below name, list[0] and list[]
// are items of a list. That the server reads forms so is known from its public source.
func formObject(text string) *js.Object {
	out := &js.Object{}
	for pair := range strings.SplitSeq(text, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if key = unescapeForm(key); key != "" {
			path := formPath(key)
			out.Set(path[0], into(out.Value(path[0]), path[1:], unescapeForm(value)))
		}
	}
	compact(out)
	return out
}

func formPath(key string) []string {
	head, rest, nested := strings.Cut(key, "[")
	if !nested || head == "" || !strings.HasSuffix(rest, "]") {
		return []string{key}
	}
	return append([]string{head}, strings.Split(strings.TrimSuffix(rest, "]"), "][")...)
}

// into puts a value under a path and returns the result. Repeated values become a list.
func into(there any, path []string, value string) any {
	o, isObject := there.(*js.Object)
	switch {
	case len(path) == 0 && there == nil:
		return value
	case len(path) == 0:
		l := listOf(there)
		l.put(l.next(), nil, value)
		return l
	case !isObject:
		if index, ok := formIndex(path[0]); ok {
			l := listOf(there)
			if index < 0 {
				index = l.next()
			}
			l.put(index, path[1:], value)
			return l
		}
		o = &js.Object{}
	}
	o.Set(path[0], into(o.Value(path[0]), path[1:], value))
	return o
}

// largestFormIndex is the last index that makes a list; a greater one is a key.
const largestFormIndex = 100

// formIndex reads a part of a path as an index, -1 for the next one.
func formIndex(part string) (int, bool) {
	if part == "" {
		return -1, true
	}
	n, err := strconv.Atoi(part)
	return n, err == nil && n >= 0 && n <= largestFormIndex && strconv.Itoa(n) == part
}

// formList is a list of a form while it is read: its items come with their indexes, in any order.
type formList struct {
	indexes []int
	items   []any
}

// listOf returns the value at a place as a list.
func listOf(there any) *formList {
	switch l := there.(type) {
	case nil:
		return &formList{}
	case *formList:
		return l
	}
	return &formList{[]int{0}, []any{there}}
}

func (l *formList) next() int {
	next := 0
	for _, i := range l.indexes {
		next = max(next, i+1)
	}
	return next
}

func (l *formList) put(index int, path []string, value string) {
	at := slices.Index(l.indexes, index)
	if at < 0 {
		at = len(l.items)
		l.indexes, l.items = append(l.indexes, index), append(l.items, nil)
	}
	l.items[at] = into(l.items[at], path, value)
}

// compact returns a value with its lists in the order of their indexes, without the gaps.
func compact(v any) any {
	switch v := v.(type) {
	case *js.Object:
		for i := range v.Members {
			v.Members[i].Value = compact(v.Members[i].Value)
		}
	case *formList:
		order := make([]int, len(v.items))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(a, b int) int { return cmp.Compare(v.indexes[a], v.indexes[b]) })
		return js.Map(order, func(at int) any { return compact(v.items[at]) })
	}
	return v
}

// searchParams reads a form as URLSearchParams does: broken escapes stay, and bytes that are not UTF-8 become
// U+FFFD.
func searchParams(text string) url.Values {
	values := url.Values{}
	for key, value := range query.Pairs(text) {
		key = strings.ToValidUTF8(query.Unescape(key), "\uFFFD")
		values[key] = append(values[key], strings.ToValidUTF8(query.Unescape(value), "\uFFFD"))
	}
	return values
}
