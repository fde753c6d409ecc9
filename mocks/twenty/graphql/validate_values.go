package graphql

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// values checks literals against the types of their places. gqlparser's rule names types in other words ("String" for
// "String!"), takes whole numbers of any size for Int, and suggests values of enums in another order.
func (c *documentCheck) values(events *core.Events, add func(fault)) {
	events.OnValue(func(_ *core.Walker, v *ast.Value) {
		if v.ExpectedType == nil || v.Definition == nil || !v.Definition.IsInputType() {
			return
		}
		report := func(message string, at int) { add(fault{message: message, at: at, places: []int{at}}) }
		switch {
		case v.Kind == ast.Variable:
		case v.Kind == ast.NullValue:
			if v.ExpectedType.NonNull {
				report(`Expected value of type "`+v.ExpectedType.String()+`", found null.`, v.Position.Start)
			}
		case v.Kind == ast.ListValue && v.ExpectedType.Elem != nil:
		case v.Kind == ast.ObjectValue && v.Definition.Kind == ast.InputObject:
			objectFields(v, report)
		default:
			if message := leafFault(v); message != "" {
				report(message, v.Position.Start)
			}
		}
	})
}

// objectFields checks that an object has what it must have and nothing else.
func objectFields(v *ast.Value, report func(string, int)) {
	for _, f := range v.Definition.Fields {
		if f.Type.NonNull && f.DefaultValue == nil && v.Children.ForName(f.Name) == nil {
			report(`Field "`+v.Definition.Name+"."+f.Name+`" of required type "`+f.Type.String()+`" was not provided.`,
				v.Position.Start)
		}
	}
	for _, child := range v.Children {
		if v.Definition.Fields.ForName(child.Name) == nil {
			report(`Field "`+child.Name+`" is not defined by type "`+v.Definition.Name+`".`+
				didYouMean("", suggest(child.Name, fieldNames(v.Definition))), child.Position.Start)
		}
	}
}

// leafFault returns the error of a literal that its type cannot represent, or "".
func leafFault(v *ast.Value) string {
	def, text := v.Definition, literalText(v)
	switch {
	case !def.IsLeafType():
		expected := *v.ExpectedType
		if v.Kind == ast.ListValue {
			expected.NonNull = false
		}
		return `Expected value of type "` + expected.String() + `", found ` + text + `.`
	case def.Kind != ast.Enum && v.Kind == ast.EnumValue:
		return scalarFault(def.Name, nil, false, text)
	case def.Kind != ast.Enum:
		return scalarFault(def.Name, untyped(v, nil), v.Kind == ast.IntValue, text)
	case v.Kind != ast.EnumValue:
		return `Enum "` + def.Name + `" cannot represent non-enum value: ` + text + `.` + didYouMeanEnum(def, text)
	case def.EnumValues.ForName(v.Raw) == nil:
		return `Value "` + text + `" does not exist in "` + def.Name + `" enum.` + didYouMeanEnum(def, text)
	}
	return ""
}

// literalText prints a literal as graphql-js does.
func literalText(v *ast.Value) string {
	var parts []string
	switch v.Kind {
	case ast.Variable:
		return "$" + v.Raw
	case ast.StringValue, ast.BlockValue:
		return printed(v.Raw)
	case ast.ListValue:
		for _, child := range v.Children {
			parts = append(parts, literalText(child.Value))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case ast.ObjectValue:
		for _, child := range v.Children {
			parts = append(parts, child.Name+": "+literalText(child.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return v.Raw
}
