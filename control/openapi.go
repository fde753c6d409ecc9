package control

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/afba07b5/mockserver/fake"
)

// detail holds what the table of routes lacks for the document: the type of the body, the parameters of the
// query, and the media type of the answer if it is not JSON.
type detail struct {
	body  any
	query string // names, separated by blanks
	media string
}

const requestFilters = "fake operation status q refused unknown faulted inferred"

// details are by method and path.
func details() map[string]detail {
	return map[string]detail{
		"GET /openapi.yaml":           {media: yamlMedia},
		"GET /worlds":                 {query: "names offset limit"},
		"POST /worlds":                {body: worldOrder{}},
		"PUT /worlds/{name}":          {body: worldOrder{}},
		"GET /fidelity":               {query: "used world"},
		"GET /worlds/{name}/fidelity": {query: "used"},
		"GET /events":                 {query: "kind world table after " + requestFilters, media: "text/event-stream"},
		"GET /worlds/{name}/events":   {query: "kind table after " + requestFilters, media: "text/event-stream"},
		"PUT /settings":               {body: fake.Settings{}},
		"POST /settings":              {body: fake.Settings{}},
		"GET /requests":               {query: "offset limit since unmatched matchingStub nodes"},
		"GET /requests/lines":         {query: "offset limit before " + requestFilters},
		"POST /requests/remove":       {body: pattern{}},
		"POST /requests/find":         {query: "nodes", body: pattern{}},
		"POST /requests/count":        {query: "nodes", body: pattern{}},
		"POST /requests/wait":         {query: "nodes", body: waitOrder{}},
		"GET /requests/export":        {query: "format fake"},
		"GET /journal":                {query: "offset limit"},
		"POST /journal/find":          {query: "nodes", body: pattern{}},
		"GET /mappings":               {query: "offset limit"},
		"GET /requests/{id}/export":   {query: "format"},
		"GET /state":                  {query: "format fake"},
		"PUT /state":                  {body: fake.Rows{}},
		"GET /diff":                   {query: "with since"},
		"POST /rewind":                {body: rewindOrder{}},
		"PUT /clock":                  {body: clockOrder{}},
		"POST /clock/freeze":          {body: clockOrder{}},
		"POST /clock/thaw":            {},
		"POST /clock/set":             {body: clockOrder{}},
		"POST /clock/advance":         {body: clockOrder{}},
		"GET /clock/ran":              {query: "offset limit"},
		"POST /faults":                {body: faultOrder{}},
		"GET /stories/{story}":        {query: "world"},
		"POST /stories/{story}/start": {body: storyOrder{}},
		"POST /stories/{story}/step":  {body: storyOrder{}},
		"POST /stories/{story}/play":  {body: storyOrder{}},
		"GET /rows":                   {query: "fake table q offset limit"},
		"GET /audit":                  {query: "client rule silence offset limit"},
	}
}

// detailOf returns what is known of a route. A route of one world has what its other path has.
func detailOf(known map[string]detail, r route) detail {
	if d, ok := known[r.method+" "+r.path]; ok {
		return d
	}
	return known[r.method+" "+strings.TrimPrefix(r.path, "/worlds/{name}")]
}

// openapi answers with the document of the control plane, made of the table of its routes and the types of its bodies.
func (c *call) openapi() (any, error) {
	text, err := yaml.JSONToYAML(encode(c.plane.document3()))
	return &reply{media: yamlMedia, text: text}, err
}

var pathParameter = regexp.MustCompile(`\{(\w+)\}`)

// document3 is an OpenAPI document of version 3.0.3.
func (p *Plane) document3() map[string]any {
	paths, known := map[string]any{}, details()
	for _, r := range routes() {
		r.path = strings.ReplaceAll(r.path, "...}", "}") // the rest of a path is one parameter
		item, _ := paths[Prefix+r.path].(map[string]any)
		if item == nil {
			item = map[string]any{}
			paths[Prefix+r.path] = item
		}
		item[strings.ToLower(r.method)] = r.described(detailOf(known, r))
	}
	return map[string]any{
		"openapi": "3.0.3",
		"info": map[string]any{"title": "mockserver: the control plane", "version": p.options.Version,
			"description": "What concerns one world is there twice: for the world that the header Mockserver-World " +
				"names, and under /worlds/{name}."},
		"paths": paths,
		"components": map[string]any{
			"securitySchemes": map[string]any{"token": map[string]string{"type": "http", "scheme": "bearer",
				"description": "Needed off loopback."}},
			"schemas": map[string]any{"Problem": schemaOf(reflect.TypeFor[struct {
				Status int    `json:"status"`
				Title  string `json:"title"`
				Detail string `json:"detail"`
			}]())},
		},
		"security": []any{map[string]any{}, map[string]any{"token": []string{}}},
	}
}

// described is the operation of a route.
func (r route) described(d detail) map[string]any {
	var parameters []any
	for _, m := range pathParameter.FindAllStringSubmatch(r.path, -1) {
		parameters = append(parameters, map[string]any{"name": m[1], "in": "path", "required": true,
			"schema": map[string]string{"type": "string"}})
	}
	for name := range strings.FieldsSeq(d.query) {
		parameters = append(parameters, map[string]any{"name": name, "in": "query",
			"schema": map[string]string{"type": "string"}})
	}
	media := d.media
	if media == "" {
		media = "application/json"
	}
	op := map[string]any{
		"operationId": operationID(r.method, r.path), "summary": r.about,
		"responses": map[string]any{
			"2XX": map[string]any{"description": "Done.", "content": map[string]any{media: map[string]any{}}},
			"default": map[string]any{"description": "A problem.",
				"content": content("application/problem+json",
					map[string]string{"$ref": "#/components/schemas/Problem"})},
		},
	}
	if len(parameters) > 0 {
		op["parameters"] = parameters
	}
	if d.body != nil {
		op["requestBody"] = map[string]any{"content": content("application/json", schemaOf(reflect.TypeOf(d.body)))}
	}
	return op
}

// operationID is made of method and path: postWorldsNameReset.
func operationID(method, path string) string {
	id := strings.ToLower(method)
	for _, part := range strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune("/{}.", r) }) {
		id += strings.ToUpper(part[:1]) + part[1:]
	}
	return id
}

// schemaOf is the schema of a Go type as encoding/json reads it.
func schemaOf(t reflect.Type) map[string]any {
	switch t {
	case reflect.TypeFor[json.RawMessage]():
		return map[string]any{}
	case reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case reflect.TypeFor[duration]():
		return map[string]any{"type": "string", "description": "like 250ms or 48h; a number is milliseconds"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem())
	case reflect.Struct:
		properties := map[string]any{}
		addProperties(properties, t)
		return map[string]any{"type": "object", "properties": properties}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": schemaOf(t.Elem())}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return map[string]any{"type": "integer"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	}
	return map[string]any{"type": "string"}
}

func addProperties(properties map[string]any, t reflect.Type) {
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			addProperties(properties, f.Type)
		case f.IsExported() && name != "" && name != "-":
			properties[name] = schemaOf(f.Type)
		}
	}
}

// content is the content of a body of one media type.
func content(media string, schema any) map[string]any {
	return map[string]any{media: map[string]any{"schema": schema}}
}
