package fake_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

func TestRouterFindsTheOperation(t *testing.T) {
	t.Parallel()
	def := toy()
	def.Rewrite = func(r *http.Request) { r.URL.Path = strings.TrimPrefix(r.URL.Path, "/old") }
	router := fake.NewRouter(def)
	for _, test := range []struct{ method, url, want string }{
		{"GET", "http://api.library.test/books", "listBooks"},
		{"HEAD", "http://api.library.test/books?page=2", "listBooks"},
		{"GET", "/books/7", "getBook"},
		{"GET", "/old/books/7", "getBook"},
		{"GET", "/books/%7B%7Bid%7D%7D", "getBook"},
		{"TRACE", "/books", ""},
		{"GET", "/books/7/more", ""},
		{"GET", "/nothing", ""},
	} {
		r, err := http.NewRequest(test.method, test.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if op := router.Operation(r); op != nil {
			got = op.ID
		}
		if got != test.want {
			t.Errorf("%s %s: operation %q, want %q", test.method, test.url, got, test.want)
		}
		if strings.Contains(test.url, "/old") && r.URL.Path != "/old/books/7" {
			t.Errorf("the request has changed: %s", r.URL)
		}
	}
}
