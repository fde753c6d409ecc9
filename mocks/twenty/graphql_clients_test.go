package twenty

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

// Documents of real clients, and what they read of the answers.
func TestDocumentsOfClientsAreServed(t *testing.T) {
	t.Parallel()
	srv := stocked(t)
	view := made(t, srv, "POST /rest/metadata/views",
		`{"name":"V","objectMetadataId":"1effed75-5a5e-45da-9c11-a5ec750ce9a4","icon":"IconList",`+
			`"kanbanColumnWidth":200}`)
	for _, tt := range []struct{ client, line, document, variables, want string }{
		{"twenty-zapier: connection test", "/metadata", `query currentWorkspace {currentWorkspace {id displayName}}`,
			`null`,
			`{"data":{"currentWorkspace":{"id":"8339630f-eab4-48cf-ad12-013c1158d97a","displayName":"Acme"}}}`},
		{"twenty-zapier: a hook is let go", "/metadata",
			`mutation deleteWebhook {deleteWebhook(id: "ffffffff-ffff-4fff-8fff-ffffffffffff") {id}}`, `null`, ``},
		{"twenty-zapier: crud record", "/graphql",
			"\n  mutation createCompany {\n    createCompany(\n" +
				"      data:{name: \"Z\", domainName: {primaryLinkUrl: \"https://z.example\"}, position: 5}\n" +
				"    )\n    {id name}\n  }", `null`, ``},
		{"Apollo Client 4.3: a type name everywhere", "/graphql",
			`query FindManyCompanies($f: CompanyFilterInput, $n: Int) { companies(filter: $f, ` +
				`first: $n) { edges { node { id __typename name } cursor __typename } pageInfo { hasNextPage ` +
				`__typename } totalCount __typename } }`,
			`{"f":{"name":{"eq":"Ada"}},"n":1}`,
			`{"data":{"companies":{"edges":[{"node":{"id":"` + first +
				`","__typename":"Company","name":"Ada"},` +
				`"cursor":"eyJpZCI6ImMwMDAwMDAwLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwMSJ9",` +
				`"__typename":"CompanyEdge"}],"pageInfo":{"hasNextPage":false,"__typename":"PageInfo"},` +
				`"totalCount":1,"__typename":"CompanyConnection"}}}`},
		{"twenty-client-sdk 2.23: the names of inputs", "/metadata",
			`mutation($v1: DeleteViewFieldGroupInput!){deleteViewFieldGroup(input:$v1){id}}`,
			`{"v1":{"id":"ffffffff-ffff-4fff-8fff-ffffffffffff"}}`, ``},
		{"twenty-client-sdk 2.23: one key", "/metadata", `query($v1: GetApiKeyInput!){apiKey(input:$v1){id name}}`,
			`{"v1":{"id":"2f83b14f-2def-47a0-85c2-35f9306c39f6"}}`,
			`{"data":{"apiKey":{"id":"2f83b14f-2def-47a0-85c2-35f9306c39f6","name":"recorder"}}}`},
		{"twenty-client-sdk 2.23: a view with its groups", "/metadata",
			`query($v1: String!){getView(id:$v1){kanbanColumnWidth calendarLayout viewFieldGroups{id ` +
				`viewFields{id}} viewFields{isOverridden}}}`, `{"v1":"` + view + `"}`,
			`{"data":{"getView":{"kanbanColumnWidth":200,"calendarLayout":null,"viewFieldGroups":[],` +
				`"viewFields":[]}}}`},
		{"twenty-client-sdk 2.23: what only old clients edit", "/metadata",
			`{object(id:"1effed75-5a5e-45da-9c11-a5ec750ce9a4"){isUIReadOnly ` +
				`indexMetadataList{indexFieldMetadataList{subFieldName}} ` +
				`searchFieldMetadataList{tsVectorFieldMetadataId}}}`, `null`, ``},
		{"twenty-client-sdk 2.23: roles and who has them", "/metadata",
			`{getRoles{label universalIdentifier workspaceMembers{userEmail name{firstName}} apiKeys{name ` +
				`expiresAt} objectPermissions{objectMetadataId} fieldPermissions{id}}}`, `null`, ``},
		{"twenty-client-sdk 2.23: the least of the metadata", "/metadata",
			`{minimalMetadata{objectMetadataItems{nameSingular color} views{id key} collectionHashes{hash}}}`, `null`,
			``},
		{"Altair: introspection with what is deprecated", "/metadata",
			`{__type(name:"Field"){fields(includeDeprecated:true){name isDeprecated deprecationReason}}}`, `null`, ``},
		{"graphql-js 16.15: introspection of isOneOf", "/metadata", `{__schema{types{isOneOf}}}`, `null`,
			`{"errors":[{"message":"Cannot query field \"isOneOf\" on type \"__Type\".",` +
				`"locations":[{"line":1,"column":17}]}]}`},
	} {
		got := executed(t, srv, tt.line, tt.document, json.RawMessage(tt.variables))
		if tt.want == "" {
			if text := encoded(t, got); strings.Contains(text, "Cannot query") || strings.Contains(text, "Unknown") ||
				strings.Contains(text, "INTERNAL") {
				t.Errorf("%s: %s", tt.client, text)
			}
			continue
		}
		var want map[string]any
		if err := json.Unmarshal([]byte(tt.want), &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", tt.client, diff)
		}
	}
}

