package twenty

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

// restrictedKey makes a role with permissions on companies and returns the token of a key that has it.
func restrictedKey(t *testing.T, srv *fake.TestServer, objectPermission, fieldPermission string) string {
	t.Helper()
	tim := credential(t, srv, "tim", "valid")
	run := func(document string) string {
		body, _ := json.Marshal(map[string]string{"query": "mutation {" + document + "}"})
		_, text := ask(t, srv, tim, "POST /metadata", string(body))
		var out struct {
			Data map[string]struct{ ID, Token string }
		}
		if json.Unmarshal([]byte(text), &out) != nil || strings.Contains(text, "errors") {
			return text
		}
		for _, one := range out.Data {
			return one.ID + one.Token
		}
		return ""
	}
	role := run(
		`createOneRole(createRoleInput:{label:"R",canReadAllObjectRecords:true,canUpdateAllObjectRecords:true}){id}`)
	const company, revenue = "1effed75-5a5e-45da-9c11-a5ec750ce9a4", "a41a8e73-0f26-4604-bc23-2f62d09d1940"
	run(fmt.Sprintf(`upsertObjectPermissions(upsertObjectPermissionsInput:{roleId:%q,`+
		`objectPermissions:[{objectMetadataId:%q %s}]}){objectMetadataId}`, role, company, objectPermission))
	run(fmt.Sprintf(`upsertFieldPermissions(upsertFieldPermissionsInput:{roleId:%q,`+
		`fieldPermissions:[{objectMetadataId:%q,fieldMetadataId:%q %s}]}){id}`,
		role, company, revenue, fieldPermission))
	key := run(fmt.Sprintf(`createApiKey(input:{name:"k",expiresAt:"2099-01-01T00:00:00.000Z",roleId:%q}){id}`, role))
	return run(fmt.Sprintf(`generateApiKeyToken(apiKeyId:%q,expiresAt:"2099-01-01T00:00:00.000Z"){token}`, key))
}

// TestRolesRestrictRecordsAndFields checks that fields a role cannot read are left out of records,
// related ones too, and are an error where they are named; that fields it cannot change are an
// error: fixtures/twenty/roles_and_permissions.
func TestRolesRestrictRecordsAndFields(t *testing.T) {
	t.Parallel()
	const denied, unread, locked = `"code":"PERMISSION_DENIED"`,
		`no permission to read field \"annualRevenue\" on \"company\"`,
		`no permission to write field \"annualRevenue\" on \"company\"`
	graphql := func(document string) string {
		body, _ := json.Marshal(map[string]string{"query": document})
		return string(body)
	}
	for _, tt := range []struct {
		name, object, field, ask, body, want, not string
	}{
		{"a hidden field", "", "canReadFieldValue:false", "GET /rest/companies", "", `"name":"Acme"`, "annualRevenue"},
		{"a hidden field of a related record", "", "canReadFieldValue:false", "GET /rest/people?depth=1", "",
			`"name":"Acme"`, "annualRevenue"},
		{"a hidden field ordered by", "", "canReadFieldValue:false",
			"GET /rest/companies?order_by=annualRevenue.amountMicros", "", unread, ""},
		{"a hidden field filtered by", "", "canReadFieldValue:false",
			"GET /rest/companies?filter=annualRevenue.amountMicros[gt]:1", "", `"name":"Acme"`, ""},
		{"a hidden field selected", "", "canReadFieldValue:false", "POST /graphql",
			graphql(`{people{edges{node{company{deletedAt annualRevenue{amountMicros}}}}}}`), unread, ""},
		{"a locked field", "", "canUpdateFieldValue:false", "POST /rest/companies",
			`{"annualRevenue":{"amountMicros":1}}`, locked, ""},
		{"a locked field left alone", "", "canUpdateFieldValue:false", "POST /rest/companies", `{"name":"New"}`,
			`"name":"New"`, ""},
		{"an unreadable object", "canReadObjectRecords:false canUpdateObjectRecords:false", "", "GET /rest/companies",
			"", denied, ""},
		{"an unreadable object as a relation", "canReadObjectRecords:false canUpdateObjectRecords:false", "",
			"GET /rest/people?depth=1", "", `"companyId"`, `"company":{`},
		{"an object not to be changed", "canUpdateObjectRecords:false", "", "POST /rest/companies", `{"name":"New"}`,
			denied, ""},
		{"another object", "canUpdateObjectRecords:false", "", "POST /rest/opportunities", `{"name":"New"}`,
			`"name":"New"`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := NewServer(t, fake.WithSeed("empty"))
			const id = "c0000000-0000-4000-8000-000000000001"
			ask(t, srv, Key, "POST /rest/companies",
				`{"id":"`+id+`","name":"Acme","annualRevenue":{"amountMicros":5,"currencyCode":"EUR"}}`)
			ask(t, srv, Key, "POST /rest/people", `{"companyId":"`+id+`"}`)
			_, body := ask(t, srv, restrictedKey(t, srv, tt.object, tt.field), tt.ask, tt.body)
			if !strings.Contains(body, tt.want) || tt.not != "" && strings.Contains(body, tt.not) {
				t.Errorf("want %s and not %s in %s", tt.want, tt.not, body)
			}
		})
	}
}

