package graphql

import (
	"fmt"
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/verb"
)

// shapeNames are the names of value kinds in the message about a missing argument.
var shapeNames = map[verb.ArgKind]string{verb.ObjectArg: "object", verb.ListArg: "array",
	verb.NumberArg: "number", verb.IDArg: "UUID"}

// shapeTexts are the names of value kinds in the message about an invalid argument.
var shapeTexts = map[verb.ArgKind]string{verb.ObjectArg: "an object", verb.ObjectOrListArg: "an array",
	verb.ListArg: "an array", verb.NumberArg: "a number", verb.TextArg: "a string", verb.BoolArg: "a boolean"}

// checkArgs rejects arguments that the verb does not have, that are missing, or that have the wrong shape. The texts
// are the vendor's; those of fixtures/twenty/graphql_errors 7, 8, 25, 26 are recorded, the others are from its source.
func checkArgs(v verb.Verb, args *js.Object) error {
	all := v.Args()
	for _, m := range args.Members {
		if !slices.ContainsFunc(all, func(a verb.Arg) bool { return a.Name == m.Key }) {
			return misused("Argument not allowed: " + m.Key)
		}
	}
	for _, a := range all {
		if err := checkArg(a, args); err != nil {
			return err
		}
	}
	return nil
}

func checkArg(a verb.Arg, args *js.Object) error {
	value, said := args.Get(a.Name)
	fits := fits(a.Kind, value)
	switch {
	case a.Required && fits:
	case a.Required && a.Name == "groupBy":
		return misused(`Missing required argument: "groupBy" must be an array.`)
	case a.Required:
		return misused(fmt.Sprintf(`Missing required argument: "%s" (%s)`, a.Name, shapeNames[a.Kind]))
	case said && value != nil && !fits:
		return misused(fmt.Sprintf(`Invalid argument: "%s" must be %s`, a.Name, shapeTexts[a.Kind]))
	}
	return nil
}

func fits(kind verb.ArgKind, v any) (ok bool) {
	switch kind {
	case verb.ObjectArg:
		_, ok = v.(*js.Object)
	case verb.ObjectOrListArg:
		if _, ok = v.(*js.Object); !ok {
			_, ok = v.([]any)
		}
	case verb.ListArg:
		_, ok = v.([]any)
	case verb.NumberArg:
		_, ok = v.(float64)
	case verb.TextArg:
		_, ok = v.(string)
	case verb.BoolArg:
		_, ok = v.(bool)
	case verb.IDArg:
		text, is := v.(string)
		ok = is && schema.IsUUID(text)
	}
	return ok
}

// optionalFloat is an argument that may be absent.
func optionalFloat(args *js.Object, name string) *float64 {
	if v, ok := args.Value(name).(float64); ok {
		return &v
	}
	return nil
}

// argAs is an argument that may be one object or a list of them.
func argAs(args *js.Object, name string) []any {
	switch v := args.Value(name).(type) {
	case []any:
		return v
	case *js.Object:
		return []any{v}
	}
	return nil
}

// filterOf returns the argument "filter", or nil.
func filterOf(args *js.Object) any {
	if o := verb.Argument[*js.Object](args, "filter"); o != nil {
		return o
	}
	return nil
}
