package twenty

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// What public clients send, as they spell it, and what they read in the answer. A version is the server's that
// the client names, where it names one. The rows are of the default seed: Marisol is a company, Wout a person.
func TestPublicClientsReadWhatTheyAskFor(t *testing.T) {
	t.Parallel()
	const (
		marisol   = "1e36eb7f-ef93-4e94-a5d0-e5ef5e5af380"
		wout      = "05c0f290-8c69-4b1b-a92d-0527e4c348c2"
		dashboard = "f31ecf3b-87d3-4e8a-a84b-b6f0f3f8c7e2"
		form      = "application/x-www-form-urlencoded"
	)
	for _, c := range []struct {
		client, line, kind, body string
		want                     int
		reads                    string // keys and what they hold, one pair a line
	}{
		{"activepieces piece: connection test", "GET /rest/people?page%5Bsize%5D=1", "", "", 200, "data.people array"},
		{"activepieces piece: new company", "GET /rest/companies?sort%5BcreatedAt%5D=desc&limit=100",
			"application/json", "", 200, "data.companies.0.createdAt time"},
		{"activepieces piece: create contact", "POST /rest/people", "application/json",
			`{"name":{"firstName":"Ada","lastName":"B"},"emails":{"primaryEmail":"Ada@b.example"}}`, 201,
			"data.createPerson.id uuid\ndata.createPerson.emails.primaryEmail \"ada@b.example\""},
		{"BlackSwampAI/n8n-nodes-twentycrm, 2.9: get many",
			"GET /rest/companies?limit=200&filter=deletedAt%5Bis%5D%3ANULL&order_by=createdAt%5BAscNullsFirst%5D", "",
			"", 200,
			"data.companies array\npageInfo.hasNextPage boolean\npageInfo.endCursor string"},
		{"BlackSwampAI/n8n-nodes-twentycrm, 2.9: get", "GET /rest/companies/" + marisol, "", "", 200,
			"data.company.name \"Marisol Textiles\""},
		{"wir-drei-digital/twenty-crm-cli, 2.27: list",
			"GET /rest/companies?depth=1&filter=name%5Bilike%5D%3A%22%25Z%C3%BCrich%2C+AG%25%22&limit=5&order_by=name",
			"", "", 200, "totalCount 0\npageInfo.endCursor null"},
		{"wir-drei-digital/twenty-crm-cli, 2.27: schema", "GET /rest/open-api/core", "", "", 200,
			"paths./companies.get.operationId \"findManyCompanies\"\n" +
				"paths./companies.post.operationId \"createOneCompany\"\n" +
				"components.schemas.CompanyForResponse.properties object"},
		{"wir-drei-digital/twenty-crm-cli, 2.27: delete", "DELETE /rest/companies/" + marisol + "?soft_delete=true",
			"", "", 200, "data.deleteCompany.deletedAt time"},
		{"wir-drei-digital/twenty-crm-cli, 2.27: restore", "PATCH /rest/restore/companies?filter=id%5Beq%5D%3A" +
			marisol, "", "", 200, "data.restoreCompanies.0.id \"" + marisol + "\""},
		{"wir-drei-digital/twenty-crm-cli, 2.27: a parameter twice is no text",
			"DELETE /rest/companies/" + marisol + "?soft_delete=true&soft_delete=true", "", "", 200,
			"data.deleteCompany {\"id\":\"" + marisol + "\"}"},
		{"wir-drei-digital/twenty-crm-cli, 2.27: merge preview", "PATCH /rest/companies/merge", "application/json",
			`{"ids":["` + marisol +
				`","4fd0d5ee-0000-4000-8000-000000000000"],"conflictPriorityIndex":0,"dryRun":true}`, 404,
			"messages.0 \"Record not found\""},
		{"factorial-io/twenty-crm-php-client: find",
			"GET /rest/companies?limit=20&filter=name%5Beq%5D%3A%22Marisol+Textiles%22", "application/json", "", 200,
			"data.companies.0.name \"Marisol Textiles\"\ntotalCount 1"},
		{"factorial-io/twenty-crm-php-client: batch upsert", "POST /rest/batch/companies", "application/json",
			`{"data":[{"name":"A"}]}`, 400, "messages.0 \"args.data.forEach is not a function\""},
		{"factorial-io/twenty-crm-php-client: relations by an old filter",
			"GET /rest/people?filter=company.id+eq+%27x%27", "application/json", "", 400,
			"error \"BadRequestException\""},
		{"salmonumbrella/twenty-cli: nested filter",
			"GET /rest/people?filter%5Bemails%5D%5BprimaryEmail%5D%5Bilike%5D=%25x%25&order_by=createdAt&" +
				"order_by_direction=desc&limit=1", "application/json", "", 200, "data.people.0.id uuid"},
		{"salmonumbrella/twenty-cli: webhook of one operation", "POST /rest/webhooks", "application/json",
			`{"targetUrl":"https://hooks.example/x","operation":"person.created"}`, 201,
			"id uuid\noperations [\"*.*\"]\nsecret string"},
		{"salmonumbrella/twenty-cli: batch delete", "DELETE /rest/batch/companies?filter=id%5Bin%5D:%5B" + marisol +
			"%5D", "", "", 200, "data.deleteCompanies.0.id \"" + marisol + "\""},
		{"pipedream: list", "GET /open-api/core", "", "", 200, "components.schemas.Company object"},
		{"pipedream: update", "PUT /rest/companies/" + marisol, "application/json", `{"name":"M"}`, 200,
			"data.updateCompany.name \"M\""},
		{"twenty-crm-mcp-server 2.0: search",
			"GET /rest/people?limit=20&filter=or(name.firstName%5Bilike%5D%3A%25wou%25%2C" +
				"name.lastName%5Bilike%5D%3A%25wou%25%2Cemails.primaryEmail%5Bilike%5D%3A%25wou%25)",
			"application/json", "", 200, "data.people.0.id \"" + wout + "\""},
		{"twenty-crm-mcp-server 2.0: phone without a country", "POST /rest/people", "application/json",
			`{"name":{"firstName":"A"},"phones":{"primaryPhoneNumber":"415-555-0132","primaryPhoneCountryCode":"",` +
				`"primaryPhoneCallingCode":"","additionalPhones":[]}}`, 400, "messages.0 string\ncode " +
				"\"INVALID_PHONE_NUMBER\""},
		{"BCJonkhout/twenty-crm-mcp-server, 1.19: targets",
			"GET /rest/noteTargets?limit=50&offset=0&filter=and(targetPersonId%5Beq%5D%3A%22" + wout +
				"%22%2Cnote.deletedAt%5Bis%5D%3ANULL)", "", "", 200, "data.noteTargets array"},
		{"a relationship summary: events", "GET /rest/calendarEventParticipants?filter=and(personId%5Beq%5D%3A" +
			wout + "%2CcreatedAt%5Bgte%5D%3A%222026-01-01T00%3A00%3A00.000Z%22)&depth=1&limit=200", "", "", 200,
			"totalCount number"},
		{"a form on a landing page: duplicates", "POST /rest/people/duplicates", "application/json",
			`{"data":[{"emails":{"primaryEmail":"wout.peeters@halcyonfreight.example"},` +
				`"phones":{"primaryPhoneNumber":"612345678","primaryPhoneCallingCode":"+34",` +
				`"primaryPhoneCountryCode":"ES"}}]}`, 200, "data.0.personDuplicates.0.id \"" + wout + "\""},
		{"a record is no list of records: duplicates", "POST /rest/companies/duplicates", "application/json",
			`{"data":{"name":"Marisol"}}`, 400,
			"error \"TypeError\"\nmessages.0 \"partialRecordInputs is not iterable\""},
		{"an id is no list of ids: duplicates", "POST /rest/companies/duplicates", "application/json",
			`{"ids":"` + marisol + `"}`, 400, "messages.0 \"args.ids?.map is not a function\""},
		{"an empty record: duplicates", "POST /rest/companies/duplicates", "application/json", `{"data":{}}`, 400,
			"messages.0 \"The \\\"data\\\" condition can not be empty when \\\"ids\\\" input not provided\""},
		{"filters in JSON are of no version",
			"GET /rest/companies?filter=%7B%22name%22%3A%7B%22like%22%3A%22%25Acme%25%22%7D%7D", "", "", 400,
			"messages.0 string"},
		{"fields of older servers", "POST /rest/companies", "application/json", `{"name":"A","employees":5}`, 400,
			"messages.0 \"Object company doesn't have any \\\"employees\\\" field.\""},
		{"a nested form", "POST /rest/people", form,
			"name[firstName]=Ada+B&emails[primaryEmail]=a%40b.example&emails[additionalEmails][]=c%40b.example&" +
				"emails[additionalEmails][]=d%40b.example", 201,
			"data.createPerson.name.firstName \"Ada B\"\n" +
				"data.createPerson.emails {\"additionalEmails\":[\"c@b.example\",\"d@b.example\"]," +
				"\"primaryEmail\":\"a@b.example\"}"},
		{"a generated client: the address in the document and a path", "GET /rest//companies?limit=1", "", "", 200,
			"data.companies.0.id uuid"},
		{"a generated client: below an object", "POST /rest//companies//duplicates", "application/json",
			`{"ids":["` + marisol + `"]}`, 200, "data.0.companyDuplicates array"},
		{"a generated client: copy a dashboard", "POST /rest/dashboards/" + dashboard + "/duplicate", "", "", 201,
			"id uuid\ntitle \"My First Dashboard (Copy)\"\npageLayoutId uuid\nposition number\ncreatedAt time\n" +
				"updatedAt time"},
		{"a generated client: copy no dashboard", "POST /rest/dashboards/" + wout + "/duplicate", "", "", 404,
			"code \"DASHBOARD_NOT_FOUND\""},
		{"a generated client: records of dashboards are made as ever", "POST /rest/dashboards", "application/json",
			`{"title":"D"}`, 201, "data.createDashboard.title \"D\""},
	} {
		t.Run(c.client, func(t *testing.T) {
			t.Parallel()
			srv := NewServer(t)
			res := send(t, srv, c.line, c.kind, c.body)
			if res.StatusCode != c.want || !strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
				t.Errorf("%s, %s, want %d", res.Status, res.Header.Get("Content-Type"), c.want)
			}
			var answer any
			text, _ := io.ReadAll(res.Body)
			if err := json.Unmarshal(text, &answer); err != nil {
				t.Fatalf("%v in %.200s", err, text)
			}
			for line := range strings.SplitSeq(c.reads, "\n") {
				key, holds, _ := strings.Cut(line, " ")
				if diff := cmp.Diff(holds, seen(at(answer, key), holds)); diff != "" {
					t.Errorf("%s in %.300s (-want +got):\n%s", key, text, diff)
				}
			}
		})
	}
}

