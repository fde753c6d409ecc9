package openapi_test

import (
	"net/http"
	"testing"

	"github.com/afba07b5/mockserver/fake/openapi"
)

// TestTextIsForClients: the library's reason for a format is its pattern.
func TestTextIsForClients(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		violation openapi.Violation
		want      string
	}{
		{openapi.Violation{In: "body", Path: []string{"visit", "at"}, Rule: "format", Limit: "date-time",
			Reason: `string doesn't match pattern "^[0-9]{4}"`}, "body visit.at is no date-time"},
		{openapi.Violation{In: "query", Path: []string{"page"}, Rule: "type"},
			"query page has another type than the document says"},
		{openapi.Violation{In: "body", Rule: "syntax", Reason: "unexpected end"}, "the body is not valid JSON"},
		{openapi.Violation{In: "query", Path: []string{"page"}, Rule: "minimum", Reason: "number must be at least 1"},
			"query page: number must be at least 1"},
	} {
		if got := test.violation.Text(); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

// TestReasons checks what a refused request is told: no limit as 1e+06, no capital within a sentence, no blank before a
// colon.
func TestReasons(t *testing.T) {
	t.Parallel()
	spec, err := openapi.Load([]byte(`{"openapi": "3.0.3", "info": {"title": "x", "version": "1"}, "paths": {
		"/parcels": {"post": {"operationId": "create", "x-evidence": "inferred", "x-source": "a guess",
			"requestBody": {"required": true, "content": {"application/json": {"schema": {
				"type": "object", "properties": {
					"weight": {"type": "integer", "minimum": -1000000, "maximum": 1000000},
					"to": {"type": "string", "minLength": 2}}}}}},
			"responses": {"201": {"description": "made"}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]string{
		`{"weight": 1000001}`:  "body weight: number must be at most 1000000 (maximum)",
		`{"weight": -1000001}`: "body weight: number must be at least -1000000 (minimum)",
		`{"weight": null}`:     "body weight: value must not be null (nullable)",
		`{"to": "a"}`:          "body to: minimum string length is 2 (minLength)",
		`[]`:                   "body: value must be an object (type)",
	} {
		found, err := spec.Operations()[0].Validate(&openapi.Input{Path: parameters{}, Body: []byte(body),
			HTTP: &http.Request{Header: http.Header{"Content-Type": {"application/json"}}}})
		if err != nil || len(found) != 1 || found[0].String() != want {
			t.Errorf("%s: %v, %v; want %s", body, found, err, want)
		}
	}
}
