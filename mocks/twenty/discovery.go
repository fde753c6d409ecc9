package twenty

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// discoveryJSON holds the documents in which the server describes itself, by operation; {base} is
// its address. The rest are the settings of the recorded server:
// fixtures/twenty/client_config_and_wellknown.
//
//go:embed documents/discovery.json
var discoveryJSON []byte

// discoveryHeaders are the headers that only some of them have.
var discoveryHeaders = map[string]map[string]string{
	"getMcpServerCard": {"Cache-Control": "public, max-age=3600"},
	"getApiCatalog": {"Cache-Control": "public, max-age=3600",
		"Content-Type": `application/linkset+json; charset=utf-8; profile="https://www.rfc-editor.org/info/rfc9727"`},
}

// discoveryOps answer what clients ask before they know the server: its configuration, its OAuth
// metadata, its MCP card.
func discoveryOps() fake.Ops {
	var documents map[string]json.RawMessage
	if err := json.Unmarshal(discoveryJSON, &documents); err != nil {
		panic(err) // embedded
	}
	ops := fake.Ops{"getAdminPanel": adminPanel}
	for name, document := range documents {
		ops[name] = discoveryHandler(name, document)
	}
	return ops
}

func discoveryHandler(name string, document json.RawMessage) fake.Handler {
	var compact bytes.Buffer
	if err := json.Compact(&compact, document); err != nil {
		panic(err) // embedded
	}
	text := compact.String()
	if name == "getApiCatalog" { // the one document that the server indents
		compact.Reset()
		_ = json.Indent(&compact, document, "", "  ") // it is valid
		text = compact.String()
	}
	return func(r *fake.Request) (any, error) {
		for header, value := range discoveryHeaders[name] {
			r.SetHeader(header, value)
		}
		return fake.Raw(strings.ReplaceAll(text, "{base}", r.Base)), nil
	}
}

// adminPanel is the third GraphQL endpoint, of which the fake has no operation.
func adminPanel(r *fake.Request) (any, error) {
	if !r.QueryValues().Has("query") {
		return nil, noQuery()
	}
	return nil, &fake.Error{Status: 501, Code: "NOT_IN_THIS_FAKE", Message: "The admin panel is not in this fake.",
		Rule: "the fake has no admin panel"}
}
