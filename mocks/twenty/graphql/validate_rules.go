package graphql

import (
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// specifiedRule is a rule of the specification: one of gqlparser's with what completes its reports, or one of ours.
type specifiedRule struct {
	rule  core.Rule
	fault func(c *documentCheck, r report) (f fault, ok bool)

	variables bool // its reports are about one operation

	own   func(c *documentCheck, events *core.Events, add func(fault))
	after func(c *documentCheck, add func(fault)) // runs when the walk has set the types
}

// specified are the rules in the order of graphql-js.
var specified = []specifiedRule{
	{rule: rules.UniqueOperationNamesRule, fault: (*documentCheck).repeatedOperation},
	{rule: rules.LoneAnonymousOperationRule, fault: (*documentCheck).atNode},
	{rule: rules.KnownTypeNamesRuleWithoutSuggestions, fault: (*documentCheck).unknownType},
	{rule: rules.FragmentsOnCompositeTypesRule, fault: (*documentCheck).notComposite},
	{rule: rules.VariablesAreInputTypesRule, fault: (*documentCheck).notInput},
	{own: (*documentCheck).leafs},
	{rule: rules.FieldsOnCorrectTypeRuleWithoutSuggestions, fault: (*documentCheck).unknownField},
	{rule: rules.UniqueFragmentNamesRule, fault: (*documentCheck).repeatedFragment},
	{rule: rules.KnownFragmentNamesRule, fault: (*documentCheck).unknownFragment},
	{own: (*documentCheck).unusedFragments},
	{rule: rules.PossibleFragmentSpreadsRule, fault: (*documentCheck).atNode},
	{rule: rules.NoFragmentCyclesRule, fault: (*documentCheck).fragmentCycle},
	{rule: rules.UniqueVariableNamesRule, fault: (*documentCheck).repeatedVariable},
	{rule: rules.NoUndefinedVariablesRule, fault: (*documentCheck).undefinedVariable, variables: true},
	{rule: rules.NoUnusedVariablesRule, fault: (*documentCheck).unusedVariable},
	{rule: rules.KnownDirectivesRule, fault: (*documentCheck).atNode},
	{rule: rules.UniqueDirectivesPerLocationRule, fault: (*documentCheck).repeatedDirective},
	{rule: rules.KnownArgumentNamesRuleWithoutSuggestions, fault: (*documentCheck).unknownArgument},
	{rule: rules.UniqueArgumentNamesRule, fault: (*documentCheck).repeatedArgument},
	{own: (*documentCheck).values},
	{rule: rules.ProvidedRequiredArgumentsRule, fault: (*documentCheck).missingArgument},
	{rule: rules.VariablesInAllowedPositionRule, fault: (*documentCheck).misplacedVariable, variables: true},
	{after: (*documentCheck).overlaps},
	{rule: rules.UniqueInputFieldNamesRule, fault: (*documentCheck).repeatedInput},
	{own: (*documentCheck).introspection},
}

// start is where the node begins.
func (c *documentCheck) start() int {
	switch n := c.node.(type) {
	case *ast.OperationDefinition:
		return n.Position.Start
	case *ast.FragmentDefinition:
		return n.Position.Start
	case *ast.Field:
		return n.Position.Start
	case *ast.InlineFragment:
		return c.dots(n.Position.Start)
	case *ast.FragmentSpread:
		return c.dots(n.Position.Start)
	case *ast.Directive:
		return c.sign(n)
	}
	return 0
}

func (c *documentCheck) atNode(report) (fault, bool) { return entering(c.start(), c.start()) }

func (c *documentCheck) repeatedOperation(report) (fault, bool) {
	op := c.node.(*ast.OperationDefinition)
	f, _ := entering(op.Position.Start, c.operationName(c.doc.query.Operations.ForName(op.Name)), c.operationName(op))
	return f, op.Name != "" // anonymous ones are for another rule
}

func (c *documentCheck) unknownType(r report) (fault, bool) {
	at := 0
	switch n := c.node.(type) {
	case *ast.VariableDefinition:
		at = c.nameAfter(n.Type.Position.Start)
	case *ast.InlineFragment:
		at = c.typeCondition(n.Position.Start)
	case *ast.FragmentDefinition:
		at = c.fragmentType(n)
	}
	f, _ := entering(at, at)
	f.message = r.message + didYouMean("", suggest(r.names()[0], slices.Collect(maps.Keys(c.types.Types))))
	return f, true
}

func (c *documentCheck) notComposite(report) (fault, bool) {
	if f, ok := c.node.(*ast.FragmentDefinition); ok {
		return entering(c.start(), c.fragmentType(f))
	}
	return entering(c.start(), c.typeCondition(c.node.(*ast.InlineFragment).Position.Start))
}

func (c *documentCheck) notInput(r report) (fault, bool) {
	for _, v := range c.node.(*ast.OperationDefinition).VariableDefinitions {
		if r.about(v.Position) {
			return entering(v.Position.Start, v.Type.Position.Start)
		}
	}
	return fault{}, false
}

// unknownField leaves out what is selected of a type without fields, for which another rule is. gqlparser's
// suggestions do not know swapped letters.
func (c *documentCheck) unknownField(r report) (fault, bool) {
	f, _ := entering(c.start(), c.start())
	field := c.node.(*ast.Field)
	f.message = r.message + didYouMean("", suggest(field.Name, fieldNames(field.ObjectDefinition)))
	return f, field.ObjectDefinition.IsCompositeType()
}

func (c *documentCheck) repeatedFragment(report) (fault, bool) {
	f := c.node.(*ast.FragmentDefinition)
	return entering(f.Position.Start, c.fragmentName(c.doc.fragment(f.Name)), c.fragmentName(f))
}

func (c *documentCheck) unknownFragment(report) (fault, bool) {
	return entering(c.start(), c.node.(*ast.FragmentSpread).Position.Start)
}

// unusedFragments finds fragments that no operation spreads. gqlparser's rule takes those for used that the first
// fragment spreads.
func (c *documentCheck) unusedFragments(events *core.Events, add func(fault)) {
	used := map[string]bool{}
	events.OnFragmentSpread(func(w *core.Walker, s *ast.FragmentSpread) {
		used[s.Name] = used[s.Name] || w.CurrentOperation != nil
	})
	events.OnFragment(func(_ *core.Walker, f *ast.FragmentDefinition) {
		if !used[f.Name] {
			add(fault{at: len(c.text) + 1, places: []int{f.Position.Start},
				message: `Fragment "` + f.Name + `" is never used.`})
		}
	})
}

// fragmentCycle finds the spreads that a cycle consists of, by the names of its fragments.
func (c *documentCheck) fragmentCycle(r report) (fault, bool) {
	f, _ := entering(c.start())
	names := r.names()
	of := c.doc.fragment(names[0])
	for i := range names {
		last, next := i == len(names)-1, names[(i+1)%len(names)]
		for _, s := range spreads(of.SelectionSet) {
			if s.Name == next && (!last || r.about(s.Position)) {
				f.places = append(f.places, c.dots(s.Position.Start))
				break
			}
		}
		of = c.doc.fragment(next)
	}
	return f, true
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

func (c *documentCheck) repeatedVariable(r report) (fault, bool) {
	op, name := c.node.(*ast.OperationDefinition), r.names()[0]
	f, _ := entering(op.Position.Start)
	for _, v := range op.VariableDefinitions {
		if "$"+v.Variable == name {
			f.places = append(f.places, c.nameAfter(v.Position.Start))
		}
	}
	return f, true
}

func (c *documentCheck) undefinedVariable(report) (fault, bool) {
	op := c.walker.CurrentOperation
	return c.ending(op, c.node.(*ast.Value).Position.Start, op.Position.Start)
}

// unusedVariable leaves out a second variable of a name, which gqlparser never calls used.
func (c *documentCheck) unusedVariable(r report) (fault, bool) {
	op := c.node.(*ast.OperationDefinition)
	for _, v := range op.VariableDefinitions {
		if r.about(v.Position) {
			f, _ := c.ending(op, v.Position.Start)
			return f, !op.VariableDefinitions.ForName(v.Variable).Used
		}
	}
	return fault{}, false
}

// misplacedVariable leaves out variables of unknown types, and of several types.
func (c *documentCheck) misplacedVariable(report) (fault, bool) {
	op, v := c.walker.CurrentOperation, c.node.(*ast.Value)
	n := 0
	for _, def := range op.VariableDefinitions {
		if def.Variable == v.Raw {
			n++
		}
	}
	f, _ := c.ending(op, v.VariableDefinition.Position.Start, v.Position.Start)
	return f, n == 1 && v.VariableDefinition.Definition != nil
}

// repeatedDirective leaves out unknown directives, for which another rule is.
func (c *documentCheck) repeatedDirective(r report) (fault, bool) {
	list := c.node.([]*ast.Directive)
	name := strings.TrimPrefix(r.names()[0], "@")
	f, _ := entering(c.sign(list[0])-1, c.sign(ast.DirectiveList(list).ForName(name)))
	for _, d := range list {
		if r.about(d.Position) {
			f.places = append(f.places, c.sign(d))
		}
	}
	return f, c.types.Directives[name] != nil
}

// arguments are those of the node, and those that it may have.
func (c *documentCheck) arguments() (given ast.ArgumentList, known ast.ArgumentDefinitionList) {
	switch n := c.node.(type) {
	case *ast.Field:
		if given = n.Arguments; n.Definition != nil {
			known = n.Definition.Arguments
		}
	case *ast.Directive:
		if given = n.Arguments; n.Definition != nil {
			known = n.Definition.Arguments
		}
	}
	return given, known
}

func (c *documentCheck) unknownArgument(r report) (fault, bool) {
	given, known := c.arguments()
	name, names := r.names()[0], []string{}
	for _, a := range known {
		names = append(names, a.Name)
	}
	at := given.ForName(name).Position.Start
	f, _ := entering(at, at)
	f.message = r.message + didYouMean("", suggest(name, names))
	return f, true
}

func (c *documentCheck) repeatedArgument(r report) (fault, bool) {
	given, _ := c.arguments()
	f, _ := entering(c.start())
	for _, a := range given {
		if a.Name == r.names()[0] {
			f.places = append(f.places, a.Position.Start)
		}
	}
	return f, true
}

func (c *documentCheck) missingArgument(report) (fault, bool) { return c.leaving(c.start(), c.start()) }

func (c *documentCheck) repeatedInput(r report) (f fault, ok bool) {
	for _, child := range c.node.(*ast.Value).Children {
		switch {
		case r.about(child.Position):
			f.at, f.places = child.Position.Start, append(f.places, child.Position.Start)
			return f, true
		case f.places == nil && child.Name == r.names()[0]:
			f.places = []int{child.Position.Start}
		}
	}
	return f, false
}

// typeOf returns the type of a field, nil if it is unknown.
func typeOf(f *ast.Field) *ast.Type {
	switch {
	case f.ObjectDefinition == nil || !f.ObjectDefinition.IsCompositeType() || f.Definition == nil:
		return nil
	case f.Name == "__typename":
		return typenameField.Type // gqlparser's may be null
	}
	return f.Definition.Type
}

// leafs checks that a field of a composite type has a selection, and no other field has one. gqlparser names the type
// without its wrappers, and the place of the field for that of the selection.
func (c *documentCheck) leafs(events *core.Events, add func(fault)) {
	events.OnField(func(_ *core.Walker, f *ast.Field) {
		t := typeOf(f)
		if t == nil || c.types.Types[t.Name()] == nil {
			return
		}
		leaf, at := c.types.Types[t.Name()].IsLeafType(), f.Position.Start
		switch {
		case leaf && len(f.SelectionSet) > 0:
			add(fault{at: at, places: []int{c.before('{', f.SelectionSet[0].GetPosition().Start)}, message: `Field "` +
				f.Name + `" must not have a selection since type "` + t.String() + `" has no subfields.`})
		case !leaf && len(f.SelectionSet) == 0:
			add(fault{at: at, places: []int{at}, message: `Field "` + f.Name + `" of type "` + t.String() +
				`" must have a selection of subfields. Did you mean "` + f.Name + ` { ... }"?`})
		}
	})
}

// introspection refuses it to clients without a token, as a rule that Yoga adds does.
func (c *documentCheck) introspection(events *core.Events, add func(fault)) {
	events.OnField(func(_ *core.Walker, f *ast.Field) {
		if t := typeOf(f); c.anonymous && t != nil && strings.HasPrefix(t.Name(), "__") {
			at := f.Position.Start
			add(fault{at: at, places: []int{at},
				message: `GraphQL introspection has been disabled, but the requested query contained the field "` +
					f.Name + `".`})
		}
	})
}

func fieldNames(def *ast.Definition) (out []string) {
	for _, f := range def.Fields {
		if !strings.HasPrefix(f.Name, "__") {
			out = append(out, f.Name)
		}
	}
	return out
}
