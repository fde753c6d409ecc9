package twenty

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

// inventor makes records by chance, the same at every run.
type inventor struct{ *rand.Rand }

func (i inventor) text() string {
	return []string{"", "Ada", "žluť", `quote " and \`, "東京", "line\nbreak", "a b", "100%"}[i.IntN(8)]
}

// some returns one of several values, or leaves the key out.
func (i inventor) some(record map[string]any, key string, values ...any) {
	if n := i.IntN(len(values) + 1); n < len(values) {
		record[key] = values[n]
	}
}

func (i inventor) company(n int) map[string]any {
	r := map[string]any{"name": i.text()}
	i.some(r, "domainName", map[string]any{"primaryLinkUrl": fmt.Sprintf("https://c%d.example/Path", n),
		"secondaryLinks": []any{map[string]any{"url": "https://x.example", "label": i.text()}}})
	i.some(r, "address", map[string]any{"addressCity": i.text(), "addressLat": 48.5},
		map[string]any{"addressCountry": "France", "addressLng": -1})
	i.some(r, "annualRevenue", map[string]any{"amountMicros": i.Int64N(1 << 40), "currencyCode": "EUR"})
	i.some(r, "position", "first", "last", i.Float64()*100-50)
	return r
}

func (i inventor) person(n int) map[string]any {
	r := map[string]any{"name": map[string]any{"firstName": i.text(), "lastName": i.text()}, "jobTitle": i.text()}
	i.some(r, "emails", map[string]any{"primaryEmail": fmt.Sprintf("P%d@X.example", n),
		"additionalEmails": []any{"q@x.example"}})
	i.some(r, "phones", map[string]any{"primaryPhoneNumber": "+33612345678"},
		map[string]any{"primaryPhoneNumber": "657 555 1001", "primaryPhoneCountryCode": "US"})
	return r
}

func (i inventor) opportunity(int) map[string]any {
	r := map[string]any{"name": i.text()}
	i.some(r, "stage", "NEW", "MEETING", "CUSTOMER")
	i.some(r, "closeDate", "2026-06-15", "2026-06-15T12:34:56.789+02:00")
	i.some(r, "amount", map[string]any{"amountMicros": i.IntN(1e9)})
	return r
}

func (i inventor) note(int) map[string]any {
	r := map[string]any{"title": i.text()}
	i.some(r, "bodyV2", map[string]any{"markdown": "# Title\n\nText"})
	return r
}

func (i inventor) task(int) map[string]any {
	r := i.note(0)
	i.some(r, "status", "IN_PROGRESS", "DONE", nil)
	i.some(r, "dueAt", "2030-01-01T00:00:00Z", nil)
	return r
}

// selectionFor writes the selection of everything that a REST record shows.
func selectionFor(record map[string]any) string {
	var out strings.Builder
	for key, v := range record {
		out.WriteString(" " + key)
		if parts, ok := v.(map[string]any); ok {
			out.WriteString(" {")
			for sub := range parts {
				out.WriteString(" " + sub)
			}
			out.WriteString(" }")
		}
	}
	return out.String()
}

func TestRestAndGraphqlAgreeFieldByField(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	i := inventor{rand.New(rand.NewPCG(1, 2))}
	for plural, make := range map[string]func(int) map[string]any{"companies": i.company, "people": i.person,
		"opportunities": i.opportunity, "notes": i.note, "tasks": i.task} {
		var records []any
		for n := range 30 {
			records = append(records, make(n))
		}
		body, _ := json.Marshal(records)
		if status, text := ask(t, srv, Key, "POST /rest/batch/"+plural, string(body)); status != http.StatusCreated {
			t.Fatal(plural, status, text)
		}
		_, text := ask(t, srv, Key, "GET /rest/"+plural+"?limit=100", "")
		var rest struct {
			Data map[string][]map[string]any `json:"data"`
		}
		if err := json.Unmarshal([]byte(text), &rest); err != nil || len(rest.Data[plural]) != 30 {
			t.Fatal(plural, err, text)
		}
		out := executed(t, srv, "/graphql",
			"{ "+plural+" { edges { node {"+selectionFor(rest.Data[plural][0])+" } } } }", nil)
		edges := out["data"].(map[string]any)[plural].(map[string]any)["edges"].([]any)
		for n, edge := range edges {
			if diff := cmp.Diff(rest.Data[plural][n], edge.(map[string]any)["node"]); diff != "" {
				t.Fatalf("%s %d (REST first): %s", plural, n, diff)
			}
		}
	}
}

// FuzzDocuments sends documents of any kind: none may break the fake.
func FuzzDocuments(f *testing.F) {
	for _, document := range []string{
		"{ companies { totalCount } }",
		"query($n: Int) { people(first: $n, orderBy: [{company: {name: " +
			"AscNullsFirst}}]) { edges { cursor node { id company { people { edges { node { id } } } } } } } }",
		"mutation { createCompany(data: {name: null, address: {addressLat: " +
			"1e400}}) { id } destroyCompanies(filter: {}) { id } }", "{ a: __schema { types { fields { type { " +
			"ofType { name } } } } } }",
		"{ companiesGroupBy(groupBy: [{name: true}, {createdAt: {granularity: " +
			"DAY}}]) { groupByDimensionValues edges { node { id } } } }", "fragment F on X { ...F } { companies { " +
			"...F } }",
		"{ search(searchInput: \"'a:*\", limit: 3) { edges { cursor } } }",
		"{ company(filter: {or: [{not: {id: {in: []}}}]}) { name { nope } } }", "{", "\"\"\"",
		"query A { a } query B { b }", "subscription { x }",
	} {
		f.Add(document, `{"n":1}`)
	}
	f.Fuzz(func(t *testing.T, document, variables string) {
		srv, err := fake.New(fake.Config{
			Settings: fake.Settings{LimitsOff: true, Seeds: map[string]string{"twenty": "prefilled"}},
			Bug:      func(err error) { t.Error(err) },
		}, Def())
		if err != nil {
			t.Fatal(err)
		}
		defer srv.Close()
		body := map[string]any{"query": document}
		if json.Valid([]byte(variables)) {
			body["variables"] = json.RawMessage(variables)
		}
		text, err := json.Marshal(body)
		if err != nil {
			t.Skip(err)
		}
		for _, path := range []string{"/graphql", "/metadata"} {
			req := httptest.NewRequest("POST", path, strings.NewReader(string(text)))
			req.Header.Set("Authorization", "Bearer "+Key)
			req.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			srv.Handler("twenty").ServeHTTP(w, req)
			if !slices.Contains([]int{200, 400, 500}, w.Code) {
				t.Fatal(w.Code, w.Body)
			}
		}
	})
}
