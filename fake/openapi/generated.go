package openapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Generated returns the values of a JSON answer that the document marks with x-minted: true, which
// means that the server generates them. Numbers keep the spelling of the answer. Undeclared parts
// of an answer have no generated values.
func (o *Operation) Generated(status int, body []byte) (values []string) {
	if !o.spec.mints {
		return nil
	}
	o.responseSchema()
	answer := o.answering.Operation.Responses.Status(status)
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if answer == nil || d.Decode(&v) != nil {
		return nil
	}
	for kind, media := range answer.Value.Content {
		if strings.Contains(kind, "json") {
			values = generatedPaths(values, media.Schema, v)
		}
	}
	return values
}

func generatedPaths(found []string, s *openapi3.SchemaRef, v any) []string {
	if s == nil || s.Value == nil {
		return found
	}
	for _, parts := range []openapi3.SchemaRefs{s.Value.AllOf, s.Value.AnyOf, s.Value.OneOf} {
		for _, part := range parts {
			found = generatedPaths(found, part, v)
		}
	}
	switch v := v.(type) {
	case map[string]any:
		for name, property := range s.Value.Properties {
			if value, ok := v[name]; ok {
				found = generatedPaths(found, property, value)
			}
		}
	case []any:
		for _, value := range v {
			found = generatedPaths(found, s.Value.Items, value)
		}
	case string, json.Number:
		if marked, _ := s.Value.Extensions["x-minted"].(bool); marked {
			found = append(found, fmt.Sprint(v))
		}
	}
	return found
}

// Headers returns, sorted, the names of the headers that the document declares for answers with a
// status. It does not prepare the schemas of the answers.
func (o *Operation) Headers(status int) (names []string) {
	text := cmp.Or(string(o.responses[fmt.Sprint(status)]), string(o.responses[fmt.Sprint(status/100, "XX")]))
	for text != "" {
		var answer struct {
			Ref     string `json:"$ref"`
			Headers map[string]json.RawMessage
		}
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			panic(err) // Load has parsed it
		}
		names = slices.Sorted(maps.Keys(answer.Headers))
		text = string(o.spec.components["responses"][path.Base(answer.Ref)])
	}
	return names
}
