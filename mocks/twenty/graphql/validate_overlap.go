package graphql

import (
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/vektah/gqlparser/v2/ast"
)

// overlappingFields finds selections with one key that cannot be merged: of different fields, or
// with different arguments. It compares in the order of graphql-js, which determines the order of
// its errors. gqlparser's rule gives one of the places, and comes to the selections in another order.
type overlappingFields struct {
	*documentCheck
	report   func(fault)
	kept     map[*ast.Selection]*fieldMap // by the first element of a selection
	compared map[string]bool              // pairs of fragments, and whether only as exclusive ones
}

// keyed is a field with its response key.
type keyed struct {
	parent *ast.Definition
	field  *ast.Field
	of     *ast.Type // nil if unknown
}

// fieldMap is the content of a selection: fields by key, and fragments, both in order.
type fieldMap struct {
	keys      []string
	fields    map[string][]keyed
	fragments []string
}

// conflict is a pair of fields that cannot be one, with those below them that are why.
type conflict struct {
	key    string
	reason string
	below  []conflict
	one    []int
	other  []int
}

// overlaps compares the selections of a document in the order of its text.
func (c *documentCheck) overlaps(add func(fault)) {
	o := &overlappingFields{documentCheck: c, report: add, compared: map[string]bool{}}
	for _, start := range c.starts {
		for _, op := range c.doc.query.Operations {
			if op.Position.Start == start {
				o.below(op.SelectionSet)
			}
		}
		for _, f := range c.doc.query.Fragments {
			if f.Position.Start == start {
				o.below(f.SelectionSet)
			}
		}
	}
}

func (o *overlappingFields) below(set ast.SelectionSet) {
	if len(set) == 0 {
		return
	}
	o.within(set)
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			o.below(s.SelectionSet)
		case *ast.InlineFragment:
			o.below(s.SelectionSet)
		}
	}
}

// parentOf is the type that a selection is made of, nil if it is unknown or has no fields.
func parentOf(set ast.SelectionSet) (of *ast.Definition) {
	switch s := set[0].(type) {
	case *ast.Field:
		of = s.ObjectDefinition
	case *ast.InlineFragment:
		of = s.ObjectDefinition
	case *ast.FragmentSpread:
		of = s.ObjectDefinition
	}
	if of != nil && !of.IsCompositeType() {
		return nil
	}
	return of
}

func (o *overlappingFields) within(set ast.SelectionSet) {
	m := o.read(parentOf(set), set)
	var found []conflict
	for _, key := range m.keys {
		all := m.fields[key]
		for i, a := range all {
			for _, b := range all[i+1:] {
				found = o.compare(found, false, key, a, b)
			}
		}
	}
	for i, name := range m.fragments {
		found = o.withFragment(found, false, m, name)
		for _, other := range m.fragments[i+1:] {
			found = o.fragments(found, false, name, other)
		}
	}
	for _, f := range found {
		o.report(fault{at: o.before('{', set[0].GetPosition().Start), places: slices.Concat(f.one, f.other),
			message: `Fields "` + f.key + `" conflict because ` + f.why() +
				`. Use different aliases on the fields to fetch both if this was intentional.`})
	}
}

func (f conflict) why() string {
	if f.below == nil {
		return f.reason
	}
	parts := js.Map(f.below, func(b conflict) string { return `subfields "` + b.key + `" conflict because ` + b.why() })
	return strings.Join(parts, " and ")
}

func (o *overlappingFields) read(of *ast.Definition, set ast.SelectionSet) *fieldMap {
	if len(set) == 0 {
		return &fieldMap{}
	}
	if m := o.kept[&set[0]]; m != nil {
		return m
	}
	m := &fieldMap{fields: map[string][]keyed{}}
	o.collect(of, set, m)
	if o.kept == nil {
		o.kept = map[*ast.Selection]*fieldMap{}
	}
	o.kept[&set[0]] = m
	return m
}

func (o *overlappingFields) collect(of *ast.Definition, set ast.SelectionSet, into *fieldMap) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			o.add(of, s, into)
		case *ast.FragmentSpread:
			if !slices.Contains(into.fragments, s.Name) {
				into.fragments = append(into.fragments, s.Name)
			}
		case *ast.InlineFragment:
			next := of
			if s.TypeCondition != "" {
				next = o.types.Types[s.TypeCondition]
			}
			o.collect(next, s.SelectionSet, into)
		}
	}
}

func (o *overlappingFields) add(of *ast.Definition, f *ast.Field, into *fieldMap) {
	if into.fields[f.Alias] == nil {
		into.keys = append(into.keys, f.Alias)
	}
	k := keyed{parent: of, field: f}
	if of != nil && of.Kind == ast.Object {
		if def := of.Fields.ForName(f.Name); def != nil {
			k.of = def.Type
		}
	}
	into.fields[f.Alias] = append(into.fields[f.Alias], k)
}

func (o *overlappingFields) named(t *ast.Type) *ast.Definition {
	if t == nil {
		return nil
	}
	return o.types.Types[t.Name()]
}

