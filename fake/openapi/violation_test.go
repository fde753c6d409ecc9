package openapi_test

import (
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
