package graphql

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// coerceVariables validates the variables of an operation against their types. The messages are
// those of graphql-js without the name of the variable, which the vendor drops, and the status is
// 400. Inferred: the snapshots of twenty-server's own tests, and its source.
func (e *schemaExecutor) coerceVariables(op *ast.OperationDefinition, given *js.Object) (*js.Object, []*Failure) {
	out := &js.Object{}
	c := coercion{types: e.types.schema}
	if given == nil {
		given = &js.Object{}
	}
	for _, v := range op.VariableDefinitions {
		value, ok := given.Get(v.Variable)
		switch {
		case !ok && v.DefaultValue != nil:
			out.Set(v.Variable, defined(untyped(v.DefaultValue, nil)))
		case !ok && v.Type.NonNull:
			c.complain(`Variable "$%s" of required type "%s" was not provided.`, v.Variable, v.Type)
		case !ok:
		case value == nil && v.Type.NonNull:
			c.complain(`Variable "$%s" of non-null type "%s" must not be null.`, v.Variable, v.Type)
		default:
			out.Set(v.Variable, c.value(v.Type, value))
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
		return js.Map(list, func(item any) any { return c.value(t.Elem, item) })
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
	text, ok := v.(string)
	if !ok {
		return c.complain(`Enum "%s" cannot represent non-string value: %s.%s`, def.Name, printed(v),
			didYouMeanEnum(def, printed(v)))
	}
	if def.EnumValues.ForName(text) == nil {
		return c.complain(`Value "%s" does not exist in "%s" enum.%s`, text, def.Name, didYouMeanEnum(def, text))
	}
	return v
}

func (c *coercion) object(def *ast.Definition, v any) any {
	o, ok := v.(*js.Object)
	if list, is := v.([]any); is { // lists are objects, too
		o, ok = &js.Object{}, true
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
			out[f.Name] = defined(untyped(f.DefaultValue, nil))
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
	whole := number && n == math.Trunc(n)
	word, text := v.(string)
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
	case name == "ID" && !text && !whole:
		return c.complain("ID cannot represent value: %s", printed(v))
	}
	if fault := scalarFault(name, v, whole, printed(v)); fault != "" {
		return c.complain("%s", fault)
	}
	return defined(v)
}

// scalarFault returns the error of a value that a scalar of the specification cannot represent, or "".
func scalarFault(name string, v any, whole bool, shown string) string {
	n, number := v.(float64)
	_, text := v.(string)
	_, truth := v.(bool)
	switch {
	case name == "Int" && !whole:
		return "Int cannot represent non-integer value: " + shown
	case name == "Int" && (n > math.MaxInt32 || n < math.MinInt32):
		return "Int cannot represent non 32-bit signed integer value: " + shown
	case name == "Float" && !number:
		return "Float cannot represent non numeric value: " + shown
	case name == "String" && !text:
		return "String cannot represent a non string value: " + shown
	case name == "Boolean" && !truth:
		return "Boolean cannot represent a non boolean value: " + shown
	case name == "ID" && !text && !whole:
		return "ID cannot represent a non-string and non-integer value: " + shown
	}
	return ""
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
		parts := js.Map(v[:min(len(v), items)], func(item any) string { return inspected(item, depth+1) })
		switch more := len(v) - items; {
		case more == 1:
			parts = append(parts, "... 1 more item")
		case more > 1:
			parts = append(parts, fmt.Sprintf("... %d more items", more))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case *js.Object:
		if len(v.Members) == 0 {
			return "{}"
		}
		if depth > levels {
			return "[Object]"
		}
		parts := js.Map(v.Members, func(m js.Member) string { return m.Key + ": " + inspected(m.Value, depth+1) })
		return "{ " + strings.Join(parts, ", ") + " }"
	}
	return string(appendPlain(nil, defined(v)))
}

// defined converts objects into maps. Undefined members are left out, and undefined items are null.
func defined(v any) any {
	switch v := v.(type) {
	case js.Undefined:
		return nil
	case *js.Object:
		out := make(map[string]any, len(v.Members))
		for _, m := range v.Members {
			if m.Value != (js.Undefined{}) {
				out[m.Key] = defined(m.Value)
			}
		}
		return out
	case []any:
		return js.Map(v, defined)
	}
	return v
}

// literal is the value of a literal in a place that has a type.
func (x *execution) literal(v *ast.Value) any { return defined(untyped(v, x.variables)) }

// arguments returns the arguments of a field, with the defaults of its definition.
func (x *execution) arguments(def *ast.FieldDefinition, f *ast.Field) map[string]any {
	out := map[string]any{}
	for _, a := range def.Arguments {
		var value any = js.Undefined{}
		if given := f.Arguments.ForName(a.Name); given != nil {
			value = untyped(given.Value, x.variables)
		}
		if value == (js.Undefined{}) && a.DefaultValue != nil {
			value = untyped(a.DefaultValue, nil)
		}
		if value != (js.Undefined{}) {
			out[a.Name] = x.defaults(a.Type, defined(value))
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
