package twenty

import (
	"encoding/json"
	"sync"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/graphql"
)

// missingPaths are the paths of server 2.21.0 that the fake does not have, as patterns of http.ServeMux.
var missingPaths = []struct{ source, pattern string }{
	{"named by /.well-known/oauth-authorization-server of server 2.21.0", "GET /authorize"},
	{"named by /.well-known/oauth-authorization-server of server 2.21.0", "POST /oauth/token"},
	{"named by /.well-known/oauth-authorization-server of server 2.21.0", "POST /oauth/register"},
	{"named by /.well-known/oauth-authorization-server of server 2.21.0", "POST /oauth/revoke"},
	{"named by /.well-known/oauth-authorization-server of server 2.21.0", "POST /oauth/introspect"},
	{"routes of applications, in the vendor's documentation", "/s/{path...}"},
}

// unimplemented is Def.Unimplemented.
var unimplemented = sync.OnceValue(func() (all []fake.Unimplemented) {
	for _, p := range missingPaths {
		all = append(all, fake.Unimplemented{Kind: "path", Name: p.pattern, Source: p.source})
	}
	for _, m := range graphql.AllMissing() {
		all = append(all, missingField(m))
	}
	return all
})

func missingField(m graphql.Missing) fake.Unimplemented {
	return fake.Unimplemented{Kind: m.Kind + " of " + m.Endpoint, Name: m.Name, Source: m.Source}
}

// notImplemented converts the answer to a document into an error, so that the journal names the
// missing feature.
func notImplemented(answer *fake.Response, m graphql.Missing) *fake.Error {
	e := missingField(m).Error()
	e.Status, e.Body = answer.Status, json.RawMessage(answer.Body)
	return e
}
