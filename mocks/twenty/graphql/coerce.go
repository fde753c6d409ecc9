package graphql

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// coerceVariables validates the variables of an operation against their types. The messages are
// those of graphql-js without the name of the variable, which the vendor drops, and the status is
// 400. Inferred: the snapshots of twenty-server's own tests, and its source.
func (e *schemaExecutor) coerceVariables(op *ast.OperationDefinition, given *record.Object) (map[string]any,
	[]*Failure) {
	out := map[string]any{}
	c := coercion{types: e.types.schema}
	if given == nil {
		given = &record.Object{}
	}
	for _, v := range op.VariableDefinitions {
		value, ok := given.Get(v.Variable)
		switch {
		case !ok && v.DefaultValue != nil:
			out[v.Variable] = plainValue(untyped(v.DefaultValue, given))
		case !ok && v.Type.NonNull:
			c.complain(`Variable "$%s" of required type "%s" was not provided.`, v.Variable, v.Type)
		case !ok:
		case value == nil && v.Type.NonNull:
			c.complain(`Variable "$%s" of non-null type "%s" must not be null.`, v.Variable, v.Type)
		default:
			out[v.Variable] = c.value(v.Type, value)
		}
	}
	return out, c.failures
}

// coercion checks the variables of a document.
type coercion struct {
	types    *ast.Schema
	failures []*Failure
}

func (c *coercion) complain(format string, args ...any) any {
	return c.refuse(badInput, fmt.Sprintf(format, args...))
}

func (c *coercion) refuse(code, message string) any {
	f := guarded(code, message)
	f.Extensions.HTTP = map[string]any{"status": http.StatusBadRequest}
	c.failures = append(c.failures, f)
	return nil
}

func (c *coercion) value(t *ast.Type, v any) any {
	switch {
	case v == nil && t.NonNull:
		return c.complain(`Expected non-nullable type "%s" not to be null.`, t)
	case v == nil:
		return nil
	case t.Elem != nil:
		list, ok := v.([]any)
		if !ok {
			return []any{c.value(t.Elem, v)}
		}
		out := make([]any, len(list))
		for i, item := range list {
			out[i] = c.value(t.Elem, item)
		}
		return out
	}
	def := c.types.Types[t.NamedType]
	switch {
	case def == nil:
		return nil
	case def.Kind == ast.InputObject:
		return c.object(def, v)
	case def.Kind == ast.Enum:
		return c.enum(def, v)
	}
	return c.scalar(def.Name, v)
}

func (c *coercion) enum(def *ast.Definition, v any) any {
	var names []string
	for _, e := range def.EnumValues {
		names = append(names, e.Name)
	}
	text, ok := v.(string)
	if !ok {
		hint := didYouMean("the enum value ", suggest(printed(v), names))
		return c.complain(`Enum "%s" cannot represent non-string value: %s.%s`, def.Name, printed(v), hint)
	}
	if def.EnumValues.ForName(text) == nil {
		return c.complain(`Value "%s" does not exist in "%s" enum.%s`, text, def.Name,
			didYouMean("the enum value ", suggest(text, names)))
	}
	return v
}

func (c *coercion) object(def *ast.Definition, v any) any {
	o, ok := v.(*record.Object)
	if list, is := v.([]any); is { // lists are objects, too
		o, ok = &record.Object{}, true
		for i, item := range list {
			o.Set(strconv.Itoa(i), item)
		}
	}
	if !ok {
		return c.complain(`Expected type "%s" to be an object.`, def.Name)
	}
	out := map[string]any{}
	for _, f := range def.Fields {
		value, ok := o.Get(f.Name)
		switch {
		case ok:
			out[f.Name] = c.value(f.Type, value)
		case f.DefaultValue != nil:
			out[f.Name] = plainValue(untyped(f.DefaultValue, o))
		case f.Type.NonNull:
			c.complain(`Field "%s" of required type "%s" was not provided.`, f.Name, f.Type)
		}
	}
	for _, m := range o.Members {
		if def.Fields.ForName(m.Key) == nil {
			c.complain(`Field "%s" is not defined by type "%s".%s`, m.Key, def.Name,
				didYouMean("", suggest(m.Key, fieldNames(def))))
		}
	}
	return out
}

