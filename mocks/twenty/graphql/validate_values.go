package graphql

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// value checks a literal against the type of its place, nil if that is unknown.
func (c *documentCheck) value(v *ast.Value, expected *ast.Type, hasDefault bool) {
	switch v.Kind {
	case ast.Variable:
		if c.silent {
			c.uses[c.within] = append(c.uses[c.within], use{v, expected, hasDefault})
		}
	case ast.ListValue:
		c.listValue(v, expected)
	case ast.ObjectValue:
		c.objectValue(v, expected)
	case ast.NullValue:
		if expected != nil && expected.NonNull {
			c.report(`Expected value of type "`+expected.String()+`", found null.`, v.Position.Start)
		}
	default:
		c.leafValue(v, expected)
	}
}

func (c *documentCheck) listValue(v *ast.Value, expected *ast.Type) {
	item := expected
	if expected != nil && expected.Elem != nil {
		item = expected.Elem
	}
	if expected != nil && expected.Elem == nil {
		nullable := *expected
		nullable.NonNull = false
		c.leafValue(v, &nullable)
		if !c.silent {
			return
		}
	}
	for _, child := range v.Children {
		c.value(child.Value, item, false)
	}
}

func (c *documentCheck) objectValue(v *ast.Value, expected *ast.Type) {
	def := c.named(expected)
	if def == nil || def.Kind != ast.InputObject {
		c.leafValue(v, expected)
		def = nil
	} else {
		for _, f := range def.Fields {
			if f.Type.NonNull && f.DefaultValue == nil && v.Children.ForName(f.Name) == nil {
				c.report(`Field "`+def.Name+"."+f.Name+`" of required type "`+f.Type.String()+`" was not provided.`,
					v.Position.Start)
			}
		}
	}
	seen := map[string]int{}
	for _, child := range v.Children {
		c.objectField(def, child, seen)
	}
}

func (c *documentCheck) objectField(def *ast.Definition, child *ast.ChildValue, seen map[string]int) {
	var expected *ast.Type
	hasDefault, at := false, child.Position.Start
	if def != nil {
		if f := def.Fields.ForName(child.Name); f != nil {
			expected, hasDefault = f.Type, f.DefaultValue != nil
		} else {
			c.report(`Field "`+child.Name+`" is not defined by type "`+def.Name+`".`+
				didYouMean("", suggest(child.Name, fieldNames(def))), at)
		}
	}
	if first, twice := seen[child.Name]; twice {
		c.report(`There can be only one input field named "`+child.Name+`".`, first, at)
	} else {
		seen[child.Name] = at
	}
	c.value(child.Value, expected, hasDefault)
}

// leafValue checks a value of a place that wants a scalar or an enum.
func (c *documentCheck) leafValue(v *ast.Value, expected *ast.Type) {
	def := c.named(expected)
	if def == nil {
		return
	}
	text, at := literalText(v), v.Position.Start
	if !def.IsLeafType() {
		c.report(`Expected value of type "`+expected.String()+`", found `+text+`.`, at)
		return
	}
	if def.Kind == ast.Enum {
		c.enumValue(v, def)
		return
	}
	if fault := scalarFault(def.Name, literalValue(v), v.Kind == ast.IntValue, text); fault != "" {
		c.report(fault, at)
	}
}

// literalValue is the value of a literal that a scalar is asked about: not a word, which is an enum's.
func literalValue(v *ast.Value) any {
	if v.Kind == ast.EnumValue {
		return nil
	}
	return untyped(v, nil)
}

func (c *documentCheck) enumValue(v *ast.Value, def *ast.Definition) {
	text := literalText(v)
	switch {
	case v.Kind != ast.EnumValue:
		c.report(`Enum "`+def.Name+`" cannot represent non-enum value: `+text+`.`+didYouMeanEnum(def, text),
			v.Position.Start)
	case def.EnumValues.ForName(v.Raw) == nil:
		c.report(`Value "`+text+`" does not exist in "`+def.Name+`" enum.`+didYouMeanEnum(def, text), v.Position.Start)
	}
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
