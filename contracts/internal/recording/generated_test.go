package recording

import (
	"strings"
	"testing"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/afba07b5/mockserver/fake"
)

// TestGeneratedIDs checks which values at places with x-minted a replay renames: numbers and codes of the server's, but
// no UUID, which has a shape, no plain word, and nothing that a request had first.
func TestGeneratedIDs(t *testing.T) {
	t.Parallel()
	spec, err := fake.LoadSpec([]byte(`{"openapi": "3.0.3", "info": {"title": "x", "version": "1"}, "paths": {
		"/parcels": {"post": {"operationId": "create", "x-evidence": "inferred", "x-source": "a guess",
			"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
			"responses": {"201": {"description": "made", "content": {"application/json": {"schema": {
				"type": "object", "properties": {
					"id": {"type": "string", "x-minted": true}, "code": {"type": "string"},
					"number": {"type": "integer", "x-minted": true}}}}}}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	router := fake.NewRouter(&fake.Def{Name: "x", Spec: spec})
	for _, test := range []struct{ about, asked, answer, want string }{
		{"a code and a number", `{}`, `{"id":"par_90f3de885165","code":"par_zz1234","number":12}`,
			"12 par_90f3de885165"},
		{"a UUID", `{}`, `{"id":"90f3de88-5165-46da-9bdb-ad3190f3de88"}`, ""},
		{"long hexadecimal digits", `{}`, `{"id":"par_90f3de88516546da9bdbad3190f3de88"}`, ""},
		{"a word", `{}`, `{"id":"delivered"}`, ""},
		{"a short code", `{}`, `{"id":"a1"}`, ""},
		{"the client's", `{"id":"par_90f3de885165"}`, `{"id":"par_90f3de885165"}`, ""},
	} {
		interactions := []*cassette.Interaction{{
			Request:  cassette.Request{Method: "POST", URL: "http://x/parcels", Body: test.asked},
			Response: cassette.Response{Code: 201, Body: test.answer},
		}}
		if got := strings.Join(GeneratedIDs(router, interactions), " "); got != test.want {
			t.Errorf("%s: found %q, want %q", test.about, got, test.want)
		}
	}
}
