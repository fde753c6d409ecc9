package bench_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
)

// BenchmarkServe measures what a fake's own handler takes for a request, without a connection or a
// client: a record of each fake, a path that no operation has, and a HEAD.
func BenchmarkServe(b *testing.B) {
	lines := map[string]string{
		"flosum":   "GET /api/v1/connections?page=1&limit=1",
		"twenty":   "GET /rest/companies/f0b265b9-6f4b-46d0-a5d2-e691b4274da6",
		"flexcrm":  "GET /flex/api/v1/user?limit=1",
		"kickflow": "GET /v1/grades",
	}
	for _, def := range mocks.All() {
		b.Run(def.Name+"/get", func(b *testing.B) { serveOne(b, def, lines[def.Name], http.StatusOK) })
		b.Run(def.Name+"/nothing", func(b *testing.B) { serveOne(b, def, "GET /nothing/at/all", 0) })
	}
}

// serveOne measures one request. A status of 0 accepts every status.
func serveOne(b *testing.B, def *fake.Def, line string, status int) {
	h := listHandler(b, def, nil)
	method, target, _ := strings.Cut(line, " ")
	r := httptest.NewRequest(method, target, nil)
	for _, header := range []string{"Authorization", "X-FlexCRM-API-KEY"} {
		r.Header.Set(header, map[string]string{"Authorization": "Bearer "}[header]+credential(b, def))
	}
	r.Header.Set("User-Agent", "bench")
	ask := func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	if got := ask(); status != 0 && got.Code != status {
		b.Fatalf("%s answers %d: %s", line, got.Code, got.Body)
	}
	b.ReportAllocs()
	for b.Loop() {
		ask()
	}
}
