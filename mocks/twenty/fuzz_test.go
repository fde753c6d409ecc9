package twenty

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

// Whatever a body says, the data model answers in one of the vendor's shapes: it never breaks.
func FuzzTheDataModelTakesAnyBody(f *testing.F) {
	var bug error
	srv, err := fake.New(fake.Config{
		Settings: fake.Settings{Seeds: map[string]string{"twenty": "empty"}, LimitsOff: true},
		Bug:      func(err error) { bug = err },
	}, Def())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(srv.Close)
	const company, name = "1effed75-5a5e-45da-9c11-a5ec750ce9a4", "809c76f6-f577-4bdc-84e8-9a5eac8f6705"
	lines := []string{"POST /rest/metadata/objects", "POST /rest/metadata/fields",
		"PATCH /rest/metadata/objects/" + company, "PATCH /rest/metadata/fields/" + name,
		"POST /rest/metadata/webhooks", "POST /rest/metadata/views", "POST /rest/metadata/viewFilters",
		"POST /rest/metadata/pageLayouts", "POST /rest/metadata/viewFields"}
	for i, body := range []string{rocket, `{"objectMetadataId":"` + company +
		`","type":"RELATION","name":"a","label":"A","relationCreationPayload":{"type":"ONE_TO_MANY",` +
		`"targetObjectMetadataId":"` + company + `","targetFieldLabel":""}}`,
		`{"nameSingular":"firm","settings":[1],"labelIdentifierFieldMetadataId":"` + name + `"}`,
		`{"name":"title","options":[{"value":null}],"defaultValue":{"a":[]},"settings":7,"isUnique":true}`,
		`{"targetUrl":"x","operations":[1,null]}`,
		`{"objectMetadataId":"` + company + `","position":"1","kanbanColumnWidth":1e300}`,
		`{"objectMetadataId":"` + company +
			`","type":"MORPH_RELATION","name":"m","label":"M",` +
			`"morphRelationsCreationPayload":[{"type":"MANY_TO_ONE","targetObjectMetadataId":"` + company +
			`"},null]}`,
		`{"name":"a","objectMetadataId":"` + company + `","type":"RECORD_PAGE","icon":"I","position":1e400}`,
		`{"viewId":"` + company + `","position":1e400,"size":-1e400}`,
		`{"nameSingular":"rocket","namePlural":"rockets","labelSingular":1e400,"labelPlural":"R","icon":[1e400]}`,
		`{"objectMetadataId":"` + company + `","type":"RAW_JSON","name":"a","label":"A","defaultValue":{"a":1e400},` +
			`"settings":[1e400],"options":[{"value":"A","position":1e400}]}`} {
		f.Add(i, body)
	}
	world, err := srv.World("default")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, line int, body string) {
		world.Reset()
		method, path, _ := strings.Cut(lines[uint(line)%uint(len(lines))], " ")
		for _, step := range []string{method + " " + path, "GET /rest/metadata/objects?limit=2",
			"GET /rest/companies?depth=1"} {
			method, path, _ := strings.Cut(step, " ")
			req := httptest.NewRequest(method, path, strings.NewReader(body))
			req.Header.Set("Authorization", "Bearer "+Key)
			req.Header.Set("Content-Type", "application/json")
			answer := httptest.NewRecorder()
			srv.Handler("twenty").ServeHTTP(answer, req)
			if bug != nil || answer.Code >= 500 && !strings.HasPrefix(answer.Body.String(), `"Migration action`) {
				t.Fatalf("%s %s: %d %s %v", step, body, answer.Code, answer.Body, bug)
			}
		}
	})
}
