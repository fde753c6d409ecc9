package twenty

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

// TestLateQueriesAreRefused checks that a query past its deadline fails and leaves no change.
func TestLateQueriesAreRefused(t *testing.T) {
	t.Parallel()
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	for name, c := range map[string]struct {
		do, body string
		status   int
	}{
		"REST list":       {"GET /rest/companies", "", 408},
		"REST filter":     {"GET /rest/companies?filter=name[like]:%25a%25&order_by=name", "", 408},
		"REST groups":     {`GET /rest/companies/groupBy?group_by=[{"name":true}]`, "", 408},
		"REST update":     {"PATCH /rest/companies?filter=name[like]:%25a%25", `{"name":"Late"}`, 408},
		"REST duplicates": {"POST /rest/companies/duplicates", `{"data":[{"name":"Airbnb"}]}`, 408},
		"GraphQL list": {"POST /graphql",
			`{"query":"{ companies { totalCount edges { node { people { edges { node { id } } } } } } }"}`, 200},
		"GraphQL groups": {"POST /graphql",
			`{"query":"{ companiesGroupBy(groupBy: [{name: true}]) { totalCount } }"}`, 200},
		"GraphQL mutation": {"POST /graphql",
			`{"query":"mutation { updateCompanies(filter: {name: {like: \"%a%\"}}, data: {name: \"Late\"}) { id } }"}`,
			200},
		"GraphQL create": {"POST /graphql", `{"query":"mutation { createCompany(data: {name: \"Late\"}) { id } }"}`,
			200},
		"GraphQL search": {"POST /graphql",
			`{"query":"{ search(searchInput: \"a\", limit: 3) { edges { cursor } } }"}`, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := NewServer(t, fake.WithSeed("prefilled"))
			before := rowsOf(t, srv)
			method, path, _ := strings.Cut(c.do, " ")
			req := httptest.NewRequestWithContext(gone, method, path, strings.NewReader(c.body))
			req.Header.Set("Authorization", "Bearer "+Key)
			req.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			srv.Server.Handler("twenty").ServeHTTP(w, req)
			if w.Code != c.status || !strings.Contains(w.Body.String(), `"TIMEOUT"`) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if after := rowsOf(t, srv); after != before {
				t.Error("something changed")
			}
		})
	}
}
