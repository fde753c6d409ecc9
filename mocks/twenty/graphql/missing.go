package graphql

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// Missing is a root field that the vendor has and this package does not.
type Missing struct{ Endpoint, Kind, Name, Source string }

// withoutResolver returns the root fields of an engine's schema that nothing resolves.
func withoutResolver(e *schemaExecutor) map[string]Missing {
	out := map[string]Missing{}
	for _, root := range []*ast.Definition{e.types.schema.Query, e.types.schema.Mutation} {
		for _, f := range root.Fields {
			if key := root.Name + "." + f.Name; e.resolvers[key] == nil && !strings.HasPrefix(f.Name, "__") {
				out[key] = Missing{"/metadata", strings.ToLower(root.Name), f.Name,
					"the introspection of server 2.21.0"}
			}
		}
	}
	return out
}

// AllMissing returns the root fields that the vendor has and this package does not.
func AllMissing() (all []Missing) {
	for _, e := range []*schemaExecutor{coreEngine(), metadataEngine()} {
		for _, key := range slices.Sorted(maps.Keys(e.absent)) {
			all = append(all, e.absent[key])
		}
	}
	return all
}

// missing returns the root fields of a document that the vendor has and this engine does not. A
// document with one that the schema does not declare cannot be validated.
func (e *schemaExecutor) missing(d *document) (found []Missing, undeclared bool) {
	root := e.types.schema.Query
	if d.operation.Operation == ast.Mutation {
		root = e.types.schema.Mutation
	}
	for _, f := range d.roots() {
		if m, ok := e.absent[root.Name+"."+f.Name]; ok {
			found, undeclared = append(found, m), undeclared || root.Fields.ForName(f.Name) == nil
		}
	}
	return found, undeclared
}

// notHere returns the failure for a feature that the vendor has and the fake lacks. Its code is not
// the vendor's.
func notHere(kind, name string) *Failure {
	f := coded(fake.NotInThisFake, "The "+kind+" "+name+" is not in this fake.")
	f.missing = &Missing{Kind: kind, Name: name, Source: "server 2.21.0 does it"}
	return f
}

// notImplemented answers a document that asks for missing fields.
func notImplemented(missing []Missing) Answer {
	failures := js.Map(missing, func(m Missing) *Failure { return notHere(m.Kind, m.Name) })
	out := answer(http.StatusNotImplemented, EngineType, nil, failures...)
	out.Missing = missing
	return out
}
