package mutant

import (
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

// TestFiltersThatCompareNothing checks that no case has to exchange a comparison of a fake whose filters are
// equalities.
func TestFiltersThatCompareNothing(t *testing.T) {
	t.Parallel()
	for pages, want := range map[string]bool{
		`{"number": "page"}`:                     false,
		`{"number": "page", "conditions": true}`: false,
		`{"number": "page", "order": "sort"}`:    true,
		`{"number": "page", "filter": "where"}`:  true,
	} {
		spec, err := fake.LoadSpec([]byte(`{"openapi": "3.0.3", "info": {"title": "x", "version": "1"},
			"x-conduct": {"pages": ` + pages + `}, "paths": {"/parcels": {"get": {"operationId": "list",
				"x-evidence": "inferred", "x-source": "a guess",
				"parameters": [{"name": "page", "in": "query", "schema": {"type": "integer"}},
					{"name": "status", "in": "query", "schema": {"type": "string"}},
					{"name": "sort", "in": "query", "schema": {"type": "string"}},
					{"name": "where", "in": "query", "schema": {"type": "string"}}],
				"responses": {"200": {"description": "all"}}}}}}`))
		if err != nil {
			t.Fatal(err)
		}
		can, err := capabilitiesOf(&fake.Def{Name: "x", Spec: spec})
		if err != nil {
			t.Fatal(err)
		}
		if got := can.expected("comparison exchanged"); got != want {
			t.Errorf("%s: expected %t, want %t", pages, got, want)
		}
	}
}
