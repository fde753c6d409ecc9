package agents

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake/nearest"
)

// schemaOf returns the JSON Schema of a tool's arguments. Fields without omitempty are required; the tag doc describes
// them.
func schemaOf[In any]() object {
	properties, required := object{}, []string{}
	for f := range reflect.TypeFor[In]().Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		property := typeOf(f.Type)
		property["description"] = f.Tag.Get("doc")
		properties[name] = property
		if options == "" {
			required = append(required, name)
		}
	}
	return object{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

func typeOf(t reflect.Type) object {
	switch t.Kind() {
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int:
		return object{"type": "integer", "minimum": 0}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": typeOf(t.Elem())}
	}
	return object{} // any value
}

// decode reads the arguments of a call into a struct. Its errors name what is expected.
func decode[In any](text json.RawMessage, in *In) error {
	if len(bytes.TrimSpace(text)) == 0 {
		text = json.RawMessage("{}")
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(text, &given); err != nil {
		return errors.New("expected an object of arguments")
	}
	known := []string{}
	for f := range reflect.TypeFor[In]().Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		known = append(known, name)
		if value, ok := given[name]; options == "" && (!ok || string(value) == `""`) {
			return fmt.Errorf("the argument %s is missing: %s", name, f.Tag.Get("doc"))
		}
	}
	for name := range given {
		if !slices.Contains(known, name) {
			return fmt.Errorf("no argument %q%s; arguments: %s", name, nearest.Hint(name, known),
				strings.Join(known, ", "))
		}
	}
	err := json.Unmarshal(text, in)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("the argument %s is a %s; expected %s", wrong.Field, wrong.Value, typeName(wrong.Type))
	}
	return err
}

func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	}
	return "an object"
}
