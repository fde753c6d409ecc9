package openapi

import (
	"cmp"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// accepts reports whether a decoded value surely fits a schema. The library, which sorts the keys of
// objects and copies values, has to decide about the others, and writes the errors.
func accepts(s *openapi3.Schema, value any) bool {
	switch {
	case s.ReadOnly || s.WriteOnly || s.MinProps != 0 || s.MaxProps != nil:
		return false
	case value == nil:
		return s.PermitsNull()
	case len(s.OneOf) > 0 || s.Not != nil || s.UniqueItems:
		return s.VisitJSON(value, openapi3.MultiErrors()) == nil
	case len(s.AnyOf) > 0 && !slices.ContainsFunc(s.AnyOf, fits(value)):
		return false
	case slices.ContainsFunc(s.AllOf, func(r *openapi3.SchemaRef) bool { return !accepts(r.Value, value) }):
		return false
	}
	switch value := value.(type) {
	case map[string]any:
		return s.Type.Permits("object") && len(s.Enum) == 0 && acceptsObject(s, value)
	case []any:
		n := uint64(len(value))
		rejects := func(item any) bool { return !accepts(s.Items.Value, item) }
		return s.Type.Permits("array") && len(s.Enum) == 0 &&
			n >= s.MinItems && (s.MaxItems == nil || n <= *s.MaxItems) &&
			(s.Items == nil || !slices.ContainsFunc(value, rejects))
	}
	return acceptsScalar(s, value)
}

// fits returns a function that reports whether a schema accepts a value.
func fits(value any) func(*openapi3.SchemaRef) bool {
	return func(r *openapi3.SchemaRef) bool { return accepts(r.Value, value) }
}

func acceptsObject(s *openapi3.Schema, value map[string]any) bool {
	for _, key := range s.Required {
		if _, ok := value[key]; !ok {
			return false
		}
	}
	others := s.AdditionalProperties
	for key, item := range value {
		p := s.Properties[key]
		if p == nil {
			p = others.Schema
			if others.Has != nil && !*others.Has {
				return false
			}
		}
		if p != nil && !accepts(p.Value, item) {
			return false
		}
	}
	return true
}

func acceptsScalar(s *openapi3.Schema, value any) bool {
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, value) {
		return false
	}
	switch value := value.(type) {
	case string:
		if s.Format != "" || s.Pattern != "" || s.MinLength != 0 || s.MaxLength != nil {
			return s.VisitJSONString(value) == nil
		}
		return s.Type.Permits("string")
	case float64:
		if s.Format != "" || s.Min != nil || s.Max != nil || s.MultipleOf != nil {
			return s.VisitJSONNumber(value) == nil
		}
		return s.Type.Permits("number") || s.Type.Permits("integer") && value == math.Trunc(value)
	case bool:
		return s.Type.Permits("boolean")
	}
	return false
}

// acceptsAnswer reports whether the body of an answer surely fits the document.
func (o *Operation) acceptsAnswer(status int, h http.Header, body []byte) bool {
	responses := o.answering.Operation.Responses
	response := cmp.Or(responses.Status(status), responses.Default())
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	if response == nil || !strings.HasSuffix(kind, "json") {
		return false
	}
	media := response.Value.Content.Get(h.Get("Content-Type"))
	var value any
	return media != nil && media.Schema != nil && json.Unmarshal(body, &value) == nil &&
		accepts(media.Schema.Value, value)
}
