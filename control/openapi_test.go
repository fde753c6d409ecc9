package control_test

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/afba07b5/mockserver/control"
)

// TestTheDocumentHasEveryRouteAndNoOther loads the document, and asks the server for each path which methods it knows.
func TestTheDocumentHasEveryRouteAndNoOther(t *testing.T) {
	t.Parallel()
	g := start(t, control.Options{Version: "1"})
	_, text := g.ask("GET /__admin/openapi.yaml", "")
	doc, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	for path, item := range doc.Paths.Map() {
		req, err := http.NewRequest("TRACE", g.url+strings.NewReplacer("{name}", "default", "{", "", "}",
			"").Replace(path), nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
		want := strings.Join(slices.Sorted(maps.Keys(item.Operations())), ", ")
		if got := res.Header.Get("Allow"); res.StatusCode != http.StatusMethodNotAllowed || got != want {
			t.Errorf("%s: the document has %s, the server answers %d and knows %s", path, want, res.StatusCode, got)
		}
	}
	for _, line := range g.must("GET /__admin", "")["routes"].([]any) {
		route := line.(map[string]any)
		item := doc.Paths.Value(strings.ReplaceAll(route["path"].(string), "...}", "}"))
		if item == nil || item.GetOperation(route["method"].(string)) == nil {
			t.Errorf("the document lacks %v %v", route["method"], route["path"])
		}
	}
}

// TestTheDocumentDescribesBodies looks for what clients send most.
func TestTheDocumentDescribesBodies(t *testing.T) {
	t.Parallel()
	g := start(t, control.Options{Version: "1"})
	_, text := g.ask("GET /__admin/openapi.yaml", "")
	doc, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for path, fields := range map[string][]string{
		"/__admin/worlds": {"name", "seed", "fork", "before", "settings"}, "/__admin/faults": {"fake", "nth", "fault"},
		"/__admin/worlds/{name}/clock/advance": {"by"}, "/__admin/requests/wait": {"count", "timeout",
			"urlPath"}, "/__admin/rewind": {"entry", "before"},
	} {
		body := doc.Paths.Value(path).Post.RequestBody.Value.Content["application/json"].Schema.Value
		for _, name := range fields {
			if body.Properties[name] == nil {
				t.Errorf("the body of POST %s lacks %s", path, name)
			}
		}
	}
}
