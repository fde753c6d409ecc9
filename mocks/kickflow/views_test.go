package kickflow_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

// TestViewsAreNeverStale compares answers of a world that has been asked before with those of a fork, which has kept no
// views.
func TestViewsAreNeverStale(t *testing.T) {
	t.Parallel()
	p := player{rand.New(rand.NewPCG(9, 9)), t, newServer(t)}
	p.srv.World.Freeze(time.Date(2026, 8, 25, 0, 0, 0, 0, time.UTC))
	changes := []call{
		{do: "PATCH /v1/users/" + suzuki, body: `{"lastName": "x"}`},
		{do: "PATCH /v1/folders/" + expenses, body: `{"name": "x"}`},
		{do: "PATCH /v1/categories/e0000000-0000-4000-8000-000000000002", body: `{"name": "x"}`},
		{do: "PATCH /v1/grades/director", body: `{"name": "x"}`},
		{do: "PATCH /v1/organizationCharts/" + chart + "/teams/" + sales1, body: `{"name": "x"}`},
		{do: "PATCH /v1/generalMasters/vendors/items/aoki", body: `{"name": "x"}`},
		{do: "POST /v1/proxyApprovers", body: `{"userId": "` + yamada + `", "proxyUserId": "` + sato + `"}`},
		{do: "DELETE /v1/folders/" + expenses},
	}
	for i := range 40 {
		c := p.act()
		if i%5 == 4 {
			c = changes[i/5]
		}
		if a := send(t, p.srv, c); i%5 == 4 && a.status != 200 {
			t.Fatalf("%s: %d %s", c.do, a.status, a.body)
		}
		if i%10 == 9 {
			p.srv.World.Advance(24 * time.Hour)
		}
		ask := p.fork(fmt.Sprint("fork", i))
		for _, path := range []string{"/v1/tickets", p.ticket(), "/v1/users", "/v1/users/" + p.user(), "/v1/routes",
			"/v1/workflows", "/v1/proxyApprovers"} {
			if diff := cmp.Diff(ask(path), send(t, p.srv, call{do: "GET " + path}).body); diff != "" {
				t.Fatalf("%s after %s (-fork +world):\n%.2000s", path, c.do, diff)
			}
		}
	}
}

// fork copies the world and returns a function that asks the copy.
func (p player) fork(name string) func(path string) string {
	fork, err := p.srv.Server.NewWorld(name, fake.Settings{}, p.srv.World)
	if err != nil {
		p.t.Fatal(err)
	}
	fork.Freeze(p.srv.World.Clock.Now())
	return func(path string) string {
		req, err := http.NewRequest("GET", p.srv.URL+path, nil)
		if err != nil {
			p.t.Fatal(err)
		}
		authorize(req, "")
		req.Header.Set("Mockserver-World", name)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			p.t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			p.t.Fatal(err)
		}
		return string(body)
	}
}

// TestNoNameHidesAPromotedOne finds methods and fields with the name of one that their struct has by embedding: such a
// method calls itself where it means the other.
func TestNoNameHidesAPromotedOne(t *testing.T) {
	t.Parallel()
	types := map[string]*members{} // by package and name
	of := func(pkg string, x ast.Expr) *members {
		if star, ok := x.(*ast.StarExpr); ok {
			x = star.X
		}
		key := pkg + "."
		switch x := x.(type) {
		case *ast.Ident:
			key += x.Name
		case *ast.SelectorExpr:
			key = x.X.(*ast.Ident).Name + "." + x.Sel.Name
		}
		if types[key] == nil {
			types[key] = &members{own: map[string]bool{}}
		}
		return types[key]
	}
	eachDeclaration(t, func(pkg string, d ast.Decl) {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil {
				of(pkg, d.Recv.List[0].Type).own[d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if declared, ok := spec.(*ast.TypeSpec); ok {
					if s, ok := declared.Type.(*ast.StructType); ok {
						m := of(pkg, declared.Name)
						m.pkg = pkg
						for _, f := range s.Fields.List {
							for _, name := range f.Names {
								m.own[name.Name] = true
							}
							if len(f.Names) == 0 {
								m.embedded = append(m.embedded, of(pkg, f.Type))
							}
						}
					}
				}
			}
		}
	})
	found := 0
	for name, m := range types {
		for _, inner := range m.embedded {
			found++
			for promoted := range inner.all() { // an unexported name of another package is another name
				if m.own[promoted] && (ast.IsExported(promoted) || inner.pkg == m.pkg) {
					t.Errorf("%s.%s hides what it has by embedding", name, promoted)
				}
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d structs are embedded", found)
	}
}

// members are the methods and fields of a type.
type members struct {
	pkg      string
	own      map[string]bool
	embedded []*members
}

func (m *members) all() map[string]bool {
	all := map[string]bool{}
	for name := range m.own {
		all[name] = true
	}
	for _, inner := range m.embedded {
		for name := range inner.all() {
			all[name] = true
		}
	}
	return all
}

func eachDeclaration(t *testing.T, visit func(pkg string, d ast.Decl)) {
	err := fs.WalkDir(os.DirFS("."), ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path.Clean(file), nil, 0)
		if err != nil {
			return err
		}
		for _, d := range parsed.Decls {
			visit(parsed.Name.Name, d)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
