package fake_test

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing/fstest"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/fake"
)

// files are the document and the seeds. A package under mocks embeds them: specgen writes openapi.json
// and seeds/*.json from the YAML.
var files = fstest.MapFS{
	"seeds/empty.json":   {Data: []byte(`{"tokens": [{"value": "jotter-demo", "owner": "ada"}]}`)},
	"seeds/default.json": {Data: []byte(`{"tokens": [{"value": "jotter-demo", "owner": "ada"}]}`)},
	"openapi.json": {Data: []byte(`{
  "openapi": "3.0.3", "info": {"title": "Jotter", "version": "1"},
  "paths": {
    "/v1/notes": {
      "get": {
        "operationId": "listNotes", "x-evidence": "documented", "x-source": "https://jotter.example/docs/notes",
        "parameters": [
          {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
          {"name": "offset", "in": "query", "schema": {"type": "integer", "minimum": 0}},
          {"name": "done", "in": "query", "schema": {"type": "boolean"}}],
        "responses": {
          "200": {"description": "All notes.", "content": {"application/json": {"schema": {
            "type": "array", "items": {"$ref": "#/components/schemas/Note"}}}}},
          "default": {"$ref": "#/components/responses/Error"}}},
      "post": {
        "operationId": "createNote", "x-evidence": "documented", "x-source": "https://jotter.example/docs/notes",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {
          "type": "object", "required": ["text"], "properties": {
            "text": {"type": "string", "maxLength": 80}, "done": {"type": "boolean"}}}}}},
        "responses": {
          "201": {"description": "The note.", "content": {"application/json": {"schema": {
            "$ref": "#/components/schemas/Note"}}}},
          "default": {"$ref": "#/components/responses/Error"}}}},
    "/v1/notes/{noteId}": {
      "parameters": [{"name": "noteId", "in": "path", "required": true, "schema": {"type": "string"}}],
      "get": {
        "operationId": "getNote", "x-evidence": "documented", "x-source": "https://jotter.example/docs/notes",
        "responses": {
          "200": {"description": "The note.", "content": {"application/json": {"schema": {
            "$ref": "#/components/schemas/Note"}}}},
          "default": {"$ref": "#/components/responses/Error"}}},
      "patch": {
        "operationId": "changeNote", "x-evidence": "documented", "x-source": "https://jotter.example/docs/notes",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {
          "type": "object", "properties": {
            "text": {"type": "string", "maxLength": 80}, "done": {"type": "boolean"}}}}}},
        "responses": {
          "200": {"description": "The note.", "content": {"application/json": {"schema": {
            "$ref": "#/components/schemas/Note"}}}},
          "default": {"$ref": "#/components/responses/Error"}}},
      "delete": {
        "operationId": "deleteNote", "x-evidence": "documented", "x-source": "https://jotter.example/docs/notes",
        "responses": {
          "204": {"description": "The note is gone."},
          "default": {"$ref": "#/components/responses/Error"}}}}},
  "components": {
    "schemas": {"Note": {
      "type": "object", "required": ["id", "text", "done", "createdAt"], "properties": {
        "id": {"type": "string", "format": "uuid"}, "text": {"type": "string"}, "done": {"type": "boolean"},
        "createdAt": {"type": "string", "format": "date-time"}}}},
    "responses": {"Error": {"description": "Every error.", "content": {"application/json": {"schema": {
      "type": "object", "required": ["error", "code"], "properties": {
        "error": {"type": "string"}, "code": {"type": "string"}}}}}}}}
}`)},
}

// document is read once and shared by all servers.
var document = sync.OnceValue(func() *fake.Spec { return fake.MustLoad(files) })

// Def describes the fake.
func Def() *fake.Def {
	return &fake.Def{
		Name:        "jotter",
		Title:       "Jotter",
		Hosts:       []string{"api.jotter.example"},
		Spec:        document(),
		Seeds:       files,
		New:         newAPI,
		Credential:  credentialOf,
		Credentials: newCredentials,
		Known:       knownCredentials,
		Auth:        authenticate,
		Error:       renderError,
		Evidence:    evidenceOf,
		Faults: map[string]fake.Fault{"down": {Error: &fake.Error{Status: http.StatusServiceUnavailable,
			Evidence: fake.Documented, Source: "https://jotter.example/docs/errors"}}},
		Example: "curl -H 'Authorization: Bearer {credential}' '{url}/v1/notes'",
	}
}

