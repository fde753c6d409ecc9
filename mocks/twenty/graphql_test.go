package twenty

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

// executed sends a document with the well-known key and returns the decoded answer.
func executed(tb testing.TB, srv *fake.TestServer, path, document string, variables any) map[string]any {
	tb.Helper()
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		tb.Fatal(err)
	}
	status, text := ask(tb, srv, Key, "POST "+path, string(body))
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil || status != http.StatusOK {
		tb.Fatalf("%s: %d %s", document, status, text)
	}
	return out
}

const first = "c0000000-0000-4000-8000-000000000001"

// stocked is a server with three companies and two people.
func stocked(tb testing.TB) *fake.TestServer {
	srv := NewServer(tb, fake.WithSeed("empty"))
	for line, body := range map[string]string{
		"POST /rest/batch/companies": `[{"id":"` + first +
			`","name":"Ada"},{"id":"c0000000-0000-4000-8000-000000000002","name":"Bob"},
			{"id":"c0000000-0000-4000-8000-000000000003","name":"Cyd",` +
			`"domainName":{"primaryLinkUrl":"https://cyd.example"}}]`,
	} {
		if status, text := ask(tb, srv, Key, line, body); status != http.StatusCreated {
			tb.Fatal(status, text)
		}
	}
	people := `[{"id":"a0000000-0000-4000-8000-000000000001","name":{"firstName":"Pat"},"companyId":"` + first + `"},
		{"id":"a0000000-0000-4000-8000-000000000002","name":{"firstName":"Sam"},"companyId":"` + first + `"}]`
	if status, text := ask(tb, srv, Key, "POST /rest/batch/people", people); status != http.StatusCreated {
		tb.Fatal(status, text)
	}
	return srv
}

