package mockserver_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// TestExportedNamesAreDocumented requires of each exported name of each package a comment that begins
// with the name, as go doc shows it, and of each package a comment. A list of constants or variables
// may have one comment for all, and a member of a list may have one behind it.
func TestExportedNamesAreDocumented(t *testing.T) {
	t.Parallel()
	described := map[string]bool{}
	check := func(file, _ string) {
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, file, nil, parser.ParseComments)
		if err != nil {
			t.Error(err)
			return
		}
		dir := path.Dir(file)
		described[dir] = described[dir] || strings.HasPrefix(parsed.Doc.Text(), "Package "+parsed.Name.Name+" ")
		if parsed.Name.Name == "main" || strings.HasSuffix(file, "_test.go") {
			described[dir] = described[dir] || parsed.Name.Name == "main"
			return
		}
		for _, decl := range parsed.Decls {
			for _, name := range undocumented(decl) {
				t.Errorf("%s: %s has no comment that begins with its name", files.Position(decl.Pos()), name)
			}
		}
	}
	eachFile(t, check)
	standin, err := filepath.Glob("standin/*.go") // another module
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range standin {
		check(filepath.ToSlash(file), "")
	}
	for dir, ok := range described {
		if !ok {
			t.Errorf("%s: the package has no comment", dir)
		}
	}
}

// undocumented returns the exported names of a declaration that have no comment.
func undocumented(decl ast.Decl) (names []string) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Name.IsExported() && shown(decl.Recv) && !begins(decl.Doc, decl.Name) && !satisfies(decl) {
			names = append(names, decl.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			names = append(names, undocumentedSpec(decl, spec)...)
		}
	}
	return names
}

func undocumentedSpec(decl *ast.GenDecl, spec ast.Spec) (names []string) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		alias := spec.Assign.IsValid() && spec.Comment != nil
		if spec.Name.IsExported() && !begins(decl.Doc, spec.Name) && !begins(spec.Doc, spec.Name) && !alias {
			names = append(names, spec.Name.Name)
		}
	case *ast.ValueSpec:
		for _, name := range spec.Names {
			if name.IsExported() && decl.Doc == nil && spec.Doc == nil && spec.Comment == nil {
				names = append(names, name.Name)
			}
		}
	}
	return names
}

// begins reports whether a comment is a sentence about a name.
func begins(doc *ast.CommentGroup, name *ast.Ident) bool {
	words := strings.Fields(doc.Text())
	if len(words) > 1 && (words[0] == "A" || words[0] == "An" || words[0] == "The") {
		words = words[1:]
	}
	return len(words) > 1 && strings.TrimRight(words[0], ",'s") == strings.TrimRight(name.Name, "s")
}

// shown reports whether go doc shows the methods of a receiver, nil for a function.
func shown(receiver *ast.FieldList) bool {
	if receiver == nil {
		return true
	}
	typ := receiver.List[0].Type
	for {
		switch inner := typ.(type) {
		case *ast.StarExpr:
			typ = inner.X
		case *ast.IndexExpr:
			typ = inner.X
		case *ast.IndexListExpr:
			typ = inner.X
		case *ast.Ident:
			return inner.IsExported()
		default:
			return false
		}
	}
}

// TestSignaturesUseTheNamesOfTheirPackage requires of exported functions that they name a type as their own package
// does, if it has a name for it, so that go doc reads as one page.
func TestSignaturesUseTheNamesOfTheirPackage(t *testing.T) {
	t.Parallel()
	own := map[string]string{} // folder and qualified name → name
	functions := map[string][]*ast.FuncDecl{}
	eachFile(t, func(file, _ string) {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Error(err)
			return
		}
		if strings.HasSuffix(file, "_test.go") || parsed.Name.Name == "main" {
			return
		}
		dir := path.Dir(file)
		for _, decl := range parsed.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if decl.Name.IsExported() && shown(decl.Recv) {
					functions[dir] = append(functions[dir], decl)
				}
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					if alias, ok := spec.(*ast.TypeSpec); ok && alias.Assign.IsValid() && alias.Name.IsExported() {
						name, _, _ := strings.Cut(types.ExprString(alias.Type), "[")
						own[dir+" "+name] = alias.Name.Name
					}
				}
			}
		}
	})
	if len(own) == 0 {
		t.Error("no package has a name of its own for a type of another")
	}
	for dir, all := range functions {
		for _, f := range all {
			ast.Inspect(f.Type, func(n ast.Node) bool {
				if selector, ok := n.(*ast.SelectorExpr); ok {
					if name := own[dir+" "+types.ExprString(selector)]; name != "" {
						t.Errorf("%s: go doc shows %s in %s; the package calls it %s", dir, types.ExprString(selector),
							f.Name.Name, name)
					}
				}
				return true
			})
		}
	}
}

// satisfies reports whether a method is one of the standard library's interfaces, whose contract
// needs no second statement.
func satisfies(f *ast.FuncDecl) bool {
	switch f.Name.Name {
	case "Error", "String", "Unwrap", "Is", "As", "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText",
		"ServeHTTP", "Read", "Write", "Close", "RoundTrip", "Len", "Less", "Swap":
		return f.Recv != nil
	}
	return false
}