// New returns the fake as an Echo application.
func New(opts ...fake.Option) (*fake.App, error) { return fake.NewApp(Def(), opts...) }

// NewServer starts the fake for one test.
func NewServer(tb fake.TB, opts ...fake.Option) *fake.TestServer {
	tb.Helper()
	return fake.NewServer(tb, Def(), opts...)
}

// Token is a row of the table tokens.
type Token struct {
	Value string `json:"value"`
	Owner string `json:"owner"` // the principal
}

// Note is a row of the table notes, and what clients see of it.
type Note struct {
	ID        string `json:"id"`
	Text      string `json:"text"`
	Done      bool   `json:"done"`
	CreatedAt string `json:"createdAt"`
}

// api is the fake of one world.
type api struct {
	*fake.State
	tokens *fake.Table[Token]
	notes  *fake.Table[Note]
}

func newAPI(s *fake.State) fake.Ops {
	a := &api{State: s}
	fake.Bind(s, a)
	a.tokens = fake.NewTable(s, "tokens", func(t Token) string { return t.Value }, nil)
	a.notes = fake.NewTable(s, "notes", func(n Note) string { return n.ID }, a.fillNote)
	notes := fake.Resource[Note]{Table: a.notes, Param: "noteId", Rule: a.checkNote, Page: pageNotes}
	return fake.Ops{"listNotes": notes.List, "createNote": notes.Create, "getNote": notes.Get,
		"changeNote": notes.Update, "deleteNote": notes.Delete}
}

// fillNote sets the defaults of a note that a client or a seed creates.
func (a *api) fillNote(n *Note) {
	if n.ID == "" {
		n.ID = a.NewID()
	}
	if n.CreatedAt == "" {
		n.CreatedAt = a.Now().UTC().Format("2006-01-02T15:04:05Z")
	}
}

// checkNote validates a note before it is stored.
func (a *api) checkNote(_ *fake.Request, _, n *Note) error {
	if strings.TrimSpace(n.Text) == "" {
		return &fake.Error{Status: http.StatusUnprocessableEntity, Message: "text must not be blank",
			Rule: "a note has a text", Evidence: fake.Documented, Source: "https://jotter.example/docs/notes"}
	}
	return nil
}

// pageNotes filters and pages a list. Values of the query are texts that the document has checked; a default is ours to
// apply.
func pageNotes(r *fake.Request, rows []*fake.Row[Note]) ([]*fake.Row[Note], error) {
	if done := r.Query("done"); done != "" {
		rows = slices.DeleteFunc(rows, func(n *fake.Row[Note]) bool { return strconv.FormatBool(n.Value.Done) != done })
	}
	from := min(r.Int("offset", 0), len(rows))
	return rows[from:min(from+r.Int("limit", 20), len(rows))], nil
}

