package twenty

import (
	"bytes"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/graphql"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// graphqlOps are the two GraphQL endpoints: records at /graphql, everything else at /metadata.
func (t *api) graphqlOps() fake.Ops {
	records, metadata := inTime(t.executing(t.graph.Records)), inTime(t.executing(t.graph.Metadata))
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

// executing answers by one of the endpoints.
func (t *api) executing(execute func(graphql.Request) (graphql.Answer, error)) fake.Handler {
	return func(r *fake.Request) (any, error) {
		in := graphql.Request{Context: r.HTTP.Context(), Base: r.Base, ReadOnly: r.HTTP.Method != http.MethodPost}
		if token := bearer(r.HTTP); token != "" {
			caller, err := identify(r.State, token, r.Now())
			if err != nil {
				return nil, unauthenticated(err)
			}
			in.Caller = caller
		}
		if status := unreadable(r); status != 0 {
			r.Undo()
			return &fake.Response{Status: status}, nil
		}
		if err := readDocument(r, &in); err != nil {
			return nil, err
		}
		out, err := execute(in)
		if err != nil {
			return nil, err
		}
		if out.Undo {
			r.Undo()
		}
		r.SetHeader("Content-Type", out.Type)
		if out.Allow != "" {
			r.SetHeader("Allow", out.Allow)
		}
		return &fake.Response{Status: out.Status, Body: out.Body}, nil
	}
}

// The texts that people read when a token is refused, with the ids that their translations have:
// fixtures/twenty/graphql_errors 2, rest_revoked_key 2.
var refusedTokens = map[string]graphql.Translated{
	"UNAUTHENTICATED": {ID: "z+7x/s", Message: "You must be authenticated to perform this action."},
	"FORBIDDEN":       {ID: "q5OVn+", Message: "You do not have permission to perform this action."},
}

// unauthenticated turns the refusal of a token into GraphQL's shape, which comes with status 200.
func unauthenticated(err error) error {
	e, ok := err.(*fake.Error)
	if !ok {
		return err
	}
	code := "UNAUTHENTICATED"
	if e.Status == http.StatusForbidden {
		code = "FORBIDDEN"
	}
	failure := graphql.Failure{Message: e.Message, Extensions: &graphql.Extensions{Code: code, SubCode: e.Code, UserFriendlyMessage: refusedTokens[code]}}
	return plainRefusal(http.StatusOK, "application/json", failure)
}

// plainRefusal answers with failures and no data.
func plainRefusal(status int, media string, failures ...graphql.Failure) *fake.Error {
	return &fake.Error{Status: status, Message: failures[0].Message, Header: http.Header{"Content-Type": {media}}, Body: map[string]any{"errors": failures},
		Rule: "the document cannot be executed", Source: "fixtures/twenty/graphql_errors"}
}

const charset = "application/json; charset=utf-8"

func refuseDocument(status int, message string) *fake.Error {
	return plainRefusal(status, charset, graphql.Failure{Message: message})
}

// unreadable is the status of a request whose answer is empty: a document comes as JSON or as
// application/graphql, and answers are JSON. Evidence: fixtures/twenty/graphql_errors 33 and 35.
func unreadable(r *fake.Request) int {
	if r.HTTP.Method != http.MethodPost {
		if !accepts(r.Header("Accept")) {
			return http.StatusNotAcceptable // observed
		}
		return 0
	}
	switch mediaType(r) {
	case "application/json", "application/graphql+json", "application/graphql", "application/x-www-form-urlencoded":
		return 0
	}
	return http.StatusUnsupportedMediaType
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
	case "application/graphql":
		in.Query = string(r.Body())
		return nil
	case "application/x-www-form-urlencoded": // inferred from the engine that the server uses
		values, err := url.ParseQuery(string(r.Body()))
		if err != nil {
			return refuseDocument(http.StatusBadRequest, "POST body sent invalid parameters.")
		}
		return fromValues(values, in)
	}
	return fromBody(r, in)
}

// accepts reports whether a client takes JSON.
func accepts(header string) bool {
	for _, kind := range []string{"*/*", "application/*", "json"} {
		if strings.Contains(header, kind) {
			return true
		}
	}
	return header == ""
}

func noQuery() error {
	e := refuseDocument(http.StatusOK, "Must provide query string.")
	e.Header.Set("Allow", "GET, POST")
	return e
}

func fromValues(values url.Values, in *graphql.Request) error {
	if !values.Has("query") {
		return noQuery()
	}
	in.Query, in.Operation = values.Get("query"), values.Get("operationName")
	if text := values.Get("variables"); text != "" {
		variables, err := record.ParseJSON(text)
		object, ok := variables.(*record.Object)
		if err != nil || !ok {
			return refuseDocument(http.StatusBadRequest, "Variables are invalid JSON.") // inferred
		}
		in.Variables = object
	}
	return nil
}

// fromBody reads a JSON body. Batches are refused; the vendor never answers an empty one, which is refused
// alike here (inferred).
func fromBody(r *fake.Request, in *graphql.Request) error {
	body, err := record.ParseJSON(string(r.Body()))
	if err != nil && len(r.Body()) > 0 {
		return err
	}
	if _, batch := body.([]any); batch {
		return refuseDocument(http.StatusBadRequest, "Batching is not supported.")
	}
	object, _ := body.(*record.Object)
	if object == nil {
		return noQuery()
	}
	in.Operation, _ = object.Value("operationName").(string)
	in.Variables, _ = object.Value("variables").(*record.Object)
	switch query := object.Value("query").(type) {
	case nil:
		return noQuery()
	case string:
		in.Query, in.Direct = query, query != ""
		return nil
	}
	return refuseDocument(http.StatusBadRequest, `Expected "query" param to be a string.`) // inferred
}

// newGraph makes the GraphQL face of this world.
func (t *api) newGraph() *graphql.API {
	return &graphql.API{Store: t.records, Tables: t.tables, Take: t.taken, Try: t.Try, Flags: t.flags,
		Mint: func(key schema.APIKey) string {
			return mint(claims{Sub: key.WorkspaceID, WorkspaceID: key.WorkspaceID, Type: apiKeyToken, Jti: key.ID, Nonce: t.NewID(), Iat: t.Now().Unix(), Exp: expires})
		}}
}

// taken takes a token of the rate limit, in the words of GraphQL: fixtures/twenty/rate_limit 104.
func (t *api) taken(caller *schema.Caller) error {
	err := t.take(caller)
	if err == nil {
		return nil
	}
	return limitReached(err.(*fake.Error).Message)
}

func limitReached(message string) *graphql.Failure {
	return &graphql.Failure{Message: message, Extensions: &graphql.Extensions{Code: "BAD_USER_INPUT", SubCode: "LIMIT_REACHED",
		UserFriendlyMessage: "Rate limit reached. Please try again later."}}
}

// flags are the feature flags of the workspace.
func (t *api) flags() []any {
	return []any{map[string]any{"key": "IS_REST_METADATA_API_NEW_FORMAT_DIRECT", "value": !t.World().Feature(legacyFormat)}}
}
