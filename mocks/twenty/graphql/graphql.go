// Package graphql is the GraphQL face of a workspace: records, whose types follow the metadata, and the
// metadata themselves. It knows no HTTP; the root package reads requests and calls [API.Records] for
// /graphql and [API.Metadata] for /metadata:
//
//	api := graphql.New(graphql.API{Store: store, Tables: tables, ...})
//	answer := api.Records(graphql.Request{Query: "{ companies { totalCount } }", Direct: true, Caller: caller})
//
// Documents about records are executed as they are parsed, without validation, the way the vendor does:
// fields that an object has not are null, variables have no types, arguments below the root do nothing.
// Everything else goes through an engine that validates first, as graphql-js does.
//
// Known differences from the vendor: suggestions know the names that are here and no others; type definitions
// in a document are a syntax error; a search takes every sign as part of a word, where the vendor's query
// text gives some of other scripts a meaning; subscriptions are refused, and clients that take streams get
// JSON; of /metadata there is what metadata.graphql lists; a document has at most
// 50,000 tokens, its fragments 2,000 selections, its answer at most 64 MiB, and the work for it ten seconds.
package graphql

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/query"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/workflow"
)

// API answers the documents of one world.
type API struct {
	Store  *record.Store
	Tables *schema.Tables
	Take   func(*schema.Caller) error  // takes a token of the rate limit
	Tokens Tokens                      // issues and reads tokens
	Flags  func() []any                // the workspace's feature flags, as the schema has them
	Try    func(do func() error) error // runs a part of a write, which leaves nothing behind if it fails

	Workflows *workflow.Engine

	CopyDashboard func(ctx context.Context, caller *schema.Caller, id string) (*js.Object, error)
}

// names are the root fields for one state of the metadata, and its types once they are needed.
type names struct {
	roots map[string]root
	types func() *typeSystem
}

// Request is one document and who sends it.
type Request struct {
	Context   context.Context // when it ends, work on the document does
	Query     string
	Operation string         // its name, "" if none was said
	Variables *js.Object     // may be nil
	Caller    *schema.Caller // nil for strangers
	Direct    bool           // sent as JSON by POST: only then are records executed
	ReadOnly  bool           // sent by GET
	Base      string         // under which the client reaches the fake

	EmptyOperationName bool   // its name was said, and is empty
	RequestError       string // error of the request outside the document; /graphql ignores it
	SchemaVersion      string // the version of the metadata that the client believes in, "" if it does not say
}

// Answer is the whole answer.
type Answer struct {
	Status int
	Strict int // the status for clients that take GraphQL's own content type, 0 for the same
	Type   string
	Body   []byte
	Allow  string
	Undo   bool // nothing is to be kept of what happened

	Failures []*Failure // those of Body
	Fields   []string   // the root fields that answered, of a document that was validated

	Missing []Missing // root fields that the document asks for and that are not here
}

// The content types of answers: the vendor's own, and that of the underlying engine.
const (
	own        = "application/json"
	EngineType = "application/json; charset=utf-8"
	reason     = "text/plain;charset=UTF-8"
)

// call is what resolvers know of a request.
type call struct {
	*API
	context context.Context
	caller  *schema.Caller
	base    string
	flags   []any
	tables  *schema.Tables
	bug     error // what no client may see
}

func (a *API) call(r Request) *call {
	return &call{API: a, context: r.Context, caller: r.Caller, base: r.Base, flags: a.Flags(), tables: a.Tables}
}

// failure returns the client's view of an error. An error of another type is a bug.
func (c *call) failure(err error) *Failure {
	if f := asFailure(err); f != nil {
		return f
	}
	c.bug = err
	return crash(err.Error())
}

// names returns the root fields as the metadata are now.
func (a *API) names() *names { return schema.Derived(a.Tables.Schema(), newNames) }

func newNames(now *schema.Schema) *names {
	n := &names{roots: map[string]root{}, types: sync.OnceValue(func() *typeSystem { return schemaOf(now) })}
	for _, m := range now.Models {
		for _, r := range rootsOf(m) {
			n.roots[r.name] = r
		}
	}
	return n
}

func (c *call) types() *typeSystem { return c.API.names().types() }

// count is how many records of an object there are.
func (c *call) count(m *schema.Model) (int, error) {
	none := 0.0
	page, err := query.NewScope(c.context, c.Store, c.caller, m).Find(query.Query{First: &none})
	if err != nil {
		return 0, err
	}
	return page.Total, nil
}

