package twenty

import (
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// TestRulesOfTheDatabaseBehindRecords sends requests in order: each one sees the changes of those
// before it.
func TestRulesOfTheDatabaseBehindRecords(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	const member = `"personId":"a0000000-0000-4000-8000-000000000001","listId":"b0000000-0000-4000-8000-00000000000`
	for _, tt := range []struct {
		line, body string
		status     int
		want       string
	}{
		{"POST /rest/people", `{"id":"a0000000-0000-4000-8000-000000000001"}`, 201, ""},
		{"POST /rest/batch/messageLists",
			`[{"id":"b0000000-0000-4000-8000-000000000001","name":"One"},` +
				`{"id":"b0000000-0000-4000-8000-000000000002","name":"Two"}]`, 201, ""},

		{"POST /rest/messageListMembers", `{"id":"d0000000-0000-4000-8000-000000000001",` + member + `1"}`, 201, ""},
		{"POST /rest/messageListMembers", `{` + member + `1"}`, 400, `"A duplicate entry was detected"`},
		{"POST /rest/messageListMembers", `{"id":"d0000000-0000-4000-8000-000000000002",` + member + `2"}`, 201, ""},
		{"PATCH /rest/messageListMembers/d0000000-0000-4000-8000-000000000002",
			`{"listId":"b0000000-0000-4000-8000-000000000001"}`, 400, `"A duplicate entry was detected"`},
		{"POST /rest/batch/messageListMembers", `[{},{}]`, 201, ""}, // NULL clashes with nothing

		{"GET /rest/companies?filter=name[eq]:a%00b", "", 500, `"Data validation error."`},
		{"GET /rest/companies?filter=name[ilike]:%25%00%25", "", 500, `"Data validation error."`},
		{"GET /rest/companies?filter=or(name[eq]:x,address.addressCity[in]:[a,%00])", "", 500,
			`"Data validation error."`},
		{"POST /graphql",
			`{"query":"query($f:CompanyFilterInput){companies(filter:$f){totalCount}}",` +
				`"variables":{"f":{"name":{"eq":"\u0000"}}}}`, 200, `"message":"Data validation error.",` +
				`"extensions":{"code":"INTERNAL_SERVER_ERROR"`},
		{"POST /graphql",
			`{"query":"query($q:String!){search(searchInput:$q,limit:2){edges{cursor}}}","variables":{"q":"a\u0000"}}`,
			200, `"message":"invalid byte sequence for encoding \"UTF8\": 0x00"`},

		{"POST /rest/companies/duplicates", `{"data":[null]}`, 400, `"error":"TypeError"`},

		{"POST /graphql", `{"query":"{taskTargets{countEmptyTargetCompany}}"}`, 200,
			`"message":"column taskTarget.targetCompany does not exist"`},
		{"POST /graphql", `{"query":"{taskTargetsGroupBy(groupBy:[{taskId:true}]){percentageEmptyTargetPerson}}"}`,
			200, `"message":"column taskTarget.targetPerson does not exist"`},
		{"GET /rest/taskTargets/groupBy?group_by=[{%22taskId%22:true}]&aggregate=[%22countNotEmptyTargetNote%22]", "",
			400, `Unknown aggregate field(s): countNotEmptyTargetNote`},
		{"POST /graphql", `{"query":"{people{edges{node{taskTargets{countUniqueValuesTargetPerson}}}}}"}`, 200,
			`"message":"column taskTarget.targetPerson does not exist"`},
		{"POST /graphql", `{"query":"{taskTargets{countEmptyTask totalCount}}"}`, 200, `"totalCount":0`},

		{"POST /rest/messageChannelMessageAssociations", `{"messageChannelId":"f0000000-0000-4000-8000-000000000001"}`,
			201, `"searchVector":""`},
	} {
		status, text := ask(t, srv, Key, tt.line, tt.body)
		if status != tt.status || !strings.Contains(text, tt.want) {
			t.Errorf("%s %s: %d %s\nwant %d %s", tt.line, tt.body, status, text, tt.status, tt.want)
		}
	}
}

func TestADashboardComesWithALayout(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	var made struct {
		Data struct {
			CreateDashboard struct{ PageLayoutID string }
		}
	}
	_, text := ask(t, srv, Key, "POST /rest/dashboards", `{"title":"Sales"}`)
	if err := json.Unmarshal([]byte(text), &made); err != nil {
		t.Fatal(text)
	}
	var layout struct {
		Name, Type string
		Tabs       []struct{ Title string }
	}
	_, text = ask(t, srv, Key, "GET /rest/metadata/pageLayouts/"+made.Data.CreateDashboard.PageLayoutID, "")
	if err := json.Unmarshal([]byte(text), &layout); err != nil || layout.Name != "Dashboard Layout" ||
		layout.Type != "DASHBOARD" || len(layout.Tabs) != 1 || layout.Tabs[0].Title != "Tab 1" {
		t.Errorf("%v %s", err, text)
	}
	const own = "99999999-0000-4000-8000-000000000001"
	if _, text = ask(t, srv, Key, "POST /rest/dashboards", `{"pageLayoutId":"`+own+`"}`); !strings.Contains(text, own) {
		t.Error(text)
	}
}

func TestAWorkflowComesWithItsFirstVersion(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	const versions = `GET /rest/workflowVersions?depth=0&filter=workflowId[eq]:b0000000-0000-4000-8000-00000000000`
	for i, line := range []string{
		`POST /rest/workflows {"id":"b0000000-0000-4000-8000-000000000001","name":"Flow"}`,
		`POST /graphql {"query":"mutation{createWorkflow(data:{id:\"b0000000-0000-4000-8000-000000000002\"}){id}}"}`,
		`POST /rest/batch/workflows [{"id":"b0000000-0000-4000-8000-000000000003"}]`,
	} {
		method, rest, _ := strings.Cut(line, " ")
		path, body, _ := strings.Cut(rest, " ")
		if status, text := ask(t, srv, Key, method+" "+path, body); status > 201 {
			t.Fatal(text)
		}
		_, text := ask(t, srv, Key, versions+string(rune('1'+i)), "")
		for _, want := range []string{`"totalCount":1`, `"name":"v1"`, `"status":"DRAFT"`, `"trigger":null`,
			`"steps":null`,
			`"createdBy":{"source":"MANUAL","workspaceMemberId":null,"name":"System","context":null}`} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %s in %s", line, want, text)
			}
		}
	}
}

