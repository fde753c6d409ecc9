package twenty

import (
	"cmp"
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

// TestEveryNameOfTheVendorIsHereOrNamedAsMissing asks for every root field of the recorded introspections. The fake
// knows each, and answers 501 for none that GET /__admin/fidelity does not list as missing. Of /metadata it has every
// type; the types of /graphql are compared whole elsewhere.
//
// testdata/vendor-names.txt has the names of the introspections of server 2.21.0.
func TestEveryNameOfTheVendorIsHereOrNamedAsMissing(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/vendor-names.txt")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, m := range unimplemented() {
		listed[m.Kind+" "+m.Name] = true
	}
	srv := NewServer(t, fake.WithSeed("empty"))
	documents := map[string]map[string]string{}
	for _, path := range []string{"/graphql", "/metadata"} {
		documents[path] = rootDocuments(t, srv, path)
	}
	types, counts := typeNames(t, srv), map[string]int{}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		path, kind, name := words[0], words[1], words[2]
		counts[path+" "+kind]++
		if kind == "type" {
			if !slices.Contains(types, name) {
				t.Errorf("%s has no type %s", path, name)
			}
			continue
		}
		status, got := sendMissing(t, srv, http.MethodPost, path,
			`{"query":"`+cmp.Or(documents[path][kind+" "+name], kind+"{"+name+"}")+`"}`)
		missing := listed[kind+" of "+path+" "+name]
		switch {
		case missing != (status == http.StatusNotImplemented):
			t.Errorf("%s %s of %s: listed as missing %v, answered %d %.200s", kind, name, path, missing, status, got)
		case missing && !strings.Contains(got, `"code":"NOT_IN_THIS_FAKE"`):
			t.Errorf("%s %s of %s is missing and answers %.200s", kind, name, path, got)
		case status >= 500 && !missing || strings.Contains(got, "Cannot query field"):
			t.Errorf("%s %s of %s: %d %.200s", kind, name, path, status, got)
		}
	}
	for what, n := range map[string]int{"/graphql query": 86, "/graphql mutation": 282, "/metadata query": 107,
		"/metadata mutation": 225, "/metadata type": 494} {
		if counts[what] < n {
			t.Errorf("%d names of %s, want %d", counts[what], what, n)
		}
	}
}

func typeNames(t *testing.T, srv *fake.TestServer) (names []string) {
	t.Helper()
	_, text := sendMissing(t, srv, http.MethodPost, "/metadata", `{"query":"{__schema{types{name}}}"}`)
	var answer struct {
		Data struct {
			Schema struct{ Types []introspected } `json:"__schema"`
		}
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatal(err)
	}
	for _, def := range answer.Data.Schema.Types {
		names = append(names, def.Name)
	}
	return names
}

// TestEveryOperationOfTheVendorsDocumentsIsHereOrNamedAsMissing sends a request for every method and path of the
// recorded OpenAPI documents. The server itself rejects two kinds of them: paths of restored records by their number
// (fixtures/twenty/kind_entrance_paths) and the documents below their own prefix.
func TestEveryOperationOfTheVendorsDocumentsIsHereOrNamedAsMissing(t *testing.T) {
	t.Parallel()
	parameter := regexp.MustCompile(`\{[^}]*\}`)
	srv := NewServer(t, fake.WithSeed("empty"))
	for name, prefix := range map[string]string{"openapi-core.json": "/rest",
		"openapi-metadata.json": "/rest/metadata"} {
		text, err := os.ReadFile("testdata/" + name)
		var document struct {
			Paths map[string]map[string]json.RawMessage
		}
		if err == nil {
			err = json.Unmarshal(text, &document)
		}
		if err != nil || len(document.Paths) < 27 {
			t.Fatalf("%s: %d paths, %v", name, len(document.Paths), err)
		}
		for path, item := range document.Paths {
			restored := strings.HasPrefix(path, "/restore/") && strings.HasSuffix(path, "}")
			if restored || strings.HasPrefix(path, "/open-api/") {
				continue
			}
			for method := range item {
				method = strings.ToUpper(method)
				if !slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, method) {
					continue
				}
				at := prefix + parameter.ReplaceAllString(path, "20202020-0000-4000-8000-000000000001")
				body := ""
				if method != http.MethodGet {
					body = "{}"
				}
				status, got := sendMissing(t, srv, method, at, body)
				entries, _ := srv.Journal.Entries()
				if last := entries[len(entries)-1]; last.Operation == "" && status != http.StatusNotImplemented ||
					strings.Contains(got, "Cannot "+method) {
					t.Errorf("%s %s: %d %.200s", method, at, status, got)
				}
			}
		}
	}
}
