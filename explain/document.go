package explain

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// document is the part of a fake's document that says what an operation takes.
type document struct{ tree map[string]any }

func documentOf(def *fake.Def) *document {
	d := &document{}
	if err := json.Unmarshal(def.Spec.JSON(), &d.tree); err != nil {
		d.tree = nil // Load has read it
	}
	return d
}

// schema is a JSON schema, references resolved.
type schema map[string]any

// resolve follows references.
func (d *document) resolve(v any) schema {
	for range 20 {
		node, _ := v.(map[string]any)
		ref, ok := node["$ref"].(string)
		if !ok {
			return node
		}
		v = d.tree
		for key := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
			node, _ = v.(map[string]any)
			v = node[key]
		}
	}
	return nil
}

// parameter is a declared parameter of an operation.
type parameter struct {
	in, name string
	required bool
	schema   schema
	example  any
}

// parameters lists those of an operation and of its path.
func (d *document) parameters(op *fake.Operation) (all []parameter) {
	item := d.path(op)
	for _, list := range []any{item["parameters"], d.operation(op)["parameters"]} {
		list, _ := list.([]any)
		for _, raw := range list {
			p := d.resolve(raw)
			name, _ := p["name"].(string)
			in, _ := p["in"].(string)
			required, _ := p["required"].(bool)
			all = append(all, parameter{in, name, required, d.resolve(p["schema"]), p["example"]})
		}
	}
	return all
}

func (d *document) path(op *fake.Operation) schema {
	paths, _ := d.tree["paths"].(map[string]any)
	if op == nil {
		return nil
	}
	return d.resolve(paths[op.Path])
}

func (d *document) operation(op *fake.Operation) schema {
	if op == nil {
		return nil
	}
	return d.resolve(d.path(op)[strings.ToLower(op.Method)])
}

// bodies returns the schemas of an operation's body by content type.
func (d *document) bodies(op *fake.Operation) map[string]schema {
	content, _ := d.resolve(d.operation(op)["requestBody"])["content"].(map[string]any)
	out := map[string]schema{}
	for kind, media := range content {
		out[kind] = d.resolve(d.resolve(media)["schema"])
	}
	return out
}

// body returns the schema of a body of some content type, or of the first in the alphabet.
func (d *document) body(op *fake.Operation, media string) schema {
	all := d.bodies(op)
	if s, ok := all[media]; ok {
		return s
	}
	for _, kind := range slices.Sorted(maps.Keys(all)) {
		return all[kind]
	}
	return nil
}

// properties returns the properties of a schema, with those of its parts.
func (d *document) properties(s schema) map[string]schema {
	out := map[string]schema{}
	props, _ := s["properties"].(map[string]any)
	for name, p := range props {
		out[name] = d.resolve(p)
	}
	for _, key := range []string{"allOf", "oneOf", "anyOf"} {
		parts, _ := s[key].([]any)
		for _, part := range parts {
			maps.Copy(out, d.properties(d.resolve(part)))
		}
	}
	return out
}

// at returns the schema of a value in a body, nil if the document does not describe it.
func (d *document) at(s schema, path []string) schema {
	for _, step := range path {
		if items := d.resolve(s["items"]); items != nil {
			s = items
			continue
		}
		next, ok := d.properties(s)[step]
		if !ok {
			next = d.resolve(s["additionalProperties"])
		}
		s = next
	}
	return s
}

// schemaOf returns the schema of a place in a request.
func (d *document) schemaOf(op *fake.Operation, m *message, p place) schema {
	switch p.in {
	case "body":
		return d.at(d.body(op, m.mediaType()), p.path)
	case "path":
		if op == nil || len(p.path) == 0 {
			return nil
		}
		p.path = []string{pathParameter(op, p.path[0])}
	}
	for _, param := range d.parameters(op) {
		if param.in == p.in && len(p.path) > 0 && strings.EqualFold(param.name, strings.TrimSuffix(p.path[0], "[]")) {
			return d.at(param.schema, p.path[1:])
		}
	}
	return nil
}

// pathParameter is the name of the parameter that stands in a segment of an operation's path, "" for a fixed one.
func pathParameter(op *fake.Operation, segment string) string {
	i, err := strconv.Atoi(segment)
	known := segments(op.Path)
	if err != nil || i >= len(known) || !strings.HasPrefix(known[i], "{") {
		return ""
	}
	return strings.Trim(known[i], "{}")
}

