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
	fault, ok := firstFault(text)
	switch {
	case ok && (err == nil || fault.start <= faultOf(text, err)):
		p.failure = located("Syntax Error: "+fault.fault, placed(fault.text, fault.place))
	case err != nil:
		p.failure = syntaxError(text, err)
	case len(query.Operations) == 0 && len(query.Fragments) == 0:
		p.failure = located("Syntax Error: Unexpected <EOF>.", end(text))
	default:
		p.count = len(query.Operations)
	}
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
		for _, s := range p.below {
			if f, ok := s.(*ast.Field); ok {
				out = append(out, f)
			}
		}
	}
	return out
}

var (
	expected = regexp.MustCompile(`^Expected (.+), found .+$`)
	atLeast  = regexp.MustCompile(`^expected at least one definition, found (.+)$`)
)

// faultOf is where the parser found its fault.
func faultOf(text string, err error) int {
	var e *gqlerror.Error
	if !errors.As(err, &e) || len(e.Locations) == 0 {
		return 0
	}
	at := offset([]rune(text), e.Locations[0])
	return at
}

// offset is the place of a location in a text.
func offset(text []rune, at gqlerror.Location) int {
	line, i := 1, 0
	for ; i < len(text) && line < at.Line; i++ {
		if text[i] == '\n' || text[i] == '\r' && (i+1 == len(text) || text[i+1] != '\n') {
			line++
		}
	}
	return i + at.Column - 1
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

// syntaxError returns the parser's error in the words of graphql-js:
// fixtures/twenty/graphql_errors.
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
	message, at = refined(text, message, at)
	return located("Syntax Error: "+strings.TrimSuffix(message, ".")+".", at)
}

var variable = regexp.MustCompile(`^\$[\s,]*([_A-Za-z][_0-9A-Za-z]*)`)

// refined says where a text in quotes begins, before which the parser counts one too many, and names a
// variable that stands where only constants may.
func refined(text, message string, at gqlerror.Location) (string, gqlerror.Location) {
	runes := []rune(text)
	i := offset(runes, at)
	if strings.Contains(message, `found String "`) || strings.HasPrefix(message, `Unexpected String "`) {
		if i > 0 && i <= len(runes) && runes[i-1] == '"' {
			at.Column--
		}
	}
	if message == `Unexpected "$"` && i < len(runes) {
		before := strings.TrimRight(string(runes[:i]), " \t\r\n,")
		if name := variable.FindStringSubmatch(string(runes[i:])); name != nil && before != "" &&
			!strings.HasSuffix(before, "}") {
			message = `Unexpected variable "$` + name[1] + `" in constant value`
		}
	}
	return message, at
}

// kindName quotes punctuation, as graphql-js does.
func kindName(kind string) string {
	if kind == "" || kind[0] == '<' || kind[0] == '"' || kind[0] >= 'A' && kind[0] <= 'Z' {
		return kind
	}
	return strconv.Quote(kind)
}

// tokenAt describes the token at a position, or returns "" if it is not readable.
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