// send sends "METHOD path" with the well-known key and a content type, if there is one.
func send(t *testing.T, srv *fake.TestServer, line, kind, body string) *http.Response {
	t.Helper()
	method, path, _ := strings.Cut(line, " ")
	req, err := http.NewRequest(method, srv.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+Key)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

type missing struct{}

// at returns the value under a path of keys and indexes.
func at(v any, path string) any {
	for key := range strings.SplitSeq(path, ".") {
		switch below := v.(type) {
		case map[string]any:
			there, ok := below[key]
			if v = there; !ok {
				return missing{}
			}
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(below) {
				return missing{}
			}
			v = below[i]
		default:
			return missing{}
		}
	}
	return v
}

// seen describes a value in the terms of want: a type, a form, or its JSON.
func seen(v any, want string) string {
	text, isText := v.(string)
	_, err := time.Parse("2006-01-02T15:04:05.000Z", text)
	forms := map[string]bool{"string": isText, "uuid": schema.IsUUID(text), "time": err == nil}
	switch v.(type) {
	case missing:
		return "missing"
	case map[string]any:
		forms["object"] = true
	case []any:
		forms["array"] = true
	case float64:
		forms["number"] = true
	case bool:
		forms["boolean"] = true
	}
	if forms[want] {
		return want
	}
	out, _ := json.Marshal(v)
	return string(out)
}

// A script that shapes objects (written for 2.20) reads the views that came with one, and adds no column twice.
func TestASetupScriptFindsTheViewsOfItsObject(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	id := create(t, srv, "/rest/metadata/objects", rocket)
	field := create(t, srv, "/rest/metadata/fields",
		`{"objectMetadataId":"`+id+`","type":"PHONES","name":"hotline","label":"Hotline","isNullable":true}`)
	var views, columns []struct {
		ID, Key, ObjectMetadataID, FieldMetadataID, ViewID string
		DeletedAt                                          *string
		IsActive, IsVisible                                bool
		Position, Size                                     *float64
	}
	read := func(path string, into any) {
		if status, body := ask(t, srv, Key, "GET "+path, ""); status != 200 ||
			json.Unmarshal([]byte(body), into) != nil {
			t.Fatalf("%s: %d %s", path, status, body)
		}
	}
	read("/rest/metadata/views?objectMetadataId="+id, &views)
	index := ""
	for _, v := range views {
		if v.Key == "INDEX" && v.IsActive && v.DeletedAt == nil && v.ObjectMetadataID == id {
			index += v.ID
		}
	}
	read("/rest/metadata/viewFields?viewId="+index, &columns)
	column := ""
	for _, c := range columns {
		if c.FieldMetadataID == field && c.ViewID == index && c.Position != nil && c.Size != nil {
			column += c.ID
		}
	}
	if status, body := ask(t, srv, Key, "PATCH /rest/metadata/viewFields/"+column,
		`{"isVisible":true,"position":1,"size":220}`); status != 200 || !strings.Contains(body, `"size":220`) {
		t.Errorf("%d %s", status, body)
	}
	again := `{"viewId":"` + index + `","fieldMetadataId":"` + field + `","isVisible":true,"position":9,"size":150}`
	if status, body := ask(t, srv, Key, "POST /rest/metadata/viewFields", again); status != 400 ||
		!strings.Contains(body, `"userFriendlyMessage":"View field already exists"`) {
		t.Errorf("%d %s", status, body)
	}
}

// A copied page layout has its own tabs and widgets.
func TestACopiedDashboardHasALayoutOfItsOwn(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	layout := create(t, srv, "/rest/metadata/pageLayouts", `{"name":"L","type":"DASHBOARD"}`)
	tab := create(t, srv, "/rest/metadata/pageLayoutTabs", `{"title":"T","pageLayoutId":"`+layout+`"}`)
	create(t, srv, "/rest/metadata/pageLayoutWidgets",
		`{"title":"W","type":"IFRAME","gridPosition":{"row":0,"column":0,"rowSpan":1,"columnSpan":1},`+
			`"configuration":{"configurationType":"IFRAME"},"pageLayoutTabId":"`+tab+`"}`)
	if status, body := ask(t, srv, Key, "POST /rest/dashboards",
		`{"id":"c0000000-0000-4000-8000-000000000001","title":"","pageLayoutId":"`+layout+`"}`); status != 201 {
		t.Fatal(status, body)
	}
	var made struct{ Title, PageLayoutID string }
	status, body := ask(t, srv, Key, "POST /rest/dashboards/c0000000-0000-4000-8000-000000000001/duplicate", "")
	if err := json.Unmarshal([]byte(body), &made); err != nil || status != 201 || made.Title != "" ||
		made.PageLayoutID == layout {
		t.Fatal(status, body)
	}
	var tabs []struct{ ID, Title string }
	_, body = ask(t, srv, Key, "GET /rest/metadata/pageLayoutTabs?pageLayoutId="+made.PageLayoutID, "")
	if err := json.Unmarshal([]byte(body), &tabs); err != nil || len(tabs) != 1 || tabs[0].ID == tab ||
		tabs[0].Title != "T" {
		t.Fatal(body)
	}
	if _, body = ask(t, srv, Key, "GET /rest/metadata/pageLayoutWidgets?pageLayoutTabId="+tabs[0].ID,
		""); !strings.Contains(body, `"title":"W"`) {
		t.Error(body)
	}
	ask(t, srv, Key, "PATCH /rest/dashboards/c0000000-0000-4000-8000-000000000001", `{"pageLayoutId":null}`)
	if status, body = ask(t, srv, Key, "POST /rest/dashboards/c0000000-0000-4000-8000-000000000001/duplicate",
		""); status != 404 || !strings.Contains(body, `"PAGE_LAYOUT_NOT_FOUND"`) {
		t.Error(status, body)
	}
}
