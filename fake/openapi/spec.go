// Package openapi reads a fake's document and validates requests and answers against it. It is the
// only package that imports the OpenAPI library.
package openapi

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	fastjson "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/afba07b5/mockserver/fake/table"
)

// Spec is the OpenAPI document of a fake. Loading it reads little more than the routes. An
// operation's schemas are prepared on first use.
type Spec struct {
	text       []byte
	paths      map[string]map[string]jsontext.Value
	components map[string]map[string]jsontext.Value
	ops        []*Operation
	mints      bool // the document uses x-minted
}

// Operation is one operation of a document.
type Operation struct {
	ID        string
	Method    string
	Path      string // as in the document: /v1/grades/{gradeId}
	Status    int    // of success
	Evidence  string // recorded, documented or inferred
	Source    string // the cassette folder or the vendor's page
	Writes    bool   // whether it may change rows
	BodyLimit int64  // in bytes

	Number int // index among the document's operations

	spec      *Spec
	responses map[string]jsontext.Value // by status
	requests  sync.Once                 // guards the next four
	params    []*parameter
	body      *openapi3.RequestBody
	declared  map[string]bool // top-level keys of the JSON body; nil if any key is allowed
	asking    *routers.Route

	answers   sync.Once // guards the next one
	answering *routers.Route
}

// header is the part of an operation that Load reads.
type header struct {
	OperationID string                    `json:"operationId"`
	Evidence    string                    `json:"x-evidence"`
	Source      string                    `json:"x-source"`
	Writes      *bool                     `json:"x-writes"`
	BodyLimit   int64                     `json:"x-body-limit"`
	Responses   map[string]jsontext.Value `json:"responses"`
}

// Methods are the HTTP methods that a path of a document may have, in lower case.
var Methods = []string{"get", "put", "post", "delete", "options", "head", "patch"}

// Load reads an OpenAPI 3.0.3 document in JSON. Every operation needs operationId, x-evidence and
// x-source. x-writes says whether an operation may change rows (default: all but GET and HEAD),
// x-body-limit the maximum size of its body in bytes (default 1 MiB). A parameter with x-lenient:
// true is not validated. A request body without a schema is left to the handler.
func Load(text []byte) (*Spec, error) {
	var doc struct {
		Paths      map[string]map[string]jsontext.Value `json:"paths"`
		Components map[string]map[string]jsontext.Value `json:"components"`
	}
	if err := fastjson.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	s := &Spec{text: text, paths: doc.Paths, components: doc.Components,
		mints: bytes.Contains(text, []byte(`"x-minted"`))}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		for _, method := range Methods {
			if doc.Paths[path][method] == nil {
				continue
			}
			op, err := s.readHeader(path, method)
			if err != nil {
				return nil, fmt.Errorf("document: %s %s: %w", method, path, err)
			}
			op.Number, s.ops = len(s.ops), append(s.ops, op)
		}
	}
	return s, nil
}

func (s *Spec) readHeader(path, method string) (*Operation, error) {
	var h header
	if err := fastjson.Unmarshal(s.paths[path][method], &h); err != nil {
		return nil, err
	}
	if h.OperationID == "" || h.Source == "" ||
		!slices.Contains([]string{"recorded", "documented", "inferred"}, h.Evidence) {
		return nil, fmt.Errorf("has operationId %q, x-source %q and x-evidence %q; needs all three, the last of them "+
			"recorded, documented or inferred", h.OperationID, h.Source, h.Evidence)
	}
	op := &Operation{ID: h.OperationID, Method: strings.ToUpper(method), Path: path, Evidence: h.Evidence,
		Source: h.Source, Status: 200, BodyLimit: cmp.Or(h.BodyLimit, 1<<20), spec: s, responses: h.Responses}
	op.Writes = op.Method != http.MethodGet && op.Method != http.MethodHead
	if h.Writes != nil {
		op.Writes = *h.Writes
	}
	for _, code := range slices.Sorted(maps.Keys(h.Responses)) {
		if n, err := strconv.Atoi(code); err == nil && n < 400 {
			op.Status = n
			break
		}
	}
	return op, nil
}

