package graphql

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// separators undoes the escapes that Go's encoder has and JSON.stringify has not.
var separators = strings.NewReplacer(`\\`, `\\`, `\u2028`, "\u2028", `\u2029`, "\u2029")

// appendPlain writes a plain value as JSON without HTML escapes.
func appendPlain(out []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(out, "null"...)
	case string:
		return jsonb.AppendString(out, v)
	case bool:
		if v {
			return append(out, "true"...)
		}
		return append(out, "false"...)
	}
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(fmt.Errorf("graphql: encoding %T: %w", v, err)) // plain data always encodes
	}
	return append(out, separators.Replace(strings.TrimSuffix(buf.String(), "\n"))...)
}

// appendArranged writes a value that is stored under a key as JSON, with the keys of objects in the server's order.
func appendArranged(out []byte, key string, v any) []byte {
	text := appendPlain(nil, v)
	if text[0] != '{' && text[0] != '[' {
		return append(out, text...)
	}
	decoded, err := js.ParseJSON(string(text))
	if err != nil {
		panic(err) // it was encoded here
	}
	jsonb.Arrange(decoded, key, schema.KeyOrder)
	return append(out, jsonb.Encode(decoded)...)
}

// appendAnswer writes the body of an answer: data, unless it is nil, and the failures.
func appendAnswer(out, data []byte, failures []*Failure) []byte {
	out = append(out, '{')
	if data != nil {
		out = append(append(out, `"data":`...), data...)
	}
	if len(failures) > 0 {
		if data != nil {
			out = append(out, ',')
		}
		out = appendPlain(append(out, `"errors":`...), failures)
	}
	return append(out, '}')
}

// appendErrorsFirst writes the answer of the validating engine, which puts failures before the data.
func appendErrorsFirst(data []byte, failures []*Failure) []byte {
	if len(failures) == 0 {
		return appendAnswer(nil, data, nil)
	}
	out := appendPlain([]byte(`{"errors":`), failures)
	return append(append(append(out, `,"data":`...), data...), '}')
}
