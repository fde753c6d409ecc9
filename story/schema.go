package story

import (
	"reflect"
	"strings"
)

// Schema returns the JSON Schema of the files of stories, for editors.
func Schema() map[string]any {
	s := schemaOf(reflect.TypeFor[Story]())
	s["$schema"], s["title"] = "http://json-schema.org/draft-07/schema#", "A story"
	return s
}

// alternatives are the types of which a value sets exactly one field.
var alternatives = []reflect.Type{reflect.TypeFor[When](), reflect.TypeFor[Do]()}

func schemaOf(t reflect.Type) map[string]any {
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem())
	case reflect.Struct:
		return structSchema(t)
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": schemaOf(t.Elem())}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Int:
		return map[string]any{"type": "integer"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	}
	return map[string]any{} // any value
}

func structSchema(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	for f := range t.Fields() {
		key, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if key == "-" {
			continue
		}
		property := schemaOf(f.Type)
		property["description"] = f.Tag.Get("doc")
		properties[key] = property
		if options == "" {
			required = append(required, key)
		}
	}
	s := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		s["required"] = required
	}
	for _, one := range alternatives {
		if t == one {
			s["minProperties"], s["maxProperties"] = 1, 1
		}
	}
	return s
}
