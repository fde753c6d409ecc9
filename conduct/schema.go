package conduct

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake/openapi"
)

// Schema is a schema of a document with its references followed. A nil Schema promises nothing.
type Schema struct {
	doc *Document
	raw map[string]any
}

// Answer returns the schema of an answer in JSON, or nil if the document has none.
func (d *Document) Answer(op *openapi.Operation, status int) *Schema {
	var text struct{ Responses map[string]any }
	if json.Unmarshal(d.paths[op.Path][strings.ToLower(op.Method)], &text) != nil {
		return nil
	}
	response := d.follow(text.Responses[strconv.Itoa(status)])
	if response == nil {
		response = d.follow(text.Responses["default"])
	}
	content, _ := response["content"].(map[string]any)
	media, _ := content["application/json"].(map[string]any)
	return d.schema(media["schema"])
}

// follow returns an object of the document, or the one that it refers to.
func (d *Document) follow(v any) map[string]any {
	object, _ := v.(map[string]any)
	for range 20 {
		ref, ok := object["$ref"].(string)
		if !ok {
			return object
		}
		parts := strings.Split(strings.TrimPrefix(ref, "#/components/"), "/")
		if len(parts) != 2 {
			return nil
		}
		object, _ = d.components[parts[0]][parts[1]].(map[string]any)
	}
	return nil
}

func (d *Document) schema(v any) *Schema {
	raw := d.follow(v)
	if raw == nil {
		return nil
	}
	if parts, ok := raw["allOf"].([]any); ok {
		raw = d.merge(raw, parts)
	}
	return &Schema{d, raw}
}

// merge puts the parts of allOf into one schema.
func (d *Document) merge(raw map[string]any, parts []any) map[string]any {
	out := maps.Clone(raw)
	delete(out, "allOf")
	properties, required := map[string]any{}, []any{}
	for _, part := range append(parts, any(out)) {
		s := d.schema(part)
		if s == nil {
			continue
		}
		for name, value := range s.raw {
			if out[name] == nil {
				out[name] = value
			}
		}
		own, _ := s.raw["properties"].(map[string]any)
		maps.Copy(properties, own)
		names, _ := s.raw["required"].([]any)
		required = append(required, names...)
	}
	if len(properties) > 0 {
		out["properties"], out["required"] = properties, required
	}
	return out
}

// Exact reports whether the schema says all of a value: no alternatives are open.
func (s *Schema) Exact() bool {
	return s != nil && s.raw["anyOf"] == nil && s.raw["oneOf"] == nil && s.raw["not"] == nil
}

// Property returns the schema of a property; declared is false if the schema does not name it.
func (s *Schema) Property(name string) (p *Schema, declared bool) {
	if !s.Exact() {
		return nil, false
	}
	properties, _ := s.raw["properties"].(map[string]any)
	if found, ok := properties[name]; ok {
		return s.doc.schema(found), true
	}
	if more, ok := s.raw["additionalProperties"].(map[string]any); ok {
		return s.doc.schema(more), true
	}
	return nil, false
}

// Names returns the properties that the schema names, sorted.
func (s *Schema) Names() []string {
	if !s.Exact() {
		return nil
	}
	properties, _ := s.raw["properties"].(map[string]any)
	return slices.Sorted(maps.Keys(properties))
}

// Required reports whether a property has to be there.
func (s *Schema) Required(name string) bool {
	names, _ := s.raw["required"].([]any)
	return slices.Contains(names, any(name))
}

// Closed reports whether the schema forbids properties that it does not name. A nil Schema forbids none.
func (s *Schema) Closed() bool {
	if s == nil {
		return false
	}
	return !s.Exact() || s.raw["additionalProperties"] == false
}

// Items returns the schema of the items of a list.
func (s *Schema) Items() *Schema {
	if s == nil {
		return nil
	}
	return s.doc.schema(s.raw["items"])
}

// Text returns a keyword of the schema as text, "" if it is not there.
func (s *Schema) Text(keyword string) string {
	if s == nil || s.raw[keyword] == nil {
		return ""
	}
	return fmt.Sprint(s.raw[keyword])
}

// Keyword reports whether the schema has a keyword.
func (s *Schema) Keyword(keyword string) bool { return s != nil && s.raw[keyword] != nil }
