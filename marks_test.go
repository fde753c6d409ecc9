package mockserver_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strings"
	"testing"
)

// markedByRule are the fakes whose Def.Evidence marks every refusal by its rule and operation.
var markedByRule = map[string]bool{"twenty": true}

// A refusal says what is known of its rule where it is made: each literal of a fake.Error in a fake has Evidence.
func TestRefusalsCarryTheirEvidence(t *testing.T) {
	t.Parallel()
	marked := 0
	eachFile(t, func(file, text string) {
		name, ok := fakeOf(path.Dir(file))
		if !ok || markedByRule[name] || strings.HasSuffix(file, "_test.go") {
			return
		}
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, file, text, 0)
		if err != nil {
			t.Errorf("%v", err)
			return
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			literal, ok := n.(*ast.CompositeLit)
			if !ok || !isFakeError(literal.Type) {
				return true
			}
			if marked++; !hasKey(literal, "Evidence") {
				t.Errorf("%s: a refusal without Evidence: is its rule Documented or Inferred, by which Source?",
					files.Position(literal.Pos()))
			}
			return true
		})
	})
	if marked == 0 {
		t.Error("no literal of a fake.Error was found")
	}
}

func isFakeError(e ast.Expr) bool {
	selector, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	from, ok := selector.X.(*ast.Ident)
	return ok && from.Name == "fake" && selector.Sel.Name == "Error"
}

func hasKey(literal *ast.CompositeLit, name string) bool {
	for _, element := range literal.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.Ident); ok && key.Name == name {
				return true
			}
		}
	}
	return false
}