// TestFormsAreReadAsQsDoes sends forms to records, metadata and GraphQL.
func TestFormsAreReadAsQsDoes(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	for _, tt := range []struct{ path, form, want string }{
		{"/rest/companies", "name=Acme&address[addressCity]=Oslo", `"addressCity":"Oslo"`},
		{"/rest/companies",
			"domainName[primaryLinkUrl]=https://p.example&domainName[secondaryLinks][1][url]=https://b.example&" +
				"domainName[secondaryLinks][0][url]=https://a.example&domainName[secondaryLinks][0][label]=A",
			`"secondaryLinks":[{"url":"https://a.example","label":"A"},{"url":"https://b.example"}`},
		{"/rest/people",
			"emails[additionalEmails][7]=b@c.example&emails[additionalEmails][2]=a@c.example&" +
				"emails[primaryEmail]=p@c.example", `"additionalEmails":["a@c.example","b@c.example"]`},
		{"/rest/people", "emails[additionalEmails][]=x@c.example&emails[additionalEmails][]=y@c.example",
			`"additionalEmails":["x@c.example","y@c.example"]`},
		{"/rest/companies", "name=50%25+or+50%&x", `has no`},
		{"/rest/metadata/webhooks",
			"targetUrl=http://127.0.0.1:1/a%20b&operations[1]=person.*&operations[0]=company.*&description=50%",
			`"operations":["company.*","person.*"]`},
		{"/graphql", "query={companies{totalCount}}&x=50%", `"totalCount"`},
	} {
		res, err := http.DefaultClient.Do(formRequest(t, srv, tt.path, tt.form))
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		text := string(raw)
		if tt.want == `has no` {
			if !strings.Contains(text, `doesn't have any \"x\" field`) {
				t.Errorf("%s: %s", tt.form, text)
			}
		} else if !strings.Contains(text, tt.want) {
			t.Errorf("%s %s: %d %s", tt.path, tt.form, res.StatusCode, text)
		}
	}
}

func formRequest(t *testing.T, srv *fake.TestServer, path, form string) *http.Request {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, srv.URL+path, strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+Key)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req
}

