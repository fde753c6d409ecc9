package graphql

import (
	"cmp"
	"regexp"
	"slices"
	"unicode"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// maxFaults is the number of errors after which the validation of a document stops in graphql-js. gqlparser's order
// is another one, so the first of more are taken.
const (
	maxFaults    = 100
	enoughFaults = 10 * maxFaults
)

// documentCheck is one validation of a document: gqlparser's walk with the rules that specified lists. graphql-js
// reports faults in the order of the text and with other places, so each report is completed and all are sorted.
// Compared with graphql-js 16.8 over thousands of random documents.
type documentCheck struct {
	types     *ast.Schema
	doc       *document
	text      []rune
	anonymous bool // without a token: no suggestions, no introspection

	walker *core.Walker
	node   any   // that the rules are given
	starts []int // of the operations and fragments, in order
	last   []int // the last offset in each that the walk has come to
	found  []fault
	known  map[report]bool // since the walk enters fragments again at each spread
}

// fault is an error and when graphql-js reports it.
type fault struct {
	message string
	places  []int // offsets in the text
	at      int   // the offset to which graphql-js has come
	leaves  bool  // it leaves there what begins at begin
	begin   int
	rule    int
}

// report is what a rule says about the node of the check.
type report struct {
	rule      int
	message   string
	place     gqlerror.Location
	operation *ast.OperationDefinition // nil unless the rule is about the variables of one
}

var quoted = regexp.MustCompile(`"([^"]*)"`)

// names are those that the message quotes.
func (r report) names() (out []string) {
	for _, m := range quoted.FindAllStringSubmatch(r.message, -1) {
		out = append(out, m[1])
	}
	return out
}

// about reports whether a report is about what stands at a position.
func (r report) about(p *ast.Position) bool {
	return p.Line == r.place.Line && p.Column == r.place.Column
}

// faults returns the errors of a document.
func (e *schemaExecutor) faults(d *document, stranger bool) []*Failure {
	query := d.query
	if d.walked { // the tree has the types of another walk
		query, _ = parser.ParseQuery(&ast.Source{Input: d.text})
	}
	d.walked = true
	c := &documentCheck{types: e.types.schema, doc: &document{parsedText: &parsedText{text: d.text, query: query}},
		text: []rune(d.text), anonymous: stranger, known: map[report]bool{}}
	events := &core.Events{}
	c.follow(events)
	for i, r := range specified {
		switch {
		case r.own != nil:
			r.own(c, events, func(f fault) { c.add(i, f) })
		case r.fault != nil:
			r.rule.RuleFunc(events, func(options ...core.ErrorOption) { c.complete(i, options) })
		}
	}
	core.Walk(c.types, query, events)
	for i, r := range specified {
		if r.after != nil {
			r.after(c, func(f fault) {
				f.rule = i
				c.found = append(c.found, f)
			})
		}
	}
	return c.failures()
}

// follow records where the walk is. It comes before the rules, which are called in the order of registration.
func (c *documentCheck) follow(events *core.Events) {
	for _, op := range c.doc.query.Operations {
		c.starts = append(c.starts, op.Position.Start)
	}
	for _, f := range c.doc.query.Fragments {
		c.starts = append(c.starts, f.Position.Start)
	}
	slices.Sort(c.starts)
	c.last = slices.Clone(c.starts)
	see := func(w *core.Walker, node any, at int) {
		c.walker, c.node = w, node
		if i := c.definition(at); at > c.last[i] {
			c.last[i] = at
		}
	}
	events.OnOperation(func(w *core.Walker, op *ast.OperationDefinition) { see(w, op, op.Position.Start) })
	events.OnFragment(func(w *core.Walker, f *ast.FragmentDefinition) { see(w, f, f.Position.Start) })
	events.OnField(func(w *core.Walker, f *ast.Field) { see(w, f, f.Position.Start) })
	events.OnInlineFragment(func(w *core.Walker, f *ast.InlineFragment) { see(w, f, f.Position.Start) })
	events.OnFragmentSpread(func(w *core.Walker, s *ast.FragmentSpread) { see(w, s, s.Position.Start) })
	events.OnDirective(func(w *core.Walker, d *ast.Directive) { see(w, d, d.Position.Start) })
	events.OnValue(func(w *core.Walker, v *ast.Value) { see(w, v, v.Position.Start) })
	events.OnDirectiveList(func(_ *core.Walker, list []*ast.Directive) { c.node = list })
	events.OnVariable(func(_ *core.Walker, v *ast.VariableDefinition) { c.node = v })
}

// definition is the index of the operation or fragment that a place is in.
func (c *documentCheck) definition(at int) int {
	i, begins := slices.BinarySearch(c.starts, at)
	if begins {
		return i
	}
	return max(i-1, 0)
}

// complete adds the fault that a rule of gqlparser's reports.
func (c *documentCheck) complete(rule int, options []core.ErrorOption) {
	if len(c.found) >= enoughFaults {
		return
	}
	var e gqlerror.Error
	for _, set := range options {
		set(&e)
	}
	r := report{rule: rule, message: e.Message, place: e.Locations[0]}
	if specified[rule].variables {
		r.operation = c.walker.CurrentOperation
	}
	if c.known[r] {
		return
	}
	c.known[r] = true
	if f, ok := specified[rule].fault(c, r); ok {
		f.rule, f.message = rule, cmp.Or(f.message, e.Message)
		c.found = append(c.found, f)
	}
}

// add adds the fault that a rule of ours reports.
func (c *documentCheck) add(rule int, f fault) {
	r := report{rule: rule, message: f.message, place: gqlerror.Location{Column: f.places[0]}}
	if f.rule = rule; !c.known[r] && len(c.found) < enoughFaults {
		c.known[r] = true
		c.found = append(c.found, f)
	}
}

var suggestion = regexp.MustCompile(` ?Did you mean(.+)\?$`)

// failures returns the faults as graphql-js orders them.
func (c *documentCheck) failures() (out []*Failure) {
	slices.SortStableFunc(c.found, func(a, b fault) int {
		if n := a.at - b.at; n != 0 || a.leaves != b.leaves {
			return cmp.Or(n, map[bool]int{true: 1, false: -1}[a.leaves])
		}
		return cmp.Or(b.begin-a.begin, a.rule-b.rule)
	})
	for i, f := range c.found {
		if i == maxFaults {
			return append(out, bare("Too many validation errors, error limit reached. Validation aborted."))
		}
		if c.anonymous {
			f.message = suggestion.ReplaceAllString(f.message, "")
		}
		failure := &Failure{Message: f.message}
		for _, at := range f.places {
			failure.Locations = append(failure.Locations, placed(c.text, at))
		}
		out = append(out, failure)
	}
	return out
}

// entering is a fault that graphql-js reports when it comes to an offset.
func entering(at int, places ...int) (fault, bool) { return fault{at: at, places: places}, true }

// leaving is a fault that graphql-js reports when it leaves what begins at an offset.
func (c *documentCheck) leaving(begin int, places ...int) (fault, bool) {
	return fault{at: c.last[c.definition(begin)], leaves: true, begin: begin, places: places}, true
}

// ending is a fault that graphql-js reports at the end of an operation.
func (c *documentCheck) ending(op *ast.OperationDefinition, places ...int) (fault, bool) {
	end := len(c.text)
	if i := c.definition(op.Position.Start); i+1 < len(c.starts) {
		end = c.starts[i+1] - 1
	}
	return fault{at: end, leaves: true, begin: op.Position.Start, places: places}, true
}

// nameAfter is where the next name begins behind a place.
func (c *documentCheck) nameAfter(at int) int {
	for at < len(c.text) && c.text[at] != '_' && !unicode.IsLetter(c.text[at]) {
		at++
	}
	return at
}

// before is where a sign stands before a place, or at it.
func (c *documentCheck) before(sign rune, at int) int {
	for at > 0 && c.text[at] != sign {
		at--
	}
	return at
}

// dots is where the three dots of a fragment stand, by its place.
func (c *documentCheck) dots(at int) int { return max(c.before('.', at)-2, 0) }

// typeCondition is where the type of a fragment stands: behind the word on.
func (c *documentCheck) typeCondition(at int) int {
	for {
		at = c.nameAfter(at)
		end := at
		for end < len(c.text) && (c.text[end] == '_' || unicode.IsLetter(c.text[end]) || unicode.IsDigit(c.text[end])) {
			end++
		}
		if word := string(c.text[at:end]); word == "on" || end >= len(c.text) {
			return c.nameAfter(end)
		}
		at = end
	}
}

// operationName and fragmentName are where the names of definitions stand.
func (c *documentCheck) operationName(op *ast.OperationDefinition) int {
	return c.nameAfter(op.Position.Start + len(op.Operation))
}

func (c *documentCheck) fragmentName(f *ast.FragmentDefinition) int {
	return c.nameAfter(c.nameAfter(f.Position.Start) + len("fragment"))
}

func (c *documentCheck) fragmentType(f *ast.FragmentDefinition) int {
	return c.typeCondition(c.fragmentName(f) + len(f.Name))
}

// sign is where the @ of a directive stands.
func (c *documentCheck) sign(d *ast.Directive) int { return c.before('@', d.Position.Start) }
