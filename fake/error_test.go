package fake_test

import (
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

func TestErrorInWords(t *testing.T) {
	t.Parallel()
	size := fake.Violation{In: "body", Path: []string{"size"}, Reason: "number must be at least 1"}
	for _, test := range []struct {
		err  fake.Error
		want string
	}{
		{fake.Error{Status: 400, Code: "invalid", Message: "no"}, "400 invalid no"},
		{fake.Error{Status: 404, Table: "books", ID: "7"}, `404 no "7" in books`},
		{fake.Error{Status: 400, Code: "invalid", Violations: []fake.Violation{size}}, "400 invalid; " + size.String()},
	} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}
