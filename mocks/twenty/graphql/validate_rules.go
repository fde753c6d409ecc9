package graphql

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// executable are the places where the directives of documents may stand.
var executable = map[string][]string{
	"include": {"FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"}, "skip": {"FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"},
	"deprecated": nil, "specifiedBy": nil,
}

func (c *documentCheck) uniqueDirectives(list ast.DirectiveList) {
	seen := map[string]*ast.Directive{}
	for _, d := range list {
		if _, known := executable[d.Name]; !known {
			continue
		}
		if first := seen[d.Name]; first != nil {
			c.report(`The directive "@`+d.Name+`" can only be used once at this location.`, c.sign(first), c.sign(d))
			continue
		}
		seen[d.Name] = d
	}
}

// sign is where the @ of a directive stands.
func (c *documentCheck) sign(d *ast.Directive) int {
	at := d.Position.Start
	for at > 0 && c.text[at] != '@' {
		at--
	}
	return at
}

func (c *documentCheck) directives(list ast.DirectiveList, where string) {
	for _, d := range list {
		places, known := executable[d.Name]
		switch {
		case !known:
			c.report(`Unknown directive "@`+d.Name+`".`, c.sign(d))
		case !slices.Contains(places, where):
			c.report(`Directive "@`+d.Name+`" may not be used on `+where+`.`, c.sign(d))
		}
		c.directiveArguments(d, known)
	}
}

func (c *documentCheck) directiveArguments(d *ast.Directive, known bool) {
	var all ast.ArgumentDefinitionList
	if known {
		all = c.types.Directives[d.Name].Arguments
	}
	for _, a := range d.Arguments {
		if known && all.ForName(a.Name) == nil {
			c.report(`Unknown argument "`+a.Name+`" on directive "@`+d.Name+`".`+
				didYouMean("", suggest(a.Name, argumentNames(all))), a.Position.Start)
		}
	}
	c.uniqueArguments(d.Arguments)
	for _, a := range d.Arguments {
		c.argumentValue(a, all.ForName(a.Name))
	}
	for _, a := range missing(all, d.Arguments) {
		c.report(`Directive "@`+d.Name+`" argument "`+a.Name+`" of type "`+a.Type.String()+
			`" is required, but it was not provided.`, c.sign(d))
	}
}

func (c *documentCheck) uniqueArguments(list ast.ArgumentList) {
	for _, places := range repeated(len(list),
		func(i int) (string, int) { return list[i].Name, list[i].Position.Start }) {
		c.report(`There can be only one argument named "`+places.name+`".`, places.at...)
	}
}

// places are where one name stands.
type places struct {
	name string
	at   []int
}

// repeated are the names that come more than once, in the order of their first place.
func repeated(n int, get func(int) (string, int)) (out []places) {
	var all []places
	for i := range n {
		name, at := get(i)
		j := slices.IndexFunc(all, func(p places) bool { return p.name == name })
		if j < 0 {
			all = append(all, places{name, []int{at}})
			continue
		}
		all[j].at = append(all[j].at, at)
	}
	for _, p := range all {
		if len(p.at) > 1 {
			out = append(out, p)
		}
	}
	return out
}

// operationName is where the name of an operation stands.
func (c *documentCheck) operationName(op *ast.OperationDefinition) int {
	return c.nameAfter(op.Position.Start + len(op.Operation))
}

func (c *documentCheck) uniqueOperation(op *ast.OperationDefinition) {
	all := c.doc.query.Operations
	if op.Name == "" && len(all) > 1 {
		c.report("This anonymous operation must be the only defined operation.", op.Position.Start)
	}
	if first := all.ForName(op.Name); op.Name != "" && first != op {
		c.report(`There can be only one operation named "`+op.Name+`".`, c.operationName(first), c.operationName(op))
	}
}

func (c *documentCheck) uniqueFragment(f *ast.FragmentDefinition) {
	name := func(f *ast.FragmentDefinition) int {
		return c.nameAfter(c.nameAfter(f.Position.Start) + len("fragment"))
	}
	if first := c.doc.fragment(f.Name); first != f {
		c.report(`There can be only one fragment named "`+f.Name+`".`, name(first), name(f))
	}
}

func (c *documentCheck) uniqueVariables(op *ast.OperationDefinition) {
	list := op.VariableDefinitions
	for _, p := range repeated(len(list),
		func(i int) (string, int) { return list[i].Variable, c.nameAfter(list[i].Position.Start) }) {
		c.report(`There can be only one variable named "$`+p.name+`".`, p.at...)
	}
}

func (c *documentCheck) inputType(v *ast.VariableDefinition) {
	if def := c.named(v.Type); def != nil && !def.IsInputType() {
		c.report(`Variable "$`+v.Variable+`" cannot be non-input type "`+v.Type.String()+`".`, v.Type.Position.Start)
	}
}

func (c *documentCheck) knownType(name string, at int) {
	if c.types.Types[name] != nil {
		return
	}
	var names []string
	for n := range c.types.Types {
		names = append(names, n)
	}
	c.report(`Unknown type "`+name+`".`+didYouMean("", suggest(name, names)), at)
}

