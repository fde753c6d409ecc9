package mockserver_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// TestNamesOfTheGlossary requires that nothing is declared under a name that docs/glossary.md replaces.
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
		if strings.HasSuffix(file, "_test.go") {
			return
		}
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, file, text, 0)
		if err != nil {
			t.Error(err)
			return
		}
		for _, name := range declared(parsed) {
			if but, ok := not[strings.ToLower(name.Name)]; ok {
				t.Errorf("%s: %s; docs/glossary.md has for it: %s", files.Position(name.Pos()), name.Name, but)
			}
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

// declared returns the names that a file declares: functions, types, package variables, fields.
func declared(file *ast.File) (names []*ast.Ident) {
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok {
			names = append(names, f.Name)
			continue
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.TypeSpec:
				names = append(names, n.Name)
			case *ast.ValueSpec:
				names = append(names, n.Names...)
			case *ast.Field:
				names = append(names, n.Names...)
			}
			return true
		})
	}
	return names
}
