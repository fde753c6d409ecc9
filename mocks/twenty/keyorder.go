package twenty

import (
	"net/http"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// arranged puts the keys of an answer of the metadata API into the server's order: a stored row has the order of its
// columns, an object that code builds has the order of the code. An OpenAPI document gets the usual order.
func arranged(r *fake.Request, status int, body []byte) []byte {
	if r.Op == nil || len(body) == 0 || body[0] != '{' && body[0] != '[' {
		return body
	}
	order := documentOrder
	if resource, ok := strings.CutPrefix(r.Op.Path, "/rest/metadata/"); ok {
		order = metadataOrder(r.HTTP.Method, resource, status)
	} else if !strings.Contains(r.Op.Path, "/open-api/") {
		return body
	}
	value, err := js.ParseJSON(string(body))
	if err != nil {
		panic(err) // it was encoded here
	}
	jsonb.Arrange(value, "", order)
	return jsonb.Encode(value)
}

// metadataOrder returns the orders in an answer about a resource. A read answers in the
// order of the database, a write in that of the code which wrote the resource.
func metadataOrder(method, resource string, status int) func(path string) []string {
	resource, _, _ = strings.Cut(resource, "/")
	names := []string{method + " " + resource, "WRITE " + resource, resource}
	switch {
	case status >= http.StatusBadRequest:
		names = []string{"refusal"}
	case method == http.MethodGet || method == http.MethodHead:
		names = []string{"READ " + resource, resource}
	}
	var root []string
	for _, name := range names {
		if root == nil {
			root = schema.KeyOrder(name)
		}
	}
	return func(path string) []string {
		if path == "" || path == ".data" {
			return root
		}
		return schema.KeyOrder(path)
	}
}

// documentOrder leaves the names of properties and the keys of examples as they are.
func documentOrder(path string) []string {
	if strings.HasSuffix(path, ".properties") || strings.HasSuffix(path, ".example") {
		return []string{}
	}
	return schema.KeyOrder("openapi")
}