func TestRecordsAreExecutedLeniently(t *testing.T) {
	t.Parallel()
	srv := stocked(t)
	for _, tt := range []struct{ name, document, want string }{
		{"unknown fields are null", `{ companies(first: 1) { nope edges { node { name nope { deeper } } } } }`,
			`{"data":{"companies":{"nope":null,"edges":[{"node":{"name":"Ada","nope":null}}]}}}`},
		{"aliases count at the root only", `{ c: companies(first: 1) { n: totalCount edges { node { x: name } } } }`,
			`{"data":{"c":{"totalCount":3,"edges":[{"node":{"name":"Ada"}}]}}}`},
		{"a composite field without selection is whole",
			`{ person(filter: {name: {firstName: {eq: "Pat"}}}) { name } }`,
			`{"data":{"person":{"name":{"firstName":"Pat","lastName":""}}}}`},
		{"a relation without selection is its id", `{ people(first: 1) { edges { node { company } } } }`,
			`{"data":{"people":{"edges":[{"node":{"company":{"id":"` + first + `"}}}]}}}`},
		{"arguments below the root do nothing",
			`{ company(filter: {name: {eq: "Ada"}}) { people(first: 1, ` +
				`nope: 2) { totalCount edges { node { id } } } } }`,
			`{"data":{"company":{"people":{"totalCount":2,` +
				`"edges":[{"node":{"id":"a0000000-0000-4000-8000-000000000001"}},` +
				`{"node":{"id":"a0000000-0000-4000-8000-000000000002"}}]}}}}`},
		{"fragments apply whatever their type",
			`{ companies(first: 1) { ...F ... on Nope { totalCount } } } fragment F on Person { edges { node { ` +
				`...G } } } fragment G on X { name }`,
			`{"data":{"companies":{"edges":[{"node":{"name":"Ada"}}],"totalCount":3}}}`},
		{"an unknown fragment is empty", `{ companies { totalCount ...Nope } }`,
			`{"data":{"companies":{"totalCount":3}}}`},
		{"include and skip with literals",
			`{ companies { totalCount @skip(if: true) countEmptyName @include(if: true) } }`,
			`{"data":{"companies":{"countEmptyName":0}}}`},
		{"an edge has nothing else", `{ companies(first: 1) { edges { nope node { name } __typename } } }`,
			`{"data":{"companies":{"edges":[{"node":{"name":"Ada"},"__typename":"CompanyEdge"}]}}}`},
		{"one failing root leaves the others", `{ company(filter: {name: {eq: "Zed"}}) { id } people { totalCount } }`,
			`{"data":{"company":null,"people":{"totalCount":2}},` +
				`"errors":[{"message":"Record not found","extensions":{"code":"NOT_FOUND",` +
				`"subCode":"RECORD_NOT_FOUND","userFriendlyMessage":"This record does not exist or has been ` +
				`deleted."}}]}`},
		{"lists in lists are refused",
			`{ companies { edges { node { people { edges { node { taskTargets { totalCount } } } } } } } }`,
			`{"data":{"companies":null},"errors":[{"message":"Query complexity is too high. One-to-Many relation ` +
				`cannot be nested in another One-to-Many relation.","extensions":{"code":"BAD_USER_INPUT",` +
				`"subCode":"TOO_COMPLEX_QUERY","userFriendlyMessage":"An error occurred."}}]}`},
		{"records and others do not mix", `{ companies { totalCount } __typename }`,
			`{"errors":[{"message":"This query cannot be executed as a single request. Please split it into ` +
				`separate queries.","extensions":{"code":"BAD_USER_INPUT"}}]}`},
		{"an unknown mutation is one of its type", `mutation { mergeComets(ids: []) { id } }`,
			`{"errors":[{"message":"Cannot query field \"mergeComets\" on type \"Mutation\".",` +
				`"locations":[{"line":1,"column":12}]}]}`},
		{"introspection goes with records", `{ companies { totalCount } __type(name: "FilterIs") { kind } }`,
			`{"data":{"companies":{"totalCount":3},"__type":{"kind":"ENUM"}}}`},
		{"a fragment in itself is refused", `{ companies { ...F } people { totalCount } } fragment F on C { a ...F }`,
			`{"data":{"companies":null,"people":{"totalCount":2}},` +
				`"errors":[{"message":"Maximum call stack size exceeded",` +
				`"extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}`},
		{"in introspection too", `{ __schema { types { ...F } } } fragment F on __Type { fields { type { ...F } } }`,
			`{"data":{"__schema":null},"errors":[{"message":"Maximum call stack size exceeded",` +
				`"extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var want map[string]any
			if err := json.Unmarshal([]byte(tt.want), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, executed(t, srv, "/graphql", tt.document, nil)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFailedRootsOfAMutationLeaveNothingAndOthersStay(t *testing.T) {
	t.Parallel()
	srv := stocked(t)
	out := executed(t, srv, "/graphql",
		`mutation { createNote(data: {title: "kept"}) { title } createCompany(data: {name: "gone",`+
			` domainName: {primaryLinkUrl: "https://cyd.example"}}) { id } }`, nil)
	if out["errors"] == nil || out["data"].(map[string]any)["createCompany"] != nil {
		t.Fatal(out)
	}
	want := map[string]any{"data": map[string]any{"notes": map[string]any{"totalCount": 1.0},
		"companies": map[string]any{"totalCount": 3.0}}}
	if diff := cmp.Diff(want, executed(t, srv, "/graphql", `{ notes { totalCount } companies { totalCount } }`,
		nil)); diff != "" {
		t.Error(diff)
	}
}

func TestOfOneKeyTheLastRootStays(t *testing.T) {
	t.Parallel()
	srv := stocked(t)
	_, text := ask(t, srv, Key, "POST /graphql",
		`{"query":"{ a: companies { totalCount } b: notes { totalCount } a: people { totalCount } }"}`)
	if want := `{"data":{"b":{"totalCount":0},"a":{"totalCount":2}}}`; text != want {
		t.Errorf("%s, want %s", text, want)
	}
}

func TestTypesFollowTheMetadata(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	kinds := func() any {
		out := executed(t, srv, "/graphql", `{ __type(name: "Gizmo2CreateInput") { kind } }`, nil)
		return out["data"].(map[string]any)["__type"]
	}
	if kinds() != nil {
		t.Fatal("there is no gizmo yet")
	}
	made := executed(t, srv, "/metadata",
		`mutation($o: CreateObjectInput!) { createOneObject(input: {object: $o}) { id } }`,
		map[string]any{"o": map[string]any{"nameSingular": "gizmo2", "namePlural": "gizmo2s",
			"labelSingular": "Gizmo2", "labelPlural": "Gizmo2s"}})
	if kinds() == nil {
		t.Fatal("no type for", made)
	}
	out := executed(t, srv, "/graphql", `mutation { createGizmo2(data: {name: "G"}) { name __typename } }`, nil)
	if diff := cmp.Diff(
		map[string]any{"data": map[string]any{"createGizmo2": map[string]any{"name": "G", "__typename": "Gizmo2"}}},
		out); diff != "" {
		t.Error(diff)
	}
	if n := executed(t, srv, "/graphql", `{ gizmo2S { totalCount } }`,
		nil)["data"].(map[string]any)["gizmo2S"]; n == nil {
		t.Error("the plural is camel-cased: gizmo2S")
	}
}

func TestDocumentsComeInFewShapes(t *testing.T) {
	t.Parallel()
	srv := stocked(t)
	for _, tt := range []struct {
		name, method, target, kind, body string
		status                           int
		want                             string
	}{
		{"an empty batch", "POST", "/graphql", "application/json", `[]`, 400,
			`{"errors":[{"message":"Batching is not supported."}]}`},
		{"a batch", "POST", "/graphql", "application/json", `[{"query":"{ companies { totalCount } }"}]`, 400,
			`{"errors":[{"message":"Batching is not supported."}]}`},
		{"plain text", "POST", "/graphql", "text/plain", `{ __typename }`, 415, ""},
		{"GET knows no records", "GET", "/graphql?query=%7B+companies+%7B+totalCount+%7D+%7D", "", "", 200,
			`{"errors":[{"message":"Cannot query field \"companies\" on type \"Query\".",` +
				`"locations":[{"line":1,"column":3}]}]}`},
		{"GET of what is validated", "GET",
			"/metadata?query=query+Q(%24n%3AString!)%7B__type(name%3A%24n)%7Bkind%7D%7D&" +
				"variables=%7B%22n%22%3A%22View%22%7D", "", "", 200, `{"data":{"__type":{"kind":"OBJECT"}}}`},
		{"GET does not mutate", "GET", "/metadata?query=mutation+%7B+deleteWebhook(id%3A%22x%22)%7Bid%7D%7D", "", "",
			405, `{"errors":[{"message":"Can only perform a mutation operation from a POST request."}]}`},
		{"several operations and no name", "POST", "/metadata", "application/json",
			`{"query":"query A { __typename } query B { __typename }"}`, 400,
			`{"errors":[{"message":"Could not determine what operation to execute."}]}`},
		{"no query", "POST", "/metadata", "application/json", `{}`, 200,
			`{"errors":[{"message":"Must provide query string."}]}`},
		{"a form", "POST", "/metadata", "application/x-www-form-urlencoded", `query=%7B__typename%7D`, 200,
			`{"data":{"__typename":"Query"}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			req, err := http.NewRequest(tt.method, srv.URL+tt.target, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+Key)
			req.Header.Set("Content-Type", tt.kind)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			text, _ := io.ReadAll(res.Body)
			if res.StatusCode != tt.status || string(text) != tt.want {
				t.Errorf("%d %s, want %d %s", res.StatusCode, text, tt.status, tt.want)
			}
		})
	}
}

