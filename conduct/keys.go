package conduct

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake/openapi"
)

// CredentialHeader returns the header in which clients send a credential, by the security schemes of a document, and
// what stands before the credential in it: of an API key nothing, of HTTP's Basic "Basic ", and else "Bearer ". Of
// several schemes the first by name counts that is a header's API key or Basic.
func CredentialHeader(document []byte) (name, before string, err error) {
	var text struct {
		Components struct {
			SecuritySchemes map[string]struct{ Type, Scheme, In, Name string }
		}
	}
	if err := json.Unmarshal(document, &text); err != nil {
		return "", "", err
	}
	schemes := text.Components.SecuritySchemes
	for _, key := range slices.Sorted(maps.Keys(schemes)) {
		switch s := schemes[key]; {
		case s.Type == "apiKey" && s.In == "header":
			return s.Name, "", nil
		case s.Type == "http" && strings.EqualFold(s.Scheme, "basic"):
			return "Authorization", "Basic ", nil
		}
	}
	return "Authorization", "Bearer ", nil
}

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
