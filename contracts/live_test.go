package contracts

import (
	"strconv"
	"testing"
)

func TestWhatWrites(t *testing.T) {
	t.Parallel()
	graphql := func(query string) string { return `{"query":` + strconv.Quote(query) + `}` }
	for _, test := range []struct {
		method, body string
		want         bool
	}{
		{"GET", "", false},
		{"HEAD", "", false},
		{"OPTIONS", "", false},
		{"DELETE", "", true},
		{"PATCH", graphql("{ a }"), true},
		{"POST", "", true},
		{"POST", `{"name":"query"}`, true},
		{"POST", `{"query":7}`, true},
		{"POST", graphql("{ a }"), false},
		{"POST", graphql("query A { a }"), false},
		{"POST", graphql("{ __schema { mutationType { name } } }"), false},
		{"POST", graphql("mutation { a }"), true},
		{"POST", graphql("query A { a } mutation B { b }"), true},
		{"POST", graphql("fragment F on T { a } mutation { b }"), true},
	} {
		if got := writes(test.method, test.body); got != test.want {
			t.Errorf("%s %s writes: %v, want %v", test.method, test.body, got, test.want)
		}
	}
}
