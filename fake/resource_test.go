package fake_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

// TestAResourceNamesAParameterThatItsPathLacks: without the message each row would be unknown, a 404.
func TestAResourceNamesAParameterThatItsPathLacks(t *testing.T) {
	t.Parallel()
	def := toy()
	def.New = func(s *fake.State) fake.Ops {
		ops := newToy(s)
		ops["getBook"] = fake.Resource[book]{Table: fake.TableOf[book](s, "books"), Param: "id"}.Get
		return ops
	}
	var bugs []string
	srv, err := fake.New(fake.Config{Bug: func(err error) { bugs = append(bugs, err.Error()) }}, def)
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	w := httptest.NewRecorder()
	srv.Handler("library").ServeHTTP(w, httptest.NewRequest("GET", "/books/b1", nil))
	want := `operation getBook: the path /books/{bookId} has no parameter "id"`
	if len(bugs) != 1 || !strings.Contains(bugs[0], want) || w.Code != 500 {
		t.Errorf("%d, %q; want 500, %s", w.Code, bugs, want)
	}
}
