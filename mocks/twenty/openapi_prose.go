package twenty

import (
	_ "embed"
	"encoding/json"
	"strings"
	"sync"
	"unicode"

	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// withDescription adds a description. Responses must have one.
func withDescription(text string, to node) node {
	to["description"] = text
	return to
}

// describe adds the description of an object or a field, if it has one.
func describe(s node, text *string) node {
	if text != nil && *text != "" {
		s["description"] = *text
	}
	return s
}

func withExample(s node, example any) node {
	s["example"] = example
	return s
}

// exampleID stands where the vendor's document has a new UUID each time it is asked for.
const exampleID = "5f7c9f2e-2c0b-4c53-9a3c-0d8f6f3a7e11"

// exampleOf returns an example of a record to write: its name, its required fields, and values of
// types that clients often get wrong. The vendor generates new addresses, names and amounts for
// each document.
func exampleOf(m *schema.Model) node {
	out := node{}
	for _, a := range m.Attrs {
		switch value, ok := exampleValue(m, a); {
		case !a.IsActive:
		case ok:
			out[a.Name] = value
		case needed(a):
			out[a.Name] = neededValue(a)
		}
	}
	return out
}

func exampleValue(m *schema.Model, a *schema.Attr) (any, bool) {
	switch a.Type {
	case schema.Text:
		return startCase(m.NameSingular) + " name", a.Name == "name"
	case schema.Select, schema.MultiSelect:
		return firstOption(a)
	}
	example, ok := fixed("examples")[string(a.Type)]
	return example, ok
}

// startCase parts a name into words: messageList is Message List.
func startCase(name string) string {
	var out strings.Builder
	for i, c := range capital(name) {
		if i > 0 && unicode.IsUpper(c) {
			out.WriteByte(' ')
		}
		out.WriteRune(c)
	}
	return out.String()
}

func firstOption(a *schema.Attr) (any, bool) {
	switch {
	case len(a.Options) == 0:
		return nil, false
	case a.Type == schema.MultiSelect:
		return []string{a.Options[0].Value}, true
	}
	return a.Options[0].Value, true
}

// neededValue is the example of a field that every record needs.
func neededValue(a *schema.Attr) any {
	switch a.Type {
	case schema.UUID:
		return exampleID
	case schema.RawJSON:
		return node{}
	}
	return nil
}

//go:embed documents/openapi.json
var fixedText []byte

var fixedParts = sync.OnceValue(func() (parts map[string]json.RawMessage) {
	if err := json.Unmarshal(fixedText, &parts); err != nil {
		panic(err) // embedded
	}
	return parts
})

// fixed returns a part of the documents that is the same in all workspaces, described in our words.
func fixed(name string) (out node) {
	if err := json.Unmarshal(fixedParts()[name], &out); err != nil {
		panic(err) // embedded; the tests read every part
	}
	return out
}
