package graphql

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"

	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// preludeTypes are the types and directives that every schema has.
var preludeTypes = func() *ast.SchemaDocument {
	doc := validator.PreludeDocument()
	age(doc.Definitions.ForName)
	return doc
}()

// age takes out of the type of types what graphql-js has since 16.9. The vendor's is older: it knows no
// directive oneOf, fixtures/twenty/graphql_introspection 34.
func age(named func(string) *ast.Definition) {
	d := named("__Type")
	d.Fields = slices.DeleteFunc(d.Fields, func(f *ast.FieldDefinition) bool { return f.Name == "isOneOf" })
	d = named("__DirectiveLocation")
	d.EnumValues = slices.DeleteFunc(d.EnumValues,
		func(v *ast.EnumValueDefinition) bool { return v.Name == "DIRECTIVE_DEFINITION" })
}

var filterIs = fieldsOf("is", "FilterIs")

// comparisons are the fields of a filter over values that have an order.
func comparisons(of, list string) []*ast.FieldDefinition {
	return append(fieldsOf("eq", of, "gt", of, "gte", of, "in", list, "lt", of, "lte", of, "neq", of), filterIs...)
}

// sharedTypes are the types that objects of any workspace use: fixtures/twenty/graphql_introspection.
func sharedTypes() []*ast.Definition {
	input := func(name string, fields ...*ast.FieldDefinition) *ast.Definition {
		return &ast.Definition{Kind: ast.InputObject, Name: name, Fields: fields}
	}
	enum := func(name, description string, values ...string) *ast.Definition {
		d := &ast.Definition{Kind: ast.Enum, Name: name, Description: description}
		for _, v := range values {
			d.EnumValues = append(d.EnumValues, &ast.EnumValueDefinition{Name: v})
		}
		return d
	}
	text := fieldsOf("eq", "String", "gt", "String", "gte", "String", "in", "[String!]", "lt", "String", "lte",
		"String", "neq", "String",
		"startsWith", "String", "endsWith", "String", "like", "String", "ilike", "String", "regex", "String", "iregex",
		"String", "is", "FilterIs")
	out := []*ast.Definition{
		enum("FilterIs", "This enum to filter by nullability", "NULL", "NOT_NULL"),
		enum("OrderByDirection", "This enum is used to specify the order of results", "AscNullsFirst", "AscNullsLast",
			"DescNullsFirst", "DescNullsLast"),
		input("StringFilter", text...),
		input("UUIDFilter", comparisons("UUID", "[UUID]")...),
		input("RawJsonFilter", fieldsOf("is", "FilterIs", "like", "String")...),
		input("BooleanFilter", fieldsOf("eq", "Boolean", "is", "FilterIs")...),
		input("TSVectorFilter", fieldsOf("search", "String")...),
		input("ArrayFilter", fieldsOf("containsIlike", "String", "is", "FilterIs", "isEmptyArray", "Boolean")...),
		input("MultiSelectFilter", fieldsOf("containsAny", "[String]", "is", "FilterIs", "isEmptyArray", "Boolean")...),
		{Kind: ast.Object, Name: "PageInfo", Fields: fieldsOf("startCursor", "ConnectionCursor", "endCursor",
			"ConnectionCursor", "hasNextPage", "Boolean!", "hasPreviousPage", "Boolean!")},
		{Kind: ast.Object, Name: "FileObject",
			Fields: fieldsOf("fileId", "UUID!", "label", "String!", "extension", "String", "url", "String")},
		input("ActorSourceEnumFilter", enumFilter("ActorSourceEnum")...),
		input("FileItemInput", fieldsOf("fileId", "UUID!", "label", "String!")...),
	}
	for name, of := range map[string]string{"Float": "Float", "Int": "Int", "BigFloat": "BigFloat", "BigInt": "BigInt",
		"DateTime": "DateTime", "Date": "Date"} {
		out = append(out, input(name+"Filter", comparisons(of, "["+of+"!]")...))
	}
	for _, name := range []string{"UUID", "DateTime", "Date", "BigFloat", "BigInt", "Position", "JSON", "TSVector",
		"Cursor", "ConnectionCursor"} {
		out = append(out, &ast.Definition{Kind: ast.Scalar, Name: name})
	}
	for _, name := range builtInScalars {
		out = append(out, preludeTypes.Definitions.ForName(name))
	}
	return out
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
