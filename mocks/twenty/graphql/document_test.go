package graphql

import (
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
		if _, err := doc.flatten(doc.roots()[0]); err == nil {
			t.Errorf("%s: not refused", name)
		}
		countFields(doc)
	}
}
