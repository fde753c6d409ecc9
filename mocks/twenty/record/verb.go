package record

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

// doer executes a verb. Arguments that are missing or of another kind count as not given. Merging is confined to the
// fields of fetched, if there are any.
type doer func(s *Scope, args *js.Object, fetched []Selection) ([]*Row, error)

// verbs has what the names of a verb's operations begin with, its arguments in the order of their checks, and the
// method of Scope that does it; FindMany, FindDuplicates and GroupBy answer pages and groups, and have none.
var verbs = [...]struct {
	word string
	args []Arg
	do   doer
}{
	FindMany: {args: []Arg{{"first", false, NumberArg}, {"last", false, NumberArg}, {"filter", false, ObjectArg},
		{"orderBy", false, ObjectOrListArg}, {"before", false, TextArg}, {"after", false, TextArg},
		{"offset", false, NumberArg}}},
	FindOne:        {"", []Arg{{"filter", false, ObjectArg}}, doFindOne},
	FindDuplicates: {args: []Arg{{"data", false, ListArg}, {"ids", false, ListArg}}},
	GroupBy: {args: []Arg{{"groupBy", true, ObjectOrListArg}, {"filter", false, ObjectArg},
		{"orderBy", false, ObjectOrListArg}, {"orderByForRecords", false, ObjectOrListArg}, {"viewId", false, TextArg},
		{"includeRecords", false, BoolArg}, {"limit", false, NumberArg}, {"offsetForRecords", false, NumberArg}}},
	CreateMany:  {"create", []Arg{{"data", true, ListArg}, {"upsert", false, BoolArg}}, doCreateMany},
	CreateOne:   {"create", []Arg{{"data", true, ObjectArg}, {"upsert", false, BoolArg}}, doCreateOne},
	UpdateOne:   {"update", []Arg{{"id", true, IDArg}, {"data", true, ObjectArg}}, doUpdateOne},
	DeleteOne:   {"delete", []Arg{{"id", true, IDArg}}, byID((*Scope).Delete)},
	UpdateMany:  {"update", []Arg{{"filter", true, ObjectArg}, {"data", true, ObjectArg}}, doUpdateMany},
	DeleteMany:  {"delete", []Arg{{"filter", true, ObjectArg}}, byFilter((*Scope).DeleteMany)},
	DestroyOne:  {"destroy", []Arg{{"id", true, IDArg}}, byID((*Scope).Destroy)},
	DestroyMany: {"destroy", []Arg{{"filter", true, ObjectArg}}, byFilter((*Scope).DestroyMany)},
	RestoreOne:  {"restore", []Arg{{"id", true, IDArg}}, byID((*Scope).Restore)},
	RestoreMany: {"restore", []Arg{{"filter", true, ObjectArg}}, byFilter((*Scope).RestoreMany)},
	MergeMany: {"merge", []Arg{{"ids", true, ListArg}, {"conflictPriorityIndex", true, NumberArg},
		{"dryRun", false, BoolArg}}, doMerge},
	GetOne: {"", []Arg{{"id", true, IDArg}}, byID((*Scope).Get)},
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

// Do executes a verb that is not FindMany, FindDuplicates or GroupBy.
func (v Verb) Do(s *Scope, args *js.Object, fetched ...Selection) ([]*Row, error) {
	return verbs[v].do(s, args, fetched)
}

// Argument returns an argument of a type, its zero value if it is none.
func Argument[T any](args *js.Object, name string) T {
	v, _ := args.Value(name).(T)
	return v
}

func byID(do func(*Scope, string) (*Row, error)) doer {
	return func(s *Scope, args *js.Object, _ []Selection) ([]*Row, error) {
		return one(do(s, Argument[string](args, "id")))
	}
}

func byFilter(do func(*Scope, any) ([]*Row, error)) doer {
	return func(s *Scope, args *js.Object, _ []Selection) ([]*Row, error) { return do(s, args.Value("filter")) }
}

func one(row *Row, err error) ([]*Row, error) { return []*Row{row}, err }

func doFindOne(s *Scope, args *js.Object, _ []Selection) ([]*Row, error) {
	return one(s.FindOne(args.Value("filter")))
}

func doCreateOne(s *Scope, args *js.Object, _ []Selection) ([]*Row, error) {
	return one(s.Create(Argument[*js.Object](args, "data"), Argument[bool](args, "upsert")))
}

func doCreateMany(s *Scope, args *js.Object, _ []Selection) ([]*Row, error) {
	data, err := Objects(args, "data")
	if err != nil {
		return nil, err
	}
	return s.CreateMany(data, Argument[bool](args, "upsert"))
}

func doUpdateOne(s *Scope, args *js.Object, _ []Selection) ([]*Row, error) {
	return one(s.Update(Argument[string](args, "id"), Argument[*js.Object](args, "data")))
}

func doUpdateMany(s *Scope, args *js.Object, _ []Selection) ([]*Row, error) {
	return s.UpdateMany(args.Value("filter"), Argument[*js.Object](args, "data"))
}

func doMerge(s *Scope, args *js.Object, fetched []Selection) ([]*Row, error) {
	return one(s.Merge(Texts(args, "ids"), args.Value("conflictPriorityIndex"), Argument[bool](args, "dryRun"),
		fetched...))
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
		return &js.Object{Members: entries(v)}, nil
	}
	return nil, reject.Crash("TypeError", "Cannot create property 'position' on %s '%s'", js.TypeOf(v), js.Text(v))
}
