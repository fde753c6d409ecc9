package coverage_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/contracts/coverage"
	"github.com/afba07b5/mockserver/fake"
)

const document = `{"openapi": "3.0.3", "paths": {
  "/things": {
    "get": {"operationId": "listThings", "x-evidence": "recorded", "x-source": "here", "responses": {
      "200": {"headers": {"Total": {"schema": {"type": "string"}}, "x-page": {"schema": {"type": "string"}}},` +
	` "content": {"application/json": {"schema": {"type": "array", ` +
	`"items": {"$ref": "#/components/schemas/Thing"}}}}}, "401": {"description": ""}}}},
  "/things/{id}": {
    "get": {"operationId": "getThing", "x-evidence": "inferred", "x-source": "here", ` +
	`"responses": {"200": {"$ref": "#/components/responses/Thing"}, "default": {"description": ""}}}},
  "/graphql": {
    "post": {"operationId": "ask", "x-evidence": "inferred", "x-source": "here", ` +
	`"responses": {"200": {"description": ""}}}}},
  "components": {
    "responses": {"Thing": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}},
    "schemas": {"Thing": {"allOf": [{"properties": {"id": {"type": "string"}}},` +
	` {"properties": {"owner": {"properties": {"name": {"type": "string"}}},` +
	` "parent": {"$ref": "#/components/schemas/Thing"}}}]}}}}`

const steps = `
steps:
  - request: {url: /things}
    response: {status: 200, headers: {Total: "1"}, body: [{id: "{{id:uuid}}", owner: null, more: 1}]}
    deliveries:
      - {path: /hook, body: {event: thing.seen}}
  - request: {url: "/things/{{id}}?x={{id}}"}
    response: {status: 404, body: {id: 1}}
  - request: {url: /nothing}
    response: {status: 404}
  - request: {method: POST, url: /graphql, body: {query: "mutation M($n: Int) { a: createThing(n: $n) { id } things ` +
	`{ id } }"}}
    response: {status: 200, body: {data: {}}}
`

func measure(t *testing.T, text string) *coverage.Coverage {
	t.Helper()
	spec, err := fake.LoadSpec([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{
		"shop/one/case.yaml":  {Data: []byte("about: One.\nsource: documented\n")},
		"shop/one/steps.yaml": {Data: []byte(text)},
		"shop/rules.yaml":     {Data: []byte("deliveries: {event: event}\n")},
	}
	suite, err := contracts.Load(files, contracts.Config{Fakes: []string{"shop"}}, ".")
	if err != nil {
		t.Fatal(err)
	}
	c, err := coverage.Measure(suite, []*fake.Def{{Name: "shop", Title: "Shop", Spec: spec}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWhatACaseTouches(t *testing.T) {
	t.Parallel()
	one := []string{"shop/one"}
	want := `{"fakes": [
{"fake": "shop", "title": "Shop", "events": ["thing.seen"], "operations": [
{"operation":"ask","method":"POST","path":"/graphql","evidence":"inferred","documented":["shop/one"],` +
		`"statuses":[200],"promised":[200],"shown":1},
{"operation":"ask","root":"createOne","method":"POST","path":"/graphql","evidence":"inferred",` +
		`"documented":["shop/one"],"statuses":[200],"shown":1},
{"operation":"ask","root":"findMany","method":"POST","path":"/graphql","evidence":"inferred",` +
		`"documented":["shop/one"],"statuses":[200],"shown":1},
{"operation":"listThings","method":"GET","path":"/things","evidence":"recorded","documented":["shop/one"],` +
		`"statuses":[200],"promised":[200,401],"fields":["[].id","[].owner"],"of":4,"headers":["Total"],` +
		`"uncompared":["X-Page"]},
{"operation":"getThing","method":"GET","path":"/things/{id}","evidence":"inferred","documented":["shop/one"],` +
		`"statuses":[404],"promised":[200],"of":4}
]}
]}
`
	c := measure(t, steps)
	if diff := cmp.Diff(want, string(c.JSON())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := c.Operation("shop", "getThing").Cases(); !cmp.Equal(got, one) {
		t.Errorf("cases %v", got)
	}
	for _, row := range []string{
		"| shop | 3 | 1 | 0 | 2 | 3 | 0 | 2 of 4 (50 %) | 2 of 8 (25 %) | 1 of 2 (50 %) | 1 | 2 | - |\n",
		"| listThings | GET | `/things` | recorded | 1 documented | 200 (401) | 2 of 4 (50 %) | Total (X-Page) | - |\n",
		"Events: thing.seen.\n",
	} {
		if !strings.Contains(string(c.Markdown()), row) {
			t.Errorf("no %q in\n%s", row, c.Markdown())
		}
	}
}

func TestLostCoverageIsNamed(t *testing.T) {
	t.Parallel()
	before := measure(t, steps)
	for _, test := range []struct {
		name, old, now string
		want           []string
	}{
		{"nothing", "", "", nil},
		{"a field", "owner: null, ", "", []string{"shop listThings: no case shows the field [].owner any more"}},
		{"a header", `headers: {Total: "1"}, `, "",
			[]string{"shop listThings: no case compares the header Total any more"}},
		{"an event", "thing.seen", "thing.gone", []string{"shop: no case compares a delivery of thing.seen any more"}},
		{"a status", "status: 404, body", "status: 405, body",
			[]string{"shop getThing: no case shows status 404 any more"}},
		{"an operation", "url: /things}", "url: /thongs}",
			[]string{"shop listThings: no case touches it any more; it was in shop/one"}},
		{"a root field", "things { id } }", "}",
			[]string{"shop ask findMany: no case touches it any more; it was in shop/one"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			kept, err := coverage.Parse(before.JSON())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want,
				coverage.Lost(kept, measure(t, strings.Replace(steps, test.old, test.now, 1)))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRootsOfGraphQL(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		query   string
		generic bool
		want    []string
	}{
		{`query { companies(filter: {a: {eq: "{x}"}}) { id } company { id } }`, true, []string{"findMany", "findOne"}},
		{`mutation X($a: B = {c: 1}) { one: createCompany(data: $a) @include(if: true) { id } updatePeople { id } ` +
			`mergeNotes { id } }`, true, []string{"createOne", "mergeMany", "updateMany"}},
		{`{ companiesGroupBy { x } companyDuplicates { x } search { y } __typename }`, true,
			[]string{"__typename", "findDuplicates", "groupBy", "search"}},
		{`{ objects { edges { node { id } } } } # { no }`, false, []string{"objects"}},
		{`query Q { ...F companies { id } } fragment F on Query { people { id } }`, true, []string{"findMany"}},
		{``, true, nil},
	} {
		body := `{"query":` + quote(test.query) + `}`
		if diff := cmp.Diff(test.want, coverage.Roots(body, test.generic)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.query, diff)
		}
	}
	if got := coverage.Roots("no JSON", true); got != nil {
		t.Errorf("got %v", got)
	}
}

func quote(s string) string { return `"` + strings.NewReplacer(`"`, `\"`, "\n", `\n`).Replace(s) + `"` }