// TestWhatIsEncodedHasNoHiddenFields walks the types that go into answers and deliveries: encoding/json drops
// an unexported field without a word.
func TestWhatIsEncodedHasNoHiddenFields(t *testing.T) {
	t.Parallel()
	seen := map[reflect.Type]bool{}
	for _, v := range []any{delivery{}, plainBody{}, guardBody{}, picklist{}, record.Record{}, schema.Workspace{},
		schema.Object{}, schema.Field{}, schema.View{}, schema.Part{}, schema.Webhook{}, schema.Role{},
		schema.APIKey{}, schema.User{}} {
		checkExported(t, reflect.TypeOf(v), seen)
	}
}

var marshaler = reflect.TypeFor[json.Marshaler]()

func checkExported(t *testing.T, typ reflect.Type, seen map[reflect.Type]bool) {
	t.Helper()
	if typ == nil || seen[typ] || typ.Implements(marshaler) || reflect.PointerTo(typ).Implements(marshaler) {
		return
	}
	seen[typ] = true
	switch typ.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Array:
		checkExported(t, typ.Elem(), seen)
	case reflect.Struct:
		for i := range typ.NumField() {
			f := typ.Field(i)
			inputOnly := typ == reflect.TypeFor[schema.Option]() // its two fields say what a client omitted
			if !f.IsExported() && !f.Anonymous && !inputOnly {
				t.Errorf("%v.%s is not encoded", typ, f.Name)
			}
			checkExported(t, f.Type, seen)
		}
	}
}

// TestWritesThatTheServerKeepsToItself sends writes that hooks of single objects refuse. Documented: modules/workflow/
// common/query-hooks and workspace-services/workflow-version-validation.workspace-service.ts, and
// modules/workspace-member/query-hooks of packages/twenty-server/src.
func TestWritesThatTheServerKeepsToItself(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	const first, other = "b0000000-0000-4000-8000-000000000001", "b0000000-0000-4000-8000-000000000002"
	const flows, versions = "/rest/workflows", "/rest/workflowVersions/"
	tim, priya := credential(t, srv, "tim", "valid"), credential(t, srv, "priya", "valid")
	member := func(token string) string {
		_, me := ask(t, srv, token, "POST /metadata", `{"query":"{currentUser{workspaceMember{id}}}"}`)
		return "/rest/workspaceMembers/" + me[strings.Index(me, `{"id":"`)+7:][:36]
	}
	forbidden := func(message string) string {
		return `{"statusCode":400,"error":"Error","messages":["` + message + `"],"code":"FORBIDDEN"}`
	}
	noStatuses, notDraft := forbidden("Statuses cannot be set manually."),
		forbidden("Workflow version is not in draft status")
	ask(t, srv, tim, "POST "+flows, `{"id":"`+first+`","name":"W"}`)
	_, found := ask(t, srv, tim, "GET /rest/workflowVersions?filter=workflowId[eq]:"+first, "")
	draft := versions + found[strings.Index(found, `{"id":"`)+7:][:36]
	_, found = ask(t, srv, tim, "GET /rest/workflowVersions?filter=status[eq]:ACTIVE&limit=1", "")
	active := versions + found[strings.Index(found, `{"id":"`)+7:][:36]
	for _, c := range []struct {
		name, token, line, body string
		status                  int
		want                    string
	}{
		{"statuses of a new workflow", Key, "POST " + flows, `{"statuses":["ACTIVE"]}`, 400, noStatuses},
		{"of several", Key, "POST /rest/batch/workflows", `[{},{"statuses":["DRAFT"]}]`, 400, noStatuses},
		{"no statuses", Key, "POST " + flows, `{"id":"` + other + `","statuses":[]}`, 201, other},
		{"an unknown status is found before", Key, "POST " + flows, `{"statuses":["X"]}`, 400,
			`Invalid value [ 'X' ] for multi select field`},
		{"statuses changed", Key, "PATCH " + flows + "/" + first, `{"statuses":["ACTIVE"]}`, 400, noStatuses},
		{"statuses emptied", Key, "PATCH " + flows + "/" + first, `{"statuses":[],"name":"V"}`, 200, `"name":"V"`},
		{"many workflows", Key, "PATCH " + flows, `{"name":"V"}`, 400, forbidden("Method not allowed.")},
		{"with words for people", Key, "POST /graphql",
			`{"query":"mutation{updateWorkflow(id:\"` + first + `\",data:{statuses:[ACTIVE]}){id}}"}`, 200,
			`{"message":"Statuses cannot be set manually.","extensions":{"subCode":"FORBIDDEN","userFriendlyMessage":` +
				`"Statuses cannot be set manually.","code":"FORBIDDEN"}}`},
		{"the trigger of a draft", Key, "PATCH " + draft, `{"trigger":{"type":"MANUAL"}}`, 200, `"type":"MANUAL"`},
		{"the status of a draft", Key, "PATCH " + draft, `{"status":"ACTIVE"}`, 400,
			forbidden("Cannot update workflow version status manually")},
		{"the same status", Key, "PATCH " + draft, `{"status":"DRAFT"}`, 200, `"status":"DRAFT"`},
		{"steps", Key, "PATCH " + draft, `{"steps":[{"id":"a"}]}`, 400, `"Updating workflowVersion steps directly is ` +
			`forbidden. Use createWorkflowVersionStep, updateWorkflowVersionStep or deleteWorkflowVersionStep ` +
			`endpoint instead."`},
		{"the name of an active version", Key, "PATCH " + active, `{"name":"v7"}`, 200, `"name":"v7"`},
		{"its trigger", Key, "PATCH " + active, `{"trigger":{"type":"MANUAL"}}`, 400, notDraft},
		{"an active version goes", Key, "DELETE " + active + "?soft_delete=true", "", 400, notDraft},
		{"the only version goes", Key, "DELETE " + draft + "?soft_delete=true", "", 400,
			forbidden("The initial version of a workflow can not be deleted")},
		{"a member changes itself", priya, "PATCH " + member(priya), `{"locale":"fr"}`, 200, `"locale":"fr"`},
		{"a member changes another", priya, "PATCH " + member(tim), `{"locale":"fr"}`, 400,
			`"code":"PERMISSION_DENIED"`},
		{"a member who may", tim, "PATCH " + member(priya), `{"locale":"en"}`, 200, `"locale":"en"`},
		{"a key", Key, "PATCH " + member(priya), `{"locale":"fr"}`, 200, `"locale":"fr"`},
	} {
		status, body := ask(t, srv, c.token, c.line, c.body)
		if status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s", c.name, status, body)
		}
	}
}

