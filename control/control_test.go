package control_test

import (
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/control"
	_ "github.com/afba07b5/mockserver/internal/pace"
)

// TestAnswers is the table of simple requests: preparation, request, status, part of the answer.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		before []string // requests, each with its body after "|"
		req    string
		body   string
		want   int
		part   string
	}{
		{name: "health", req: "GET /__admin/health", want: 200, part: `"status":"healthy"`},
		{name: "ready", req: "GET /__admin/ready", want: 200, part: `"ready"`},
		{name: "version", req: "GET /__admin/version", want: 200, part: `"version":"v-test"`},
		{name: "the index lists the routes", req: "GET /__admin", want: 200, part: `"path":"/__admin/worlds"`},
		{
			name: "an unknown path names the nearest",
			req:  "GET /__admin/helth",
			want: 404,
			part: `nearest: \"/__admin/health\"`,
		},
		{name: "a wrong method names the right ones", req: "PATCH /__admin/worlds", want: 405, part: "GET, POST"},
		{
			name:   "reset brings the seed back",
			before: []string{`POST /alpha/notes|{"text":"x"}`, "POST /__admin/reset|"},
			req:    "GET /alpha/notes",
			want:   200,
			part:   `[{"id":"n1","text":"first"}]`,
		},
		{name: "settings stand in a frame", req: "GET /__admin/settings", want: 200, part: `{"settings":{`},
		{
			name:   "settings change at run time",
			before: []string{`PUT /__admin/settings|{"limitsOff":true}`},
			req:    "GET /__admin/settings",
			want:   200,
			part:   `"limitsOff":true`,
		},
		{
			name: "an unknown setting names the nearest",
			req:  "PUT /__admin/settings",
			body: `{"limitOff":true}`,
			want: 400,
			part: `nearest: \"limitsOff\"`,
		},
		{
			name:   "worlds list themselves",
			before: []string{`POST /__admin/worlds|{"name":"w"}`},
			req:    "GET /__admin/worlds",
			want:   200,
			part:   `"name":"w"`,
		},
		{name: "a name is made up", req: "POST /__admin/worlds", want: 201, part: `"name":"world-1"`},
		{
			name: "a world's name fits a path and a host",
			req:  "POST /__admin/worlds",
			body: `{"name":"a/b"}`,
			want: 400,
			part: "letters",
		},
		{
			name:   "a name is taken once",
			before: []string{`POST /__admin/worlds|{"name":"w"}`},
			req:    "POST /__admin/worlds",
			body:   `{"name":"w"}`,
			want:   409,
			part:   "exists",
		},
		{
			name:   "a world starts from a seed",
			before: []string{`POST /__admin/worlds|{"name":"w","seed":{"alpha":"empty"}}`},
			req:    "GET /__world/w/alpha/notes",
			want:   200,
			part:   `[]`,
		},
		{
			name: "an unknown seed names the nearest",
			req:  "POST /__admin/worlds",
			body: `{"seed":{"alpha":"emty"}}`,
			want: 400,
			part: `nearest: \"empty\"`,
		},
		{
			name: "an unknown fake names the nearest",
			req:  "POST /__admin/worlds",
			body: `{"seed":{"alfa":"empty"}}`,
			want: 400,
			part: `nearest: \"alpha\"`,
		},
		{
			name: "seed and fork exclude each other",
			req:  "POST /__admin/worlds",
			body: `{"fork":"default","seed":{"alpha":"empty"}}`,
			want: 400,
			part: "not from both",
		},
		{name: "an unknown world is refused", req: "GET /__admin/worlds/nope", want: 404, part: "no world"},
		{name: "the default world stays", req: "DELETE /__admin/worlds/default", want: 409, part: "reset it instead"},
		{
			name:   "a dropped world is gone",
			before: []string{`POST /__admin/worlds|{"name":"w"}`, "DELETE /__admin/worlds/w|"},
			req:    "GET /__admin/worlds/w",
			want:   404,
		},
		{
			name:   "a fork has the rows of its origin",
			before: []string{`POST /alpha/notes|{"text":"mine"}`, `POST /__admin/worlds|{"name":"w","fork":"default"}`},
			req:    "GET /__world/w/alpha/notes",
			want:   200,
			part:   `"mine"`,
		},
		{
			name: "reset of a world",
			before: []string{`POST /__admin/worlds|{"name":"w"}`, `POST /__world/w/alpha/notes|{"text":"x"}`,
				"POST /__admin/worlds/w/reset|"},
			req:  "GET /__world/w/alpha/notes",
			want: 200,
			part: `[{"id":"n1","text":"first"}]`,
		},
		{name: "the state as JSON", req: "GET /__admin/state", want: 200, part: `"notes":[{"id":"n1","text":"first"}]`},
		{name: "the state as YAML", req: "GET /__admin/state?format=yaml", want: 200, part: "text: first"},
		{
			name:   "state can be put as YAML",
			before: []string{"PUT /__admin/state|alpha:\n  notes:\n  - {id: n9, text: put}\n"},
			req:    "GET /alpha/notes",
			want:   200,
			part:   `[{"id":"n9","text":"put"}]`,
		},
		{
			name: "state of an unknown table is refused",
			req:  "PUT /__admin/state",
			body: `{"alpha":{"note":[]}}`,
			want: 422,
			part: `nearest: \"notes\"`,
		},
		{
			name: "fidelity",
			req:  "GET /__admin/fidelity",
			want: 200,
			part: `"operation":"createNote","method":"POST","path":"/notes","evidence":"documented",` +
				`"source":"the manual"`,
		},
		{name: "fidelity lists what the vendor alone has", req: "GET /__admin/fidelity", want: 200,
			part: `"missing":[{"fake":"alpha","kind":"path","name":"GET /files/{id}","source":"the manual"},` +
				`{"fake":"beta"`},
		{
			name: "fidelity knows the cases, sorted",
			req:  "GET /__admin/fidelity",
			want: 200,
			part: `"source":"fixtures/toy/list","cases":["fixtures/toy/all","fixtures/toy/list"],` +
				`"recorded":"2026-01-02"`,
		},
		{
			name: "the document of a fake, as YAML",
			req:  "GET /alpha/openapi.yaml",
			want: 200,
			part: "operationId: createNote",
		},
		{
			name: "the document of a fake, as JSON",
			req:  "GET /__world/default/alpha/openapi.json",
			want: 200,
			part: `"operationId":"createNote"`,
		},
		{name: "deliveries", req: "GET /__admin/deliveries", want: 200, part: `"deliveries":[]`},
		{name: "a body that is no JSON", req: "POST /__admin/worlds", body: `{"name":`, want: 400, part: "the body"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := start(t, control.Options{Version: "v-test", CasesOf: casesOfToy})
			for _, one := range c.before {
				what, body, _ := strings.Cut(one, "|")
				if status, text := g.ask(what, body); status >= 300 {
					t.Fatalf("%s answered %d %s", what, status, text)
				}
			}
			status, text := g.ask(c.req, c.body)
			if status != c.want || !strings.Contains(text, c.part) {
				t.Errorf("%s answered %d %s\nwant %d with %s", c.req, status, text, c.want, c.part)
			}
		})
	}
}

// casesOfToy knows the cases of one operation.
func casesOfToy(_, operation string) ([]string, string) {
	if operation != "listNotes" {
		return nil, ""
	}
	return []string{"fixtures/toy/list", "fixtures/toy/all"}, "2026-01-02"
}