func (o *overlappingFields) ofFragment(name string) *fieldMap {
	if f := o.doc.fragment(name); f != nil {
		return o.read(o.types.Types[f.TypeCondition], f.SelectionSet)
	}
	return nil
}

// seen remembers a pair of fragments, and reports whether it was compared before.
func (o *overlappingFields) seen(exclusive bool, a, b string) bool {
	if b < a {
		a, b = b, a
	}
	pair := a + " " + b
	only, before := o.compared[pair]
	if before && (exclusive || !only) {
		return true
	}
	o.compared[pair] = exclusive
	return false
}

func (o *overlappingFields) withFragment(found []conflict, exclusive bool, m *fieldMap, name string) []conflict {
	other := o.ofFragment(name)
	if other == nil || other == m {
		return found
	}
	found = o.between(found, exclusive, m, other)
	for _, next := range other.fragments {
		if !o.seen(exclusive, next, name) {
			found = o.withFragment(found, exclusive, m, next)
		}
	}
	return found
}

func (o *overlappingFields) fragments(found []conflict, exclusive bool, a, b string) []conflict {
	if a == b || o.seen(exclusive, a, b) {
		return found
	}
	one, other := o.ofFragment(a), o.ofFragment(b)
	if one == nil || other == nil {
		return found
	}
	found = o.between(found, exclusive, one, other)
	for _, next := range other.fragments {
		found = o.fragments(found, exclusive, a, next)
	}
	for _, next := range one.fragments {
		found = o.fragments(found, exclusive, next, b)
	}
	return found
}

func (o *overlappingFields) between(found []conflict, exclusive bool, one, other *fieldMap) []conflict {
	for _, key := range one.keys {
		for _, a := range one.fields[key] {
			for _, b := range other.fields[key] {
				found = o.compare(found, exclusive, key, a, b)
			}
		}
	}
	return found
}

func (o *overlappingFields) compare(found []conflict, exclusive bool, key string, a, b keyed) []conflict {
	exclusive = exclusive || a.parent != b.parent && a.parent != nil && b.parent != nil &&
		a.parent.Kind == ast.Object && b.parent.Kind == ast.Object
	c := conflict{key: key, one: []int{a.field.Position.Start}, other: []int{b.field.Position.Start}}
	switch {
	case !exclusive && a.field.Name != b.field.Name:
		c.reason = `"` + a.field.Name + `" and "` + b.field.Name + `" are different fields`
	case !exclusive && !sameArguments(a.field.Arguments, b.field.Arguments):
		c.reason = "they have differing arguments"
	case a.of != nil && b.of != nil && o.differ(a.of, b.of):
		c.reason = `they return conflicting types "` + a.of.String() + `" and "` + b.of.String() + `"`
	case len(a.field.SelectionSet) > 0 && len(b.field.SelectionSet) > 0:
		c.below = o.selectionsOf(exclusive, a, b)
		for _, d := range c.below {
			c.one, c.other = append(c.one, d.one...), append(c.other, d.other...)
		}
	}
	if c.reason == "" && c.below == nil {
		return found
	}
	return append(found, c)
}

func (o *overlappingFields) selectionsOf(exclusive bool, a, b keyed) (found []conflict) {
	one, other := o.read(o.named(a.of), a.field.SelectionSet), o.read(o.named(b.of), b.field.SelectionSet)
	found = o.between(nil, exclusive, one, other)
	for _, name := range other.fragments {
		found = o.withFragment(found, exclusive, one, name)
	}
	for _, name := range one.fragments {
		found = o.withFragment(found, exclusive, other, name)
	}
	for _, a := range one.fragments {
		for _, b := range other.fragments {
			found = o.fragments(found, exclusive, a, b)
		}
	}
	return found
}

// differ reports whether two types cannot be answered under one key.
func (o *overlappingFields) differ(a, b *ast.Type) bool {
	switch {
	case a.NonNull != b.NonNull || (a.Elem == nil) != (b.Elem == nil):
		return true
	case a.Elem != nil:
		return o.differ(a.Elem, b.Elem)
	}
	one, other := o.named(a), o.named(b)
	return one != nil && other != nil && (one.IsLeafType() || other.IsLeafType()) && one != other
}

func sameArguments(a, b ast.ArgumentList) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(x *ast.Argument) bool {
		y := b.ForName(x.Name)
		return y == nil || literalText(sorted(x.Value)) != literalText(sorted(y.Value))
	})
}

// sorted is a literal with the fields of its objects in the order of their names.
func sorted(v *ast.Value) *ast.Value {
	if len(v.Children) == 0 {
		return v
	}
	out := *v
	out.Children = nil
	for _, child := range v.Children {
		out.Children = append(out.Children, &ast.ChildValue{Name: child.Name, Value: sorted(child.Value)})
	}
	if v.Kind == ast.ObjectValue {
		slices.SortStableFunc(out.Children, func(a, b *ast.ChildValue) int { return strings.Compare(a.Name, b.Name) })
	}
	return &out
}
