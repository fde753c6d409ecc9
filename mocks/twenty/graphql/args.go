package graphql

import (
	"fmt"
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// argSpec is the specification of one argument of a root field. The texts are the vendor's; those
// of fixtures/twenty/graphql_errors 7, 8, 25, 26 are recorded, the others are from its source.
type argSpec struct {
	name     string
	required bool
	of       argKind
}

type argKind int

const (
	object argKind = iota
	objectOrList
	list
	number
	wording
	truth
	id
)

// shapeNames are the names of value kinds in the message about a missing argument.
var shapeNames = map[argKind]string{object: "object", list: "array", number: "number", id: "UUID"}

// shapeTexts are the names of value kinds in the message about an invalid argument.
var shapeTexts = map[argKind]string{object: "an object", objectOrList: "an array", list: "an array",
	number: "a number", wording: "a string", truth: "a boolean"}

// demands are the arguments of each verb, in the order of the checks.
var demands = map[verb][]argSpec{
	findMany: {{"first", false, number}, {"last", false, number}, {"filter", false, object},
		{"orderBy", false, objectOrList}, {"before", false, wording},
		{"after", false, wording}, {"offset", false, number}},
	findOne:        {{"filter", false, object}},
	findDuplicates: {{"data", false, list}, {"ids", false, list}},
	groupBy: {{"groupBy", true, objectOrList}, {"filter", false, object}, {"orderBy", false, objectOrList},
		{"orderByForRecords", false, objectOrList},
		{"viewId", false, wording}, {"includeRecords", false, truth}, {"limit", false, number},
		{"offsetForRecords", false, number}},
	createOne:   {{"data", true, object}, {"upsert", false, truth}},
	createMany:  {{"data", true, list}, {"upsert", false, truth}},
	updateOne:   {{"id", true, id}, {"data", true, object}},
	updateMany:  {{"filter", true, object}, {"data", true, object}},
	deleteOne:   {{"id", true, id}},
	destroyOne:  {{"id", true, id}},
	restoreOne:  {{"id", true, id}},
	deleteMany:  {{"filter", true, object}},
	destroyMany: {{"filter", true, object}},
	restoreMany: {{"filter", true, object}},
	mergeMany:   {{"ids", true, list}, {"conflictPriorityIndex", true, number}, {"dryRun", false, truth}},
}

// check rejects arguments that the verb does not have, that are missing, or that have the wrong
// shape.
func (v verb) check(args *js.Object) error {
	all := demands[v]
	for _, m := range args.Members {
		if !slices.ContainsFunc(all, func(d argSpec) bool { return d.name == m.Key }) {
			return misused("Argument not allowed: " + m.Key)
		}
	}
	for _, d := range all {
		if err := d.check(args); err != nil {
			return err
		}
	}
	return nil
}

func (d argSpec) check(args *js.Object) error {
	value, said := args.Get(d.name)
	fits := d.of.fits(value)
	switch {
	case d.required && fits:
	case d.required && d.name == "groupBy":
		return misused(`Missing required argument: "groupBy" must be an array.`)
	case d.required:
		return misused(fmt.Sprintf(`Missing required argument: "%s" (%s)`, d.name, shapeNames[d.of]))
	case said && value != nil && !fits:
		return misused(fmt.Sprintf(`Invalid argument: "%s" must be %s`, d.name, shapeTexts[d.of]))
	}
	return nil
}

func (s argKind) fits(v any) (ok bool) {
	switch s {
	case object:
		_, ok = v.(*js.Object)
	case objectOrList:
		if _, ok = v.(*js.Object); !ok {
			_, ok = v.([]any)
		}
	case list:
		_, ok = v.([]any)
	case number:
		_, ok = v.(float64)
	case wording:
		_, ok = v.(string)
	case truth:
		_, ok = v.(bool)
	case id:
		text, is := v.(string)
		ok = is && schema.IsUUID(text)
	}
	return ok
}

// stringArg returns an argument of a type, its zero value if it was not said.
func stringArg[T any](args *js.Object, name string) T {
	v, _ := args.Value(name).(T)
	return v
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
	if o := stringArg[*js.Object](args, "filter"); o != nil {
		return o
	}
	return nil
}