func TestVariablesOfValidatedDocumentsHaveTypes(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	const document = `query($p: CursorPaging!, $n: Int, ` +
		`$i: UUID = "x") { object(id: $i) { id } objects(paging: $p) { edges { node { nameSingular } } } }`
	doc := strings.Replace(document, "objects(paging: $p)",
		"objects(paging: $p) { __typename } more: objects(paging: {first: $n})", 1)
	for given, want := range map[string]string{
		`{"n":-2147483649,"p":{"first":-2147483648}}`: `BAD_USER_INPUT Int cannot represent non 32-bit signed ` +
			`integer value: -2147483649`,
		`{"n":1.5,"p":{}}`: `BAD_USER_INPUT Int cannot represent non-integer value: 1.5`,
		`{}`:               `BAD_USER_INPUT Variable "$p" of required type "CursorPaging!" was not provided.`,
		`{"p":null}`:       `BAD_USER_INPUT Variable "$p" of non-null type "CursorPaging!" must not be null.`,
		`{"p":{"firsts":1}}`: `BAD_USER_INPUT Field "firsts" is not defined by type "CursorPaging". Did you ` +
			`mean "first"?`,
		`{"p":{"first":"many"}}`: `BAD_USER_INPUT Int cannot represent non-integer value: "many"`,
		`{"p":{},"i":"nope"}`:    `GRAPHQL_VALIDATION_FAILED Invalid UUID: 'nope'`,
		`{"p":{},"i":7}`:         `GRAPHQL_VALIDATION_FAILED UUID must be a string`,
	} {
		body, _ := json.Marshal(map[string]any{"query": doc, "variables": json.RawMessage(given)})
		status, text := ask(t, srv, Key, "POST /metadata", string(body))
		code, message, _ := strings.Cut(want, " ")
		extensions := map[string]any{"code": code, "userFriendlyMessage": "An error occurred.",
			"http": map[string]any{"status": 400}}
		if strings.Contains(message, "'nope'") { // the server's error holds the value: fixtures/twenty/surface_timeline
			extensions["value"] = "nope"
		}
		wanted, _ := json.Marshal(
			map[string]any{"errors": []any{map[string]any{"message": message, "extensions": extensions}}})
		var got, expected any
		_, _ = json.Unmarshal([]byte(text), &got), json.Unmarshal(wanted, &expected)
		if diff := cmp.Diff(expected, got); status != http.StatusBadRequest || diff != "" {
			t.Errorf("%s: %d %s", given, status, diff)
		}
	}
}

