package graphql

import (
	"fmt"
	"strings"
	"testing"
)

func TestSyntaxErrorsReadAsInGraphqlJS(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, want   string
		line, column int
	}{
		{"", "Syntax Error: Unexpected <EOF>.", 1, 1},
		{"query { companies ", "Syntax Error: Expected Name, found <EOF>.", 1, 19},
		{"{ a(x: ) }", `Syntax Error: Unexpected ")".`, 1, 8},
		{"{ }", `Syntax Error: Expected Name, found "}".`, 1, 3},
		{"{ a() }", `Syntax Error: Expected Name, found ")".`, 1, 5},
		{"foo", `Syntax Error: Unexpected Name "foo".`, 1, 1},
		{"{ a(x: 5 6) }", `Syntax Error: Expected Name, found Int "6".`, 1, 10},
		{"query Q($a Int) { a }", `Syntax Error: Expected ":", found Name "Int".`, 1, 12},
		{"fragment on on X { a }", `Syntax Error: Unexpected Name "on".`, 1, 10},
	} {
		_, failure := parse(tt.text, "")
		if failure == nil || failure.Message != tt.want {
			t.Errorf("%q: got %v, want %s", tt.text, failure, tt.want)
			continue
		}
		if at := failure.Locations[0]; at.Line != tt.line || at.Column != tt.column {
			t.Errorf("%q: at %v, want %d:%d", tt.text, at, tt.line, tt.column)
		}
	}
}

func TestFragmentsInCirclesAndBombsAreRefused(t *testing.T) {
	t.Parallel()
	bomb := "{ companies { ...A0 } }"
	for i := range 30 {
		next := "...A" + string(rune('0'+i+1))
		bomb += " fragment A" + string(rune('0'+i)) + " on C { a " + next + " " + next + " }"
	}
	for name, text := range map[string]string{
		"circle": "{ companies { ...A } } fragment A on C { a ...B } fragment B on C { b ...A }",
		"bomb":   bomb,
		"wide":   "{ companies { " + strings.Repeat("a ", 3000) + " } }",
		"deep":   strings.Repeat("{ a ", 900) + strings.Repeat("}", 900),
	} {
		doc, failure := parse(text, "")
		if failure != nil {
			continue
		}
		if _, err := doc.flatten(doc.roots()[0], letsTruthy); err == nil {
			t.Errorf("%s: not refused", name)
		}
		countFields(doc)
	}
}

// TestSyntaxErrorsAreThoseOfGraphQLJS compares messages and positions with graphql-js 16.8.
func TestSyntaxErrorsAreThoseOfGraphQLJS(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		"{ a ..":            "Syntax Error: Unexpected character: \".\". 1:5",
		"{ a(b: \"x":        "Syntax Error: Unterminated string. 1:10",
		"{ a(b: \"x\n\") }": "Syntax Error: Unterminated string. 1:10",
		"{ a € }":           "Syntax Error: Unexpected character: U+20AC. 1:5",
		"{ a(b: 'x') }": "Syntax Error: Unexpected single quote character ('), " +
			"did you mean to use a double quote (\")? 1:8",
		"{ a(b: 01) }":               "Syntax Error: Invalid number, unexpected digit after 0: \"1\". 1:9",
		"{ a(b: 1x) }":               "Syntax Error: Invalid number, expected digit but got: \"x\". 1:9",
		"{ a(b: -) }":                "Syntax Error: Invalid number, expected digit but got: \")\". 1:9",
		"{ a(b: 1.) }":               "Syntax Error: Invalid number, expected digit but got: \")\". 1:10",
		"{ a(b: 1e) }":               "Syntax Error: Invalid number, expected digit but got: \")\". 1:10",
		"{ a(b: \"\\q\") }":          "Syntax Error: Invalid character escape sequence: \"\\q\". 1:9",
		"{ a(b: \"\\u12\") }":        "Syntax Error: Invalid Unicode escape sequence: \"\\u12\")\". 1:9",
		"{ a(b: \"\\u{110}\") c: }":  "Syntax Error: Expected Name, found \"}\". 1:22",
		"{ a(b: \"\"\"x":             "Syntax Error: Unterminated string. 1:12",
		"{ \"x\" }":                  "Syntax Error: Expected Name, found String \"x\". 1:3",
		"query ($v: Int = $w) { a }": "Syntax Error: Unexpected variable \"$w\" in constant value. 1:18",
		"{ a(b: ) }":                 "Syntax Error: Unexpected \")\". 1:8",
		"$x":                         "Syntax Error: Unexpected \"$\". 1:1",
		"{ a { } }":                  "Syntax Error: Expected Name, found \"}\". 1:7",
		"{ a } }":                    "Syntax Error: Unexpected \"}\". 1:7",
		"fragment on on X { a }":     "Syntax Error: Unexpected Name \"on\". 1:10",
		"{ a(b: \"ok\" c: \"# not a comment\") ! }": "Syntax Error: Expected Name, found \"!\". 1:35",
		"{ a # comment \"\n !":                      "Syntax Error: Expected Name, found \"!\". 2:2",
		"\\":                                        "Syntax Error: Unexpected character: \"\\\". 1:1",
		// escapes beyond Unicode, lines that end in CR LF, and blocks
		"{ a(b: \"\\u{110000}\") }":        "Syntax Error: Invalid Unicode escape sequence: \"\\u{110000}\". 1:9",
		"{ a\r\n  b(c: \"\\q\") }":         "Syntax Error: Invalid character escape sequence: \"\\q\". 2:9",
		"{ \"\"\"x\ny\"\"\" }":             "Syntax Error: Expected Name, found BlockString \"x\ny\". 1:3",
		"{ a(b: 1é) }":                     "Syntax Error: Unexpected character: U+00E9. 1:9",
		"{ a(b: -\"x\") }":                 "Syntax Error: Invalid number, expected digit but got: '\"'. 1:9",
		"{ a(b: 1_) c: }":                  "Syntax Error: Invalid number, expected digit but got: \"_\". 1:9",
		"{ a(b: \"1x 2.5y\") !":            "Syntax Error: Expected Name, found \"!\". 1:19",
		strings.Repeat("a ", 50_001):       "Syntax Error: Unexpected Name \"a\". 1:1",
		"{" + strings.Repeat("a ", 50_001): "Syntax Error: exceeded token limit of 50000. 1:1",
	} {
		got := ""
		if _, failure := parse(document, ""); failure != nil {
			at := failure.Locations[0]
			got = fmt.Sprintf("%s %d:%d", failure.Message, at.Line, at.Column)
		}
		if got != want {
			t.Errorf("%q: %s, want %s", document, got, want)
		}
	}
}
