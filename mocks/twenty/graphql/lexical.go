package graphql

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
)

// runOn finds what may be a number that runs into a name or a dot, which gqlparser takes for two tokens.
var runOn = regexp.MustCompile(`(?:^|[^\w."-])-?\d+[.A-Za-z_]`)

// syntaxFault returns the first syntax error of a text in the words of graphql-js, nil if there is none:
// fixtures/twenty/graphql_errors. It is the error of the parser, unless a token before it is invalid.
func syntaxFault(text string, err error) *Failure {
	var e *gqlerror.Error
	if errors.As(err, &e) && len(e.Locations) == 0 { // too many tokens
		return located("Syntax Error: "+sentence(e.Message), gqlerror.Location{Line: 1, Column: 1})
	}
	source, runes := lexer.New(&ast.Source{Input: text}), []rune(text)
	for before := (lexer.Token{}); ; {
		token, invalid := source.ReadToken()
		message, at := "", token.Pos.Start
		switch behind := token.Pos.End; {
		case invalid != nil:
			message, at = lexicalFault(runes, invalid.Error(), token.Pos.End)
		case (token.Kind == lexer.Int || token.Kind == lexer.Float) && behind < len(runes) &&
			(runes[behind] == '.' || beginsName(runes[behind])):
			message, at = "Invalid number, expected digit but got: "+shown(runes, behind)+".", behind
		case e != nil && token.Pos.Line == e.Locations[0].Line && token.Pos.Column == e.Locations[0].Column:
			message = unexpected(e.Message, before, token, source)
		case token.Kind == lexer.EOF && e != nil:
			return located("Syntax Error: "+sentence(e.Message), e.Locations[0])
		case token.Kind == lexer.EOF:
			return nil
		}
		if message != "" {
			return located("Syntax Error: "+message, placed(runes, at))
		}
		if token.Kind != lexer.Comment {
			before = token
		}
	}
}

var (
	expected = regexp.MustCompile(`^Expected (.+), found .+$`)
	atLeast  = regexp.MustCompile(`^expected at least one definition, found .+$`)
)

// unexpected returns the parser's error about a token in the words of graphql-js, which names a variable that
// stands where only constants may.
func unexpected(message string, before, token lexer.Token, source lexer.Lexer) string {
	found := describe(token)
	switch {
	case atLeast.MatchString(message):
		return "Expected Name, found " + found + "."
	case expected.MatchString(message):
		return "Expected " + kindName(expected.FindStringSubmatch(message)[1]) + ", found " + found + "."
	case !strings.HasPrefix(message, "Unexpected "):
		return sentence(message)
	case token.Kind == lexer.Dollar && before.Kind != lexer.BraceR && before.Pos.Src != nil:
		if name, err := source.ReadToken(); err == nil && name.Kind == lexer.Name {
			return `Unexpected variable "$` + name.Value + `" in constant value.`
		}
	}
	return "Unexpected " + found + "."
}

// kindName quotes punctuation, as graphql-js does.
func kindName(kind string) string {
	if kind == "" || kind[0] == '<' || kind[0] == '"' || kind[0] >= 'A' && kind[0] <= 'Z' {
		return kind
	}
	return strconv.Quote(kind)
}

func describe(token lexer.Token) string {
	switch token.Kind {
	case lexer.Name, lexer.Int, lexer.Float, lexer.String, lexer.BlockString:
		return token.Kind.String() + ` "` + token.Value + `"`
	}
	return kindName(token.Kind.String())
}

// lexicalFault returns the lexer's error at an offset in the words of graphql-js, and where that puts it.
func lexicalFault(text []rune, message string, at int) (string, int) {
	message = strings.TrimSuffix(message[strings.Index(message, ": ")+2:], ".")
	kind, _, _ := strings.Cut(message, ":")
	switch {
	case strings.HasPrefix(message, "Invalid character escape sequence"):
		return escapeFault(text[at-1:]), at - 1
	case strings.HasPrefix(message, "Invalid number"):
		return kind + ": " + shown(text, at) + ".", at
	case strings.HasPrefix(message, "Cannot "):
		return "Unexpected character: " + shown(text, at) + ".", at
	}
	return sentence(message), at
}

// sentence ends a message with a full stop, unless it has an end.
func sentence(message string) string {
	if strings.HasSuffix(message, "?") {
		return message
	}
	return strings.TrimSuffix(message, ".") + "."
}

// escapeFault returns the error of the escape that a text begins with.
func escapeFault(text []rune) string {
	kind, n := "character", 2
	if len(text) > 1 && text[1] == 'u' {
		kind, n = "Unicode", 6
		if len(text) > 2 && text[2] == '{' {
			for n = 3; n < min(len(text), 11) && strings.ContainsRune("0123456789abcdefABCDEF", text[n]); n++ {
			}
			n++
		}
	}
	return fmt.Sprintf(`Invalid %s escape sequence: "%s".`, kind, string(text[:min(n, len(text))]))
}

// shown returns the character at an offset as messages show it.
func shown(text []rune, at int) string {
	if at >= len(text) {
		return "<EOF>"
	}
	switch c := text[at]; {
	case c == '"':
		return `'"'`
	case c >= ' ' && c <= '~':
		return `"` + string(c) + `"`
	default:
		return fmt.Sprintf("U+%04X", c)
	}
}

func beginsName(c rune) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }
