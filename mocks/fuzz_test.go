package mocks_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/internal/samples"
	"github.com/afba07b5/mockserver/mocks"
)

// goErrors are texts of errors from Go's own packages. None of the vendors' servers is written in Go.
var goErrors = []string{"invalid semicolon separator", "invalid URL escape", "invalid character '",
	"unexpected end of JSON input", "cannot unmarshal", "json: ", "strconv.", `parsing "`, "multipart: ", "mime: ",
	"http: ", "net/url", "unexpected EOF", "goroutine ", "looking for beginning of", "gzip: ", "zlib: ", "flate: ",
	"brotli: ", "request body too large", "request body has", "runtime error", "panic: ", "kin-openapi", "openapi3"}

// inWordsOfGo returns one of goErrors that an answer has and the request has not, or "".
func inWordsOfGo(answer, sent string) string {
	for _, text := range goErrors {
		if strings.Contains(answer, text) && !strings.Contains(sent, text) {
			return text
		}
	}
	return ""
}

// place is a request whose query and body the fuzz test varies.
type place struct{ fake, method, path, media string }

// allPlaces returns the places, with a read and a write of each fake that has none.
func allPlaces() []place {
	all := slices.Clone(places)
	for _, s := range samples.All {
		if !slices.ContainsFunc(places, func(p place) bool { return p.fake == s.Fake }) {
			path, _, _ := strings.Cut(s.Read, "?")
			all = append(all, place{s.Fake, "GET", path, ""}, place{s.Fake, "POST", s.Write, "application/json"})
		}
	}
	return all
}

var places = []place{
	{"kickflow", "GET", "/v1/tickets", ""},
	{"kickflow", "GET", "/v1/users", ""},
	{"kickflow", "POST", "/v1/grades", "application/json"},
	{"kickflow", "POST", "/v1/files", "multipart/form-data; boundary=x"},
	{"flexcrm", "GET", "/flex/api/v1/flexdb/tbl_customer", ""},
	{"flexcrm", "POST", "/flex/api/v1/flexdb/tbl_customer", "application/x-www-form-urlencoded"},
	{"flexcrm", "POST", "/flex/api/v1/flexdb/tbl_customer", "application/json"},
	{"flexcrm", "POST", "/flex/api/v1/flexdb/tbl_customer", "multipart/form-data; boundary=x"},
	{"flosum", "GET", "/api/v1/connections", ""},
	{"flosum", "GET", "/api/v1/oauth/authorize", ""},
	{"flosum", "POST", "/api/v1/oauth/token", "application/x-www-form-urlencoded"},
	{"flosum", "POST", "/api/v1/oauth/token", "application/json"},
	{"flosum", "PUT", "/api/v1/connections/1/settings", "application/json"},
	{"twenty", "GET", "/rest/companies", ""},
	{"twenty", "POST", "/rest/companies", "application/json"},
	{"twenty", "POST", "/rest/companies", "application/x-www-form-urlencoded"},
	{"twenty", "POST", "/graphql", "application/json"},
	{"twenty", "POST", "/metadata", "application/json"},
}

// FuzzNoGoErrorReachesAVendorsBody sends invalid queries and bodies to all fakes and checks that no
// answer contains an error of Go's own packages, and that no fake breaks its own document or
// panics.
func FuzzNoGoErrorReachesAVendorsBody(f *testing.F) {
	for _, query := range []string{"x=a;b", "search=50%", "a=%zz&b=%", "page=1&page=2", "createdAtStart=zz",
		"limit=99999999999999999999", "filter=name[eq]:%", "a[=1", "page=1.5e400", "order-by=x%20y"} {
		f.Add(query, "{")
	}
	for _, body := range []string{"", `{"name":`, `{"name":"\u12"}`, "name=a;b", "name=50%", "\x1f\x8b\x08",
		"--x\r\n\r\n", "\ufeff{}", `{"query":1}`, `[1,2`, "nul", `{"a":1e999}`, `{"name":{}}`, "\xff\xfe{\x00"} {
		f.Add("", body)
	}
	var bug atomic.Pointer[error] // the last one; f must not be used within the fuzz target
	srv, err := fake.New(fake.Config{
		Settings:     fake.Settings{LimitsOff: true},
		CheckAnswers: true,
		Bug:          func(err error) { bug.Store(&err) },
	}, mocks.All()...)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(srv.Close)
	world, _ := srv.World("default")
	credentials := map[string][2]string{} // header and value
	for _, s := range samples.All {
		state, err := world.State(s.Fake)
		if err != nil {
			f.Fatal(err)
		}
		name, value, _ := strings.Cut(s.CredentialHeader(srv.Def(s.Fake).Known(state)[0].Value), ": ")
		credentials[s.Fake] = [2]string{name, value}
	}
	f.Fuzz(func(t *testing.T, query, body string) {
		for _, p := range allPlaces() {
			for _, coding := range []string{"", "gzip"} {
				if coding != "" && p.media == "" {
					continue
				}
				r := httptest.NewRequest(p.method, "http://localhost"+p.path, nil)
				r.URL = &url.URL{Path: p.path, RawQuery: query}
				r.Header = http.Header{"User-Agent": {"fuzz"}}
				r.Header.Set(credentials[p.fake][0], credentials[p.fake][1])
				if p.media != "" {
					r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
					r.Header.Set("Content-Type", p.media)
				}
				if coding != "" {
					r.Header.Set("Content-Encoding", coding)
				}
				w := httptest.NewRecorder()
				srv.Handler(p.fake).ServeHTTP(w, r)
				if err := bug.Swap(nil); err != nil {
					t.Errorf("%s %s?%s %q: %v", p.method, p.path, query, body, *err)
				}
				if found := inWordsOfGo(w.Body.String(), query+body); found != "" {
					t.Errorf("%s %s?%s %q answers in the words of Go, %q: %.300s", p.method, p.path, query, body,
						found, w.Body)
				}
			}
		}
	})
}
