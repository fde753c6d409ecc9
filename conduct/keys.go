package conduct

import (
	"encoding/json"
	"slices"

	"github.com/afba07b5/mockserver/fake/openapi"
)

// KeyNames returns the names of the headers, query parameters and cookies in which clients send API keys, sorted.
func KeyNames(spec *openapi.Spec) (names []string) {
	var text struct {
		Components struct {
			SecuritySchemes map[string]struct{ Type, Name string }
		}
	}
	if err := json.Unmarshal(spec.JSON(), &text); err != nil {
		return nil // Load has read it, so a scheme is no object
	}
	for _, scheme := range text.Components.SecuritySchemes {
		if scheme.Type == "apiKey" {
			names = append(names, scheme.Name)
		}
	}
	slices.Sort(names)
	return names
}
