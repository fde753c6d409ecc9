package graphql

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// schemaOf builds the types of a workspace: those of composite fields, then the types of each
// object, then the roots. It runs only when the metadata changes, so it may be slow.
func schemaOf(m *schema.Schema) *typeSystem {
	b := newBuilder()
	b.composites()
	for _, model := range m.Models {
		b.object(model)
	}
	b.roots(m.Models)
	return b.finish()
}

// builder collects the definitions of a type system.
type builder struct {
	listed []*ast.Definition // in the order of the document
	known  map[string]*ast.Definition
	shared map[string]*ast.Definition // used where needed, listed at first mention
}

func newBuilder() *builder {
	b := &builder{known: map[string]*ast.Definition{}, shared: map[string]*ast.Definition{}}
	for _, d := range sharedTypes() {
		b.shared[d.Name] = d
	}
	return b
}

// add lists a definition.
func (b *builder) add(kind ast.DefinitionKind, name, description string,
	fields ...*ast.FieldDefinition) *ast.Definition {
	d := &ast.Definition{Kind: kind, Name: name, Description: description, Fields: fields}
	if b.known[name] == nil {
		b.listed = append(b.listed, d)
		b.known[name] = d
	}
	return d
}

// enum lists an enum; without a value it is dropped, as GraphQL has no empty ones.
func (b *builder) enum(name, description string, values []string) {
	d := b.add(ast.Enum, name, description)
	for _, v := range values {
		d.EnumValues = append(d.EnumValues, &ast.EnumValueDefinition{Name: v})
	}
}

// typ parses a type: [Company!]!.
func typ(text string) *ast.Type {
	t := &ast.Type{}
	if n := len(text); text[n-1] == '!' {
		t.NonNull, text = true, text[:n-1]
	}
	if text[0] == '[' {
		t.Elem = typ(text[1 : len(text)-1])
	} else {
		t.NamedType = text
	}
	return t
}

func field(name, of string, args ...*ast.ArgumentDefinition) *ast.FieldDefinition {
	return &ast.FieldDefinition{Name: name, Type: typ(of), Arguments: args}
}

func arg(name, of string) *ast.ArgumentDefinition {
	return &ast.ArgumentDefinition{Name: name, Type: typ(of)}
}

func fieldsOf(pairs ...string) (out []*ast.FieldDefinition) {
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, field(pairs[i], pairs[i+1]))
	}
	return out
}

// typeSystem is a schema with its types in the order in which introspection lists them.
type typeSystem struct {
	schema *ast.Schema
	order  []string
}

// finish puts the shared types behind the listed one that mentions them first, the way graphql-js
// collects types: fixtures/twenty/graphql_introspection 37.
func (b *builder) finish() *typeSystem {
	t := &typeSystem{schema: &ast.Schema{Types: map[string]*ast.Definition{},
		Directives:    map[string]*ast.DirectiveDefinition{},
		PossibleTypes: map[string][]*ast.Definition{}, Implements: map[string][]*ast.Definition{}}}
	for _, d := range b.listed {
		b.collect(t, d)
	}
	b.scalars(t)
	t.include(preludeTypes())
	t.schema.Query, t.schema.Mutation = t.schema.Types["Query"], t.schema.Types["Mutation"]
	return t
}

func (b *builder) collect(t *typeSystem, d *ast.Definition) {
	if t.schema.Types[d.Name] != nil {
		return
	}
	t.put(d)
	for _, f := range d.Fields {
		b.mention(t, f.Type.Name())
		for _, a := range f.Arguments {
			b.mention(t, a.Type.Name())
		}
	}
}

func (b *builder) mention(t *typeSystem, name string) {
	if b.known[name] == nil && b.shared[name] != nil && !slices.Contains(builtInScalars, name) {
		b.collect(t, b.shared[name])
	}
}

// scalars lists the scalars that GraphQL itself has, each right behind the first type that mentions it.
func (b *builder) scalars(t *typeSystem) {
	before := t.order
	t.order = nil
	for _, name := range before {
		t.order = append(t.order, name)
		for _, f := range t.schema.Types[name].Fields {
			b.scalar(t, f.Type.Name())
			for _, a := range f.Arguments {
				b.scalar(t, a.Type.Name())
			}
		}
	}
}

func (b *builder) scalar(t *typeSystem, name string) {
	if slices.Contains(builtInScalars, name) && t.schema.Types[name] == nil {
		t.put(b.shared[name])
	}
}

func (t *typeSystem) put(d *ast.Definition) {
	if t.schema.Types[d.Name] == nil {
		t.order = append(t.order, d.Name)
	}
	t.schema.Types[d.Name] = d
	if d.Kind == ast.Object {
		t.schema.PossibleTypes[d.Name] = []*ast.Definition{d}
	}
}

// include adds what every schema has: introspection types, scalars and directives.
func (t *typeSystem) include(p *ast.SchemaDocument) {
	for _, name := range introspectionTypes {
		if d := p.Definitions.ForName(name); d != nil {
			t.put(d)
		}
	}
	for _, name := range builtInScalars {
		if t.schema.Types[name] == nil {
			t.schema.Types[name] = p.Definitions.ForName(name) // known, but not listed unless mentioned
		}
	}
	for _, d := range p.Directives {
		t.schema.Directives[d.Name] = d
	}
}

var (
	introspectionTypes = []string{"__Schema", "__Type", "__TypeKind", "__Field", "__InputValue", "__EnumValue",
		"__Directive", "__DirectiveLocation"}
	builtInScalars = []string{"String", "Boolean", "Int", "Float", "ID"}
	directives     = []string{"include", "skip", "deprecated", "specifiedBy"}
)