// Records answers a document sent to /graphql. The error reports a bug.
func (a *API) Records(r Request) (Answer, error) {
	c := a.call(r)
	if r.Caller == nil || !r.Direct {
		return c.executeValidated(coreEngine(), r)
	}
	doc, failure := parse(r.Query, r.Operation)
	if failure != nil || doc.operation == nil || doc.operation.Operation == ast.Subscription {
		return c.executeValidated(coreEngine(), r)
	}
	names, fields := a.names(), doc.roots()
	records, others := 0, 0
	for _, f := range fields {
		if _, ok := names.roots[f.Name]; ok {
			records++
		} else if f.Name != "__schema" && f.Name != "__type" {
			others++
		}
	}
	switch {
	case others > 0 && records > 0:
		return answer(http.StatusOK, own, nil, coded(badInput,
			"This query cannot be executed as a single request. Please split it into separate queries.")), nil
	case others > 0:
		return c.executeValidated(coreEngine(), r)
	}
	return c.direct(doc, fields, r.Variables)
}

// Metadata answers a document sent to /metadata.
func (a *API) Metadata(r Request) (Answer, error) {
	return a.call(r).executeValidated(metadataOf(a.Tables.Version()), r)
}

// answer makes an answer out of data and failures.
func answer(status int, typ string, data []byte, failures ...*Failure) Answer {
	return Answer{Status: status, Type: typ, Body: appendAnswer(nil, data, failures), Undo: len(failures) > 0,
		Failures: failures}
}

// executeValidated answers a document by an engine that validates.
func (c *call) executeValidated(e *schemaExecutor, r Request) (Answer, error) {
	if r.RequestError != "" {
		out := answer(http.StatusBadRequest, EngineType, nil, bare(r.RequestError))
		if !strings.HasPrefix(r.RequestError, "Unexpected") {
			out.Allow = "GET, POST"
		}
		return out, nil
	}
	doc, failure := parse(r.Query, r.Operation)
	if failure != nil {
		return invalidRequest(failure), nil
	}
	switch {
	case doc.operation == nil && r.Operation == "" && doc.count > 1 && e == coreEngine() && r.Direct && r.Caller != nil:
		return Answer{Status: http.StatusInternalServerError, Type: reason, Failures: []*Failure{bare(ambiguous +
			" [stack]")}, Body: []byte(ambiguous + "\n    at graphql"), Undo: true}, nil
	case doc.operation == nil, r.EmptyOperationName:
		return answer(http.StatusBadRequest, EngineType, nil,
			bare("Could not determine what operation to execute.")), nil
	case r.ReadOnly && doc.operation.Operation == ast.Mutation:
		refused := answer(http.StatusMethodNotAllowed, EngineType, nil,
			bare("Can only perform a mutation operation from a POST request."))
		refused.Allow = http.MethodPost
		return refused, nil
	}
	missing, undeclared := e.missing(doc)
	if failures := e.validate(doc, r.Caller == nil); len(failures) > 0 && !undeclared {
		if r.Caller != nil && r.SchemaVersion != "" &&
			r.SchemaVersion != strconv.Itoa(c.tables.Workspace().MetadataVersion) {
			return invalidRequest(outdated), nil
		}
		return invalidRequest(failures...), nil
	}
	if len(missing) > 0 {
		return notImplemented(missing), nil
	}
	if at := doc.operation.Position; doc.operation.Operation == ast.Subscription { // inferred: graphql-js
		none := located("Schema is not configured to execute subscription operation.",
			gqlerror.Location{Line: at.Line, Column: at.Column})
		return answer(http.StatusOK, EngineType, nil, none), nil
	}
	variables, failures := e.coerceVariables(doc.operation, r.Variables)
	if len(failures) > 0 {
		return answer(http.StatusBadRequest, EngineType, nil, failures...), nil
	}
	body, failures := e.execute(c, doc, variables)
	out := Answer{Status: http.StatusOK, Type: EngineType, Body: body, Failures: failures, Fields: doc.rootNames(),
		Undo: len(failures) > 0 || doc.operation.Operation != ast.Mutation}
	for _, f := range failures {
		if f.missing != nil {
			m := *f.missing
			m.Endpoint = e.endpoint()
			out.Status, out.Missing = http.StatusNotImplemented, append(out.Missing, m)
		}
	}
	return out, c.bug
}

// ambiguous is the error of what looks for records, before the stack of the server:
// fixtures/twenty/graphql_errors 27.
const ambiguous = "GraphQLError: Must provide operation name when document contains multiple operations."

// endpoint returns the path under which an engine answers.
func (e *schemaExecutor) endpoint() string {
	if e == coreEngine() {
		return "/graphql"
	}
	return "/metadata"
}

// invalidRequest is the answer to a document that cannot be executed.
func invalidRequest(failures ...*Failure) Answer {
	out := answer(http.StatusOK, EngineType, nil, failures...)
	out.Strict = http.StatusBadRequest
	return out
}

// outdated is the answer to an outdated front end of the vendor's, in place of the document's
// errors. Inferred from the vendor's source.
var outdated = &Failure{Message: "Schema version mismatch.", Extensions: &Extensions{Code: "SCHEMA_VERSION_MISMATCH",
	UserFriendlyMessage: "Your workspace has been updated with a new data model. Please refresh the page."}}
