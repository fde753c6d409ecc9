package conduct_test

import (
	"slices"
	"testing"

	"github.com/afba07b5/mockserver/conduct"
	"github.com/afba07b5/mockserver/fake/openapi"
)

func TestCredentialHeader(t *testing.T) {
	t.Parallel()
	const query = `"a":{"type":"apiKey","in":"query","name":"k"}`
	for schemes, want := range map[string]string{
		`null`: "Authorization: Bearer ",
		`{"b":{"type":"http","scheme":"bearer"}}`:               "Authorization: Bearer ",
		`{"b":{"type":"http","scheme":"Basic"}}`:                "Authorization: Basic ",
		`{` + query + `,"b":{"type":"http","scheme":"basic"}}`:  "Authorization: Basic ",
		`{"k":{"type":"apiKey","in":"header","name":"X-Shop"}}`: "X-Shop: ",
	} {
		name, before, err := conduct.CredentialHeader([]byte(`{"components":{"securitySchemes":` + schemes + `}}`))
		if got := name + ": " + before; err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", schemes, got, err, want)
		}
	}
	if _, _, err := conduct.CredentialHeader([]byte(`{`)); err == nil {
		t.Error("half a document has a header")
	}
}

func TestKeyNames(t *testing.T) {
	t.Parallel()
	for schemes, want := range map[string][]string{
		`{"b":{"type":"http","scheme":"bearer"}}`: nil,
		`{"k":{"type":"apiKey","in":"query","name":"sig"},"h":{"type":"apiKey","in":"header","name":"X-Shop"}}`: {
			"X-Shop", "sig"},
	} {
		spec, err := openapi.Load([]byte(`{"paths":{},"components":{"securitySchemes":` + schemes + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := conduct.KeyNames(spec); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", schemes, got, want)
		}
	}
}
