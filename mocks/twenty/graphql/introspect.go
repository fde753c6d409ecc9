package graphql

import (
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
)

// SDL returns the type system as text.
func (t *typeSystem) SDL() string {
	var out strings.Builder
	formatter.NewFormatter(&out).FormatSchema(t.schema)
	return out.String()
}

// introspect resolves a field of an introspection type. Parents are the parsed values: *typeSystem,
// *ast.Type, *ast.Definition and so on.
func (t *typeSystem) introspect(of, name string, parent any, args map[string]any) (any, error) {
	switch p := parent.(type) {
	case *typeSystem:
		return t.ofSchema(name), nil
	case *ast.Type:
		return t.ofType(p, name, args), nil
	case *ast.FieldDefinition:
		return t.ofField(p, name), nil
	case *ast.ArgumentDefinition:
		return t.ofInput(p.Name, p.Description, p.Type, p.DefaultValue, name), nil
	case *ast.EnumValueDefinition:
		return ofEnumValue(p, name), nil
	case *ast.DirectiveDefinition:
		return ofDirective(p, name), nil
	}
	if name == "__type" {
		wanted, _ := args["name"].(string)
		if t.schema.Types[wanted] == nil {
			return nil, nil
		}
		return &ast.Type{NamedType: wanted}, nil
	}
	return nil, nil
}

func (t *typeSystem) ofSchema(name string) any {
	switch name {
	case "types":
		return js.Map(t.order, func(n string) any { return &ast.Type{NamedType: n} })
	case "queryType":
		return named(t.schema.Query)
	case "mutationType":
		return named(t.schema.Mutation)
	case "directives":
		return js.Map(directives, func(n string) any { return t.schema.Directives[n] })
	}
	return nil
}

func named(d *ast.Definition) any {
	if d == nil {
		return nil
	}
	return &ast.Type{NamedType: d.Name}
}

func (t *typeSystem) ofType(p *ast.Type, name string, args map[string]any) any {
	if p.NonNull || p.Elem != nil {
		return wrapped(p, name)
	}
	def := t.schema.Types[p.NamedType]
	switch name {
	case "kind":
		return string(def.Kind)
	case "fields":
		return outputFields(def, args)
	case "inputFields":
		return inputFields(def)
	case "enumValues":
		return enumValues(def)
	case "interfaces":
		if def.Kind == ast.Object || def.Kind == ast.Interface {
			return typeRefs(def.Interfaces)
		}
	case "possibleTypes":
		if def.IsAbstractType() {
			return typeRefs(js.Map(t.schema.GetPossibleTypes(def), func(d *ast.Definition) string { return d.Name }))
		}
	}
	return labelled(name, def.Name, def.Description)
}

func typeRefs(names []string) []any {
	return js.Map(names, func(name string) any { return &ast.Type{NamedType: name} })
}

func wrapped(p *ast.Type, name string) any {
	switch {
	case name == "kind" && p.NonNull:
		return "NON_NULL"
	case name == "kind":
		return "LIST"
	case name == "ofType" && p.NonNull:
		inner := *p
		inner.NonNull = false
		return &inner
	case name == "ofType":
		return p.Elem
	}
	return nil
}

func outputFields(def *ast.Definition, args map[string]any) any {
	if def.Kind != ast.Object && def.Kind != ast.Interface {
		return nil
	}
	out := []any{}
	for _, f := range def.Fields {
		if !strings.HasPrefix(f.Name, "__") &&
			(f.Directives.ForName("deprecated") == nil || args["includeDeprecated"] == true) {
			out = append(out, f)
		}
	}
	return out
}

func inputFields(def *ast.Definition) any {
	if def.Kind != ast.InputObject {
		return nil
	}
	out := make([]any, len(def.Fields))
	for i, f := range def.Fields {
		out[i] = &ast.ArgumentDefinition{Name: f.Name, Description: f.Description, Type: f.Type,
			DefaultValue: f.DefaultValue}
	}
	return out
}

func enumValues(def *ast.Definition) any {
	if def.Kind != ast.Enum {
		return nil
	}
	return js.Map(def.EnumValues, func(v *ast.EnumValueDefinition) any { return v })
}

func (t *typeSystem) ofField(f *ast.FieldDefinition, name string) any {
	switch name {
	case "args":
		return argumentsOf(f.Arguments)
	case "type":
		return f.Type
	case "isDeprecated":
		return f.Directives.ForName("deprecated") != nil
	case "deprecationReason":
		if d := f.Directives.ForName("deprecated"); d != nil {
			return d.Arguments.ForName("reason").Value.Raw
		}
	}
	return labelled(name, f.Name, f.Description)
}

func argumentsOf(list ast.ArgumentDefinitionList) any {
	return js.Map(list, func(a *ast.ArgumentDefinition) any { return a })
}

func (t *typeSystem) ofInput(own, about string, typ *ast.Type, otherwise *ast.Value, name string) any {
	switch name {
	case "type":
		return typ
	case "defaultValue":
		if otherwise != nil {
			return otherwise.String()
		}
	case "isDeprecated":
		return false
	}
	return labelled(name, own, about)
}

func ofEnumValue(v *ast.EnumValueDefinition, name string) any {
	switch name {
	case "isDeprecated":
		return false
	}
	return labelled(name, v.Name, v.Description)
}

func ofDirective(d *ast.DirectiveDefinition, name string) any {
	switch name {
	case "args":
		return argumentsOf(d.Arguments)
	case "isRepeatable":
		return d.IsRepeatable
	case "locations":
		return js.Map(d.Locations, func(l ast.DirectiveLocation) any { return string(l) })
	}
	return labelled(name, d.Name, d.Description)
}

// labelled is the name or the description of a thing, nil if something else is asked for.
func labelled(asked, name, description string) any {
	switch asked {
	case "name":
		return name
	case "description":
		return orNull(description)
	}
	return nil
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
