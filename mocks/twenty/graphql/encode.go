package graphql

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// appendPlain writes a plain value as JSON without HTML escapes.
func appendPlain(out []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(out, "null"...)
	case string:
		return appendText(out, v)
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
	return append(out, bytes.TrimSuffix(buf.Bytes(), []byte("\n"))...)
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

// appendText writes a JSON string. Most are plain, and then it is a copy.
func appendText(out []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= 0x7F {
			var buf bytes.Buffer
			e := json.NewEncoder(&buf)
			e.SetEscapeHTML(false)
			_ = e.Encode(s) // texts always encode
			return append(out, bytes.TrimSuffix(buf.Bytes(), []byte("\n"))...)
		}
	}
	out = append(out, '"')
	out = append(out, s...)
	return append(out, '"')
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
