package fake_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
)

// book is the only resource of the toy fake for the core's tests.
type book struct {
	ID     string   `json:"id"`
	Title  string   `json:"title"`
	Shelf  string   `json:"shelf"`
	Tags   []string `json:"tags"`
	MadeAt string   `json:"madeAt"`
	Pages  int      `json:"pages,omitempty"`
}

const toyDocument = `{
  "openapi": "3.0.3", "info": {"title": "Library", "version": "1"},
  "paths": {
    "/books": {
      "get": {"operationId": "listBooks", "x-evidence": "documented", "x-source": "toy",
        "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1}}],
        "responses": {"200": {"description": "", "content": {"application/json": {"schema": {"type": "array",
         "items": {"$ref": "#/components/schemas/Book"}}}}}, "400": {"description": ""}}},
      "post": {"operationId": "createBook", "x-evidence": "documented", "x-source": "toy", "x-body-limit": 1000,
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object",
         "required": ["title"],
          "properties": {"title": {"type": "string", "maxLength": 40}, "shelf": {"type": "string"},
           "tags": {"type": "array", "items": {"type": "string"}}, "pages": {"type": "integer"}}}}}},
        "responses": {"201": {"description": "",
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Book"}}}},
         "400": {"description": ""}, "401": {"description": ""}, "409": {"description": ""},
         "413": {"description": ""}, "415": {"description": ""}}}
    },
    "/books/{bookId}": {
      "parameters": [{"name": "bookId", "in": "path", "required": true, "schema": {"type": "string"}}],
      "get": {"operationId": "getBook", "x-evidence": "documented", "x-source": "toy",
        "responses": {"200": {"description": "",
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Book"}}}},
         "404": {"description": ""}}},
      "patch": {"operationId": "updateBook", "x-evidence": "inferred", "x-source": "toy",
        "requestBody": {"content": {"application/json": {"schema": {"type": "object",
         "properties": {"title": {"type": "string"}, "shelf": {"type": "string"},
         "tags": {"type": "array", "items": {"type": "string"}}}}}}},
        "responses": {"200": {"description": "",
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Book"}}}},
         "404": {"description": ""}, "409": {"description": ""}}},
      "delete": {"operationId": "deleteBook", "x-evidence": "documented", "x-source": "toy",
        "responses": {"200": {"description": ""}, "404": {"description": ""}, "409": {"description": ""}}}
    },
    "/burn": {"post": {"operationId": "burn", "x-evidence": "documented", "x-source": "toy",
     "responses": {"200": {"description": ""}, "409": {"description": ""}}}},
    "/remind": {"post": {"operationId": "remind", "x-evidence": "documented", "x-source": "toy",
     "responses": {"200": {"description": ""}}}},
    "/panic": {"post": {"operationId": "panic", "x-evidence": "documented", "x-source": "toy",
     "responses": {"200": {"description": ""}}}}
  },
  "components": {"schemas": {"Book": {"type": "object", "required": ["id", "title", "tags", "madeAt"],
    "properties": {"id": {"type": "string"}, "title": {"type": "string"}, "shelf": {"type": "string"},
     "madeAt": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}}}}}}
}`

const toySeed = `{"books": [{"id": "b1", "title": "Emma", "shelf": "A", "tags": ["novel"], "madeAt": "1815"},` +
	` {"id": "b2", "title": "Dune", "shelf": "B", "tags": [], "madeAt": "1965"}]}`

// toy is a fake of an imaginary vendor.
func toy() *fake.Def {
	spec, err := fake.LoadSpec([]byte(toyDocument))
	if err != nil {
		panic(err)
	}
	return &fake.Def{
		Name: "library", Spec: spec, Hosts: []string{"api.library.test", "*.library.test"},
		Seeds: fstest.MapFS{"seeds/default.json": {Data: []byte(toySeed)},
			"seeds/empty.json": {Data: []byte("{}")}},
		New: newToy,
		Credential: func(r *http.Request) string {
			return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		},
		Auth: func(r *fake.Request) error {
			if r.Header("Authorization") == "Bearer bad" {
				return &fake.Error{Status: 401, Code: "unauthorized", Rule: "the token must be known"}
			}
			return nil
		},
		Evidence: func(*fake.Request, *fake.Error) (evidence, source string) { return fake.Inferred, "toy" },
		Error: func(_ *fake.Request, e *fake.Error) any {
			return map[string]any{"code": e.Code, "status": e.Status, "violations": len(e.Violations)}
		},
		Faults: map[string]fake.Fault{"closed": {Error: &fake.Error{Status: 503, Code: "closed"}}},
	}
}

type toyAPI struct {
	*fake.State
	books *fake.Table[book]
}

func newToy(s *fake.State) fake.Ops {
	k := &toyAPI{State: s}
	k.books = fake.NewTable(s, "books", func(b book) string { return b.ID }, func(b *book) {
		if b.ID == "" {
			b.ID, b.MadeAt = s.NewID(), s.Now().Format("2006-01-02T15:04:05.000Z")
		}
		if b.Tags == nil {
			b.Tags = []string{}
		}
	})
	table.Index(k.books, "title", true, func(b book) []string { return []string{b.Title} })
	s.RegisterJob("reshelve", func(json.RawMessage) error {
		table.Each(k.books, func(b book) book { b.Shelf = "reminded " + s.Now().Format("15:04"); return b })
		return nil
	})
	books := fake.Resource[book]{Table: k.books, Param: "bookId"}
	return fake.Ops{
		"listBooks": books.List, "createBook": books.Create, "getBook": books.Get, "updateBook": books.Update,
		"deleteBook": books.Delete,
		"burn":       k.burn,
		"remind": func(r *fake.Request) (any, error) {
			s.ScheduleJob(r.Now().Add(1e9*3600), "reshelve", nil)
			return nil, nil
		},
		"panic": func(*fake.Request) (any, error) { k.books.Delete("b1"); panic("on purpose") },
	}
}

// burn removes every row and then fails.
func (k *toyAPI) burn(*fake.Request) (any, error) {
	k.books.DeleteIf(func(book) bool { return true })
	fake.NewTable(k.State, "ashes", func(b book) string { return b.ID }, nil)
	return nil, &fake.Error{Status: 409, Code: "forbidden_fruit"}
}

// call makes a request and returns status and body.
func call(t testing.TB, method, url, body string, headers ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}
