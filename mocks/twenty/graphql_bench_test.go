package twenty

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

// BenchmarkGraphql compares a list of 25 with three fields and a relation with the same list over REST.
func BenchmarkGraphql(b *testing.B) {
	srv, err := fake.New(
		fake.Config{Settings: fake.Settings{LimitsOff: true, Seeds: map[string]string{"twenty": "empty"}}}, Def())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(srv.Close)
	handler := srv.Handler("twenty")
	var companies, people []string
	for i := range 25 {
		companies = append(companies, fmt.Sprintf(`{"id":"c0000000-0000-4000-8000-%012d","name":"Company %d"}`, i+1, i))
		people = append(people,
			fmt.Sprintf(`{"name":{"firstName":"P%d","lastName":"L"},`+
				`"jobTitle":"CTO","companyId":"c0000000-0000-4000-8000-%012d"}`, i, i+1))
	}
	one := func(b *testing.B, method, target, body string) {
		req := httptest.NewRequest(method, target, strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer "+Key)
		req.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		if w.Code >= http.StatusBadRequest || strings.Contains(w.Body.String(), `"errors"`) {
			b.Fatal(w.Code, w.Body)
		}
	}
	one(b, "POST", "/rest/batch/companies", "["+strings.Join(companies, ",")+"]")
	one(b, "POST", "/rest/batch/people", "["+strings.Join(people, ",")+"]")
	serve := func(b *testing.B, method, target, body string) {
		b.ReportAllocs()
		for b.Loop() {
			one(b, method, target, body)
		}
	}
	document := `{"query":"query P($n: Int) { people(first: $n) { edges { node { id jobTitle name { firstName } ` +
		`company { name } } } } }","variables":{"n":25}}`
	b.Run("graphql", func(b *testing.B) { serve(b, "POST", "/graphql", document) })
	b.Run("rest", func(b *testing.B) { serve(b, "GET", "/rest/people?limit=25", "") })
	b.Run("rest/depth=1", func(b *testing.B) { serve(b, "GET", "/rest/people?limit=25&depth=1", "") })
}
