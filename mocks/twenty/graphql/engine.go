package graphql

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
)

// schemaExecutor executes documents against a type system by the book: validation first, then field by field.
// /metadata and the roots of /graphql that are no records are served by one.
type schemaExecutor struct {
	types *typeSystem
	// resolvers are by type and field, "Query.objects". A field without one is read from its parent, a map.
	resolvers map[string]resolver
	// absent are the root fields that the vendor has and this engine does not, by type and field.
	absent map[string]Missing
}

// resolver returns the value of a field: nil, a leaf, a map[string]any, or a []any of such.
type resolver func(c *call, parent any, args map[string]any) (any, error)

// mustEngine makes an engine from the text of a schema, which is part of this package.
func mustEngine(sdl string, resolvers map[string]resolver) *schemaExecutor {
	source := &ast.Source{Name: "schema", Input: sdl}
	s, err := validator.LoadSchema(validator.Prelude, source)
	if err != nil {
		panic(err) // embedded; the tests load it
	}
	doc, err := parser.ParseSchema(source)
	if err != nil {
		panic(err)
	}
	for name := range s.Directives {
		if !slices.Contains(directives, name) {
			delete(s.Directives, name)
		}
	}
	age(func(name string) *ast.Definition { return s.Types[name] })
	if s.Mutation == nil { // documents with mutations are validated like others, and no field of theirs is known
		s.Mutation = &ast.Definition{Kind: ast.Object, Name: "Mutation"}
		s.Types["Mutation"] = s.Mutation
	}
	t := &typeSystem{schema: s}
	t.order = typeOrder(doc)
	for _, name := range slices.Concat(builtInScalars, introspectionTypes) {
		if !slices.Contains(t.order, name) {
			t.order = append(t.order, name)
		}
	}
	return &schemaExecutor{types: t, resolvers: resolvers}
}

// validate returns the errors of a document, in the words of graphql-js.
func (e *schemaExecutor) validate(d *document, stranger bool) []*Failure {
	return d.failures(validation{e, stranger}, func() []*Failure {
		if n := countFields(d); n > maxFields {
			return []*Failure{tooManyFields(n)}
		}
		n := 0
		for _, f := range d.query.Fragments { // the rules read them again wherever they are spread
			n += sizeOf(f.SelectionSet)
		}
		if n > maxFields { // assumed
			return []*Failure{tooManyFields(n)}
		}
		return e.faults(d, stranger)
	})
}

// countFields counts the fields of a document, including those of fragments at every spread. It
// stops if there are too many, or if fragments form a cycle.
func countFields(d *document) int {
	n := 0
	var count func(set ast.SelectionSet, depth int)
	count = func(set ast.SelectionSet, depth int) {
		for _, s := range set {
			if n > maxFields || depth > maxDepth {
				return
			}
			p := d.part(s)
			if p.field != nil {
				n++
			}
			count(p.below, depth+1)
		}
	}
	for _, op := range d.query.Operations {
		count(op.SelectionSet, 1)
	}
	return n
}

// sizeOf counts the fields and fragments of a selection, without those of the fragments that it spreads.
func sizeOf(set ast.SelectionSet) int {
	n := len(set)
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			n += sizeOf(s.SelectionSet)
		case *ast.InlineFragment:
			n += sizeOf(s.SelectionSet)
		}
	}
	return n
}

// execution is one run of an operation.
type execution struct {
	*schemaExecutor
	call      *call
	doc       *document
	variables *js.Object // coerced
	failures  []*Failure
	field     string // the field whose value is written
	turn      int    // in which the value that was written last is complete
}

// execute runs the operation of a document that is valid. It returns the whole answer and the failures in it.
func (e *schemaExecutor) execute(c *call, d *document, variables *js.Object) (body []byte, failures []*Failure) {
	x := &execution{schemaExecutor: e, call: c, doc: d, variables: variables}
	of := e.types.schema.Query
	if d.operation.Operation == ast.Mutation {
		of = e.types.schema.Mutation
	}
	data, ok := x.object(nil, of, nil, d.operation.SelectionSet)
	if !ok {
		data = []byte("null")
	}
	return appendErrorsFirst(data, x.failures), x.failures
}

// collected are the selections that share one key of the answer.
type collected struct {
	key    string
	fields []*ast.Field
}

// collect groups the fields that selections ask for of an object by their keys.
func (x *execution) collect(of *ast.Definition, sets []ast.SelectionSet) (all []collected, err error) {
	lets := func(p part) (bool, error) {
		if p.on != "" && !x.types.applies(of, p.on) {
			return false, nil
		}
		return included(p.directives, x.truth)
	}
	add := func(f *ast.Field, _ int) error {
		i := slices.IndexFunc(all, func(c collected) bool { return c.key == f.Alias })
		if i < 0 {
			i, all = len(all), append(all, collected{key: f.Alias})
		}
		all[i].fields = append(all[i].fields, f)
		return nil
	}
	for _, set := range sets {
		err = cmp.Or(err, x.doc.collect(set, 0, lets, add))
	}
	return all, err
}

