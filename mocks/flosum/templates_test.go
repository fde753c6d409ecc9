package flosum

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const tree = `{"name":"Deep","type":"backup","description":"d","templateSteps":[
 {"objectApiName":"Account","label":"Account","filterMode":"declarative","fieldsDescribe":[{"name":"Name",
  "label":"Name","type":"string","isRequired":true,"isFilterable":true}],
  "customLogic":"1 AND (2 OR 3)","skipRemove":false,"declarativeFilter":[{"field":"Name","label":"Account Name",
   "option":"does not contain","value":"x"}],
  "children":[{"relationshipName":"Contacts","objectApiName":"Contact","label":"Contact","filterMode":"soql",
   "soqlFilter":"Name = 'TEST'","fieldsDescribe":[],
   "children":[{"relationshipName":"Cases","objectApiName":"Case","label":"Case","filterMode":"declarative",
    "fieldsDescribe":[],"customLogic":"","children":[]}]},
   {"relationshipName":"Opportunities","objectApiName":"Opportunity","label":"Opportunity",
    "filterMode":"declarative","fieldsDescribe":[],"children":[]}]},
 {"objectApiName":"Lead","label":"Lead","filterMode":"declarative","fieldsDescribe":[],"children":[]}]}`

func TestTemplateStepsComeBackFlattened(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	check(t, send(t, srv, ask{
		line: "POST /api/v1/connections/2/templates/backup",
		body: tree,
	}), 201, `{"message":"Template created successfully."}`)
	check(t, send(t, srv, ask{line: "GET /api/v1/connections/2/templates/backup/4"}), 200, `{"id":4,"name":"Deep",
 "type":"backup","description":"d","roots":[
	 [{"id":7,"level":1,"objectApiName":"Account","label":"Account","filterMode":"declarative",
	  "customLogic":"1 AND (2 OR 3)","skipRemove":false,"declarativeFilter":[{"field":"Name","label":"Account Name",
	  "option":"does not contain","value":"x"}]},
	  {"id":8,"level":2,"parentId":7,"relationshipName":"Contacts","objectApiName":"Contact","label":"Contact",
	   "filterMode":"soql","soqlFilter":"Name = 'TEST'"},
	  {"id":9,"level":3,"parentId":8,"relationshipName":"Cases","objectApiName":"Case","label":"Case",
	   "filterMode":"declarative","customLogic":""},
	  {"id":10,"level":2,"parentId":7,"relationshipName":"Opportunities","objectApiName":"Opportunity",
	   "label":"Opportunity","filterMode":"declarative"}],
	 [{"id":11,"level":1,"objectApiName":"Lead","label":"Lead","filterMode":"declarative"}]]}`)
}

func TestTemplatesAreFilteredSortedAndCounted(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	one := `{"id":1,"name":"Accounts and below","type":"backup","updatedAt":"2026-10-05T09:00:00.000Z"}`
	two := `{"id":2,"name":"Closed cases","type":"archive","updatedAt":"2026-09-01T12:30:00.000Z"}`
	for query, want := range map[string]string{
		"types=backup&types=archive": `{"total":2,"items":[` + one + `,` + two +
			`],"backupTemplatesCount":1,"archiveTemplatesCount":1}`,
		"types=backup&types=archive&order=ASC": `{"total":2,"items":[` + two + `,` + one +
			`],"backupTemplatesCount":1,"archiveTemplatesCount":1}`,
		"types=backup&types=archive&sortBy=name&order=DESC": `{"total":2,"items":[` + two + `,` + one +
			`],"backupTemplatesCount":1,"archiveTemplatesCount":1}`,
		"types=archive": `{"total":1,"items":[` + two +
			`],"backupTemplatesCount":1,"archiveTemplatesCount":1}`,
		"types=archive&search=BELOW": `{"total":0,"items":[],"backupTemplatesCount":1,"archiveTemplatesCount":1}`,
	} {
		check(t, send(t, srv, ask{line: "GET /api/v1/connections/1/templates?page=1&limit=10&" + query}), 200, want)
	}
}

func TestTemplateIsRefused(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	step := `{"objectApiName":"A","label":"A","filterMode":"declarative","fieldsDescribe":[],"children":[%]}`
	for _, tt := range []struct {
		line, body string
		status     int
		want       string
	}{
		{"POST /api/v1/connections/1/templates/backup", `{"type":"full"}`, 400,
			badRequest("name must be a string", "templateSteps must be an array",
				"type must be one of the following values: backup, archive")},
		{"POST /api/v1/connections/1/templates/backup",
			`{"name":"n","type":"backup","templateSteps":[` +
				strings.Replace(step, "%",
					`{"objectApiName":"B","label":"B","filterMode":"sql","children":[],`+
						`"declarativeFilter":[{"field":"f","label":"l","option":"like","value":1}]}`, 1) + `]}`, 400,
			badRequest("templateSteps.0.children.0.declarativeFilter.0.option must be one of the following "+
				"values: equals, not equals, less than, greater than, less or equals, greater or equals, "+
				"contains, does not contain, starts with, includes, excludes, in, not in",
				"templateSteps.0.children.0.declarativeFilter.0.value must be a string",
				"templateSteps.0.children.0.fieldsDescribe must be an array",
				"templateSteps.0.children.0.filterMode must be one of the following values: soql, declarative")},
		{"POST /api/v1/connections/99/templates/backup", tree, 404, notFound("Connection with id 99 not found")},
		{"GET /api/v1/connections/1/templates?page=1&limit=1&types=full", "", 400,
			badRequest("each value in types must be one of the following values: backup, archive")},
		{"GET /api/v1/connections/1/templates/backup/3", "", 404, notFound("Template with id 3 not found")},
		{"GET /api/v1/connections/1/templates/backup/2", "", 404, notFound("Template with id 2 not found")},
		{"GET /api/v1/connections/1/templates/backup/-1", "", 400, badRequest("id must be a positive number")},
	} {
		check(t, send(t, srv, ask{line: tt.line, body: tt.body}), tt.status, tt.want)
	}
	if diff := cmp.Diff(3, len(srv.Rows("templates"))); diff != "" {
		t.Errorf("refused templates left rows behind: %s", diff)
	}
}
