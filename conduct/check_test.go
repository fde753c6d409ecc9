package conduct_test

import (
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/conduct"
	"github.com/afba07b5/mockserver/mocks"
)

const document = `{"openapi":"3.0.3","info":{"title":"Shop","version":"1"},
	"x-conduct":{"pages":{"number":"page","size":"limit","items":"/data"}},
	"paths":{
		"/things":{"get":{"operationId":"listThings","x-evidence":"inferred","x-source":"test",
			"parameters":[{"$ref":"#/components/parameters/page"},
				{"name":"limit","in":"query","schema":{"type":"integer"}}],
			"responses":{"200":{"description":"a page","content":{"application/json":{"schema":{"type":"object",
				"properties":{"data":{"type":"array","items":{"$ref":"#/components/schemas/Thing"}}}}}}}}}},
		"/things/{id}":{"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"integer"}}],
			"get":{"operationId":"getThing","x-evidence":"inferred","x-source":"test",
				"responses":{"200":{"description":"a thing"}}}}},
	"components":{"parameters":{"page":{"name":"page","in":"query","schema":{"type":"integer"}}},
		"schemas":{"Thing":{"type":"object","properties":{"id":{"type":"integer"}}}}}}`

// TestDocumentsOfTheFakes checks documents that specgen has not written since a check was added.
func TestDocumentsOfTheFakes(t *testing.T) {
	t.Parallel()
	for _, def := range mocks.All() {
		if err := conduct.Check(def.Spec.JSON()); err != nil {
			t.Errorf("mocks/%s/openapi.yaml: %v", def.Name, err)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	if err := conduct.Check([]byte(document)); err != nil {
		t.Error(err)
	}
	named := strings.Replace(document, `"number":"page"`, `"undeclared":true,"number":"pag"`, 1)
	if err := conduct.Check([]byte(named)); err != nil {
		t.Errorf("a list that reads parameters its document does not have: %v", err)
	}
	for _, test := range []struct{ name, old, new, want string }{
		{"no evidence", `"x-evidence":"inferred",`, "",
			`get /things: has operationId "listThings", x-source "test" and ` +
				`x-evidence ""; needs all three`},
		{"a reference to nothing", "schemas/Thing", "schemas/Thin", `"Thin" not found`},
		{"a type that is none", `"type":"integer"`, `"type":"int"`, `unsupported 'type' value "int"`},
		{"a list without a schema of its items", `"items":{"$ref"`, `"item":{"$ref"`, "'items' must be non-null"},
		{"a part of a path that is no parameter", "/things/{id}", "/things/{thing}",
			`getThing: the path /things/{thing} has {thing}, which is none of its parameters in path: ["id"]`},
		{"an unknown key of x-conduct", `"number":`, `"numbr":`, `x-conduct: json: unknown field "numbr"`},
		{"a parameter that no operation has", `"number":"page"`, `"number":"pag"`,
			`x-conduct: pages: no operation has the query parameter "pag"; there are limit, page`},
		{"a pointer to nothing", `"/data"`, `"/rows"`,
			"x-conduct: pages: items is /rows, and the answer of listThings has data there"},
	} {
		err := conduct.Check([]byte(strings.Replace(document, test.old, test.new, 1)))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
	}
}
