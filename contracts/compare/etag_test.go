package compare

import (
	"net/http"
	"testing"
)

func TestEntityTagsBelongToTheirBodies(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, rec, got string
		same, differ   bool
	}{
		{"the same body", `W/"a"`, `W/"a"`, true, false},
		{"another tag for the same body", `W/"a"`, `W/"b"`, true, true},
		{"another tag for another body", `W/"a"`, `W/"b"`, false, false},
		{"a strong one", `W/"a"`, `"b"`, false, true},
		{"none", `W/"a"`, "", false, true},
		{"one too many", "", `"b"`, false, true},
	} {
		header := func(tag string) http.Header {
			if tag == "" {
				return http.Header{}
			}
			return http.Header{"Etag": {tag}}
		}
		c := &Comparison{Binding: NewBinding("2026-11-28"), Rules: &Rules{}, sameBody: test.same}
		c.CompareHeaders(header(test.rec), header(test.got))
		if (len(c.Found) > 0) != test.differ {
			t.Errorf("%s: %v", test.name, c.Found)
		}
	}
}
