package graphql

import (
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// untyped turns a literal into a value without asking for types, as the vendor does for records: enum
// values are texts, a variable that was not given is undefined. Objects remember that they were literals,
// which shows when a message prints them.
func untyped(v *ast.Value, variables *js.Object) any {
	switch v.Kind {
	case ast.Variable:
		if given, ok := variables.Get(v.Raw); ok {
			return given
		}
		return js.Undefined{}
	case ast.IntValue, ast.FloatValue:
		n, _ := strconv.ParseFloat(v.Raw, 64) // the parser has checked the form; too large is infinity
		return n
	case ast.BooleanValue:
		return v.Raw == "true"
	case ast.NullValue:
		return nil
	case ast.ListValue:
		return js.Map(v.Children, func(c *ast.ChildValue) any { return untyped(c.Value, variables) })
	case ast.ObjectValue:
		out := &js.Object{NullProto: true}
		for _, c := range v.Children {
			out.Set(c.Name, untyped(c.Value, variables))
		}
		return out
	}
	return v.Raw
}

// arguments returns the arguments of a root field, without undefined ones.
func arguments(list ast.ArgumentList, variables *js.Object) *js.Object {
	out := &js.Object{}
	for _, a := range list {
		if v := untyped(a.Value, variables); v != (js.Undefined{}) {
			out.Set(a.Name, v)
		}
	}
	return out
}
