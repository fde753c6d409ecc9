// Package samples has one write and one read of each fake, for the tests that want any: of worlds, of the tools for
// agents, of the screens, of a server that stops. Those are written once and run on every fake.
package samples

import (
	"fmt"
	"strings"
	"sync/atomic"
)

// Sample is a write and a read of one fake. Paths are those below the fake's base URL. The write is sent often, to one
// world and to many: it succeeds with every text, and its answer has the text once, as a JSON string of its own.
type Sample struct {
	Fake      string
	Principal string // who may do both in the seed default
	Header    string // of the credential: "Name: value" with %s
	Write     string // the path of a POST that makes a row in the default seed and, but for flosum, in empty
	// of the write: JSON, with "%s" for a text that is in the row, and {fresh} for a word of letters and digits that no
	// other write has, where a field is unique or takes no other text: "email":"{fresh}@example.com"
	Body      string
	Read      string // the path of a GET that shows the row
	Table     string // of the row
	Field     string // of the row that has the text, such as name or address.name
	Unknown   int    // the status for an unknown credential
	Rejection string // a part of the body of that answer
}

// CredentialHeader returns the header that sends a credential.
func (s *Sample) CredentialHeader(credential string) string { return fmt.Sprintf(s.Header, credential) }

// BodyOf returns a body of the write with a text, which stands between quotes and is encoded for that already.
func (s *Sample) BodyOf(text string) string { return strings.ReplaceAll(Fresh(s.Body), "%s", text) }

var writes atomic.Int64

// Fresh returns a body with a new word for {fresh}.
func Fresh(body string) string {
	return strings.ReplaceAll(body, "{fresh}", fmt.Sprint("fresh", writes.Add(1)))
}

// All has a sample of each fake, in the order of their ports.
var All = []*Sample{
	{
		Fake: "flosum", Principal: "ada", Header: "Authorization: Bearer %s",
		Write: "/api/v1/connections/2/templates/backup",
		Body: `{"name":"%s","type":"backup","templateSteps":[{"objectApiName":"Account","label":"Account",` +
			`"filterMode":"soql","soqlFilter":"Name != null","fieldsDescribe":[],"children":[]}]}`,
		Read:  "/api/v1/connections/2/templates?page=1&limit=100&types=backup",
		Table: "templates", Field: "name",
		Unknown: 401, Rejection: `{"message":"Unauthorized","error":null,"statusCode":401}`,
	},
	{
		Fake: "twenty", Principal: "recorder", Header: "Authorization: Bearer %s",
		Write: "/rest/companies", Body: `{"name":"%s"}`, Read: "/rest/companies?limit=60",
		Table: "record:company", Field: "name",
		Unknown: 401, Rejection: `{"statusCode":401,"messages":["Token invalid."],"error":"UNAUTHENTICATED"}`,
	},
	{
		Fake: "flexcrm", Principal: "admin", Header: "X-FlexCRM-API-KEY: %s",
		Write: "/flex/api/v1/department", Body: `{"name":"%s","code":"D999","rank":1}`,
		Read: "/flex/api/v1/department", Table: "departments", Field: "name",
		Unknown: 403, Rejection: `{"status":"error","error":"Forbidden"}`,
	},
	{
		Fake: "kickflow", Principal: "admin", Header: "Authorization: Bearer %s",
		Write: "/v1/categories", Body: `{"name":"%s"}`, Read: "/v1/categories?perPage=100",
		Table: "categories", Field: "name",
		Unknown: 401, Rejection: `"unauthorized"`,
	},
}
