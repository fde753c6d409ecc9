// Package verb lists what clients do with the records of an object, with the arguments of each verb in the order in
// which the vendor checks them.
package verb

import (
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
)

// Verb is what a client does with the records of an object, over REST, over GraphQL or as a tool of an agent. These
// three read the arguments of a verb and print its answer; the table of verbs has the rest.
type Verb int

// The verbs, in the order in which GraphQL lists its fields.
const (
	FindMany Verb = iota
	FindOne
	FindDuplicates
	GroupBy
	CreateMany
	CreateOne
	UpdateOne
	DeleteOne
	UpdateMany
	DeleteMany
	DestroyOne
	DestroyMany
	RestoreOne
	RestoreMany
	MergeMany
	GetOne // by its id
)

// Arg is an argument of a verb.
type Arg struct {
	Name     string
	Required bool
	Kind     ArgKind
}

// ArgKind is what an argument is in JavaScript.
type ArgKind int

// The kinds of arguments.
const (
	ObjectArg ArgKind = iota
	ObjectOrListArg
	ListArg
	NumberArg
	TextArg
	BoolArg
	IDArg
)

// verbs has what the names of a verb's operations begin with, and its arguments in the order of their checks.
var verbs = [...]struct {
	word string
	args []Arg
}{
	FindMany: {args: []Arg{{"first", false, NumberArg}, {"last", false, NumberArg}, {"filter", false, ObjectArg},
		{"orderBy", false, ObjectOrListArg}, {"before", false, TextArg}, {"after", false, TextArg},
		{"offset", false, NumberArg}}},
	FindOne:        {"", []Arg{{"filter", false, ObjectArg}}},
	FindDuplicates: {args: []Arg{{"data", false, ListArg}, {"ids", false, ListArg}}},
	GroupBy: {args: []Arg{{"groupBy", true, ObjectOrListArg}, {"filter", false, ObjectArg},
		{"orderBy", false, ObjectOrListArg}, {"orderByForRecords", false, ObjectOrListArg}, {"viewId", false, TextArg},
		{"includeRecords", false, BoolArg}, {"limit", false, NumberArg}, {"offsetForRecords", false, NumberArg}}},
	CreateMany:  {"create", []Arg{{"data", true, ListArg}, {"upsert", false, BoolArg}}},
	CreateOne:   {"create", []Arg{{"data", true, ObjectArg}, {"upsert", false, BoolArg}}},
	UpdateOne:   {"update", []Arg{{"id", true, IDArg}, {"data", true, ObjectArg}}},
	DeleteOne:   {"delete", []Arg{{"id", true, IDArg}}},
	UpdateMany:  {"update", []Arg{{"filter", true, ObjectArg}, {"data", true, ObjectArg}}},
	DeleteMany:  {"delete", []Arg{{"filter", true, ObjectArg}}},
	DestroyOne:  {"destroy", []Arg{{"id", true, IDArg}}},
	DestroyMany: {"destroy", []Arg{{"filter", true, ObjectArg}}},
	RestoreOne:  {"restore", []Arg{{"id", true, IDArg}}},
	RestoreMany: {"restore", []Arg{{"filter", true, ObjectArg}}},
	MergeMany: {"merge", []Arg{{"ids", true, ListArg}, {"conflictPriorityIndex", true, NumberArg},
		{"dryRun", false, BoolArg}}},
	GetOne: {"", []Arg{{"id", true, IDArg}}},
}

// Word returns what the names of a verb's operations begin with: create, update, delete, destroy, restore or merge.
func (v Verb) Word() string { return verbs[v].word }

// Args returns the arguments of a verb in the order in which they are checked.
func (v Verb) Args() []Arg { return verbs[v].args }

// Writes reports whether a verb changes records.
func (v Verb) Writes() bool { return v >= CreateMany && v <= MergeMany }

// Plural reports whether a verb is about several records.
func (v Verb) Plural() bool {
	switch v {
	case FindMany, CreateMany, UpdateMany, DeleteMany, DestroyMany, RestoreMany, MergeMany:
		return true
	}
	return false
}

// Lists reports whether a verb answers a list of records. Merging answers the one that is left.
func (v Verb) Lists() bool { return v.Plural() && v != MergeMany }

// Argument returns an argument of a type, its zero value if it is none.
func Argument[T any](args *js.Object, name string) T {
	v, _ := args.Value(name).(T)
	return v
}

// Texts returns an argument that is a list of texts, nil if it is none. Other values in it are empty texts.
func Texts(args *js.Object, name string) []string {
	list, ok := args.Value(name).([]any)
	if !ok {
		return nil
	}
	return js.Map(list, js.StringOf)
}

// Objects returns an argument that is a list of objects, nil if it is none. A list in it is an object with numbers for
// keys; other values are errors of JavaScript, as in kind_entrance_bodies 1 of a single record. About null it is
// inferred from the vendor's public source.
func Objects(args *js.Object, name string) ([]*js.Object, error) {
	list, _ := args.Value(name).([]any)
	if slices.Contains(list, nil) {
		return nil, reject.Crash("TypeError", "Cannot read properties of null (reading 'id')")
	}
	var out []*js.Object
	for _, v := range list {
		o, err := AsObject(v)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

// AsObject returns a value as the data of a record.
func AsObject(v any) (*js.Object, error) {
	switch v := v.(type) {
	case *js.Object:
		return v, nil
	case []any:
		return &js.Object{Members: js.Entries(v)}, nil
	}
	return nil, reject.Crash("TypeError", "Cannot create property 'position' on %s '%s'", js.TypeOf(v), js.Text(v))
}
