package fake_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
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
        "responses": {
          "200": {"description": "All notes.", "content": {"application/json": {"schema": {
            "type": "array", "items": {"$ref": "#/components/schemas/Note"}}}}},
          "default": {"$ref": "#/components/responses/Error"}}},
      "post": {
        "operationId": "createNote", "x-evidence": "documented", "x-source": "https://jotter.example/docs/notes",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {
          "type": "object", "required": ["text"], "properties": {"text": {"type": "string", "maxLength": 80}}}}}},
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
          "default": {"$ref": "#/components/responses/Error"}}}}},
  "components": {
    "schemas": {"Note": {
      "type": "object", "required": ["id", "text", "createdAt"],
      "properties": {"id": {"type": "string", "format": "uuid"}, "text": {"type": "string"},
        "createdAt": {"type": "string", "format": "date-time"}}}},
    "responses": {"Error": {"description": "Every error.", "content": {"application/json": {"schema": {
      "type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}}}}}}
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
		Example:     "curl -H 'Authorization: Bearer {credential}' '{url}/v1/notes'",
	}
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
	notes := fake.Resource[Note]{Table: a.notes, Param: "noteId", Rule: a.checkNote}
	return fake.Ops{"listNotes": notes.List, "createNote": notes.Create, "getNote": notes.Get}
}

// fillNote sets the defaults of a note that a client or a seed creates.
func (a *api) fillNote(n *Note) {
	if n.ID == "" {
		n.ID, n.CreatedAt = a.NewID(), a.Now().UTC().Format("2006-01-02T15:04:05Z")
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

// newCredentials implements Def.Credentials: a new world gets its own token for ada.
func newCredentials(s *fake.State, value string) []fake.Credential {
	if value == "" {
		value = s.NewToken("jotter_")
	}
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

// renderError implements Def.Error, for errors of the fake and of the core.
func renderError(_ *fake.Request, e *fake.Error) any {
	return map[string]string{"error": e.Text()}
}

// evidenceOf implements Def.Evidence, for the errors of the core: unknown rows, violations of the document.
func evidenceOf(*fake.Request, *fake.Error) (evidence, source string) {
	return fake.Inferred, "the vendor does not say"
}

// recordings are cases of the fake, which are folders below fixtures. verify replays them.
var recordings = fstest.MapFS{
	"jotter/notes/case.yaml": {Data: []byte("about: A note is created and read.\nsource: documented\nseed: empty\n")},
	"jotter/notes/steps.yaml": {Data: []byte(`headers: {Authorization: "Bearer {{credential:ada}}"}
steps:
  - request: {method: POST, url: /v1/notes, body: {text: buy milk}}
    response: {status: 201, body: {id: "{{note:uuid}}", text: buy milk, createdAt: "{{made:time}}"}}
  - request: {url: "/v1/notes/{{note:uuid}}"}
    response: {status: 200, body: {id: "{{note:uuid}}", text: buy milk, createdAt: "{{made:time}}"}}
  - request: {method: POST, url: /v1/notes, body: {text: " "}}
    response: {status: 422, body: {error: text must not be blank}}
`)},
}

// A fifth API: a document with three operations, a table of notes with their tokens, the dialect that
// authenticates and renders errors, and a case that verify replays. CONTRIBUTING.md says where the
// parts of it belong.
func Example() {
	app, err := fake.NewApp(Def())
	if err != nil {
		panic(err)
	}
	defer app.Close()
	for _, body := range []string{`{"text": "buy milk"}`, `{"text": " "}`, `{}`} {
		r := httptest.NewRequest("POST", "/v1/notes", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer jotter-demo")
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Header().Get("Mockserver-Evidence"))
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
	// 400 inferred
	// passed  jotter/notes  3/3 equal
}
