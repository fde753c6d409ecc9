package jsonb

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// Append writes a plain value as JSON.
func Append(out []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(out, "null"...)
	case bool:
		return strconv.AppendBool(out, v)
	case float64:
		return append(out, js.FormatNumber(v)...)
	case int:
		return strconv.AppendInt(out, int64(v), 10)
	case string:
		return AppendString(out, v)
	case []string:
		return appendList(out, v, AppendString)
	case []any:
		return appendList(out, v, Append)
	case map[string]any:
		return appendMap(out, v)
	case *js.Object:
		return AppendObject(out, v)
	case json.RawMessage:
		return append(out, v...)
	case []byte:
		return append(out, v...)
	}
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain data always encodes
	}
	return append(out, text...)
}

func appendList[T any](out []byte, all []T, one func([]byte, T) []byte) []byte {
	out = append(out, '[')
	for i, x := range all {
		out = js.Comma(out, i)
		out = one(out, x)
	}
	return append(out, ']')
}

// appendMap writes a map as the jsonb that the database stores.
func appendMap(out []byte, v map[string]any) []byte {
	out = append(out, '{')
	for i, k := range slices.SortedFunc(maps.Keys(v), compareKeys) {
		out = js.Comma(out, i)
		out = append(AppendString(out, k), ':')
		out = Append(out, v[k])
	}
	return append(out, '}')
}

// AppendObject appends an object as JSON.
func AppendObject(out []byte, o *js.Object) []byte {
	out = append(out, '{')
	for i, m := range o.Members {
		out = js.Comma(out, i)
		out = append(AppendString(out, m.Key), ':')
		out = Append(out, m.Value)
	}
	return append(out, '}')
}

const hexDigits = "0123456789abcdef"

// AppendString writes a text as a JSON string, as JavaScript's JSON.stringify does.
func AppendString(out []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = string([]rune(s))
	}
	out = append(out, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		out = append(out, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			out = append(out, '\\', c)
		case '\n':
			out = append(out, '\\', 'n')
		case '\t':
			out = append(out, '\\', 't')
		case '\r':
			out = append(out, '\\', 'r')
		case '\b':
			out = append(out, '\\', 'b')
		case '\f':
			out = append(out, '\\', 'f')
		default:
			out = append(out, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(out, s[from:]...), '"')
}

// Encode writes a value of this package as JSON: nil, bool, float64, string, lists, maps and Objects.
func Encode(v any) []byte { return Append(nil, v) }
