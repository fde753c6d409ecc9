package explain_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/afba07b5/mockserver/explain"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
)

const people = `{"openapi": "3.0.3", "info": {"title": "People", "version": "1"}, "paths": {"/people": {"post": {
	"operationId": "createPerson", "x-evidence": "inferred", "x-source": "a guess",
	"requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object",
		"required": ["email", "code"], "properties": {
			"email": {"type": "string", "pattern": "^[^@]+@[^@]+$"},
			"code": {"type": "string", "pattern": "^[a-z0-9]+$"}}}}}},
	"responses": {"201": {"description": "made"}, "default": {"description": "refused"}}}}}}`

// person is a row with two unique values, of which the first does not distinguish upper and lower case.
type person struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Code  string `json:"code"`
}

// TestTakenValues checks that the nearest request has another value in the place of one that is unique and taken, of a
// fake that leaves the refusal to the core.
func TestTakenValues(t *testing.T) {
	t.Parallel()
	spec, err := fake.LoadSpec([]byte(people))
	if err != nil {
		t.Fatal(err)
	}
	seed := &fstest.MapFile{Data: []byte(`{"people": [{"id": "p1", "email": "ada@example.com", "code": "ada"},
		{"id": "p2", "email": "ben@example.com", "code": "ben"}]}`)}
	srv := fake.NewServer(t, &fake.Def{Name: "people", Title: "People", Spec: spec,
		Seeds: fstest.MapFS{"seeds/default.json": seed, "seeds/empty.json": seed},
		Auth:  func(*fake.Request) error { return nil },
		Evidence: func(*fake.Request, *fake.Error) (evidence, source string) {
			return fake.Inferred, "a guess"
		},
		New: func(s *fake.State) fake.Ops {
			all := fake.NewTable(s, "people", func(p person) string { return p.ID }, func(p *person) {
				if p.ID == "" {
					p.ID = s.NewID()
				}
			})
			table.Index(all, "email", true, func(p person) []string { return []string{strings.ToLower(p.Email)} })
			table.Index(all, "code", true, func(p person) []string { return []string{p.Code} })
			return fake.Ops{"createPerson": fake.Resource[person]{Table: all, Param: "id"}.Create}
		}})
	for body, want := range map[string]string{
		`{"email":"Ada@example.com","code":"eve"}`: `{"email":"Ada2@example.com","code":"eve"}`,
		`{"email":"eve@example.com","code":"ben"}`: `{"email":"eve@example.com","code":"ben2"}`,
	} {
		resp, err := http.Post(srv.URL+"/people", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		entries, _ := srv.World.Journal.Entries()
		x, err := explain.Request(srv.Server, srv.World, entries[len(entries)-1])
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != 409 || x.Valid == nil || x.Valid.Body != want || len(x.Rules) != 1 {
			t.Errorf("%s: %d, %+v, nearest %+v; want %s", body, resp.StatusCode, x.Rules, x.Valid, want)
		}
	}
}