func encoded(tb testing.TB, v any) string {
	tb.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// made returns the id of the object that a request created.
func made(tb testing.TB, srv *fake.TestServer, line, body string) string {
	tb.Helper()
	status, text := ask(tb, srv, Key, line, body)
	var out struct{ ID string }
	if err := json.Unmarshal([]byte(text), &out); err != nil || status != http.StatusCreated {
		tb.Fatalf("%s: %d %s", line, status, text)
	}
	return out.ID
}

// TestEnvelopesOfClients sends members besides the document: fixtures/twenty/graphql_errors, and
// graphql-yoga 4.0.5 for the rest.
func TestEnvelopesOfClients(t *testing.T) {
	t.Parallel()
	srv := stocked(t)
	const strict, loose = "application/graphql-response+json; charset=utf-8", "application/json; charset=utf-8"
	for _, tt := range []struct {
		client, path, accept, body, media, want string
		status                                  int
	}{
		{"Apollo Client 4.3: a good document", "/metadata", "application/graphql-response+json,application/json;q=0.9",
			`{"operationName":"A","variables":{},"extensions":{"clientLibrary":{"name":"@apollo/client"}},` +
				`"query":"query A{__typename}"}`, strict, `{"data":{"__typename":"Query"}}`, 200},
		{"Apollo Client 4.3: a bad document", "/metadata", "application/graphql-response+json,application/json;q=0.9",
			`{"query":"{nope}"}`, strict,
			`{"errors":[{"message":"Cannot query field \"nope\" on type \"Query\".",` +
				`"locations":[{"line":1,"column":2}]}]}`, 400},
		{"Apollo Client 4.3: records have one type", "/graphql",
			"application/graphql-response+json,application/json;q=0.9", `{"query":"{companies{totalCount}}"}`,
			"application/json", `{"data":{"companies":{"totalCount":3}}}`, 200},
		{"urql 6: no document", "/graphql",
			"application/graphql-response+json, application/graphql+json, application/json, text/event-stream, " +
				"multipart/mixed", `{"variables":{}}`, strict, `{"errors":[{"message":"Must provide query string."}]}`,
			400},
		{"graphql-request 7: a bad document", "/metadata", "application/json, */*", `{"query":"{nope}"}`, loose,
			`{"errors":[{"message":"Cannot query field \"nope\" on type \"Query\".",` +
				`"locations":[{"line":1,"column":2}]}]}`, 200},
		{"a browser", "/metadata", "text/html", `{"query":"{__typename}"}`, "", ``, 406},
		{"Apollo Client: a persisted query", "/graphql", "*/*",
			`{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"a"}}}`, loose,
			`{"errors":[{"message":"Must provide query string."}]}`, 200},
		{"Relay: a document's id", "/metadata", "*/*", `{"query":"{__typename}","id":"a"}`, loose,
			`{"errors":[{"message":"Unexpected parameter \"id\" in the request body."}]}`, 400},
		{"Relay: records do not mind", "/graphql", "*/*", `{"query":"{companies{totalCount}}","id":"a"}`,
			"application/json", `{"data":{"companies":{"totalCount":3}}}`, 200},
		{"variables as text", "/metadata", "*/*", `{"query":"{__typename}","variables":"{}"}`, loose,
			`{"errors":[{"message":"Expected \"variables\" param to be empty or an object, but given string."}]}`, 400},
		{"extensions as a list", "/metadata", "*/*", `{"query":"{__typename}","extensions":[]}`, loose,
			`{"errors":[{"message":"Expected \"extensions\" param to be empty or an object, but given array."}]}`, 400},
		{"a document that is none", "/graphql", "*/*", `{"query":true}`, loose,
			`{"errors":[{"message":"Expected \"query\" param to be a string, but given boolean."}]}`, 400},
		{"an empty name", "/metadata", "*/*", `{"query":"{__typename}","operationName":""}`, loose,
			`{"errors":[{"message":"Could not determine what operation to execute."}]}`, 400},
		{"an empty name for records", "/graphql", "*/*", `{"query":"{companies{totalCount}}","operationName":""}`,
			"application/json", `{"data":{"companies":{"totalCount":3}}}`, 200},
		{"a name that is none", "/metadata", "*/*", `{"query":"{__typename}","operationName":{}}`, loose,
			`{"errors":[{"message":"Could not determine what operation to execute."}]}`, 400},
		{"graphql-ws over HTTP", "/graphql", "*/*", `{"query":"subscription{x}"}`, loose,
			`{"errors":[{"message":"Schema is not configured to execute subscription operation.",` +
				`"locations":[{"line":1,"column":1}]}]}`, 200},
	} {
		r, _ := http.NewRequest(http.MethodPost, srv.URL+tt.path, strings.NewReader(tt.body))
		r.Header = http.Header{"Authorization": {"Bearer " + Key}, "Content-Type": {"application/json"},
			"Accept": {tt.accept}}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if got := res.Header.Get("Content-Type"); res.StatusCode != tt.status || got != tt.media ||
			string(text) != tt.want {
			t.Errorf("%s: %d %s %s", tt.client, res.StatusCode, got, text)
		}
	}
}

// TestBrowsersGetAPage opens the endpoints in a browser, and asks as others do with GET.
func TestBrowsersGetAPage(t *testing.T) {
	t.Parallel()
	srv := stocked(t)
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, c := range []struct{ method, path, accept, media, text string }{
		{"GET", "/graphql", browser, "text/html", "<title>GraphQL</title>"},
		{"GET", "/metadata", browser, "text/html", "<title>GraphQL</title>"},
		{"GET", "/graphql?query={__typename}", "text/html", "text/html", "<title>GraphQL</title>"},
		{"GET", "/graphql?query={__typename}", "*/*", "application/json; charset=utf-8", `"__typename"`},
		{"GET", "/metadata", "application/json", "application/json; charset=utf-8", "Must provide query string."},
		{"POST", "/metadata", browser, "application/json; charset=utf-8", "Must provide query string."},
	} {
		r, _ := http.NewRequest(c.method, srv.URL+c.path, strings.NewReader(`{}`))
		r.Header = http.Header{"Accept": {c.accept}, "Content-Type": {"application/json"}}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if got := res.Header.Get("Content-Type"); got != c.media || !strings.Contains(string(text), c.text) {
			t.Errorf("%s %s %s: %s %s", c.method, c.path, c.accept, got, text)
		}
	}
}

// TestOutdatedClientsAreToldToReload sends the metadata version that the vendor's front end sends,
// which is answered with a request to reload after a change.
func TestOutdatedClientsAreToldToReload(t *testing.T) {
	t.Parallel()
	srv := stocked(t)
	for version, want := range map[string]string{"1": "Schema version mismatch.",
		"": `Cannot query field "nope" on type "Query".`} {
		r, _ := http.NewRequest(http.MethodPost, srv.URL+"/metadata", strings.NewReader(`{"query":"{nope}"}`))
		r.Header = http.Header{"Authorization": {"Bearer " + Key}, "Content-Type": {"application/json"},
			"X-Schema-Version": {version}}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		var out struct{ Errors []struct{ Message string } }
		err = json.NewDecoder(res.Body).Decode(&out)
		_ = res.Body.Close()
		if err != nil || len(out.Errors) != 1 || out.Errors[0].Message != want {
			t.Errorf("version %q: %v %v", version, out, err)
		}
	}
}

// TestWrongValuesAreRefusedAsTheVendorsTestsShow sends values of wrong types. The messages are
// those of the snapshots in twenty-server's own integration tests of filters and inputs.
func TestWrongValuesAreRefusedAsTheVendorsTestsShow(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	object := made(t, srv, "POST /rest/metadata/objects",
		`{"nameSingular":"probe","namePlural":"probes","labelSingular":"Probe","labelPlural":"Probes"}`)
	for _, field := range []string{`"type":"ARRAY","name":"words"`,
		`"type":"MULTI_SELECT","name":"tags","options":[{"label":"A","value":"A","position":0,"color":"red"}]`,
		`"type":"FILES","name":"papers","settings":{"maxNumberOfValues":3}`} {
		made(t, srv, "POST /rest/metadata/fields", `{"label":"L","objectMetadataId":"`+object+`",`+
			strings.Replace(field, `"name":"`, `"isLabelSyncedWithName":false,"name":"`, 1)+`}`)
	}
	const enum = `invalid input value for enum workspace_7rocl6a0iyzpuo6sy1uxm2ge2.opportunity_stage_enum: `
	const find, create = `query($v: X) { found: opportunities(filter: $v) { totalCount } }`,
		`mutation($v: X) { createProbe(data: $v) { id } }`
	for _, tt := range []struct{ document, value, want string }{
		{find, `{"stage":{"eq":[]}}`, enum + `"{}"`},
		{find, `{"stage":{"eq":{}}}`, enum + `"{}"`},
		{find, `{"stage":{"eq":2}}`, enum + `"2"`},
		{find, `{"stage":{"eq":true}}`, enum + `"true"`},
		{find, `{"stage":{"eq":["NEW"]}}`, enum + `"{"NEW"}"`},
		{`query($v: X) { probes(filter: $v) { totalCount } }`, `{"words":{"containsIlike":[]}}`,
			`Filter operator "containsIlike" requires a string value for field "words", got object`},
		{`query($v: X) { probes(filter: $v) { totalCount } }`, `{"words":{"containsIlike":2}}`,
			`Filter operator "containsIlike" requires a string value for field "words", got number`},
		{`query($v: X) { probes(filter: $v) { totalCount } }`, `{"papers":{"containsIlike":2}}`,
			`Operator "containsIlike" is not valid for field "papers" of type FILES - Allowed operators: is, like`},
		{create, `{"tags":{}}`, `Invalid value {} for field "tags - Array values need to be string"`},
		{create, `{"tags":true}`, `Invalid value true for field "tags - Array values need to be string"`},
		{create, `{"tags":"B"}`, `Invalid value 'B' for multi select field "tags"`},
		{create, `{"tags":["B"]}`, `Invalid value [ 'B' ] for multi select field "tags"`},
		{create, `{"papers":"x"}`,
			`Invalid value "'x'" for FILES field "papers" - It should be an array of objects with "fileId" and ` +
				`"label" properties.`},
		{create, `{"papers":{"addFiles":[]}}`,
			`Invalid value "{ addFiles: [] }" for FILES field "papers" - : Invalid input: expected array, ` +
				`received object`},
		{create, `{"papers":[{"addFiles":[{"fileId":"f"}]}]}`,
			`Invalid value "[ { addFiles: [ [Object] ] } ]" for FILES field "papers" - 0.fileId: Invalid input: ` +
				`expected string, received undefined, 0.label: Invalid input: expected string, ` +
				`received undefined, 0: Unrecognized key: "addFiles"`},
		{create, `{"papers":[7,{"fileId":true,"label":[]}]}`,
			`Invalid value "[ 7, { fileId: true, ` +
				`label: [] } ]" for FILES field "papers" - 0: Invalid input: expected object, received number, ` +
				`1.fileId: Invalid input: expected string, received boolean, ` +
				`1.label: Invalid input: expected string, received array`},
		{create, `{"papers":"[null,{\"fileId\":\"f\",\"label\":null,\"a\":1,\"b\":2}]"}`,
			"Invalid value \"[ null, { fileId: 'f', label: null, a: 1, b: 2 } ]\" for FILES field \"papers\" - " +
				"0: Invalid input: expected object, received null, 1.fileId: Invalid UUID, " +
				"1.label: Invalid input: expected string, received null, 1: Unrecognized keys: \"a\", \"b\""},
		{create, `{"papers":[` + strings.Repeat(`{"fileId":"ffffffff-ffff-4fff-8fff-ffffffffffff","label":""},`, 3) +
			`{"fileId":"ffffffff-ffff-4fff-8fff-ffffffffffff","label":""}]}`,
			`Max number of files is 3 for field "papers"`},
	} {
		out := executed(t, srv, "/graphql", tt.document, json.RawMessage(`{"v":`+tt.value+`}`))
		errors, _ := out["errors"].([]any)
		if len(errors) != 1 || errors[0].(map[string]any)["message"] != tt.want {
			t.Errorf("%s: %v, want %s", tt.value, out, tt.want)
		}
	}
}

// TestRefusedSettingsTellPeopleWhy checks the messages about invalid settings that the vendor's
// front end shows.
func TestRefusedSettingsTellPeopleWhy(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	hook := made(t, srv, "POST /rest/webhooks", `{"targetUrl":"https://a.example"}`)
	const report = `{"errors":[{"message":"Multiple validation errors occurred while %s webhook",` +
		`"extensions":{"code":"METADATA_VALIDATION_FAILED","message":"Validation failed for 1 webhook",` +
		`"summary":{"totalErrors":1,"webhook":1},` +
		`"userFriendlyMessage":%s,"errors":{"webhook":[{"status":"fail","metadataName":"webhook",` +
		`"type":%s,"errors":[%s]}]}}}],"data":null}`
	const invalid = `{"code":"INVALID_TARGET_URL","message":"Invalid target URL provided",` +
		`"userFriendlyMessage":"Please provide a valid HTTP or HTTPS URL"}`
	for document, want := range map[string]string{
		`mutation { createWebhook(input: {targetUrl: "ftp://x", operations: []}) { id } }`: fmt.Sprintf(report,
			"creating", `"Please provide a valid HTTP or HTTPS URL"`, `"create"`, invalid),
		`mutation { createWebhook(input: {targetUrl: "", operations: []}) { id } }`: fmt.Sprintf(report, "creating",
			`"Target URL is required"`, `"create"`,
			`{"code":"INVALID_WEBHOOK_INPUT","message":"Target URL is required",`+
				`"userFriendlyMessage":"Target URL is required"},`+invalid),
		`mutation { updateWebhook(input: {id: "` + hook +
			`", update: {targetUrl: "x y"}}) { id } }`: fmt.Sprintf(report, "updating",
			`"Please provide a valid HTTP or HTTPS URL"`, `"update"`, invalid),
		`mutation { updateWebhook(input: {id: "ffffffff-ffff-4fff-8fff-ffffffffffff",` +
			` update: {targetUrl: "x y"}}) { id } }`: `{"errors":[{"message":"Webhook not found",` +
			`"extensions":{"code":"NOT_FOUND","subCode":"WEBHOOK_NOT_FOUND",` +
			`"userFriendlyMessage":"Webhook not found."}}],"data":null}`,
		`mutation { deleteOneField(input: {id: "ffffffff-ffff-4fff-8fff-ffffffffffff"}) { id } }`: `{"errors":[` +
			`{"message":"Field to delete not found","extensions":{"code":"NOT_FOUND",` +
			`"subCode":"FIELD_METADATA_NOT_FOUND","userFriendlyMessage":"Field not found."}}],"data":null}`,
	} {
		var expected map[string]any
		if err := json.Unmarshal([]byte(want), &expected); err != nil {
			t.Fatal(err)
		}
		ignored := cmp.FilterPath(func(p cmp.Path) bool {
			return strings.Contains(p.GoString(), "flatEntityMinimalInformation")
		}, cmp.Ignore())
		if diff := cmp.Diff(expected, executed(t, srv, "/metadata", document, nil), ignored); diff != "" {
			t.Errorf("%s: %s", document, diff)
		}
	}
}

// TestUnknownKeysAndRolesAreRefused checks that a token or a role for an unknown key is an error in
// GraphQL's shape.
func TestUnknownKeysAndRolesAreRefused(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	const none, key = "ffffffff-ffff-4fff-8fff-ffffffffffff", "2f83b14f-2def-47a0-85c2-35f9306c39f6"
	missing := func(what string) string {
		return `"message":"` + what + ` with id ` + none +
			` not found in workspace","extensions":{"code":"NOT_FOUND","userFriendlyMessage":"An error occurred."}`
	}
	for document, want := range map[string]string{
		`mutation { generateApiKeyToken(apiKeyId: "` + none +
			`", expiresAt: "2030-01-01") { token } }`: `"message":"API Key with id ` + none +
			` not found","extensions":{"code":"INTERNAL_SERVER_ERROR","userFriendlyMessage":"API key not found."}`,
		`mutation { assignRoleToApiKey(apiKeyId: "` + key + `", roleId: "` + none +
			`") }`: missing("Role"),
		`mutation { assignRoleToApiKey(apiKeyId: "` + none + `", roleId: "` + none + `") }`: missing("API Key"),
		`mutation { assignRoleToApiKey(apiKeyId: "` + none +
			`", roleId: "f0570745-8fbb-4d33-879d-0f698bdfe665") }`: missing("API Key"),
		`mutation { revokeApiKey(input: {id: "` + none +
			`"}) { id } }`: `{"data":{"revokeApiKey":null}}`,
	} {
		body, _ := json.Marshal(map[string]string{"query": document})
		status, text := ask(t, srv, credential(t, srv, "tim", "valid"), "POST /metadata", string(body))
		if status != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("%s: %d %s", document, status, text)
		}
	}
}

