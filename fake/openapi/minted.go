package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
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
	if answer == nil {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
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
