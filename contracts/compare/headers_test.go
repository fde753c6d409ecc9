package compare

import (
	"net/http"
	"strings"
	"testing"
)

func TestDeclaredHeadersAreCompared(t *testing.T) {
	t.Parallel()
	rec := http.Header{"Total": {"9"}, "X-Other": {"1"}, "Etag": {`"a"`}}
	got := http.Header{"Total": {"8"}, "X-Other": {"2"}, "Etag": {`"b"`}, "Set-Cookie": {"a=b"}}
	c := &Comparison{Binding: NewBinding(""), Rules: &Rules{}, Declared: []string{"Total"}, sameBody: true}
	c.CompareHeaders(rec, got)
	var paths []string
	for _, d := range c.Found {
		paths = append(paths, d.Path)
	}
	if got := strings.Join(paths, ", "); got != "header Etag, header Set-Cookie, header Total" {
		t.Errorf("different: %s", got)
	}
}
