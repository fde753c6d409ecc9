package coverage

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// document is the part of an OpenAPI document that coverage reads.
type document struct {
	Paths      map[string]map[string]json.RawMessage
	Components struct {
		Schemas   map[string]*schema
		Responses map[string]*response
	}
}

type response struct {
	Ref     string `json:"$ref"`
	Content map[string]struct{ Schema *schema }
}

type schema struct {
	Ref        string `json:"$ref"`
	Properties map[string]*schema
	Items      *schema
	AllOf      []*schema
	OneOf      []*schema
	AnyOf      []*schema
}

// readDocument panics if the document is invalid, because it has been loaded before.
func readDocument(spec *fake.Spec) *document {
	d := &document{}
	if err := json.Unmarshal(spec.JSON(), d); err != nil {
		panic(err)
	}
	return d
}

// answers returns the statuses that the document declares for an operation, and the fields of its
// success answers as dotted paths: data[].owner.name. Both are sorted.
func (d *document) answers(op *fake.Operation) (statuses []int, fields []string) {
	var o struct{ Responses map[string]*response }
	if err := json.Unmarshal(d.Paths[op.Path][strings.ToLower(op.Method)], &o); err != nil {
		panic(err) // the document has been loaded before
	}
	found := map[string]bool{}
	for code, r := range o.Responses {
		status, err := strconv.Atoi(code)
		if err != nil {
			continue
		}
		statuses = append(statuses, status)
		if name, ok := strings.CutPrefix(r.Ref, "#/components/responses/"); ok {
			r = d.Components.Responses[name]
		}
		for kind, media := range r.Content {
			if status < 300 && strings.Contains(kind, "json") {
				d.fields(media.Schema, "", nil, found)
			}
		}
	}
	slices.Sort(statuses)
	return statuses, slices.Sorted(maps.Keys(found))
}

// deepest is the maximum nesting of counted fields. Below it the documents repeat the same few
// schemas.
const deepest = 3

// fields collects the paths of a schema's properties. It does not enter a schema that is inside
// itself.
func (d *document) fields(s *schema, at string, inside []string, found map[string]bool) {
	if s == nil || at != "" && strings.Count(at, ".") >= deepest-1 && len(s.Properties) > 0 {
		return
	}
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		if !slices.Contains(inside, name) {
			d.fields(d.Components.Schemas[name], at, append(inside[:len(inside):len(inside)], name), found)
		}
		return
	}
	for name, property := range s.Properties {
		path := strings.TrimPrefix(at+"."+name, ".")
		found[path] = true
		d.fields(property, path, inside, found)
	}
	d.fields(s.Items, at+"[]", inside, found)
	for _, part := range slices.Concat(s.AllOf, s.OneOf, s.AnyOf) {
		d.fields(part, at, inside, found)
	}
}

// fieldsIn collects the paths of the members of a JSON value.
func fieldsIn(v any, at string, found map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			path := strings.TrimPrefix(at+"."+name, ".")
			found[path] = true
			fieldsIn(member, path, found)
		}
	case []any:
		for _, element := range v {
			fieldsIn(element, at+"[]", found)
		}
	}
}