// TestViewsAreChangedByWhoMay sends changes of views and layouts by callers with and without the permissions.
// Documented: packages/twenty-server/src/engine/metadata-modules/view-permissions/services/view-access.service.ts, the
// filters of the controllers of views and their parts, and the guards of page-layout.
func TestViewsAreChangedByWhoMay(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	const shared, own, object = "a0000000-0000-4000-8000-000000000001", "a0000000-0000-4000-8000-000000000002",
		"1effed75-5a5e-45da-9c11-a5ec750ce9a4"
	view := func(id, visibility string) string {
		return `{"id":"` + id + `","name":"V","icon":"I","objectMetadataId":"` + object + `","visibility":"` +
			visibility + `"}`
	}
	const filter = `{"id":"b0000000-0000-4000-8000-000000000001","viewId":"` + shared +
		`","fieldMetadataId":"809c76f6-f577-4bdc-84e8-9a5eac8f6705","value":"a"}`
	graphql := func(document string) string {
		body, _ := json.Marshal(map[string]string{"query": "mutation {" + document + "}"})
		return string(body)
	}
	callers := map[string]string{"key": Key, "priya": credential(t, srv, "priya", "valid"),
		"restricted": credential(t, srv, "restricted", "valid")}
	const noCreate = `{"statusCode":400,"error":"Error","messages":["You do not have permission to create ` +
		`workspace-level views"],"code":"VIEW_CREATE_PERMISSION_DENIED"}`
	const noChange = `{"statusCode":403,"error":"Error","messages":["You do not have permission to modify this ` +
		`view"],"code":"VIEW_MODIFY_PERMISSION_DENIED"}`
	const noMutation = `{"errors":[{"message":"You do not have permission to modify this view","extensions":{` +
		`"userFriendlyMessage":"You don't have permission to modify this view.","code":"FORBIDDEN"}}],"data":null}`
	for _, c := range []struct {
		name, caller, do, body string
		status                 int
		want                   string
	}{
		{"a key has no view of its own", "key", "POST /rest/metadata/views", view(own, "UNLISTED"), 400, noCreate},
		{"nor by GraphQL", "key", "POST /metadata", graphql(`createView(input: {name: "V", icon: "I", ` +
			`visibility: UNLISTED, objectMetadataId: "` + object + `"}) { id }`), 200,
			`"message":"You do not have permission to create`},
		{"a key with the permission", "key", "POST /rest/metadata/views", view(shared, "WORKSPACE"), 201, shared},
		{"a view for all", "restricted", "POST /rest/metadata/views", `{}`, 400, noCreate},
		{"a member's view for all", "priya", "POST /rest/metadata/views", view(own, "WORKSPACE"), 400, noCreate},
		{"a member's own view", "priya", "POST /rest/metadata/views", view(own, "UNLISTED"), 201, own},
		{"the member changes it", "priya", "PATCH /rest/metadata/views/" + own, `{"name":"W"}`, 200, `"name":"W"`},
		{"a key without the permission", "restricted", "PATCH /rest/metadata/views/" + own, `{}`, 403, noChange},
		{"the view of all", "priya", "DELETE /rest/metadata/views/" + shared, ``, 403, noChange},
		{"by GraphQL", "priya", "POST /metadata", graphql(`deleteView(id: "` + shared + `")`), 200, noMutation},
		{"no view", "priya", "PATCH /rest/metadata/views/b0000000-0000-4000-8000-000000000001", `{}`, 404, `not found`},
		{"a filter of the view of all", "priya", "POST /rest/metadata/viewFilters", filter, 500,
			`"You do not have permission to modify this view"`},
		{"a filter of the member's", "priya", "POST /rest/metadata/viewFilters",
			strings.Replace(filter, shared, own, 1), 201, own},
		{"a key changes that filter", "restricted",
			"PATCH /rest/metadata/viewFilters/b0000000-0000-4000-8000-000000000001", `{"value":"b"}`, 500,
			`modify this view`},
		{"columns", "priya", "POST /metadata", graphql(`createManyViewFields(inputs: [{viewId: "` + own +
			`", fieldMetadataId: "809c76f6-f577-4bdc-84e8-9a5eac8f6705"}, {viewId: "` + shared +
			`", fieldMetadataId: "809c76f6-f577-4bdc-84e8-9a5eac8f6705"}]) { id }`), 200, noMutation},
		{"layouts have another permission", "priya", "POST /rest/metadata/pageLayouts", `{"name":"L"}`, 403,
			`"code":"PERMISSION_DENIED"`},
	} {
		status, body := ask(t, srv, callers[c.caller], c.do, c.body)
		if status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s", c.name, status, body)
		}
	}
}
