package mutant

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/conduct"
	"github.com/afba07b5/mockserver/fake"
)

// inapplicable lists the operators that cannot break a fake although its document has what they need,
// with the reason: operator → fake → reason. A listed pair that applies is an error.
var inapplicable = map[string]map[string]string{
	"boolean as text":      {"flexcrm": noBooleans},
	"boolean as number":    {"flexcrm": noBooleans},
	"boolean turned round": {"flexcrm": noBooleans},
}

const noBooleans = "it writes 0 and 1, or texts"

// exception returns why an operator cannot break a fake, by its name or its group.
func exception(operator, fakeName string) (why string, ok bool) {
	for name, fakes := range inapplicable {
		if operator == name || strings.HasPrefix(operator, name+" ") {
			if why, ok = fakes[fakeName]; ok {
				return why, true
			}
		}
	}
	return "", false
}

// capabilities are what a document offers that an operator may need.
type capabilities struct {
	def   *fake.Def
	doc   *conduct.Document
	found map[string]bool // such as "type boolean", "format uuid", "query page", "status 403"
}

// capabilitiesOf reads the document of a fake.
func capabilitiesOf(def *fake.Def) (*capabilities, error) {
	c := &capabilities{def: def, found: map[string]bool{}}
	var text any
	if err := json.Unmarshal(def.Spec.JSON(), &text); err != nil {
		return nil, err
	}
	c.walk(text, false)
	var err error
	c.doc, err = conduct.Read(def.Spec)
	return c, err
}

// walk notes what a part of the document has. Types and formats of what is sent say nothing of answers.
func (c *capabilities) walk(node any, sent bool) {
	switch node := node.(type) {
	case []any:
		for _, element := range node {
			c.walk(element, sent)
		}
	case map[string]any:
		for key, value := range node {
			if !sent && key == "properties" {
				c.noteNumbers(asObject(value))
			}
			if !sent || key != "type" && key != "format" && key != "nullable" && key != "enum" {
				c.note(node, key, value)
			}
			c.walk(value, sent || key == "parameters" || key == "requestBody")
		}
	}
}

// noteNumbers notes whether properties are numbers that identify something, and numbers that do not.
func (c *capabilities) noteNumbers(properties map[string]any) {
	for name, schema := range properties {
		switch kind := asText(asObject(schema)["type"]); {
		case kind == "integer" && namesID(name):
			c.found["number of a row"] = true
		case kind == "integer" || kind == "number":
			c.found["type number, no identifier"] = true
		}
	}
}

// note notes one member of an object of the document.
func (c *capabilities) note(object map[string]any, key string, value any) {
	switch text, members := asText(value), asObject(value); key {
	case "type", "format":
		c.found[key+" "+text] = true
	case "nullable", "enum", "requestBody":
		c.found[key] = true
	case "in":
		c.found[text+" "+asText(object["name"])] = true
	case "properties":
		for name := range members {
			c.found["property "+name] = true
		}
	case "headers":
		for name := range members {
			c.found["header "+name] = true
		}
	case "responses":
		for status, answer := range members {
			c.found["status "+status] = true
			if status != "204" && asObject(answer)["$ref"] == nil && asObject(answer)["content"] == nil {
				c.found["no body"] = c.found["no body"] || strings.HasPrefix(status, "2")
			}
		}
	}
}

func asText(v any) string           { text, _ := v.(string); return text }
func asObject(v any) map[string]any { object, _ := v.(map[string]any); return object }

// has reports whether the document has one of these. Of values it does not know whether they are in
// the answers of a GraphQL endpoint, whose types are elsewhere, and takes them to be.
func (c *capabilities) has(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		value := strings.HasPrefix(name, "type ") || strings.HasPrefix(name, "format ") ||
			name == "nullable" || name == "enum"
		return c.found[name] || value && len(c.doc.GraphQL.Operations) > 0
	})
}

