package graphql

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
)

// Limits of a document. The first is the vendor's; the second replaces the stack overflow of
// fragments that form a cycle.
const (
	maxFields = 2000
	maxDepth  = 200
)

// selection is a selected key with its subselections, in the order of first occurrence.
type selection struct {
	name  string
	below []*selection
}

// find returns the subselection with a name, or nil.
func (s *selection) find(name string) *selection {
	for _, b := range s.below {
		if b.name == name {
			return b
		}
	}
	return nil
}

// flattener reads selections as the vendor does: by the names of fields, not their aliases; fragments
// apply whatever type they are made for, and unknown ones are empty.
type flattener struct {
	doc    *document
	fields int
}

// flatten returns the selection of a root field.
func (d *document) flatten(f *ast.Field) (*selection, error) {
	into := &selection{name: f.Name}
	w := flattener{doc: d}
	return into, w.read(f.SelectionSet, into, 0)
}

func (w *flattener) read(set ast.SelectionSet, into *selection, depth int) error {
	if depth > maxDepth {
		return crash("Maximum call stack size exceeded") // assumed: no cycle was recorded
	}
	for _, s := range set {
		if w.fields++; w.fields > maxFields {
			return tooManyFields(w.fields)
		}
		if err := w.one(s, into, depth); err != nil {
			return err
		}
	}
	return nil
}

func (w *flattener) one(s ast.Selection, into *selection, depth int) error {
	switch s := s.(type) {
	case *ast.Field:
		if ok, err := included(s.Directives); !ok {
			return err
		}
		child := into.find(s.Name)
		if child == nil {
			child = &selection{name: s.Name}
			into.below = append(into.below, child)
		}
		return w.read(s.SelectionSet, child, depth+1)
	case *ast.InlineFragment:
		if ok, err := included(s.Directives); !ok {
			return err
		}
		return w.read(s.SelectionSet, into, depth+1)
	case *ast.FragmentSpread:
		if ok, err := included(s.Directives); !ok {
			return err
		}
		if f := w.doc.fragment(s.Name); f != nil {
			return w.read(f.SelectionSet, into, depth+1)
		}
	}
	return nil
}

// included reads @include and @skip. A variable in them breaks the vendor, whatever its value is:
// twenty-corpus graphql_query_101, interaction 45.
func included(list ast.DirectiveList) (bool, error) {
	include, skip := true, false
	for _, d := range list {
		if d.Name != "include" && d.Name != "skip" {
			continue
		}
		if len(d.Arguments) == 0 {
			return false, crash("Cannot read properties of undefined (reading 'value')")
		}
		v := d.Arguments[0].Value
		if v.Kind == ast.Variable {
			return false, crash(fmt.Sprintf("Cannot read properties of undefined (reading '%s')", v.Raw))
		}
		if d.Name == "include" {
			include = truthy(v)
		} else {
			skip = truthy(v)
		}
	}
	return include && !skip, nil
}

// truthy evaluates a literal as JavaScript does. Numbers are texts there, and lists have no value.
func truthy(v *ast.Value) bool {
	switch v.Kind {
	case ast.BooleanValue:
		return v.Raw == "true"
	case ast.NullValue, ast.ListValue, ast.ObjectValue:
		return false
	}
	return v.Raw != ""
}

func tooManyFields(n int) *Failure {
	return coded(badInput,
		fmt.Sprintf("Query too complex - Too many fields requested: %d - Maximum allowed fields: %d", n, maxFields))
}
