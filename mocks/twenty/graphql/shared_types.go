package graphql

import (
	_ "embed"
	"slices"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// preludeTypes are the types and directives that every schema has.
var preludeTypes = sync.OnceValue(func() *ast.SchemaDocument {
	doc := validator.PreludeDocument()
	age(doc.Definitions.ForName)
	return doc
})

// age takes out of the type of types what graphql-js has since 16.9. The vendor's is older: it knows no
// directive oneOf, fixtures/twenty/graphql_introspection 34.
func age(named func(string) *ast.Definition) {
	d := named("__Type")
	d.Fields = slices.DeleteFunc(d.Fields, func(f *ast.FieldDefinition) bool { return f.Name == "isOneOf" })
	d = named("__DirectiveLocation")
	d.EnumValues = slices.DeleteFunc(d.EnumValues,
		func(v *ast.EnumValueDefinition) bool { return v.Name == "DIRECTIVE_DEFINITION" })
}

//go:embed shared.graphql
var sharedSDL string

// sharedTypes are the types that objects of any workspace use.
func sharedTypes() []*ast.Definition {
	doc, err := parser.ParseSchema(&ast.Source{Name: "shared", Input: sharedSDL})
	if err != nil {
		panic(err) // embedded
	}
	for _, name := range builtInScalars {
		doc.Definitions = append(doc.Definitions, preludeTypes().Definitions.ForName(name))
	}
	return doc.Definitions
}

// composites lists the types of composite fields, in the vendor's order.
func (b *builder) composites() {
	for _, t := range []schema.Type{schema.Links, schema.Currency, schema.FullName, schema.Address, schema.Actor,
		schema.Emails, schema.Phones, schema.RichText} {
		b.composite(t)
	}
	b.enum("DateGranularityEnum", "", []string{"DAY", "MONTH", "QUARTER", "YEAR", "WEEK", "DAY_OF_THE_WEEK",
		"MONTH_OF_THE_YEAR", "QUARTER_OF_THE_YEAR", "NONE"})
	b.enum("FirstDayOfTheWeek", "", []string{"MONDAY", "SUNDAY", "SATURDAY"})
	b.add(ast.InputObject, "GroupByDateGranularityInput", "",
		fieldsOf("granularity", "DateGranularityEnum", "weekStartDay", "FirstDayOfTheWeek", "timeZone", "String")...)
	b.add(ast.InputObject, "OrderByDateGranularityInput", "",
		fieldsOf("orderBy", "OrderByDirection", "granularity", "DateGranularityEnum")...)
}

// composite lists a composite type with its inputs.
func (b *builder) composite(t schema.Type) {
	name := pascal(string(t))
	if t == schema.Actor {
		b.enum("ActorSourceEnum", "", schema.ActorSources)
	}
	out := b.add(ast.Object, name, "")
	create := b.add(ast.InputObject, name+"CreateInput", "")
	update := b.add(ast.InputObject, name+"UpdateInput", "")
	filter := b.add(ast.InputObject, name+"FilterInput", "")
	order := b.add(ast.InputObject, name+"OrderByInput", "")
	group := b.add(ast.InputObject, name+"GroupByInput", "")
	for _, s := range schema.Composites[t] {
		of, required := subType(s), ""
		if t == schema.Actor && (s.Name == "source" || s.Name == "name") {
			required = "!"
		}
		out.Fields = append(out.Fields, field(s.Name, of+required))
		if t != schema.Actor || s.Name == "source" || s.Name == "context" { // the others are the caller's
			written := of
			if s.Name == "source" {
				written += "!"
			}
			create.Fields = append(create.Fields, field(s.Name, written))
			update.Fields = append(update.Fields, field(s.Name, of))
		}
		filter.Fields = append(filter.Fields, field(s.Name, subFilter(s)))
		order.Fields = append(order.Fields, field(s.Name, "OrderByDirection"))
		if s.Type != schema.RawJSON {
			group.Fields = append(group.Fields, field(s.Name, "Boolean"))
		}
	}
}

func enumFilter(name string) []*ast.FieldDefinition {
	return fieldsOf("eq", name, "neq", name, "in", "["+name+"]", "containsAny", "["+name+"]", "is", "FilterIs",
		"isEmptyArray", "Boolean")
}

var subTypes = map[schema.Type]string{schema.Text: "String", schema.RawJSON: "JSON", schema.Numeric: "BigFloat",
	schema.UUID: "UUID", schema.Select: "ActorSourceEnum"}

func subType(s schema.SubField) string { return subTypes[s.Type] }

func subFilter(s schema.SubField) string {
	switch s.Type {
	case schema.Text:
		return "StringFilter"
	case schema.RawJSON:
		return "RawJsonFilter"
	}
	return subType(s) + "Filter"
}
