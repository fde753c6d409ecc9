package explain

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// differences lists what one message has otherwise than another. op names the parameters of the path.
func differences(before, after *message, op *fake.Operation) (out []Change) {
	if before.method != after.method {
		out = append(out, Change{"replace", "method", "", before.method, after.method})
	}
	out = append(out, pathDifferences(before.segments, after.segments, op)...)
	out = append(out, pairDifferences("query", before.query, after.query)...)
	if len(out) == 0 && before.target() != after.target() {
		out = append(out, Change{"replace", "query", "", before.rawQuery, formatPairs(after.query)})
	}
	out = append(out, headerDifferences(before.header, after.header)...)
	switch {
	case before.kind == jsonBody && after.kind == jsonBody:
		out = append(out, jsonDifferences(nil, before.json, after.json)...)
	case before.kind == formBody && after.kind == formBody:
		out = append(out, pairDifferences("body", before.form, after.form)...)
	case string(before.body()) != string(after.body()):
		out = append(out, replaced("body", "", bodyOrNil(before.body()), bodyOrNil(after.body())))
	}
	return out
}

// onlyDrops reports whether a message has less than another one and nothing else.
func onlyDrops(before, after *message) bool {
	changes := differences(before, after, nil)
	return len(changes) > 0 && !slices.ContainsFunc(changes, func(c Change) bool { return c.Do != "drop" })
}

// bodyOrNil is a body as a value, nil for none.
func bodyOrNil(body []byte) any {
	if len(body) == 0 {
		return nil
	}
	return string(body)
}

// replaced is a change of a value; nil stands for none.
func replaced(in, field string, from, to any) Change {
	switch {
	case from == nil:
		return Change{"add", in, field, nil, to}
	case to == nil:
		return Change{"drop", in, field, from, nil}
	}
	return Change{"replace", in, field, from, to}
}

func pathDifferences(before, after []string, op *fake.Operation) (out []Change) {
	if slices.Equal(before, after) {
		return nil
	}
	for i := range before {
		if len(before) != len(after) || op == nil {
			break
		}
		name := pathParameter(op, strconv.Itoa(i))
		if before[i] != after[i] && name == "" {
			out = nil
			break
		}
		if before[i] != after[i] {
			out = append(out, Change{"replace", "path", name, unescape(before[i]), unescape(after[i])})
		}
	}
	if out == nil {
		out = append(out, Change{"replace", "path", "", "/" + strings.Join(before, "/"), "/" +
			strings.Join(after, "/")})
	}
	return out
}

func pairDifferences(in string, before, after []pair) (out []Change) {
	old, next := byName(before), byName(after)
	for _, name := range names(before, after) {
		switch was, is := old[name], next[name]; {
		case slices.Equal(was, is):
		default:
			out = append(out, replaced(in, name, valueOf(was), valueOf(is)))
		}
	}
	return renamed(out)
}

func byName(pairs []pair) map[string][]string {
	out := map[string][]string{}
	for _, p := range pairs {
		out[p.name] = append(out[p.name], p.value)
	}
	return out
}

// names lists the names of pairs in their order.
func names(lists ...[]pair) (out []string) {
	for _, p := range slices.Concat(lists...) {
		if !slices.Contains(out, p.name) {
			out = append(out, p.name)
		}
	}
	return out
}

func valueOf(values []string) any {
	switch len(values) {
	case 0:
		return nil
	case 1:
		return values[0]
	}
	return values
}

func headerDifferences(before, after http.Header) (out []Change) {
	all := maps.Clone(before)
	maps.Copy(all, after)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !slices.Equal(before[name], after[name]) {
			out = append(out, replaced("header", name, valueOf(before[name]), valueOf(after[name])))
		}
	}
	return out
}

func jsonDifferences(path []string, before, after any) (out []Change) {
	field := strings.Join(path, ".")
	if string(encodeJSON(before)) == string(encodeJSON(after)) {
		return nil
	}
	was, ok1 := before.(object)
	is, ok2 := after.(object)
	if !ok1 || !ok2 {
		return listDifferences(path, before, after)
	}
	at := func(key string) []string { return append(slices.Clone(path), key) }
	for _, m := range was {
		if v, ok := is.get(m.key); ok {
			out = append(out, jsonDifferences(at(m.key), m.value, v)...)
		} else {
			out = append(out, Change{"drop", "body", strings.Join(at(m.key), "."), m.value, nil})
		}
	}
	for _, m := range is {
		if _, ok := was.get(m.key); !ok {
			out = append(out, Change{"add", "body", strings.Join(at(m.key), "."), nil, m.value})
		}
	}
	if len(out) == 0 { // their order, or a key that stands twice
		out = append(out, Change{"replace", "body", field, before, after})
	}
	return renamed(out)
}

func listDifferences(path []string, before, after any) (out []Change) {
	was, ok1 := before.([]any)
	is, ok2 := after.([]any)
	if !ok1 || !ok2 || len(was) != len(is) {
		return []Change{{"replace", "body", strings.Join(path, "."), before, after}}
	}
	for i := range was {
		out = append(out, jsonDifferences(append(slices.Clone(path), strconv.Itoa(i)), was[i], is[i])...)
	}
	return out
}

// renamed joins the removal of a value and its addition under another name nearby into one change.
func renamed(changes []Change) (out []Change) {
	for _, c := range changes {
		i := slices.IndexFunc(out, func(o Change) bool {
			return c.Do == "add" && o.Do == "drop" && o.In == c.In && above(o.Field) == above(c.Field) &&
				string(encodeJSON(o.From)) == string(encodeJSON(c.To))
		})
		if i < 0 {
			out = append(out, c)
			continue
		}
		out[i].Do, out[i].To = "rename", c.Field
	}
	return out
}

// above is the way to a field without its last name.
func above(field string) string { return field[:strings.LastIndexByte(field, '.')+1] }