// TestWhatGoesWithARecord removes workflows and dashboards, and asks for what hangs on them. Documented: packages/
// twenty-server/src/modules/workflow/common/workspace-services/workflow-common.workspace-service.ts, and
// modules/dashboard/query-hooks.
func TestWhatGoesWithARecord(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	const flow, trash = "b0000000-0000-4000-8000-000000000001", "?soft_delete=true"
	tim := credential(t, srv, "tim", "valid")
	workflowOf(t, srv, tim, flow, onCompany, step("a", "EMPTY", "{}"))
	state := func() string {
		got := queried(t, srv, tim, `{ workflowVersions(filter: {workflowId: {eq: "`+flow+`"},
			or: [{deletedAt: {is: NULL}}, {deletedAt: {is: NOT_NULL}}]}) { edges { node { status deletedAt } } }
			workflowAutomatedTriggers(filter: {workflowId: {eq: "`+flow+`"}}) { totalCount } }`)
		return regexp.MustCompile(`"\d[^"]+Z"`).ReplaceAllString(got, "then")
	}
	for _, c := range []struct{ do, want string }{
		{"", `{"node":{"status":"ACTIVE","deletedAt":null}}]},"workflowAutomatedTriggers":{"totalCount":1}}`},
		{"DELETE /rest/workflows/" + flow + trash,
			`{"node":{"status":"DEACTIVATED","deletedAt":then}}]},"workflowAutomatedTriggers":{"totalCount":0}}`},
		{"PATCH /rest/restore/workflows?filter=id[eq]:" + flow,
			`{"node":{"status":"DEACTIVATED","deletedAt":null}}]},"workflowAutomatedTriggers":{"totalCount":1}}`},
	} {
		if c.do != "" {
			ask(t, srv, tim, c.do, "")
		}
		if got := state(); !strings.Contains(got, `"edges":[`+c.want) {
			t.Errorf("after %s: %s\nwant %s", c.do, got, c.want)
		}
	}
	var layouts []string
	for _, title := range []string{"A", "B", "C"} {
		_, made := ask(t, srv, tim, "POST /rest/dashboards", `{"title":"`+title+`"}`)
		layouts = append(layouts, "/rest/metadata/pageLayouts/"+made[strings.Index(made, `"pageLayoutId":"`)+16:][:36])
	}
	for _, c := range []struct {
		do   string
		want []int
	}{
		{"DELETE /rest/dashboards?filter=title[eq]:A&soft_delete=true", []int{200, 200, 200}},
		{"DELETE /rest/dashboards?filter=title[in]:[A,B]", []int{404, 404, 200}},
	} {
		ask(t, srv, tim, c.do, "")
		for i, layout := range layouts {
			if status, _ := ask(t, srv, tim, "GET "+layout, ""); status != c.want[i] {
				t.Errorf("after %s: layout %d answers %d", c.do, i, status)
			}
		}
	}
}

