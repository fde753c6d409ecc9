package bench_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/internal/samples"
	"github.com/afba07b5/mockserver/mocks"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

// BenchmarkServe measures what a fake's own handler takes for a request, without a connection or a
// client: the read and the write of its sample, a path that no operation has, and requests of the fakes that are of
// interest.
func BenchmarkServe(b *testing.B) {
	for _, line := range []struct{ fake, name, line, body string }{
		{"flosum", "get", "GET /api/v1/connections?page=1&limit=1", ""},
		{"twenty", "get", "GET /rest/companies/f0b265b9-6f4b-46d0-a5d2-e691b4274da6", ""},
		{"twenty", "list", "GET /rest/people?limit=25", ""},
		{"twenty", "graphql", "POST /graphql", `{"query":"{ people(first: 25) { edges { node { id name { firstName } ` +
			`company { name } } } } }"}`},
		{"twenty", "post", "POST /rest/companies", `{"name":"New"}`},
		{"twenty", "post-phone", "POST /rest/people", `{"name":{"firstName":"New"},"phones":` +
			`{"primaryPhoneNumber":"+49 30 901820"}}`},
		{"flexcrm", "get", "GET /flex/api/v1/user?limit=1", ""},
		{"kickflow", "get", "GET /v1/grades", ""},
		{"kickflow", "tickets", "GET /v1/tickets", ""},
		{"kickflow", "user", "GET /v1/users/hoshino", ""},
		{"kickflow", "post", "POST /v1/users", `{"email":"new#@example.com","firstName":"New","lastName":"N"}`},
		{"kickflow", "post-ticket", "POST /v1/tickets", newTicket},
	} {
		for _, def := range mocks.All() {
			if def.Name == line.fake {
				b.Run(def.Name+"/"+line.name, func(b *testing.B) { serveOne(b, def, line.line, line.body, true) })
			}
		}
	}
	for _, def := range mocks.All() {
		s := sampleOf(b, def.Name)
		b.Run(def.Name+"/read", func(b *testing.B) { serveOne(b, def, "GET "+s.Read, "", true) })
		body := samples.FreshPattern.ReplaceAllStringFunc(s.Body, func(found string) string { // # is seven digits
			if digits, err := strconv.Atoi(samples.FreshPattern.FindStringSubmatch(found)[1]); err == nil {
				return strings.Repeat("0", digits-7) + "#"
			}
			return "fresh#"
		})
		body = strings.Replace(body, "%s", "New", 1)
		b.Run(def.Name+"/write", func(b *testing.B) { serveOne(b, def, "POST "+s.Write, body, true) })
		b.Run(def.Name+"/nothing", func(b *testing.B) { serveOne(b, def, "GET /nothing/at/all", "", false) })
	}
}

// newTicket is a ticket of kickflow's seed that its author submits at once.
const newTicket = `{"status":"in_progress","workflowId":"40000000-0000-4000-8000-000000000003","authorTeamId":` +
	`"d0000000-0000-4000-8000-000000000001","inputs":[{"formFieldCode":"spent_on","value":"2026-08-01"},` +
	`{"formFieldCode":"kind","value":"その他"},{"formFieldCode":"amount","value":"1#"},` +
	`{"formFieldCode":"receipt","files":[]},{"formFieldCode":"attendees","userId":null}]}`

// serveOne measures one request, whose # is seven digits that no request had before, and which has to succeed.
func serveOne(b *testing.B, def *fake.Def, line, body string, success bool) {
	h := listHandler(b, def, nil)
	method, target, _ := strings.Cut(line, " ")
	header := headerOf(b, def.Name, credential(b, def))
	if body != "" {
		header.Set("Content-Type", "application/json")
	}
	ask := func() {
		text := strings.ReplaceAll(body, "#", fmt.Sprintf("%07d", fresh.Add(1)))
		r := httptest.NewRequest(method, target, strings.NewReader(text))
		r.Header = header.Clone()
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); success && w.Code > 299 {
			b.Fatalf("%s answers %d: %s", line, w.Code, w.Body)
		}
	}
	ask()
	b.ReportAllocs()
	for b.Loop() {
		ask()
	}
}

// BenchmarkChecked measures a page of seven tickets from a server for a test, with the check of its answer against
// the document and without.
func BenchmarkChecked(b *testing.B) {
	for name, options := range map[string][]fake.Option{"checked": nil, "unchecked": {fake.WithoutAnswerChecks()}} {
		b.Run(name, func(b *testing.B) {
			srv := kickflow.NewServer(b, options...)
			r := httptest.NewRequest("GET", "/v1/tickets", nil)
			r.Header.Set("Authorization", "Bearer "+kickflow.AdminToken)
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				if srv.App.ServeHTTP(w, r.Clone(r.Context())); w.Code != http.StatusOK {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
	}
}