func (c *coercion) scalar(name string, v any) any {
	n, number := v.(float64)
	word, text := v.(string)
	_, truth := v.(bool)
	_, file := v.(Upload)
	switch {
	case file && name == "Upload":
		return v
	case name == "Upload": // the words of graphql-upload
		return c.complain("Upload value invalid.")
	case name == "UUID" && !text:
		return c.refuse(invalid, "UUID must be a string")
	case name == "UUID" && !schema.IsUUID(word):
		c.refuse(invalid, "Invalid UUID: '"+word+"'")
		c.failures[len(c.failures)-1].Extensions.Value = word // fixtures/twenty/surface_timeline 15
		return nil
	case name == "Int" && (!number || n != math.Trunc(n)):
		return c.complain("Int cannot represent non-integer value: %s", printed(v))
	case name == "Int" && math.Abs(n) > math.MaxInt32:
		return c.complain("Int cannot represent non 32-bit signed integer value: %s", printed(v))
	case name == "Float" && !number:
		return c.complain("Float cannot represent non numeric value: %s", printed(v))
	case name == "String" && !text:
		return c.complain("String cannot represent a non string value: %s", printed(v))
	case name == "Boolean" && !truth:
		return c.complain("Boolean cannot represent a non boolean value: %s", printed(v))
	case name == "ID" && !text && !number:
		return c.complain("ID cannot represent value: %s", printed(v))
	}
	return plainValue(v)
}

// printed shows a value as graphql-js does in messages: three levels deep, ten items of a list.
func printed(v any) string { return inspected(v, 0) }

func inspected(v any, depth int) string {
	const levels, items = 2, 10
	switch v := v.(type) {
	case []any:
		if len(v) == 0 {
			return "[]"
		}
		if depth > levels {
			return "[Array]"
		}
		var parts []string
		for _, item := range v[:min(len(v), items)] {
			parts = append(parts, inspected(item, depth+1))
		}
		switch more := len(v) - items; {
		case more == 1:
			parts = append(parts, "... 1 more item")
		case more > 1:
			parts = append(parts, fmt.Sprintf("... %d more items", more))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case *record.Object:
		if len(v.Members) == 0 {
			return "{}"
		}
		if depth > levels {
			return "[Object]"
		}
		var parts []string
		for _, m := range v.Members {
			parts = append(parts, m.Key+": "+inspected(m.Value, depth+1))
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	}
	return string(appendPlain(nil, plainValue(v)))
}

// plainValue converts objects into maps and undefined into null.
func plainValue(v any) any {
	if v == (record.Undefined{}) {
		return nil
	}
	return record.Plain(v)
}

// literal is the value of a literal of a valid document.
func (x *execution) literal(v *ast.Value) any {
	switch v.Kind {
	case ast.Variable:
		return x.variables[v.Raw]
	case ast.ListValue:
		out := make([]any, len(v.Children))
		for i, c := range v.Children {
			out[i] = x.literal(c.Value)
		}
		return out
	case ast.ObjectValue:
		out := map[string]any{}
		for _, c := range v.Children {
			if _, given := x.variables[c.Value.Raw]; c.Value.Kind != ast.Variable || given {
				out[c.Name] = x.literal(c.Value)
			}
		}
		return out
	}
	return untyped(v, nil)
}

// arguments returns the arguments of a field, with the defaults of its definition.
func (x *execution) arguments(def *ast.FieldDefinition, f *ast.Field) map[string]any {
	out := map[string]any{}
	for _, a := range def.Arguments {
		given := f.Arguments.ForName(a.Name)
		if given != nil {
			if _, set := x.variables[given.Value.Raw]; given.Value.Kind != ast.Variable || set {
				out[a.Name] = x.defaults(a.Type, x.literal(given.Value))
				continue
			}
		}
		if a.DefaultValue != nil {
			out[a.Name] = x.defaults(a.Type, x.literal(a.DefaultValue))
		}
	}
	return out
}

// defaults adds the defaults of input objects, and makes a list of a value that stands alone.
func (x *execution) defaults(t *ast.Type, v any) any {
	if t.Elem != nil && v != nil {
		if list, ok := v.([]any); ok {
			for i := range list {
				list[i] = x.defaults(t.Elem, list[i])
			}
			return list
		}
		return []any{x.defaults(t.Elem, v)}
	}
	o, ok := v.(map[string]any)
	if !ok {
		return v
	}
	if def := x.types.schema.Types[t.Name()]; def != nil && def.Kind == ast.InputObject {
		for _, f := range def.Fields {
			if value, given := o[f.Name]; given {
				o[f.Name] = x.defaults(f.Type, value)
			} else if f.DefaultValue != nil {
				o[f.Name] = x.literal(f.DefaultValue)
			}
		}
	}
	return o
}
