package twenty

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

// The recorded documents are complete but for info.description, which the recorder left out, and so does the fake.
func TestDocumentsOfAFreshWorkspaceAreTheRecordedOnes(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	for _, name := range []string{"core", "metadata"} {
		text, err := os.ReadFile("testdata/openapi-" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		_, body := ask(t, srv, Key, "GET /rest/open-api/"+name, "")
		body = strings.ReplaceAll(body, srv.URL, "http://127.0.0.1:3000")
		var want, got map[string]any
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatalf("%v in %.200s", err, body)
		}
		differ(t, name, want, got)
	}
}

// differ reports where two documents differ, by their paths: a whole diff would not be readable.
func differ(t *testing.T, at string, want, got any) {
	t.Helper()
	w, isMap := want.(map[string]any)
	g, both := got.(map[string]any)
	if !isMap || !both {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-recorded +got):\n%s", at, diff)
		}
		return
	}
	for key := range w {
		if _, ok := g[key]; !ok {
			t.Errorf("%s.%s is missing", at, key)
			continue
		}
		differ(t, at+"."+key, w[key], g[key])
	}
	for key := range g {
		if _, ok := w[key]; !ok {
			t.Errorf("%s.%s is not recorded", at, key)
		}
	}
}
