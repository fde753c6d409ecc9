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

// part is a selection: a field or a fragment.
type part struct {
	field      *ast.Field // nil if it is a fragment
	directives ast.DirectiveList
	on         string // the type of a fragment, "" for any
	below      ast.SelectionSet
}

// part reads a selection. An unknown fragment is empty.
func (d *document) part(s ast.Selection) (p part) {
	switch s := s.(type) {
	case *ast.Field:
		p = part{s, s.Directives, "", s.SelectionSet}
	case *ast.InlineFragment:
		p = part{nil, s.Directives, s.TypeCondition, s.SelectionSet}
	case *ast.FragmentSpread:
		p.directives = s.Directives
		if f := d.fragment(s.Name); f != nil {
			p.on, p.below = f.TypeCondition, f.SelectionSet
		}
	}
	return p
}

// collect calls visit with each field of a selection and of its fragments, in the order of the document. The
// executors differ in what lets a field or a fragment in.
func (d *document) collect(set ast.SelectionSet, depth int, lets func(part) (bool, error),
	visit func(f *ast.Field, depth int) error) error {
	if depth > maxDepth {
		return crash("Maximum call stack size exceeded") // assumed: no cycle was recorded
	}
	for _, s := range set {
		p := d.part(s)
		ok, err := lets(p)
		switch {
		case err != nil || !ok:
		case p.field != nil:
			err = visit(p.field, depth)
		default:
			err = d.collect(p.below, depth+1, lets, visit)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// flatten returns the selection of a root field as the vendor reads it: by the names of fields, not their
// aliases; fragments apply whatever type they are made for.
func (d *document) flatten(f *ast.Field, lets func(part) (bool, error)) (*selection, error) {
	fields := 0
	counted := func(p part) (bool, error) {
		if fields++; fields > maxFields {
			return false, tooManyFields(fields)
		}
		return lets(p)
	}
	var read func(set ast.SelectionSet, into *selection, depth int) error
	read = func(set ast.SelectionSet, into *selection, depth int) error {
		return d.collect(set, depth, counted, func(f *ast.Field, depth int) error {
			child := into.find(f.Name)
			if child == nil {
				child = &selection{name: f.Name}
				into.below = append(into.below, child)
			}
			return read(f.SelectionSet, child, depth+1)
		})
	}
	into := &selection{name: f.Name}
	return into, read(f.SelectionSet, into, 0)
}

// included evaluates @include and @skip. The executors differ in what is true.
func included(list ast.DirectiveList, truth func(*ast.Value) (bool, error)) (bool, error) {
	include, skip := true, false
	for _, d := range list {
		if d.Name != "include" && d.Name != "skip" {
			continue
		}
		if len(d.Arguments) == 0 {
			return false, crash("Cannot read properties of undefined (reading 'value')")
		}
		v, err := truth(d.Arguments[0].Value)
		if err != nil {
			return false, err
		}
		if d.Name == "include" {
			include = v
		} else {
			skip = v
		}
	}
	return include && !skip, nil
}

// letsAll lets every part in.
func letsAll(part) (bool, error) { return true, nil }

// letsTruthy lets parts in as the vendor does for records.
func letsTruthy(p part) (bool, error) { return included(p.directives, truthy) }

// truthy evaluates a literal as JavaScript does. Numbers are texts there, and lists have no value. A variable
// breaks the vendor, whatever its value is: twenty-corpus graphql_query_101, interaction 45.
func truthy(v *ast.Value) (bool, error) {
	switch v.Kind {
	case ast.Variable:
		return false, crash(fmt.Sprintf("Cannot read properties of undefined (reading '%s')", v.Raw))
	case ast.BooleanValue:
		return v.Raw == "true", nil
	case ast.NullValue, ast.ListValue, ast.ObjectValue:
		return false, nil
	}
	return v.Raw != "", nil
}

func tooManyFields(n int) *Failure {
	return coded(badInput,
		fmt.Sprintf("Query too complex - Too many fields requested: %d - Maximum allowed fields: %d", n, maxFields))
}
