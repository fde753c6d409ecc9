package fake_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

// FuzzRequest sends arbitrary requests and checks that the core has no bug and that a rejected
// request changes nothing.
func FuzzRequest(f *testing.F) {
	f.Add("POST", "/books", "", "application/json", `{"title":"x"}`)
	f.Add("PATCH", "/books/b1", "limit=%zz", "application/json; charset=x", `{"tags":[null]}`)
	f.Add("GET", "/books/%2F%2e%2e/%00", "limit[]=1&limit=2", "", "")
	f.Add("HEAD", "//books//", ";", "multipart/form-data; boundary=", "--\r\n")
	f.Add("OPTIONS", "/__world/x/books", "", "text/plain", "[]")
	f.Fuzz(func(t *testing.T, method, path, query, kind, body string) {
		target, err := url.ParseRequestURI("/" + strings.TrimPrefix(path, "/"))
		if err != nil {
			t.Skip("net/http refuses such a path")
		}
		target.RawQuery = query
		var bug error
		srv, err := fake.New(fake.Config{Bug: func(err error) { bug = err }}, toy())
		if err != nil {
			t.Fatal(err)
		}
		world, _ := srv.World("default")
		world.State("library")
		before := world.Dump()
		r := httptest.NewRequest(http.MethodGet, "/", strings.NewReader(body))
		r.Method, r.URL = method, target
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		srv.Handler("library").ServeHTTP(w, r)
		if bug != nil && !strings.Contains(bug.Error(), "on purpose") {
			t.Error(bug)
		}
		if w.Code >= 400 {
			if diff := cmp.Diff(before, world.Dump()); diff != "" {
				t.Error(diff)
			}
		}
	})
}
