package graphql

import (
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// object lists the types of one object.
func (b *builder) object(m *schema.Model) {
	name, about := pascal(m.NameSingular), orEmpty(m.Description)
	for _, a := range m.Attrs {
		if options(a) {
			values := make([]string, 0, len(a.Options))
			for _, o := range a.Sorted() {
				values = append(values, o.Value)
			}
			b.enum(enumName(a), orEmpty(a.Description), values)
		}
	}
	b.add(ast.Object, name, about, b.output(m)...)
	b.add(ast.Object, name+"Edge", about, fieldsOf("node", name+"!", "cursor", "Cursor!")...)
	b.add(ast.Object, name+"Connection", about,
		append(b.figures(m), fieldsOf("edges", "["+name+"Edge!]!", "pageInfo", "PageInfo!")...)...)
	b.add(ast.Object, name+"GroupByConnection", about,
		append(b.figures(m), fieldsOf("edges", "["+name+"Edge!]!", "pageInfo", "PageInfo!", "groupByDimensionValues",
			"JSON!")...)...)
	b.add(ast.InputObject, name+"RelationInput", "",
		fieldsOf("connect", name+"ConnectInput", "disconnect", "Boolean")...)
	b.add(ast.InputObject, name+"ConnectInput", "", fieldsOf("where", name+"WhereUniqueInput")...)
	b.whereUnique(m, name)
	b.add(ast.InputObject, name+"CreateInput", about, b.input(m, "CreateInput")...)
	b.add(ast.InputObject, name+"UpdateInput", about, b.input(m, "UpdateInput")...)
	filter := b.filter(m)
	b.add(ast.InputObject, name+"FilterInput", about,
		append(filter, fieldsOf("and", "["+name+"FilterInput]", "or", "["+name+"FilterInput]", "not",
			name+"FilterInput")...)...)
	for _, a := range m.Attrs {
		if options(a) {
			b.shared[enumName(a)+"Filter"] = &ast.Definition{Kind: ast.InputObject, Name: enumName(a) + "Filter",
				Fields: enumFilter(enumName(a))}
		}
	}
	b.add(ast.InputObject, name+"OrderByInput", about, b.order(m, "OrderByInput")...)
	b.add(ast.InputObject, name+"OrderByWithGroupByInput", about,
		append(fieldsOf("aggregate", name+"OrderByWithGroupByAggregateInput"),
			b.order(m, "OrderByWithGroupByInput")...)...)
	b.add(ast.InputObject, name+"OrderByWithGroupByAggregateInput", about,
		append(directions(aggregates(m)), b.orderByRelations(m, "OrderByInput")...)...)
	b.add(ast.InputObject, name+"GroupByInput", about, b.group(m)...)
}

// whereUnique lists the input that finds one record by what no two share. The inputs of its composite
// fields come right behind it.
func (b *builder) whereUnique(m *schema.Model, name string) {
	where := b.add(ast.InputObject, name+"WhereUniqueInput", "", field("id", "ID"))
	unique := m.Unique()
	for _, name := range schema.UniqueTogether[m.NameSingular] {
		if a := m.Attr(name); a != nil {
			unique = append(unique, a)
		}
	}
	for _, a := range unique {
		switch {
		case a.Name == "id":
		case a.Relation != schema.None:
			where.Fields = append(where.Fields, field(a.Name, "ID"))
		case a.Composite():
			where.Fields = append(where.Fields, b.whereComposite(a, name))
		default:
			where.Fields = append(where.Fields, field(a.Name, scalar(a)))
		}
	}
}

func (b *builder) whereComposite(a *schema.Attr, name string) *ast.FieldDefinition {
	sub := &ast.Definition{Kind: ast.InputObject, Name: name + schema.Capital(a.Name) + "WhereInput"}
	for _, s := range schema.Composites[a.Type] {
		if s.Unique {
			sub.Fields = append(sub.Fields, field(s.Name, subType(s)))
		}
	}
	b.shared[sub.Name] = sub
	return field(a.Name, sub.Name)
}

// each visits an object's fields as its types list them: its own first, then the ids of relations, then
// the relations.
func each(m *schema.Model, own, id, relation func(a *schema.Attr)) {
	for _, a := range m.Attrs {
		if a.IsActive && a.Relation == schema.None {
			own(a)
		}
	}
	for _, visit := range []func(*schema.Attr){id, relation} {
		for _, a := range m.Attrs {
			if a.IsActive && a.Relation != schema.None && a.Target != nil && visit != nil {
				visit(a)
			}
		}
	}
}

func (b *builder) output(m *schema.Model) (out []*ast.FieldDefinition) {
	each(m, func(a *schema.Attr) {
		of := outputType(a)
		if !a.IsNullable {
			of += "!"
		}
		out = append(out, described(field(a.Name, of), a))
	}, func(a *schema.Attr) {
		if a.Relation == schema.ToOne {
			of := "ID"
			if !a.IsNullable {
				of += "!"
			}
			out = append(out, described(field(a.JoinColumn, of), a))
		}
	}, func(a *schema.Attr) {
		target := pascal(a.Target.NameSingular)
		if a.Relation == schema.ToOne {
			out = append(out, described(field(a.Name, target), a))
			return
		}
		out = append(out, described(field(a.Name, target+"Connection", listArguments(target)...), a))
	})
	return out
}

func described(f *ast.FieldDefinition, a *schema.Attr) *ast.FieldDefinition {
	f.Description = orEmpty(a.Description)
	return f
}

// listArguments returns the arguments of a connection. They have no effect below the root:
// fixtures/twenty/graphql_people_and_relations.
func listArguments(target string) []*ast.ArgumentDefinition {
	return []*ast.ArgumentDefinition{arg("first", "Int"), arg("last", "Int"), arg("offset", "Int"),
		arg("before", "String"), arg("after", "String"),
		arg("filter", target+"FilterInput"), arg("orderBy", "["+target+"OrderByInput]")}
}

func (b *builder) input(m *schema.Model, kind string) (out []*ast.FieldDefinition) {
	each(m, func(a *schema.Attr) {
		of := inputType(a, kind)
		if kind == "CreateInput" && !a.IsNullable && a.DefaultValue == nil {
			of += "!"
		}
		out = append(out, described(field(a.Name, of), a))
	}, nil, func(a *schema.Attr) {
		if a.Relation == schema.ToOne {
			out = append(out, described(field(a.JoinColumn, "ID"), a),
				described(field(a.Name, pascal(a.Target.NameSingular)+"RelationInput"), a))
		}
	})
	return out
}

func (b *builder) filter(m *schema.Model) (out []*ast.FieldDefinition) {
	each(m, func(a *schema.Attr) {
		out = append(out, described(field(a.Name, filterType(a)), a))
	}, nil, func(a *schema.Attr) {
		if a.Relation == schema.ToOne {
			out = append(out, described(field(a.JoinColumn, "UUIDFilter"), a),
				described(field(a.Name, pascal(a.Target.NameSingular)+"FilterInput"), a))
		}
	})
	return out
}

func (b *builder) order(m *schema.Model, kind string) (out []*ast.FieldDefinition) {
	each(m, func(a *schema.Attr) {
		of := "OrderByDirection"
		switch {
		case a.Composite():
			of = pascal(string(a.Type)) + "OrderByInput"
		case kind == "OrderByWithGroupByInput" && (a.Type == schema.DateTime || a.Type == schema.Date):
			of = "OrderByDateGranularityInput"
		}
		out = append(out, described(field(a.Name, of), a))
	}, nil, nil)
	return append(out, b.orderByRelations(m, kind)...)
}

func (b *builder) orderByRelations(m *schema.Model, kind string) (out []*ast.FieldDefinition) {
	each(m, func(*schema.Attr) {}, nil, func(a *schema.Attr) {
		if a.Relation == schema.ToOne {
			out = append(out, described(field(a.JoinColumn, "OrderByDirection"), a),
				described(field(a.Name, pascal(a.Target.NameSingular)+kind), a))
		}
	})
	return out
}

// group lists what records can be grouped by: no fields of the system but the two times.
func (b *builder) group(m *schema.Model) (out []*ast.FieldDefinition) {
	each(m, func(a *schema.Attr) {
		switch {
		case a.Name == "createdAt" || a.Name == "updatedAt" ||
			!a.IsSystem && (a.Type == schema.DateTime || a.Type == schema.Date):
			out = append(out, described(field(a.Name, "GroupByDateGranularityInput"), a))
		case a.IsSystem || a.Type == schema.TSVector || a.Type == schema.Position || a.Type == schema.Actor ||
			a.Type == schema.RawJSON || a.Type == schema.Files:
		case a.Composite():
			out = append(out, described(field(a.Name, pascal(string(a.Type))+"GroupByInput"), a))
		default:
			out = append(out, described(field(a.Name, "Boolean"), a))
		}
	}, nil, func(a *schema.Attr) {
		if a.Relation == schema.ToOne {
			out = append(out, described(field(a.Name, pascal(a.Target.NameSingular)+"GroupByInput"), a))
		}
	})
	return out
}

// aggregates lists the figures that a connection can give.
func aggregates(m *schema.Model) []*ast.FieldDefinition {
	out := fieldsOf("totalCount", "Int")
	each(m, func(a *schema.Attr) {
		x := schema.Capital(a.Name)
		out = append(out, counts(x)...)
		switch a.Type {
		case schema.DateTime, schema.Date:
			of := outputType(a)
			out = append(out, fieldsOf("min"+x, of, "max"+x, of)...)
		case schema.Boolean:
			out = append(out, fieldsOf("countTrue"+x, "Int", "countFalse"+x, "Int")...)
		case schema.Number, schema.Numeric:
			out = append(out, fieldsOf("min"+x, "Float", "max"+x, "Float", "avg"+x, "Float", "sum"+x, "Float")...)
		case schema.Currency:
			x += "AmountMicros"
			out = append(out, fieldsOf("min"+x, "Float", "max"+x, "Float", "sum"+x, "Float", "avg"+x, "Float")...)
		}
	}, nil, nil)
	return out
}

func counts(x string) []*ast.FieldDefinition {
	return fieldsOf("countUniqueValues"+x, "Int", "countEmpty"+x, "Int", "countNotEmpty"+x, "Int", "percentageEmpty"+x,
		"Float", "percentageNotEmpty"+x, "Float")
}

// figures returns the aggregates, including those of morph relations, which the server lists but
// cannot compute.
func (b *builder) figures(m *schema.Model) []*ast.FieldDefinition {
	out := aggregates(m)
	each(m, func(*schema.Attr) {}, nil, func(a *schema.Attr) {
		if a.Type == schema.MorphRelation && a.Relation == schema.ToOne {
			out = append(out, counts(schema.Capital(a.Name))...)
		}
	})
	return out
}

func directions(fields []*ast.FieldDefinition) (out []*ast.FieldDefinition) {
	for _, f := range fields {
		out = append(out, field(f.Name, "OrderByDirection"))
	}
	return out
}

// options reports whether the values of a field form an enum type.
func options(a *schema.Attr) bool {
	return a.IsActive && len(a.Options) > 0 &&
		(a.Type == schema.Select || a.Type == schema.MultiSelect || a.Type == schema.Rating)
}

func enumName(a *schema.Attr) string { return pascal(a.Model.NameSingular) + pascal(a.Name) + "Enum" }

var scalars = map[schema.Type]string{schema.UUID: "UUID", schema.Text: "String", schema.Boolean: "Boolean",
	schema.DateTime: "DateTime", schema.Date: "Date",
	schema.Numeric: "BigFloat", schema.Position: "Position", schema.RawJSON: "JSON", schema.TSVector: "TSVector",
	schema.Array: "[String]", schema.Number: "Float"}

// scalar is the type of a plain field, in and out.
func scalar(a *schema.Attr) string {
	switch {
	case options(a) && a.Type == schema.MultiSelect:
		return "[" + enumName(a) + "]"
	case options(a):
		return enumName(a)
	case a.Type == schema.Number && a.Setting("dataType") == "int":
		return "Int"
	case a.Type == schema.Number && a.Setting("dataType") == "bigint":
		return "BigInt"
	case scalars[a.Type] == "":
		return "String"
	}
	return scalars[a.Type]
}

func outputType(a *schema.Attr) string {
	switch {
	case a.Composite():
		return pascal(string(a.Type))
	case a.Type == schema.Files:
		return "[FileObject]"
	}
	return scalar(a)
}

func inputType(a *schema.Attr, kind string) string {
	switch {
	case a.Composite():
		return pascal(string(a.Type)) + kind
	case a.Type == schema.Files:
		return "[FileItemInput]"
	case a.Name == "id":
		return "ID"
	}
	return scalar(a)
}

func filterType(a *schema.Attr) string {
	switch {
	case a.Composite():
		return pascal(string(a.Type)) + "FilterInput"
	case options(a):
		return enumName(a) + "Filter"
	case a.Type == schema.MultiSelect:
		return "MultiSelectFilter"
	case a.Type == schema.Files || a.Type == schema.RawJSON:
		return "RawJsonFilter"
	case a.Type == schema.Array:
		return "ArrayFilter"
	case a.Type == schema.Position:
		return "FloatFilter"
	}
	return scalar(a) + "Filter"
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