func (c *capabilities) query(like *regexp.Regexp) bool {
	for name := range c.found {
		if name, ok := strings.CutPrefix(name, "query "); ok && like.MatchString(name) {
			return true
		}
	}
	return false
}

func (c *capabilities) writes() bool {
	return slices.ContainsFunc(c.def.Spec.Operations(), func(o *fake.Operation) bool { return o.Writes })
}

// need says what an operator needs of a document, by the beginning of its name.
type need struct {
	operators []string
	met       func(c *capabilities) bool
}

// has is the need of one of these names.
func has(names ...string) func(*capabilities) bool {
	return func(c *capabilities) bool { return c.has(names...) }
}

// incidental is the need of what no document states: it depends on the rows.
func incidental(*capabilities) bool { return false }

// needs of the operators. An operator without one is expected to break every fake.
var needs = []need{
	{[]string{"text trimmed", "text without its marks", "text as number", "null for empty", "time with a zone",
		"time without its fraction", "time in microseconds", "object as its identifier"}, incidental},
	{[]string{"another number"}, has("type number, no identifier")},
	{[]string{"number of another row"}, has("number of a row")},
	{[]string{"number"}, has("type integer", "type number")},
	{[]string{"boolean"}, has("type boolean")},
	{[]string{"empty for null", "empty list for null"}, has("nullable")},
	{[]string{"word"}, has("enum")},
	{[]string{"identifier"}, has("format uuid")},
	{[]string{"time"}, has("format date-time")},
	{[]string{"list", "last of a list", "first of a list", "element twice"}, has("type array")},
	{[]string{"total off by one"}, func(c *capabilities) bool {
		for name := range c.found {
			if name, ok := strings.CutPrefix(name, "property "); ok && total.MatchString(name) {
				return true
			}
		}
		return false
	}},
	{[]string{"body for none"}, has("no body")},
	{[]string{"Link"}, has("header Link")},
	{[]string{"redirect"}, has("header Location")},
	{[]string{"another origin"}, has("format uri")},
	{[]string{"refresh token kept", "code reusable", "token reusable"}, has("property refresh_token")},
	{[]string{"parameter ignored"}, func(c *capabilities) bool { return c.query(regexp.MustCompile(`.`)) }},
	{[]string{"limit"}, func(c *capabilities) bool { return c.query(limits) }},
	{[]string{"page off by one"}, func(c *capabilities) bool { return c.query(pages) }},
	{[]string{"field ignored"}, has("requestBody")},
	{[]string{"comparison exchanged"}, func(c *capabilities) bool {
		p := c.doc.Pages
		return p.Filter != "" || p.Order != "" || len(c.doc.GraphQL.Operations) > 0
	}},
	{[]string{"authentication ignored"}, func(c *capabilities) bool { return c.def.Credential != nil }},
	{[]string{"permissions ignored"}, has("status 403")},
	{[]string{"write"}, (*capabilities).writes},
	{[]string{"clock stands still"}, func(c *capabilities) bool {
		return c.doc.Tokens.Operation != "" || len(c.doc.Polls) > 0 || c.doc.Webhooks.Signature != "" ||
			c.doc.Limit.Reset != ""
	}},
	{[]string{"no rate limit"}, func(c *capabilities) bool { return c.has("status 429") || c.doc.Limit.Reset != "" }},
	{[]string{"delivery"}, func(c *capabilities) bool { return c.doc.Webhooks.Signature != "" }},
	{[]string{"switch ignored"}, func(c *capabilities) bool {
		return slices.ContainsFunc(c.def.Flags, func(f fake.Flag) bool { return !f.Text })
	}},
}

// expected reports whether the document has what an operator needs.
func (c *capabilities) expected(operator string) bool {
	for _, n := range needs {
		for _, name := range n.operators {
			if operator == name || strings.HasPrefix(operator, name+" ") {
				return n.met(c)
			}
		}
	}
	return true
}