func TestTheWorkspaceAndItsObjectsAreRead(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	for document, want := range map[string]string{
		`{ currentWorkspace { trashRetentionDays workspaceMembersCount workspaceUrls ` +
			`{ subdomainUrl customUrl } } }`: `{"data":{"currentWorkspace":{"trashRetentionDays":14,` +
			`"workspaceMembersCount":1,` +
			`"workspaceUrls":{"subdomainUrl":"` + srv.URL + `/","customUrl":null}}}}`,
		`{ objects(filter: {or: [{id: {in: ["nope"]}}]}) { edges { cursor } } }`: `{"errors":[{"message":"invalid ` +
			`input syntax for type uuid: \"nope\"",` +
			`"extensions":{"code":"INTERNAL_SERVER_ERROR","userFriendlyMessage":"An error occurred."}}],` +
			`"data":null}`,
		`{ objects(filter: {id: {notIn: ["1effed75-5a5e-45da-9c11-a5ec750ce9a4"]}, isSystem: {is: false}},` +
			` paging: {first: 1}) { pageInfo { hasPreviousPage } } }`: `{"data":` +
			`{"objects":{"pageInfo":{"hasPreviousPage":false}}}}`,
	} {
		var expected map[string]any
		if err := json.Unmarshal([]byte(want), &expected); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(expected, executed(t, srv, "/metadata", document, nil)); diff != "" {
			t.Errorf("%s: %s", document, diff)
		}
	}
}

// TestRefusalsBesideChangesOfTheModel sends requests that are refused while others change the data model, for the race
// detector: the evidence of a refusal is looked up when its request no longer has the world to itself.
func TestRefusalsBesideChangesOfTheModel(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	var all sync.WaitGroup
	for _, line := range []string{"POST /rest/metadata/objects", "POST /rest/nothings", "GET /rest/companies/none"} {
		all.Go(func() {
			for i := range 12 {
				status, answer := ask(t, srv, Key, line, fmt.Sprintf(`{"nameSingular":"thing%[1]d",`+
					`"namePlural":"things%[1]d","labelSingular":"Thing %[1]d","labelPlural":"Things %[1]d"}`, i))
				if refused := !strings.Contains(line, "metadata"); (status >= 400) != refused || status >= 500 {
					t.Errorf("%s: %d %s", line, status, answer)
				}
			}
		})
	}
	all.Wait()
}

// TestTextsKeepTheirSeparators reads and is refused with U+2028, which JSON.stringify leaves as it is and Go escapes.
func TestTextsKeepTheirSeparators(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	const text = "a\u2028<b>\u2029"
	body := `{"id":"c0000000-0000-4000-8000-00000000ffff","name":"` + text + `"}`
	query := func(format string) string { return `{"query":"` + fmt.Sprintf(format, `\"`+text+`\"`) + `"}` }
	requests := []struct{ line, body string }{
		{"POST /rest/companies", body},
		{"GET /rest/companies/c0000000-0000-4000-8000-00000000ffff", ""},
		{"POST /graphql", query(`{ companies(filter: {name: {eq: %s}}) { edges { node { name } } } }`)},
		{"POST /graphql", query(`{ companies(filter: {id: {eq: %s}}) { edges { node { name } } } }`)},
		{"POST /graphql", `{"query":"{ companies { edges { node { name } } } }","` + text + `":1}`},
		{"POST /metadata", query(`{ object(id: %s) { id } }`)},
		{"POST /metadata", query(`mutation { createFileUpload(filename: %[1]s, size: 1, fileFolder: FilesField, ` +
			`fieldMetadataId: %[1]s) { fileId } }`)},
	}
	for _, r := range requests {
		_, answer := ask(t, srv, Key, r.line, r.body)
		if !strings.Contains(answer, text) || strings.Contains(answer, `\u202`) {
			t.Errorf("%s %s: %s", r.line, r.body, answer)
		}
	}
}