// TestRolesAreMadeByClients checks that a key with a client's role may do what the role grants, and
// loses the role when it is deleted.
func TestRolesAreMadeByClients(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	tim := credential(t, srv, "tim", "valid")
	// documented: packages/twenty-server/src/engine/metadata-modules/flat-role
	if got := metadata(t, srv, Key, `mutation { createOneRole(createRoleInput: {label: "A  b", icon: "I"}) {
		label description icon } }`); !strings.Contains(got, `{"label":"A b","description":null,"icon":"I"}`) {
		t.Error(got)
	}
	run := func(token, path, document string, variables any) map[string]any {
		body, _ := json.Marshal(map[string]any{"query": document, "variables": variables})
		_, text := ask(t, srv, token, "POST "+path, string(body))
		var out map[string]any
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	data := func(out map[string]any, path ...string) string {
		at := out["data"]
		for _, key := range path {
			at = at.(map[string]any)[key]
		}
		return at.(string)
	}
	role := data(run(Key, "/metadata",
		`mutation CreateOneRole($r: CreateRoleInput!) { createOneRole(createRoleInput: $r) { id label agents { id `+
			`name } canReadAllObjectRecords } }`,
		map[string]any{"r": map[string]any{"label": "Reader", "canReadAllObjectRecords": true}}), "createOneRole", "id")
	key := data(run(tim, "/metadata",
		`mutation($r: UUID!) { createApiKey(input: {name: "K", expiresAt: "2098-01-01", roleId: $r}) { id } }`,
		map[string]any{"r": role}), "createApiKey", "id")
	token := data(run(tim, "/metadata",
		`mutation($k: UUID!) { generateApiKeyToken(apiKeyId: $k, expiresAt: "2098-01-01") { token } }`,
		map[string]any{"k": key}), "generateApiKeyToken", "token")
	const make, hooks = `mutation { createCompany(data: {name: "A"}) { name } }`, `{ webhooks { id } }`
	denied, read := "PERMISSION_DENIED", `{"data":{"companies":{"totalCount":0}}}`
	for _, step := range []struct{ token, path, document, want string }{
		{token, "/graphql", `{ companies { totalCount } }`, read},
		{token, "/graphql", make, denied},
		{token, "/metadata", hooks, "does not have permission"},
		{Key, "/metadata", `mutation { updateOneRole(updateRoleInput: {id: "` + role +
			`", update: {canUpdateAllObjectRecords: true}}) { label canUpdateAllObjectRecords } }`,
			`{"data":{"updateOneRole":{"canUpdateAllObjectRecords":true,"label":"Reader"}}}`},
		{Key, "/metadata", `mutation { upsertPermissionFlags(upsertPermissionFlagsInput: {roleId: "` + role +
			`", permissionFlagKeys: ["API_KEYS_AND_WEBHOOKS"]}) { flag } }`,
			`{"data":{"upsertPermissionFlags":[{"flag":"API_KEYS_AND_WEBHOOKS"}]}}`},
		{token, "/graphql", make, `{"data":{"createCompany":{"name":"A"}}}`},
		{token, "/metadata", hooks, `{"data":{"webhooks":[]}}`},
		{token, "/metadata", `mutation { deleteOneRole(roleId: "` + role + `") }`, denied},
		{Key, "/metadata", `mutation { deleteOneRole(roleId: "` + role + `") }`,
			`{"data":{"deleteOneRole":"` + role + `"}}`},
		{Key, "/metadata", `mutation { deleteOneRole(roleId: "` + role + `") }`, "ROLE_NOT_FOUND"},
		{Key, "/metadata", `mutation { deleteOneRole(roleId: "a285f896-cea8-47a0-8c0f-c4b6cd3e49d1") }`,
			"DEFAULT_ROLE_CANNOT_BE_DELETED"},
		{Key, "/metadata",
			`mutation { updateOneRole(updateRoleInput: {id: "f0570745-8fbb-4d33-879d-0f698bdfe665",` +
				` update: {label: "x"}}) { id } }`, "ROLE_NOT_EDITABLE"},
		{Key, "/metadata", `query($k: GetApiKeyInput!) { apiKey(input: $k) { role { label } } }`,
			`{"data":{"apiKey":{"role":{"label":"Member"}}}}`},
	} {
		got := encoded(t, run(step.token, step.path, step.document, map[string]any{"k": map[string]string{"id": key}}))
		if got != step.want && (strings.HasPrefix(step.want, "{") || !strings.Contains(got, step.want)) {
			t.Errorf("%s: %s, want %s", step.document, got, step.want)
		}
	}
}
