package dialect

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
)

// Object is the JSON of what clients see, without its final brace. Keys come in the order in which they are added. An
// Object must not be used again after a key was added to it.
type Object []byte

// Fields returns an object with the fields of a struct, except those with an omitted name.
func Fields(v any, omitted ...string) Object {
	text := table.Encode(v)
	if len(omitted) == 0 {
		return text[:len(text)-1]
	}
	var o Object
	err := table.EachMember(text, func(name string, value []byte) error {
		if !slices.Contains(omitted, name) {
			o = o.Add(name, fake.Raw(value))
		}
		return nil
	})
	if err != nil {
		panic(err) // a struct is an object
	}
	return o
}

// Add adds a key.
func (o Object) Add(key string, value any) Object {
	if cap(o)-len(o) < 64 {
		o = slices.Grow(o, len(o)+256) // append grows long texts by a quarter only
	}
	start := byte(',')
	if len(o) == 0 {
		start = '{'
	}
	o = append(append(o, start, '"'), key...)
	return appendJSON(append(o, '"', ':'), value)
}

// AddUnlessNull adds a key, but not with the value null if that must be left out.
func (o Object) AddUnlessNull(leaveOut bool, key string, value any) Object {
	if leaveOut && string(appendJSON(nil, value)) == "null" {
		return o
	}
	return o.Add(key, value)
}

// Raw returns the whole object.
func (o Object) Raw() fake.Raw { return append(fake.Raw(o), '}') }

// appendJSON appends a value: nil and empty JSON as null, lists of JSON as arrays.
func appendJSON(out []byte, value any) []byte {
	switch v := value.(type) {
	case nil:
	case fake.Raw:
		if len(v) > 0 {
			return append(out, v...)
		}
	case []fake.Raw:
		return appendList(out, v)
	case bool:
		return strconv.AppendBool(out, v)
	case int:
		return strconv.AppendInt(out, int64(v), 10)
	case string:
		return appendText(out, v)
	case *string:
		if v != nil {
			return appendText(out, *v)
		}
	default:
		return append(out, table.Encode(value)...)
	}
	return append(out, "null"...)
}

// Array returns JSON values as one array. Its length tells how much room an Object needs for it.
func Array(values []fake.Raw) fake.Raw { return appendList(nil, values) }

func appendList(out []byte, list []fake.Raw) []byte {
	size := 2 + len(list)
	for _, one := range list {
		size += len(one)
	}
	out = append(slices.Grow(out, size), '[')
	for i, one := range list {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, one...)
	}
	return append(out, ']')
}

// appendText is a fast way for texts that JSON has as they are.
func appendText(out []byte, text string) []byte {
	escaped := func(c rune) bool {
		return c < ' ' || c == '"' || c == '\\' || c == '\u2028' || c == '\u2029' || c == utf8.RuneError
	}
	if strings.ContainsFunc(text, escaped) {
		return append(out, table.Encode(text)...)
	}
	out = append(append(out, '"'), text...)
	return append(out, '"')
}

// Show shows the row with an identifier by a view, or as it is stored without a view. It returns nothing, which is null
// in an object, if there is no such row.
func Show[T any](t *fake.Table[T], id string, view func(*T) fake.Raw) fake.Raw {
	row := t.Row(id)
	switch {
	case row == nil:
		return nil
	case view == nil:
		return row.JSON()
	}
	return view(&row.Value)
}

// ShowEach shows the rows with the identifiers, without those that are not there.
func ShowEach[T any](t *fake.Table[T], ids []string, view func(*T) fake.Raw) (all []fake.Raw) {
	for _, id := range ids {
		if shown := Show(t, id, view); shown != nil {
			all = append(all, shown)
		}
	}
	return all
}

// showRows shows rows as one array.
func showRows[T any](rows []*fake.Row[T], view func(*T) fake.Raw) fake.Raw {
	if view == nil {
		return fake.Joined(rows)
	}
	all := make([]fake.Raw, len(rows))
	for i, row := range rows {
		all[i] = view(&row.Value)
	}
	return appendList(nil, all)
}
