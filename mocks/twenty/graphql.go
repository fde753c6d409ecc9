package twenty

import (
	"bytes"
	"cmp"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/graphql"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// graphqlOps are the two GraphQL endpoints: records at /graphql, everything else at /metadata.
func (a *api) graphqlOps() fake.Ops {
	records, metadata := withDeadline(a.executing(a.graph.Records)),
		withDeadline(a.tellingMetadata(a.executing(a.graph.Metadata)))
	return fake.Ops{"postGraphql": records, "getGraphql": records, "postMetadata": metadata, "getMetadata": metadata}
}

// graphqlReads reports whether a request to GraphQL surely changes nothing: without the word it cannot be a
// mutation, unless the word hides behind an escape.
func graphqlReads(r *fake.Request) bool {
	if r.Op == nil || !graphqlPath(r.Op.Path) || r.HTTP.Method != http.MethodPost {
		return false
	}
	if media := mediaType(r); media != "application/json" && media != "application/graphql" {
		return false
	}
	return !bytes.Contains(r.Body(), []byte("mutation")) && !bytes.Contains(r.Body(), []byte(`\u`))
}

func graphqlPath(path string) bool { return path == "/graphql" || path == "/metadata" }

// failed is a named failure in the shape of GraphQL, which comes with status 200.
func failed(e *fake.Error) any {
	failure := graphql.Failure{Message: e.Message, Extensions: &graphql.Extensions{Code: "INTERNAL_SERVER_ERROR"}}
	switch e.Status {
	case http.StatusTooManyRequests:
		failure = *limitReached(e.Message)
	case http.StatusUnauthorized:
		failure.Extensions = &graphql.Extensions{Code: e.Code, UserFriendlyMessage: refusedTokens[e.Code]}
	}
	e.Status = http.StatusOK
	return map[string]any{"errors": []graphql.Failure{failure}, "data": nil}
}

// explorer stands for the page that browsers get, whatever the document: GraphiQL, which graphql-yoga (use-graphiql.ts)
// serves unless it is switched off, and for metadata the playground of its configuration. Documented: packages/
// twenty-server/src/engine/api/graphql/graphql-config/graphql-config.service.ts and metadata.module-factory.ts.
var explorer = []byte("<!doctype html><title>GraphQL</title><p>An explorer of the schema, at the vendor's.</p>\n")

// executing answers by one of the endpoints.
func (a *api) executing(execute func(graphql.Request) (graphql.Answer, error)) fake.Handler {
	return func(r *fake.Request) (any, error) {
		in := graphql.Request{Context: r.HTTP.Context(), Base: r.Base, ReadOnly: r.HTTP.Method != http.MethodPost,
			SchemaVersion: r.Header("X-Schema-Version")}
		if token := credentialOf(r.HTTP); token != "" {
			caller, err := identify(r.State, token, r.Now())
			if err != nil {
				return nil, unauthenticated(err)
			}
			in.Caller = caller
		}
		if r.HTTP.Method == http.MethodHead {
			return nil, onlyGetAndPost(r)
		}
		if r.HTTP.Method == http.MethodGet && strings.Contains(r.Header("Accept"), "text/html") {
			r.SetHeader("Content-Type", "text/html")
			return &fake.Response{Body: explorer}, nil
		}
		if e := unreadable(r); e != nil {
			r.Undo()
			r.Reject(e)
			return &fake.Response{Status: e.Status}, nil
		}
		if err := readDocument(r, &in); err != nil {
			return nil, asTaken(r, err)
		}
		out, err := execute(in)
		if err != nil {
			return nil, err
		}
		if out.Undo {
			r.Undo()
		}
		if len(out.Missing) > 0 {
			return nil, notImplemented(answered(r, out), out.Missing[0])
		}
		if len(out.Failures) > 0 {
			a.rejectDocument(r, in, out.Failures)
			return answered(r, out), nil
		}
		return answered(r, out), rate(r, out.Fields)
	}
}

// rate marks an answer as inferred if no recording shows one of its root fields.
func rate(r *fake.Request, fields []string) error {
	shown := messages().Recorded[strings.Replace(r.Op.ID, "get", "post", 1)] // GET and POST are one endpoint
	for _, name := range fields {
		if shown["{ "+name+" }"] == "" {
			return r.Rate(name, fake.Inferred, "no recording shows "+name)
		}
	}
	return nil
}

// generated matches what a message says about one row alone, which is no part of the rule.
var generated = regexp.MustCompile(` \(universalIdentifier: [^)]+\)`)

// rejectDocument notes the failures of a document as the rule that refused it.
func (a *api) rejectDocument(r *fake.Request, in graphql.Request, failures []*graphql.Failure) {
	rule := strings.Join(js.Map(failures[:min(len(failures), 10)],
		func(f *graphql.Failure) string { return f.Message }), "; ")
	table, id := failures[0].MissingRow()
	e := &fake.Error{Status: http.StatusOK, Message: rule, Rule: generated.ReplaceAllString(rule, ""),
		Body: failures, Table: table, ID: id}
	e.Repairs = func() []fake.Repair { return a.graph.Repairs(in, failures) }
	r.Reject(e)
}

// answered sends an answer in a type that the client accepts. GraphQL's own type has the status of
// the document's errors, plain JSON has 200. The executor of records ignores Accept:
// fixtures/twenty/graphql_errors 38 to 40. Inferred for the others: graphql-yoga 4.0.5, which gives
// all recorded answers.
func answered(r *fake.Request, out graphql.Answer) *fake.Response {
	if out.Type == graphql.EngineType {
		switch media := acceptableMediaType(r.Header("Accept")); {
		case media == "":
			r.Reject(notAcceptable())
			return &fake.Response{Status: http.StatusNotAcceptable}
		case media != plainJSON:
			out.Type, out.Status = media+"; charset=utf-8", cmp.Or(out.Strict, out.Status)
		}
	}
	r.SetHeader("Content-Type", out.Type)
	if out.Allow != "" {
		r.SetHeader("Allow", out.Allow)
	}
	return &fake.Response{Status: out.Status, Body: out.Body}
}

// asTaken renders an error in a type that the client accepts.
func asTaken(r *fake.Request, err error) error {
	if e, ok := err.(*fake.Error); ok && acceptableMediaType(r.Header("Accept")) == strictJSON {
		e.Status = http.StatusBadRequest
		e.Header.Set("Content-Type", strictJSON+"; charset=utf-8")
	}
	return err
}

// The types of answers that a client may ask for.
const (
	plainJSON  = "application/json"
	strictJSON = "application/graphql-response+json"
)

// acceptableMediaType is the first type of an Accept header that can be answered with, "" if none
// can. Streams come as JSON: the fake has none.
func acceptableMediaType(accept string) string {
	for _, kind := range strings.Split(strings.ToLower(cmp.Or(accept, "*/*")), ",") {
		media, _, _ := strings.Cut(strings.TrimSpace(kind), ";")
		switch media = strings.TrimSpace(media); media {
		case strictJSON:
			return media
		case plainJSON, "application/*", "*/*", "text/event-stream", "multipart/mixed":
			return plainJSON
		}
	}
	return ""
}

// The messages for people when a token is rejected, with the ids of their translations:
// fixtures/twenty/graphql_errors 2, rest_revoked_key 2.
var refusedTokens = map[string]graphql.Translated{
	"INVALID_JWT_TOKEN_TYPE": {ID: "XyOToQ", Message: "An error occurred."}, // fixtures/twenty/surface_auth 32
	"UNAUTHENTICATED":        {ID: "z+7x/s", Message: "You must be authenticated to perform this action."},
	"FORBIDDEN":              {ID: "q5OVn+", Message: "You do not have permission to perform this action."},
}

// unauthenticated converts the error of a rejected token into GraphQL's shape, with status 200.
func unauthenticated(err error) error {
	e, ok := err.(*fake.Error)
	if !ok {
		return err
	}
	code := "UNAUTHENTICATED"
	if e.Status == http.StatusForbidden {
		code = "FORBIDDEN"
	}
	told, ok := refusedTokens[e.Code]
	if !ok {
		told = refusedTokens[code]
	}
	failure := graphql.Failure{Message: e.Message,
		Extensions: &graphql.Extensions{Code: code, SubCode: e.Code, UserFriendlyMessage: told}}
	return failureResponse(http.StatusOK, "application/json", failure)
}

// failureResponse answers with failures and no data.
func failureResponse(status int, media string, failures ...graphql.Failure) *fake.Error {
	return &fake.Error{Status: status, Message: failures[0].Message, Header: http.Header{"Content-Type": {media}},
		Body: map[string]any{"errors": failures}, Rule: "the document cannot be executed"}
}

// onlyGetAndPost rejects every other method: kind_entrance_paths 34 to 36.
func onlyGetAndPost(r *fake.Request) error {
	r.SetHeader("Allow", "GET, POST")
	return failureResponse(http.StatusMethodNotAllowed, graphql.EngineType,
		graphql.Failure{Message: "GraphQL only supports GET and POST requests."})
}

func refuseDocument(status int, message string) *fake.Error {
	return failureResponse(status, graphql.EngineType, graphql.Failure{Message: message})
}

// documentTypes are the content types in which documents come.
var documentTypes = []string{"application/json", "application/graphql+json", "application/graphql",
	"application/x-www-form-urlencoded", "multipart/form-data"}

func notAcceptable() *fake.Error {
	return &fake.Error{Status: http.StatusNotAcceptable, Rule: "the client accepts an answer in JSON", Body: ""}
}

// unreadable returns the rule that rejects a request with an empty answer: a document must be JSON or
// application/graphql, and answers are JSON. Evidence: fixtures/twenty/graphql_errors 33 and 35.
func unreadable(r *fake.Request) *fake.Error {
	if r.HTTP.Method != http.MethodPost {
		if acceptableMediaType(r.Header("Accept")) == "" { // observed
			return notAcceptable()
		}
		return nil
	}
	if slices.Contains(documentTypes, mediaType(r)) {
		return nil
	}
	return &fake.Error{Status: http.StatusUnsupportedMediaType, Expected: documentTypes, Body: "",
		Rule: "a document comes as " + strings.Join(documentTypes, ", ")}
}

func mediaType(r *fake.Request) string {
	media, _, _ := mime.ParseMediaType(r.Header("Content-Type"))
	return media
}

// readDocument finds the document of a request: fixtures/twenty/graphql_errors 30 to 37.
func readDocument(r *fake.Request, in *graphql.Request) error {
	if in.ReadOnly {
		return fromValues(r.QueryValues(), in)
	}
	switch mediaType(r) {
	case jsonMedia:
		return fromBody(r.Decoded, in)
	case "application/graphql":
		in.Query = string(r.Body())
		return nil
	case formMedia: // inferred from the engine that the server uses
		return fromValues(searchParams(string(r.Body())), in)
	case "multipart/form-data":
		body, err := multipartDocument(r)
		if err != nil {
			return err
		}
		return fromBody(body, in)
	}
	body, err := js.ParseJSON(string(r.Body()))
	if err != nil && len(r.Body()) > 0 {
		return err
	}
	return fromBody(body, in)
}

func noQuery() error {
	e := refuseDocument(http.StatusOK, "Must provide query string.")
	e.Header.Set("Allow", "GET, POST")
	e.Repairs = func() []fake.Repair {
		return []fake.Repair{{In: "body", Path: []string{"query"}, Value: "{ __typename }"},
			{In: "query", Path: []string{"query"}, Value: "{ __typename }"}}
	}
	return e
}

// fromValues reads the parameters of an address, or a form, which the server reads as it reads JSON (inferred).
func fromValues(values url.Values, in *graphql.Request) error {
	if !values.Has("query") {
		return noQuery()
	}
	in.Query, in.Operation, in.Direct = values.Get("query"), values.Get("operationName"), !in.ReadOnly
	if text := values.Get("variables"); text != "" {
		variables, err := js.ParseJSON(text)
		object, ok := variables.(*js.Object)
		if err != nil || !ok {
			return refuseDocument(http.StatusBadRequest, "Variables are invalid JSON.") // inferred
		}
		in.Variables = object
	}
	return nil
}

// fromBody decodes a JSON body. Batches are rejected; the vendor never answers an empty one, which
// is rejected alike here (inferred).
func fromBody(body any, in *graphql.Request) error {
	if _, batch := body.([]any); batch {
		return refuseDocument(http.StatusBadRequest, "Batching is not supported.")
	}
	object, _ := body.(*js.Object)
	if object == nil {
		return noQuery()
	}
	in.RequestError = requestError(object)
	in.Variables, _ = object.Value("variables").(*js.Object)
	in.Query, _ = object.Value("query").(string)
	in.Direct = in.Query != ""
	switch name := object.Value("operationName").(type) {
	case nil:
	case string:
		in.Operation, in.EmptyOperationName = name, name == ""
	default:
		in.Operation = js.Inspect(name) // no operation has such a name
	}
	if in.RequestError == "" && object.Value("query") == nil {
		return noQuery()
	}
	return nil
}

// requestError returns the error in the members of a body. Inferred: graphql-yoga 4.0.5.
func requestError(body *js.Object) string {
	for _, m := range body.Members {
		if m.Value != nil && !slices.Contains([]string{"query", "variables", "operationName", "extensions"}, m.Key) {
			return fmt.Sprintf("Unexpected parameter \"%s\" in the request body.", m.Key)
		}
	}
	if kind := js.TypeOf(body.Value("query")); kind != "string" && kind != "null" {
		return fmt.Sprintf(`Expected "query" param to be a string, but given %s.`, kind)
	}
	for _, name := range []string{"variables", "extensions"} {
		if kind := js.TypeOf(body.Value(name)); kind != "object" && kind != "null" {
			return fmt.Sprintf("Expected %q param to be empty or an object, but given %s.", name, kind)
		}
	}
	return ""
}

// newGraph makes the GraphQL face of this world.
func (a *api) newGraph() *graphql.API {
	return &graphql.API{Store: a.records, Tables: a.tables, Take: a.takeToken, Try: a.Savepoint, Flags: a.flags,
		Tokens: sessionTokens{a}, Workflows: a.workflows, CopyDashboard: a.copyDashboard}
}

// takeToken takes a token of the rate limit, in the words of GraphQL: fixtures/twenty/rate_limit 104.
func (a *api) takeToken(caller *schema.Caller) error {
	err := a.take(caller)
	if err == nil {
		return nil
	}
	return limitReached(err.(*fake.Error).Message)
}

func limitReached(message string) *graphql.Failure {
	return &graphql.Failure{Message: message,
		Extensions: &graphql.Extensions{Code: "BAD_USER_INPUT", SubCode: "LIMIT_REACHED",
			UserFriendlyMessage: "Rate limit reached. Please try again later."}}
}

// flags are the feature flags of the workspace.
func (a *api) flags() []any {
	return []any{map[string]any{"key": "IS_REST_METADATA_API_NEW_FORMAT_DIRECT",
		"value": !a.World().Enabled(legacyFormat)}}
}