// Validate checks what Load does not read: references, schemas, the parameters of paths.
func (s *Spec) Validate() error {
	doc, err := openapi3.NewLoader().LoadFromData(s.text)
	if err != nil {
		return err
	}
	return doc.Validate(context.Background())
}

// Operations returns all operations, sorted by path and method.
func (s *Spec) Operations() []*Operation { return s.ops }

// JSON returns the document.
func (s *Spec) JSON() []byte { return s.text }

var reference = regexp.MustCompile(`"#/components/(\w+)/([^"]+)"`)

// requestSchema prepares the library's validation of requests of this operation.
func (o *Operation) requestSchema() {
	o.requests.Do(func() {
		route := o.compile([]string{"parameters", "requestBody", "operationId"})
		for _, p := range append(slices.Clone(route.PathItem.Parameters), route.Operation.Parameters...) {
			if lenient, _ := p.Value.Extensions["x-lenient"].(bool); !lenient {
				o.params = append(o.params, newParameter(p.Value))
			}
		}
		o.asking = route
		if route.Operation.RequestBody != nil {
			o.body = route.Operation.RequestBody.Value
			o.declared = declaredKeys(o.body)
		}
	})
}

// responseSchema prepares the validation of answers. Their schemas are often larger and only tests
// use them.
func (o *Operation) responseSchema() {
	o.answers.Do(func() { o.answering = o.compile([]string{"parameters", "responses", "operationId"}) })
}

// compile makes a document from some keys of this operation and the components that they refer to.
// It panics if the document is invalid; the tests of each fake use every operation.
func (o *Operation) compile(keys []string) *routers.Route {
	method := strings.ToLower(o.Method)
	var all, some map[string]json.RawMessage
	if err := json.Unmarshal(o.spec.paths[o.Path][method], &all); err != nil {
		panic(err) // Load has parsed it
	}
	some = map[string]json.RawMessage{"responses": json.RawMessage(`{"default":{"description":""}}`)}
	for _, key := range keys {
		if all[key] != nil {
			some[key] = all[key]
		}
	}
	item := map[string]any{method: some}
	if shared := o.spec.paths[o.Path]["parameters"]; shared != nil {
		item["parameters"] = shared
	}
	components := map[string]map[string]json.RawMessage{}
	o.spec.collect(table.Encode(item), components)
	doc, err := openapi3.NewLoader().LoadFromData(table.Encode(map[string]any{
		"openapi": "3.0.3", "info": map[string]string{"title": o.ID, "version": "1"},
		"paths": map[string]any{o.Path: item}, "components": components,
	}))
	if err != nil {
		panic(fmt.Errorf("openapi: operation %s: %w", o.ID, err))
	}
	pathItem := doc.Paths.Value(o.Path)
	return &routers.Route{Spec: doc, Path: o.Path, PathItem: pathItem, Method: o.Method,
		Operation: pathItem.GetOperation(o.Method)}
}

func (s *Spec) collect(text []byte, into map[string]map[string]json.RawMessage) {
	for _, m := range reference.FindAllSubmatch(text, -1) {
		kind, name := string(m[1]), string(m[2])
		if into[kind][name] != nil {
			continue
		}
		if into[kind] == nil {
			into[kind] = map[string]json.RawMessage{}
		}
		into[kind][name] = json.RawMessage(s.components[kind][name])
		s.collect(s.components[kind][name], into)
	}
}

func declaredKeys(body *openapi3.RequestBody) map[string]bool {
	media := body.Content["application/json"]
	if media == nil || media.Schema == nil || len(media.Schema.Value.Properties) == 0 {
		return nil
	}
	keys := map[string]bool{}
	for key := range media.Schema.Value.Properties {
		keys[key] = true
	}
	return keys
}

// Declares reports whether the JSON body may have key at its top level.
func (o *Operation) Declares(key string) bool {
	o.requestSchema()
	return o.declared == nil || o.declared[key]
}
