package twenty

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
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
func (a *api) discoveryOps() fake.Ops {
	var documents map[string]json.RawMessage
	if err := json.Unmarshal(discoveryJSON, &documents); err != nil {
		panic(err) // embedded
	}
	ops := fake.Ops{"getAdminPanel": adminPanel}
	for name, document := range documents {
		ops[name] = a.discoveryHandler(name, document)
	}
	return ops
}

// discoveryHandler answers with one document. The recorded server was built without a number of its version, which the
// vendor's images have; a world that is set to a version says it as they do.
func (a *api) discoveryHandler(name string, document json.RawMessage) fake.Handler {
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
		answer := strings.ReplaceAll(text, "{base}", r.Base)
		if name == "getClientConfig" && a.World().StringSetting(schema.VersionSetting) != "" {
			answer = `{"appVersion":"` + a.tables.Version().Server + `",` + answer[1:]
		}
		return fake.Raw(answer), nil
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
