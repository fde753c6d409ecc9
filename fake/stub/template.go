package stub

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/mailgun/raymond/v2/ast"
	"github.com/mailgun/raymond/v2/parser"
)

// template is a compiled Handlebars template. Its parser is a library; it is evaluated here, for a stub must not run
// for as long or write as much as its author, or its caller, likes.
type template struct{ program *ast.Program }

// compileTemplate parses a template and refuses helpers that do not exist.
func compileTemplate(text string) (*template, error) {
	program, err := parser.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("the template: %v", err)
	}
	return &template{program}, checkProgram(program)
}

func checkProgram(p *ast.Program) error {
	if p == nil {
		return nil
	}
	var errs []error
	for _, node := range p.Body {
		switch n := node.(type) {
		case *ast.MustacheStatement:
			errs = append(errs, checkExpression(n.Expression))
		case *ast.BlockStatement:
			errs = append(errs, checkExpression(n.Expression), checkProgram(n.Program), checkProgram(n.Inverse))
		case *ast.PartialStatement:
			errs = append(errs, errors.New("the template: partials are not supported here"))
		}
	}
	return errors.Join(errs...)
}

// checkExpression refuses an expression with parameters that names no helper.
func checkExpression(e *ast.Expression) error {
	var errs []error
	name := e.HelperName()
	if (len(e.Params) > 0 || e.Hash != nil) && helpers[name] == nil && conditions[name] == nil {
		known := slices.Sorted(maps.Keys(helpers))
		known = append(known, slices.Sorted(maps.Keys(conditions))...)
		errs = append(errs, fmt.Errorf("the template: no helper %q; helpers: %s",
			e.Canonical(), strings.Join(known, ", ")))
	}
	for _, node := range e.Params {
		if sub, ok := node.(*ast.SubExpression); ok {
			errs = append(errs, checkExpression(sub.Expression))
		}
	}
	return errors.Join(errs...)
}

// The bounds of one evaluation.
const (
	mostNodes = 200_000
	mostBytes = 8 << 20
)

var errTooMuch = fmt.Errorf("the template visits more than %d nodes or writes more than %d bytes", mostNodes, mostBytes)

// evaluation is one run of a template.
type evaluation struct {
	now    time.Time
	random *rand.Rand
	scopes []scope
	vars   map[string]any
	nodes  int
	bytes  int
}

// scope is what names mean within a block.
type scope struct {
	context any
	names   map[string]any // block parameters, and with @ what a loop sets
}

func (t *template) render(data map[string]any, now time.Time, random *rand.Rand) (string, error) {
	e := &evaluation{now: now, random: random, scopes: []scope{{context: data}}, vars: map[string]any{}}
	return e.program(t.program)
}

func (e *evaluation) program(p *ast.Program) (string, error) {
	var out strings.Builder
	if p == nil {
		return "", nil
	}
	for _, node := range p.Body {
		text, err := e.statement(node)
		if err != nil {
			return "", err
		}
		e.bytes += len(text)
		if e.nodes++; e.nodes > mostNodes || e.bytes > mostBytes {
			return "", errTooMuch
		}
		out.WriteString(text)
	}
	return out.String(), nil
}

func (e *evaluation) statement(node ast.Node) (string, error) {
	switch n := node.(type) {
	case *ast.ContentStatement:
		return n.Value, nil
	case *ast.MustacheStatement:
		v, err := e.expression(n.Expression, nil)
		return valueText(v), err
	case *ast.BlockStatement:
		v, err := e.expression(n.Expression, n)
		return valueText(v), err
	}
	return "", nil
}

// within runs a program with another context and further names.
func (e *evaluation) within(p *ast.Program, s scope) (string, error) {
	e.scopes = append(e.scopes, s)
	defer func() { e.scopes = e.scopes[:len(e.scopes)-1] }()
	return e.program(p)
}

// expression evaluates a helper, or looks a path up; block is the block that the expression opens, if any.
func (e *evaluation) expression(x *ast.Expression, block *ast.BlockStatement) (any, error) {
	name := x.HelperName()
	if helpers[name] == nil && conditions[name] == nil {
		v, err := e.node(x.Path)
		if block == nil || err != nil {
			return v, err
		}
		return e.section(v, block)
	}
	c := &call{evaluation: e, block: block, hash: map[string]any{}}
	for _, node := range x.Params {
		v, err := e.node(node)
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, v)
	}
	if x.Hash != nil {
		for _, pair := range x.Hash.Pairs {
			v, err := e.node(pair.Val)
			if err != nil {
				return nil, err
			}
			c.hash[pair.Key] = v
		}
	}
	return c.run(name)
}

// section is a block around a value: once per element of a list, or once if the value is true.
func (e *evaluation) section(v any, block *ast.BlockStatement) (any, error) {
	if _, ok := v.([]any); ok {
		return (&call{evaluation: e, block: block, args: []any{v}}).run("each")
	}
	if truth(v) {
		return e.within(block.Program, scope{context: v})
	}
	return e.program(block.Inverse)
}

func (e *evaluation) node(node ast.Node) (any, error) {
	switch n := node.(type) {
	case *ast.StringLiteral:
		return n.Value, nil
	case *ast.BooleanLiteral:
		return n.Value, nil
	case *ast.NumberLiteral:
		return n.Value, nil
	case *ast.SubExpression:
		return e.expression(n.Expression, nil)
	case *ast.PathExpression:
		return e.path(n), nil
	}
	return nil, nil
}

// path looks names up, from the innermost scope outwards.
func (e *evaluation) path(p *ast.PathExpression) any {
	at := max(len(e.scopes)-1-p.Depth, 0)
	if len(p.Parts) == 0 {
		return e.scopes[at].context
	}
	first := p.Parts[0]
	if p.Data {
		first = "@" + first
	}
	for i := at; i >= 0; i-- {
		v, ok := e.scopes[i].names[first]
		if !ok {
			v, ok = step(e.scopes[i].context, first)
		}
		if ok {
			return walk(v, p.Parts[1:])
		}
	}
	return walk(e.vars[first], p.Parts[1:])
}
