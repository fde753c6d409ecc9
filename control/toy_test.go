package control_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
)

// note is the only resource of the toy fake.
type note struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

const toyDocument = `{"openapi":"3.0.3","info":{"title":"Notes","version":"1"},"paths":{
  "/notes":{
    "get":{"operationId":"listNotes","x-evidence":"recorded","x-source":"fixtures/toy/list",
     "responses":{"200":{"description":""}}},
    "post":{"operationId":"createNote","x-evidence":"documented","x-source":"the manual",
     "responses":{"201":{"description":""}},
      "requestBody":{"content":{"application/json":{"schema":{"type":"object","required":["text"],
       "properties":{"text":{"type":"string"},"password":{"type":"string"}}}}}}}},
  "/notes/{id}":{
    "parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
    "get":{"operationId":"getNote","x-evidence":"inferred","x-source":"a guess",
     "responses":{"200":{"description":""}}}},
  "/remind":{"post":{"operationId":"remind","x-evidence":"inferred","x-source":"a guess",
   "responses":{"200":{"description":""}}}},
  "/busy":{"get":{"operationId":"busy","x-evidence":"inferred","x-source":"a guess",
   "responses":{"200":{"description":""}}}},
  "/__jobs":{"get":{"operationId":"jobs","x-evidence":"inferred","x-source":"a control",
   "responses":{"200":{"description":""}}}},
  "/__consent":{"get":{"operationId":"consent","x-evidence":"inferred","x-source":"a page",
   "responses":{"200":{"description":""}}}}},
  "components":{"securitySchemes":{"sign":{"type":"apiKey","in":"query","name":"sign"}}}}`

func toy(name string) *fake.Def {
	spec, err := fake.LoadSpec([]byte(toyDocument))
	if err != nil {
		panic(err)
	}
	return &fake.Def{
		Name: name, Spec: spec, Hosts: []string{"api." + name + ".test"},
		Seeds: fstest.MapFS{"seeds/default.json": {Data: []byte(`{"notes":[{"id":"n1","text":"first"}]}`)},
			"seeds/empty.json": {Data: []byte("{}")}},
		New: newToy,
		Unimplemented: func() []fake.Unimplemented {
			return []fake.Unimplemented{{Kind: "path", Name: "GET /files/{id}", Source: "the manual"}}
		},
		Credential: func(r *http.Request) string {
			return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		},
		CredentialWorld: func(value string) string {
			if !strings.HasPrefix(value, "key-") {
				return ""
			}
			return value[strings.LastIndexByte(value, '-')+1:]
		},
		Credentials: func(s *fake.State, value string) []fake.Credential {
			if value == "" {
				value = "key-" + s.NewToken("key") + "-" + s.World().Label()
			}
			return []fake.Credential{{Principal: "ann", Role: "owner", State: "valid", Value: value}}
		},
		Auth:    func(*fake.Request) error { return nil },
		Error:   func(_ *fake.Request, e *fake.Error) any { return map[string]any{"code": e.Status} },
		Faults:  map[string]fake.Fault{"closed": {Error: &fake.Error{Status: 503}}, "slow": {Delay: time.Millisecond}},
		Secrets: []string{"pin"},
	}
}

func newToy(s *fake.State) fake.Ops {
	notes := fake.NewTable(s, "notes", func(n note) string { return n.ID }, func(n *note) {
		if n.ID == "" {
			n.ID = s.NewID()
		}
	})
	s.RegisterJob("remind", func(json.RawMessage) error {
		_, err := notes.Insert(note{Text: "reminder"})
		return err
	})
	all := fake.Resource[note]{Table: notes, Param: "id"}
	ok := func(*fake.Request) (any, error) { return "ok", nil }
	return fake.Ops{
		"listNotes": all.List, "createNote": all.Create, "getNote": all.Get, "jobs": ok, "consent": ok,
		"remind": func(r *fake.Request) (any, error) {
			s.ScheduleJob(r.Now().Add(time.Hour), "remind", nil)
			return "ok", nil
		},
		"busy": func(*fake.Request) (any, error) {
			return nil, &fake.Error{Status: 429, Rule: "one request a century"}
		},
	}
}

// rig is a server with its control plane on the edge.
type rig struct {
	t   *testing.T
	srv *fake.Server
	url string
}

func start(t *testing.T, o control.Options) *rig {
	t.Helper()
	return startWith(t, o, toy("alpha"), toy("beta"))
}

func startWith(t *testing.T, o control.Options, defs ...*fake.Def) *rig {
	t.Helper()
	srv, err := fake.New(fake.Config{}, defs...)
	if err != nil {
		t.Fatal(err)
	}
	plane := control.New(srv, o)
	plane.Ready()
	t.Cleanup(srv.Close)
	return &rig{t, srv, fake.Serve(t, plane.Wrap(srv.Edge(), ""))}
}

// ask sends a request, "METHOD path", with headers as "Name: value", and returns status and body.
func (g *rig) ask(what, body string, headers ...string) (int, string) {
	g.t.Helper()
	method, path, _ := strings.Cut(what, " ")
	req, err := http.NewRequest(method, g.url+path, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if name == "Host" {
			req.Host = value
		}
		req.Header.Set(name, value)
	}
	if body != "" && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		g.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return res.StatusCode, string(bytes.TrimSpace(text))
}

// must sends a request that has to succeed and decodes the answer.
func (g *rig) must(what, body string, headers ...string) map[string]any {
	g.t.Helper()
	status, text := g.ask(what, body, headers...)
	var out map[string]any
	if status >= 300 || text != "" && text[0] == '{' && json.Unmarshal([]byte(text), &out) != nil {
		g.t.Fatalf("%s answered %d %s", what, status, text)
	}
	return out
}
