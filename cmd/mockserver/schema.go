package main

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/story"
)

func schemaCommand(defs []*fake.Def) *cobra.Command {
	cmd := &cobra.Command{Use: "schema", Short: "Print JSON Schemas of files", Args: noSuchCommand, RunE: needsCommand}
	cmd.AddCommand(&cobra.Command{
		Use: "seed FAKE", Short: "Print the JSON Schema of a seed of a fake, for editors",
		Args: arguments(1, 1), ValidArgs: namesOf(defs),
		RunE: func(cmd *cobra.Command, args []string) error {
			def, err := wanted(defs, args[0])
			if err != nil {
				return err
			}
			schema, err := seedSchema(def)
			if err != nil {
				return err
			}
			e := json.NewEncoder(cmd.OutOrStdout())
			e.SetIndent("", "  ")
			return e.Encode(schema)
		},
	})
	cmd.AddCommand(&cobra.Command{
		Use: "story", Short: "Print the JSON Schema of a story, for editors", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			e := json.NewEncoder(cmd.OutOrStdout())
			e.SetIndent("", "  ")
			return e.Encode(story.Schema())
		},
	})
	return cmd
}

type object = map[string]any

// seedSchema derives the schema of a fake's seeds from the types of its rows. Tables that are made by rows of other
// tables have a colon or a slash in their names; their rows are not checked.
func seedSchema(def *fake.Def) (object, error) {
	types, err := rowTypes(def)
	if err != nil {
		return nil, err
	}
	tables := object{}
	for _, name := range slices.Sorted(maps.Keys(types)) {
		if !strings.HasPrefix(name, "_") {
			tables[name] = object{"type": "array", "items": schemaOf(types[name], nil)}
		}
	}
	rows := object{"type": "array", "items": object{"type": "object"}}
	return object{"$schema": "http://json-schema.org/draft-07/schema#", "title": "A seed of " + title(def),
		"type": "object", "properties": tables, "patternProperties": object{"[:/]": rows},
		"additionalProperties": false}, nil
}

// rowTypes returns the type of the rows of each table of a fake.
func rowTypes(def *fake.Def) (map[string]reflect.Type, error) {
	srv, err := fake.New(fake.Config{}, def)
	if err != nil {
		return nil, err
	}
	defer srv.Close()
	world, err := srv.World("default")
	if err != nil {
		return nil, err
	}
	state, err := world.State(def.Name)
	if err != nil {
		return nil, err
	}
	return state.RowTypes(), nil
}

// schemaOf describes how a Go type is written as JSON. A type that writes itself may be anything.
func schemaOf(t reflect.Type, within []reflect.Type) object {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case t.Kind() == reflect.Pointer:
		return object{"anyOf": []object{schemaOf(t.Elem(), within), {"type": "null"}}}
	case slices.Contains(within, t), t.Implements(reflect.TypeFor[json.Marshaler]()),
		reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()):
		return object{}
	}
	within = append(within, t)
	switch t.Kind() {
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Uint64:
		return object{"type": "integer"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return object{"type": "string", "contentEncoding": "base64"}
		}
		return object{"type": []string{"array", "null"}, "items": schemaOf(t.Elem(), within)}
	case reflect.Map:
		return object{"type": []string{"object", "null"}, "additionalProperties": schemaOf(t.Elem(), within)}
	case reflect.Struct:
		fields := object{}
		addFields(fields, t, within)
		return object{"type": "object", "properties": fields, "additionalProperties": false}
	}
	return object{}
}

// addFields adds the fields of a struct, and those of the structs that are embedded in it.
func addFields(fields object, t reflect.Type, within []reflect.Type) {
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-":
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			addFields(fields, f.Type, within)
		case f.IsExported() && name == "":
			fields[f.Name] = schemaOf(f.Type, within)
		case f.IsExported():
			fields[name] = schemaOf(f.Type, within)
		}
	}
}
