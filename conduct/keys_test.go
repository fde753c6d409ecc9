package conduct_test

import (
	"slices"
	"testing"

	"github.com/afba07b5/mockserver/conduct"
	"github.com/afba07b5/mockserver/fake/openapi"
)

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
