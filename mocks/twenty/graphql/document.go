package graphql

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// maxTokens bounds the work for one document. Assumed: the vendor only counts fields.
const maxTokens = 50_000

// document is a parsed request: what its text holds, and the operation that is asked for.
type document struct {
	*parsedText
	operation *ast.OperationDefinition // nil if none has the name, or several have none
}

// parse reads the text of a document and finds the operation of that name.
func parse(text, operation string) (*document, *Failure) {
	d := &document{parsedText: documents.get(text)}
	if d.failure != nil {
		return nil, d.failure
	}
	for _, op := range d.query.Operations {
		if op.Name == operation || operation == "" && d.count == 1 {
			d.operation = op
			break
		}
	}
	if operation == "" && d.count > 1 {
		d.operation = nil
	}
	return d, nil
}

// parseText reads the text of a document.
func parseText(text string) *parsedText {
	query, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, maxTokens)
	p := &parsedText{text: text, query: query}
	switch {
	case err != nil || runOn.MatchString(text):
		p.failure = syntaxFault(text, err)
	case len(query.Operations) == 0 && len(query.Fragments) == 0:
		p.failure = located("Syntax Error: Unexpected <EOF>.", end(text))
	}
	p.count = len(query.Operations)
	return p
}

// fragment returns the fragment of that name, or nil.
func (d *document) fragment(name string) *ast.FragmentDefinition {
	return d.query.Fragments.ForName(name)
}

// roots returns the root fields as the vendor collects them: those of the operation and, one level
// deep, of its fragments, whatever their directives are.
func (d *document) roots() (out []*ast.Field) {
	if d.operation == nil {
		return nil
	}
	for _, s := range d.operation.SelectionSet {
		p := d.part(s)
		if p.field != nil {
			out = append(out, p.field)
			continue
		}
		out = append(out, js.Only[*ast.Field](p.below)...)
	}
	return out
}

func (d *document) rootNames() (names []string) {
	for _, f := range d.roots() {
		names = append(names, f.Name)
	}
	return names
}

// placed is the location of a place in a text.
func placed(text []rune, at int) gqlerror.Location {
	line, column := 1, 1
	for i, r := range text[:min(at, len(text))] {
		switch {
		case r == '\n' && i > 0 && text[i-1] == '\r':
		case r == '\n' || r == '\r':
			line, column = line+1, 1
		default:
			column++
		}
	}
	return gqlerror.Location{Line: line, Column: column}
}

// end is the place behind a text.
func end(text string) gqlerror.Location {
	line := strings.Count(text, "\n")
	column := len([]rune(text[strings.LastIndexByte(text, '\n')+1:]))
	return gqlerror.Location{Line: line + 1, Column: column + 1}
}
