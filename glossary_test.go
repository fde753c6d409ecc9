package mockserver_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// TestNamesOfTheGlossary requires that no word that docs/glossary.md replaces, nor its plural, is a name or a part of
// one: of a declaration, a parameter, a local variable or a file.
func TestNamesOfTheGlossary(t *testing.T) {
	t.Parallel()
	not := glossary(t, "| not | but |")
	if len(not) < 20 {
		t.Fatalf("docs/glossary.md has %d names that are not used; the table is not where it was", len(not))
	}
	if words := glossary(t, "| word | meaning |"); len(words) < 20 || len(words) > 50 {
		t.Errorf("docs/glossary.md has %d words, want at most 50, which a reader can remember", len(words))
	}
	eachFile(t, func(file, text string) {
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, file, text, 0)
		if err != nil {
			t.Error(err)
			return
		}
		check := func(at any, name string) {
			if strings.HasPrefix(name, "Test") {
				return // a sentence
			}
			for _, word := range parts(name) {
				but, ok := not[strings.TrimSuffix(word, "s")]
				if ok && (!plainWords[word] || len(name) == len(word)) {
					t.Errorf("%v: %s; docs/glossary.md has for it: %s", at, name, but)
					break
				}
			}
		}
		check(file, strings.TrimSuffix(path.Base(file), ".go"))
		for _, name := range declared(parsed) {
			check(files.Position(name.Pos()), name.Name)
		}
	})
}

// glossary reads a table of the glossary: first column, in lower case and at each comma → second column.
func glossary(t *testing.T, head string) map[string]string {
	t.Helper()
	text, err := os.ReadFile("docs/glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), head+"\n|---|---|\n")
	rows := map[string]string{}
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) != 4 {
			break
		}
		for name := range strings.SplitSeq(cells[1], ",") {
			rows[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(cells[2])
		}
	}
	return rows
}

// plainWords may be part of a name: the glossary replaces them where they are the whole of it.
var plainWords = map[string]bool{"never": true, "plant": true}

// parts returns the words of a name, in lower case, and the whole.
func parts(name string) []string {
	spaced := lastOfWord.ReplaceAllString(firstOfWord.ReplaceAllString(name, " $0"), "$1 $2")
	return append(strings.Fields(strings.ToLower(strings.ReplaceAll(spaced, "_", " "))), strings.ToLower(name))
}

var (
	firstOfWord = regexp.MustCompile(`[A-Z][a-z]`)
	lastOfWord  = regexp.MustCompile(`([a-z0-9])([A-Z])`)
)

// TestParts checks which words the test above finds in a name.
func TestParts(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"worldHole": "world hole worldhole", "AWhole": "a whole awhole",
		"plant_test": "plant test plant_test", "HTTPTape": "http tape httptape", "tape": "tape tape"} {
		if got := strings.Join(parts(name), " "); got != want {
			t.Errorf("parts(%s) = %s, want %s", name, got, want)
		}
	}
}

// declared returns the names that a file declares: functions, types, fields, parameters, variables and labels.
func declared(file *ast.File) (names []*ast.Ident) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			names = append(names, n.Name)
		case *ast.TypeSpec:
			names = append(names, n.Name)
		case *ast.ValueSpec:
			names = append(names, n.Names...)
		case *ast.Field:
			names = append(names, n.Names...)
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				names = append(names, idents(n.Lhs...)...)
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				names = append(names, idents(n.Key, n.Value)...)
			}
		}
		return true
	})
	return names
}

func idents(all ...ast.Expr) (names []*ast.Ident) {
	for _, e := range all {
		if name, ok := e.(*ast.Ident); ok {
			names = append(names, name)
		}
	}
	return names
}
