package graphql

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/parser"
)

// maxTokens bounds the work for one document. Assumed: the vendor only counts fields.
const maxTokens = 50_000

// document is a parsed request: what its text holds, and the operation that is asked for.
type document struct {
	text      string
	query     *ast.QueryDocument
	operation *ast.OperationDefinition // nil if none has the name, or several have none
	count     int                      // operations
}

// parse reads the text of a document and finds the operation of that name.
func parse(text, operation string) (*document, *Failure) {
	query, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, maxTokens)
	if err != nil {
		return nil, syntaxError(text, err)
	}
	if len(query.Operations) == 0 && len(query.Fragments) == 0 {
		return nil, located("Syntax Error: Unexpected <EOF>.", end(text))
	}
	d := &document{text: text, query: query, count: len(query.Operations)}
	for _, op := range query.Operations {
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

// fragment returns the fragment of that name, or nil.
func (d *document) fragment(name string) *ast.FragmentDefinition {
	return d.query.Fragments.ForName(name)
}

// roots returns the root fields as the vendor finds them: those of the operation and, one level deep, of
// its fragments, whatever their directives say.
func (d *document) roots() []*ast.Field {
	if d.operation == nil {
		return nil
	}
	var out []*ast.Field
	fields := func(set ast.SelectionSet) {
		for _, s := range set {
			if f, ok := s.(*ast.Field); ok {
				out = append(out, f)
			}
		}
	}
	for _, s := range d.operation.SelectionSet {
		switch s := s.(type) {
		case *ast.Field:
			out = append(out, s)
		case *ast.InlineFragment:
			fields(s.SelectionSet)
		case *ast.FragmentSpread:
			if f := d.fragment(s.Name); f != nil {
				fields(f.SelectionSet)
			}
		}
	}
	return out
}

var (
	expected = regexp.MustCompile(`^Expected (.+), found .+$`)
	atLeast  = regexp.MustCompile(`^expected at least one definition, found (.+)$`)
)

// syntaxError says what the parser found in the words of graphql-js: fixtures/twenty/graphql_errors.
func syntaxError(text string, err error) *Failure {
	var e *gqlerror.Error
	if !errors.As(err, &e) {
		return located("Syntax Error: "+err.Error(), gqlerror.Location{Line: 1, Column: 1})
	}
	at := gqlerror.Location{Line: 1, Column: 1}
	if len(e.Locations) > 0 {
		at = e.Locations[0]
	}
	message := e.Message
	switch found := tokenAt(text, at); {
	case atLeast.MatchString(message) && found != "":
		message = "Expected Name, found " + found
	case expected.MatchString(message) && found != "":
		message = "Expected " + kindName(expected.FindStringSubmatch(message)[1]) + ", found " + found
	case strings.HasPrefix(message, "Unexpected ") && found != "":
		message = "Unexpected " + found
	case strings.HasPrefix(message, "Cannot parse the unexpected character"):
		message = "Unexpected character" + strings.TrimPrefix(message, "Cannot parse the unexpected character")
	}
	return located("Syntax Error: "+strings.TrimSuffix(message, ".")+".", at)
}

// kindName quotes what is punctuation, as graphql-js does.
func kindName(kind string) string {
	if kind == "" || kind[0] == '<' || kind[0] == '"' || kind[0] >= 'A' && kind[0] <= 'Z' {
		return kind
	}
	return strconv.Quote(kind)
}

// tokenAt describes the token at a place, "" if there is none that can be read.
func tokenAt(text string, at gqlerror.Location) string {
	l := lexer.New(&ast.Source{Input: text})
	for range maxTokens {
		token, err := l.ReadToken()
		if err != nil {
			return ""
		}
		if token.Pos.Line == at.Line && token.Pos.Column == at.Column || token.Kind == lexer.EOF {
			return describe(token)
		}
	}
	return ""
}

func describe(token lexer.Token) string {
	switch token.Kind {
	case lexer.Name, lexer.Int, lexer.Float, lexer.String, lexer.BlockString:
		return token.Kind.String() + ` "` + token.Value + `"`
	}
	return kindName(token.Kind.String())
}

// end is the place behind a text.
func end(text string) gqlerror.Location {
	line := strings.Count(text, "\n")
	column := len([]rune(text[strings.LastIndexByte(text, '\n')+1:]))
	return gqlerror.Location{Line: line + 1, Column: column + 1}
}
