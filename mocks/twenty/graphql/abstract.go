package graphql

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// applies reports whether a fragment on the named type selects from objects of a type: the type itself, or a
// union or interface that it belongs to.
func (t *typeSystem) applies(of *ast.Definition, condition string) bool {
	return of.Name == condition || slices.Contains(t.schema.PossibleTypes[condition], of)
}

// typenameKey is the key of the type name of a value whose declared type is a union or an
// interface.
const typenameKey = "__typename"

// concrete returns the type of a value. The resolvers of abstract types put its name into the value.
func (t *typeSystem) concrete(declared *ast.Definition, v any) *ast.Definition {
	if !declared.IsAbstractType() {
		return declared
	}
	name, _ := member(v, typenameKey).(string)
	if def := t.schema.Types[name]; def != nil {
		return def
	}
	return t.schema.PossibleTypes[declared.Name][0]
}

// typeOrder returns the names of a schema's types in the order of graphql-js: each type is followed by those
// that its members mention first.
func typeOrder(doc *ast.SchemaDocument) []string {
	var order []string
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		order = append(order, name)
		def := doc.Definitions.ForName(name)
		if def == nil {
			return
		}
		for _, other := range slices.Concat(def.Types, def.Interfaces) {
			visit(other)
		}
		for _, f := range def.Fields {
			visit(f.Type.Name())
			for _, a := range f.Arguments {
				visit(a.Type.Name())
			}
		}
	}
	for _, d := range doc.Definitions {
		visit(d.Name)
	}
	return order
}
