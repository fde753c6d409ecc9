package twenty

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

// The recorded documents are complete but for prose and examples, which fixtures/twenty/openapi_paths compares.
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
		for _, keys := range [][]string{{"components", "schemas"}, {"paths"}, {"webhooks"},
			{"components", "schemas", "CompanyForResponse", "properties"}} {
			if diff := cmp.Diff(keysAt(text, keys...), keysAt([]byte(body), keys...)); diff != "" && name == "core" {
				t.Errorf("order of %v (-recorded +got):\n%s", keys, diff)
			}
		}
		document, err := openapi3.NewLoader().LoadFromData([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		// Examples of amounts are texts, as the vendor's are.
		if err := document.Validate(t.Context(), openapi3.AllowExtraSiblingFields("webhooks"),
			openapi3.DisableExamplesValidation()); err != nil {
			t.Errorf("%s is no valid document: %.300v", name, err)
		}
	}
}

// keysAt returns the keys of an object inside a document, in their order.
func keysAt(document []byte, path ...string) (out []string) {
	for _, key := range path {
		var o map[string]json.RawMessage
		if json.Unmarshal(document, &o) != nil {
			return nil
		}
		document = o[key]
	}
	d := json.NewDecoder(bytes.NewReader(document))
	if _, err := d.Token(); err != nil {
		return nil
	}
	for d.More() {
		key, err := d.Token()
		var value json.RawMessage
		if err != nil || d.Decode(&value) != nil {
			return nil
		}
		out = append(out, key.(string))
	}
	return out
}

// differ reports where two documents differ, by their paths: a whole diff would not be readable.
func differ(t *testing.T, at string, want, got any) {
	t.Helper()
	wants, isList := want.([]any)
	gots, _ := got.([]any)
	if isList && len(wants) == len(gots) {
		for i := range wants {
			differ(t, at+"["+strconv.Itoa(i)+"]", wants[i], gots[i])
		}
		return
	}
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
		if _, ok := w[key]; !ok && !slices.Contains([]string{"description", "example", "examples"}, key) {
			t.Errorf("%s.%s is not recorded", at, key)
		}
	}
}