// truth evaluates an argument that has a type.
func (x *execution) truth(v *ast.Value) (bool, error) {
	is, _ := x.literal(v).(bool)
	return is, nil
}

// object appends an object; ok is false if a field that must not be null is, and so the object is null.
func (x *execution) object(out []byte, of *ast.Definition, parent any, sets ...ast.SelectionSet) ([]byte, bool) {
	all, err := x.collect(of, sets)
	if err != nil {
		x.failures = append(x.failures, x.call.failure(err))
	}
	out = append(out, '{')
	body := len(out)
	var written []writtenField
	for _, c := range all {
		f := c.fields[0]
		def := x.definition(of, f.Name)
		if def == nil {
			continue // only introspection of records comes here without validation
		}
		if len(out) > body {
			out = append(out, ',')
		}
		from := len(out)
		x.turn, x.field = 0, def.Name
		var ok bool
		if out, ok = x.one(append(jsonb.AppendString(out, c.key), ':'), of, def, parent, c.fields); !ok {
			return nil, false
		}
		written = append(written, writtenField{max(x.turn, turns[of.Name+"."+def.Name]), from, len(out)})
	}
	if x.turn = lastTurn(written); x.turn > 0 && parent != nil {
		out = inTurn(out, body, written)
	}
	return append(out, '}'), true
}

func (x *execution) definition(of *ast.Definition, name string) *ast.FieldDefinition {
	switch name {
	case "__typename":
		return typenameField
	case "__schema":
		return schemaField
	case "__type":
		return typeField
	}
	return of.Fields.ForName(name)
}

var (
	typenameField = field("__typename", "String!")
	schemaField   = field("__schema", "__Schema!")
	typeField     = field("__type", "__Type", arg("name", "String!"))
)

// one appends the value of a field.
func (x *execution) one(out []byte, of *ast.Definition, def *ast.FieldDefinition, parent any,
	fields []*ast.Field) ([]byte, bool) {
	value, err := x.resolve(of, def, parent, fields[0])
	if err != nil {
		x.failures = append(x.failures, x.call.failure(err))
		value = nil
	} else if value == nil && def.Type.NonNull { // graphql-js; its code at the vendor's is inferred
		message := "Cannot return null for non-nullable field " + of.Name + "." + def.Name + "."
		x.failures = append(x.failures, guarded(internal, message))
	}
	sets := js.Map(fields, func(f *ast.Field) ast.SelectionSet { return f.SelectionSet })
	return x.value(out, def.Type, value, sets)
}

func (x *execution) resolve(of *ast.Definition, def *ast.FieldDefinition, parent any, f *ast.Field) (any, error) {
	switch {
	case def == typenameField:
		return of.Name, nil
	case def == schemaField:
		return x.types, nil
	case strings.HasPrefix(of.Name, "__") || def == typeField:
		return x.types.introspect(of.Name, def.Name, parent, x.arguments(def, f))
	}
	if r := x.resolvers[of.Name+"."+def.Name]; r != nil {
		args := x.arguments(def, f)
		value, err := r(x.call, parent, args)
		if err == nil && of == x.types.schema.Mutation && jsonb.HasNUL(args) { // inferred from search
			return nil, guarded(internal, NULMessage)
		}
		return value, err
	}
	return member(parent, def.Name), nil
}

// value appends a value of a type; ok is false if it is null and must not be.
func (x *execution) value(out []byte, t *ast.Type, v any, sets []ast.SelectionSet) ([]byte, bool) {
	if v == nil {
		return append(out, "null"...), !t.NonNull
	}
	if t.Elem == nil {
		def := x.types.concrete(x.types.schema.Types[t.NamedType], v)
		if def.Kind != ast.Object {
			return appendArranged(out, x.field, v), true
		}
		text, ok := x.object(nil, def, v, sets...)
		if !ok {
			return append(out, "null"...), !t.NonNull
		}
		return append(out, text...), true
	}
	list, turn := items(v), 0
	out = append(out, '[')
	for i, item := range list {
		out = js.Comma(out, i)
		var ok bool
		if out, ok = x.value(out, t.Elem, item, sets); !ok {
			return append(out[:0:0], "null"...), !t.NonNull // non-null list items that may fail do not occur
		}
		turn = max(turn, x.turn)
	}
	x.turn = turn
	return append(out, ']'), true
}