// credentialOf implements Def.Credential: it finds the token in a request.
func credentialOf(r *http.Request) string {
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

// authenticate implements Def.Auth.
func authenticate(r *fake.Request) error {
	token, ok := fake.Of[api](r.State).tokens.Find(credentialOf(r.HTTP))
	if !ok {
		return &fake.Error{Status: http.StatusUnauthorized, Message: "invalid token", Rule: "the token is known",
			Evidence: fake.Documented, Source: "https://jotter.example/docs/tokens"}
	}
	r.Caller = token
	return nil
}

// newCredentials implements Def.Credentials: a new world gets its own token for ada, by which requests reach it.
func newCredentials(s *fake.State, value string) []fake.Credential {
	if value == "" {
		value = s.NewToken("token") // hexadecimal digits, before which a vendor's prefix goes
	}
	s.RegisterCredential(value)
	_, err := fake.Of[api](s).tokens.Insert(Token{Value: value, Owner: "ada"})
	if err != nil {
		panic(err) // a generated token is new
	}
	return []fake.Credential{{Principal: "ada", Role: "everything", State: "valid", Value: value}}
}

// knownCredentials implements Def.Known: cases and worlds find the tokens of the seed by principal.
func knownCredentials(s *fake.State) (all []fake.Credential) {
	for t := range fake.Of[api](s).tokens.All() {
		all = append(all, fake.Credential{Principal: t.Owner, Role: "everything", State: "valid", Value: t.Value})
	}
	return all
}

// codes are the vendor's codes of errors. The core answers 400 to what breaks the document, 404 to unknown rows and
// paths, 405 (e.Allow has the methods), 409 to a row that exists, 413 to a body that is too long, 415 to another
// content type, and 500.
var codes = map[int]string{400: "invalid", 401: "unauthorized", 404: "not_found", 422: "invalid"}

// renderError implements Def.Error, for errors of the fake and of the core. It sets the code, which the journal shows.
func renderError(_ *fake.Request, e *fake.Error) any {
	e.Code = cmp.Or(codes[e.Status], "failed")
	return map[string]string{"error": e.Text(), "code": e.Code}
}

// evidenceOf implements Def.Evidence, for the errors of the core: unknown rows, violations of the document.
func evidenceOf(*fake.Request, *fake.Error) (evidence, source string) {
	return fake.Inferred, "the vendor does not say"
}

// recordings are cases of the fake, which are folders below fixtures. verify replays them.
var recordings = fstest.MapFS{
	"jotter/notes/case.yaml": {Data: []byte(`about: A note is created, changed, listed and deleted.
source: inferred
seed: empty
`)},
	"jotter/notes/steps.yaml": {Data: []byte(`headers: {Authorization: "Bearer {{credential:ada}}"}
steps:
  - request: {method: POST, url: /v1/notes, body: {text: buy milk}}
    response: {status: 201, body: {id: "{{note:uuid}}", text: buy milk, done: false, createdAt: "{{made:time}}"}}
  - request: {method: PATCH, url: "/v1/notes/{{note}}", body: {done: true}}
    response: {status: 200, body: {id: "{{note}}", text: buy milk, done: true, createdAt: "{{made}}"}}
  - request: {url: "/v1/notes?done=true&limit=2"}
    response: {status: 200, body: [{id: "{{note}}", text: buy milk, done: true, createdAt: "{{made}}"}]}
  - request: {url: /v1/notes?done=false}
    response: {status: 200, body: []}
  - request: {method: POST, url: /v1/notes, body: {text: " "}}
    response: {status: 422, body: {error: text must not be blank, code: invalid}}
  - request: {method: DELETE, url: "/v1/notes/{{note}}"}
    response: {status: 204}
  - request: {url: "/v1/notes/{{note}}"}
    response: {status: 404, body: {error: Not Found, code: not_found}}
`)},
}

// A fifth API: a document with five operations, a table of notes with their tokens, the dialect that
// authenticates and renders errors, and a case that verify replays. CONTRIBUTING.md says where the
// parts of it belong.
func Example() {
	app, err := fake.NewApp(Def())
	if err != nil {
		panic(err)
	}
	defer app.Close()
	for _, body := range []string{`{"text": "buy milk"}`, `{"text": " "}`, `{}`, "\xff"} {
		r := httptest.NewRequest("POST", "/v1/notes", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer jotter-demo")
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Header().Get("Mockserver-Evidence"))
		if w.Code >= 400 {
			fmt.Println(w.Body)
		}
	}

	suite, err := contracts.Load(recordings, contracts.Config{Fakes: []string{"jotter"}}, ".")
	if err != nil {
		panic(err)
	}
	target, err := contracts.InProcess(Def())
	if err != nil {
		panic(err)
	}
	suite.Replay(context.Background(), target, func(o *contracts.Outcome) { o.Show(os.Stdout, false) })
	// Output:
	// 201 documented
	// 422 documented
	// {"code":"invalid","error":"text must not be blank"}
	// 400 inferred
	// {"code":"invalid","error":"body text: property \"text\" is missing"}
	// 400 inferred
	// {"code":"invalid","error":"the body is not valid JSON"}
	// passed  jotter/notes  7/7 equal
}