// spreads are the fragments that a selection spreads at any depth, in graphql-js's order.
func spreads(set ast.SelectionSet) (out []*ast.FragmentSpread) {
	stack := []ast.SelectionSet{set}
	for len(stack) > 0 {
		last := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, s := range last {
			switch s := s.(type) {
			case *ast.FragmentSpread:
				out = append(out, s)
			case *ast.Field:
				stack = append(stack, s.SelectionSet)
			case *ast.InlineFragment:
				stack = append(stack, s.SelectionSet)
			}
		}
	}
	return out
}

// reached are the fragments that an operation uses, by way of others too.
func (c *documentCheck) reached(op *ast.OperationDefinition) (out []*ast.FragmentDefinition) {
	seen := map[string]bool{}
	stack := []ast.SelectionSet{op.SelectionSet}
	for len(stack) > 0 {
		last := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, s := range spreads(last) {
			if seen[s.Name] {
				continue
			}
			seen[s.Name] = true
			if f := c.doc.fragment(s.Name); f != nil {
				out = append(out, f)
				stack = append(stack, f.SelectionSet)
			}
		}
	}
	return out
}

func (c *documentCheck) unusedFragments() {
	used := map[string]bool{}
	for _, op := range c.doc.query.Operations {
		for _, f := range c.reached(op) {
			used[f.Name] = true
		}
	}
	for _, f := range c.doc.query.Fragments {
		if !used[f.Name] {
			c.report(`Fragment "`+f.Name+`" is never used.`, f.Position.Start)
		}
	}
}

// cycles reports the cycles that begin with a fragment. Each is reported once per document.
func (c *documentCheck) cycles(f *ast.FragmentDefinition) {
	if c.silent {
		return
	}
	if c.fragmentCycles == nil {
		c.fragmentCycles = &fragmentCycles{visited: map[string]bool{}, place: map[string]int{}}
	}
	c.circle(f)
}

// fragmentCycles is how far the search for them has come.
type fragmentCycles struct {
	visited map[string]bool
	place   map[string]int // in the path, of the fragments on it
	path    []*ast.FragmentSpread
}

func (c *documentCheck) circle(f *ast.FragmentDefinition) {
	k := c.fragmentCycles
	if k.visited[f.Name] {
		return
	}
	k.visited[f.Name] = true
	all := spreads(f.SelectionSet)
	if len(all) == 0 {
		return
	}
	k.place[f.Name] = len(k.path)
	for _, s := range all {
		k.path = append(k.path, s)
		if from, on := k.place[s.Name]; on {
			c.circleFound(s.Name, k.path[from:])
		} else if next := c.doc.fragment(s.Name); next != nil {
			c.circle(next)
		}
		k.path = k.path[:len(k.path)-1]
	}
	delete(k.place, f.Name)
}

func (c *documentCheck) circleFound(name string, path []*ast.FragmentSpread) {
	var via []string
	var at []int
	for i, s := range path {
		at = append(at, c.dots(s.Position.Start))
		if i < len(path)-1 {
			via = append(via, `"`+s.Name+`"`)
		}
	}
	message := `Cannot spread fragment "` + name + `" within itself`
	if len(via) > 0 {
		message += " via " + strings.Join(via, ", ")
	}
	c.report(message+".", at...)
}

// variablesOf validates the variables of an operation, including those of its fragments.
func (c *documentCheck) variablesOf(op *ast.OperationDefinition) {
	all := slices.Clone(c.uses[op])
	for _, f := range c.reached(op) {
		all = append(all, c.uses[f]...)
	}
	for _, u := range all {
		if lastVariable(op, u.value.Raw) == nil {
			message := `Variable "$` + u.value.Raw + `" is not defined`
			if op.Name != "" {
				message += ` by operation "` + op.Name + `"`
			}
			c.report(message+".", u.value.Position.Start, op.Position.Start)
		}
	}
	for _, v := range op.VariableDefinitions {
		if slices.ContainsFunc(all, func(u use) bool { return u.value.Raw == v.Variable }) {
			continue
		}
		message := `Variable "$` + v.Variable + `" is never used`
		if op.Name != "" {
			message += ` in operation "` + op.Name + `"`
		}
		c.report(message+".", v.Position.Start)
	}
	for _, u := range all {
		v := lastVariable(op, u.value.Raw)
		if v == nil || u.expected == nil || c.types.Types[v.Type.Name()] == nil || allowed(v, u) {
			continue
		}
		c.report(`Variable "$`+v.Variable+`" of type "`+v.Type.String()+`" used in position expecting type "`+
			u.expected.String()+`".`, v.Position.Start, u.value.Position.Start)
	}
}

func lastVariable(op *ast.OperationDefinition, name string) (out *ast.VariableDefinition) {
	for _, v := range op.VariableDefinitions {
		if v.Variable == name {
			out = v
		}
	}
	return out
}

// allowed reports whether a variable may stand where it does.
func allowed(v *ast.VariableDefinition, u use) bool {
	if u.expected.NonNull && !v.Type.NonNull {
		given := v.DefaultValue != nil && v.DefaultValue.Kind != ast.NullValue
		if !given && !u.hasDefault {
			return false
		}
		nullable := *u.expected
		nullable.NonNull = false
		return narrower(v.Type, &nullable)
	}
	return narrower(v.Type, u.expected)
}

func narrower(t, of *ast.Type) bool {
	if of.NonNull && !t.NonNull {
		return false
	}
	if of.Elem != nil || t.Elem != nil {
		return of.Elem != nil && t.Elem != nil && narrower(t.Elem, of.Elem)
	}
	return t.NamedType == of.NamedType
}