// TestHandlesOfABlocklist writes a member's blocklist. Documented: packages/twenty-server/src/modules/blocklist/
// blocklist-validation-manager/services/blocklist-validation.service.ts.
func TestHandlesOfABlocklist(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("default"))
	const akira, ichiro = "7e621cf3-9e2d-4eb4-bac4-58a9f3dad274", "98c6d341-56bf-4eff-a33b-54d3bd8f19db"
	const entry, lacking = "a0000000-0000-4000-8000-000000000001", "a0000000-0000-4000-8000-000000000002"
	const invalid = `"messages":["Invalid input"]}`
	tim := credential(t, srv, "tim", "valid")
	for _, c := range []struct {
		req, body string
		want      int
		text      string
	}{
		{"POST /rest/blocklists", `{}`, 400, `"messages":["Blocklist handle is required"]}`},
		{"POST /rest/blocklists", `{"handle":"x"}`, 400, invalid},
		{"POST /rest/blocklists", `{"handle":"a..b@x.example"}`, 400, invalid},
		{"POST /rest/blocklists", `{"handle":"@x"}`, 400, invalid},
		{"POST /rest/blocklists", `{"handle":"@X.example"}`, 400, invalid},
		{"POST /rest/batch/blocklists", `[{"handle":"@y.example"},{"handle":"y.example"}]`, 400, invalid},
		{"POST /rest/blocklists", `{"handle":"@x.example","workspaceMemberId":"` + ichiro + `"}`, 400,
			`"Cannot create blocklist entry for another workspace member"`},
		{"POST /rest/blocklists", `{"id":"` + entry + `","handle":"@x.example","workspaceMemberId":"` + akira + `"}`,
			201, `"handle":"@x.example"`},
		{"POST /rest/blocklists", `{"handle":"@x.example"}`, 400, `"Blocklist handle already exists"`},
		{"POST /rest/blocklists", `{"handle":" a'b@x.co.example ","workspaceMemberId":"` + akira + `"}`, 201,
			`a'b@x.co.example`},
		{"PATCH /rest/blocklists/" + entry, `{"handle":"@z.example"}`, 400, `"Workspace member cannot be updated"`},
		{"PATCH /rest/blocklists/" + entry, `{"handle":"z","workspaceMemberId":"` + akira + `"}`, 400, invalid},
		{"PATCH /rest/blocklists/" + entry, `{"handle":"@z.example","workspaceMemberId":"` + akira + `"}`, 200,
			`"handle":"@z.example"`},
		{"PATCH /rest/blocklists/" + lacking, `{"handle":"@z.example"}`, 404, `not found`},
		{"POST /graphql", `{"query":"mutation{createBlocklist(data:{handle:\"x\"}){id}}"}`, 200,
			`{"message":"Invalid input","extensions":{"subCode":"BAD_REQUEST",` +
				`"userFriendlyMessage":"Invalid email or domain.","code":"BAD_USER_INPUT"}}`},
	} {
		if status, text := ask(t, srv, tim, c.req, c.body); status != c.want || !strings.Contains(text, c.text) {
			t.Errorf("%s %s: %d %s, want %s", c.req, c.body, status, text, c.text)
		}
	}
}