// text returns a keyword of a schema as text, "" if it is not there.
func (s schema) text(keyword string) string {
	if s[keyword] == nil {
		return ""
	}
	return fmt.Sprint(s[keyword])
}

func (s schema) number(keyword string) (float64, bool) {
	n, ok := s[keyword].(float64)
	return n, ok
}

func (s schema) enum() []any {
	list, _ := s["enum"].([]any)
	return list
}

// demand says in words what a value must be.
func (s schema) demand() string {
	if enum := s.enum(); len(enum) > 0 {
		words := make([]string, len(enum))
		for i, v := range enum {
			words[i] = plainText(v)
		}
		return "one of: " + strings.Join(words, ", ")
	}
	kind := cmp.Or(map[string]string{"integer": "an integer", "array": "a list",
		"object": "an object"}[s.text("type")], "a "+cmp.Or(s.text("type"), "value"))
	if items, _ := s["items"].(map[string]any); items["type"] != nil {
		kind += " of: " + schema(items).demand()
	}
	var limits []string
	for _, l := range []struct{ keyword, words string }{
		{"format", "in the format "}, {"pattern", "that matches "}, {"minimum", "of at least "},
		{"maximum", "of at most "},
		{"minLength", "with a length of at least "}, {"maxLength", "with a length of at most "},
		{"minItems", "with at least this many items: "}, {"maxItems", "with at most this many items: "},
	} {
		if text := s.text(l.keyword); text != "" {
			limits = append(limits, l.words+text)
		}
	}
	return strings.TrimSpace(kind + " " + strings.Join(limits, " and "))
}

// texts by format, and how long a text without a limit is.
var formats = map[string]string{"date": "2026-01-15", "date-time": "2026-01-15T09:00:00Z",
	"email": "someone@example.com", "uri": "https://example.com/",
	"uuid": "00000000-0000-4000-8000-000000000000", "time": "09:00:00"}

// example returns a value that fits a schema: its own example or default, or the smallest that fits.
func (d *document) example(s schema, depth int) any {
	switch enum := s.enum(); {
	case s == nil:
		return "example"
	case s["example"] != nil:
		return ordered(s["example"])
	case s["default"] != nil:
		return ordered(s["default"])
	case len(enum) > 0:
		return enum[0]
	}
	for _, key := range []string{"allOf", "oneOf", "anyOf"} {
		if parts, _ := s[key].([]any); len(parts) > 0 && s["properties"] == nil && depth > 0 {
			return d.example(d.resolve(parts[0]), depth-1)
		}
	}
	switch s.text("type") {
	case "integer", "number":
		least, _ := s.number("minimum")
		if most, ok := s.number("maximum"); ok && least == 0 && most >= 1 || !ok && least == 0 {
			least = 1
		}
		return json.Number(strconv.FormatFloat(math.Ceil(least), 'f', -1, 64))
	case "boolean":
		return true
	case "array":
		if n, ok := s.number("minItems"); ok && n > 0 && depth > 0 {
			return []any{d.example(d.resolve(s["items"]), depth-1)}
		}
		return []any{}
	case "object":
		return d.exampleObject(s, depth)
	}
	return s.exampleText()
}

func (d *document) exampleObject(s schema, depth int) any {
	out := object{}
	if depth == 0 {
		return out
	}
	props := d.properties(s)
	required, _ := s["required"].([]any)
	for _, name := range required {
		name := fmt.Sprint(name)
		out = append(out, member{name, d.example(props[name], depth-1)})
	}
	return out
}

func (s schema) exampleText() any {
	text := cmp.Or(formats[s.text("format")], "example")
	if n, ok := s.number("minLength"); ok && len(text) < int(n) {
		text += strings.Repeat("x", min(int(n), 1000)-len(text))
	}
	if n, ok := s.number("maxLength"); ok && len(text) > int(n) {
		text = text[:int(n)]
	}
	return text
}

// ordered turns plain decoded JSON into a value of messages.
func ordered(v any) any {
	out, _ := parseJSON(encodeJSON(v))
	return out
}
