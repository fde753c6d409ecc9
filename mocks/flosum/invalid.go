package flosum

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/afba07b5/mockserver/fake"
)

// document is the fake's OpenAPI document: as parsed by the core, and the parts that messages need.
// It is parsed on first use.
var document = sync.OnceValue(loadDocument)

type openAPI struct {
	spec *fake.Spec
	tree func() map[string]any
}

func loadDocument() openAPI {
	spec := fake.MustLoad(files)
	return openAPI{spec, sync.OnceValue(func() (tree map[string]any) {
		if err := json.Unmarshal(spec.JSON(), &tree); err != nil {
			panic(err) // the core has parsed it
		}
		return tree
	})}
}

// at follows keys in the document, resolving references.
func (d openAPI) at(node map[string]any, keys ...string) map[string]any {
	for _, k := range keys {
		node, _ = d.resolved(node)[k].(map[string]any)
	}
	return d.resolved(node)
}

func (d openAPI) resolved(node map[string]any) map[string]any {
	if ref, ok := node["$ref"].(string); ok {
		return d.at(d.tree(), strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	}
	return node
}

func (d openAPI) operation(op *fake.Operation) map[string]any {
	return d.at(d.tree(), "paths", op.Path, strings.ToLower(op.Method))
}

// parameter returns the schema of a parameter.
func (d openAPI) parameter(op *fake.Operation, name string) map[string]any {
	list, _ := d.operation(op)["parameters"].([]any)
	for _, p := range list {
		if p, _ := p.(map[string]any); d.resolved(p)["name"] == name {
			return d.at(d.resolved(p), "schema")
		}
	}
	return nil
}

// body returns the schema of the body.
func (d openAPI) body(op *fake.Operation) map[string]any {
	content := d.at(d.operation(op), "requestBody", "content")
	for _, kind := range []string{"application/json", "application/x-www-form-urlencoded"} {
		if content[kind] != nil {
			return d.at(content, kind, "schema")
		}
	}
	return nil
}

// within returns the schema of a value in the body.
func (d openAPI) within(schema map[string]any, path []string) map[string]any {
	for _, step := range path {
		if _, err := strconv.Atoi(step); err == nil && schema["type"] == "array" {
			schema = d.at(schema, "items")
		} else {
			schema = d.at(schema, "properties", step)
		}
	}
	return schema
}

// wants lists the messages for an empty body.
func (d openAPI) wants(op *fake.Operation) (texts []string) {
	schema := d.body(op)
	required, _ := schema["required"].([]any)
	for _, name := range required {
		texts = append(texts, d.demands(fmt.Sprint(name), d.within(schema, []string{fmt.Sprint(name)}), "")...)
	}
	return texts
}

// renderInvalid reports all violations of a request in one 400. The sentences are those of
// class-validator, whose traces the vendor's documents show (inferred); their form is documented.
func renderInvalid(r *fake.Request, found []fake.Violation) error {
	slices.SortStableFunc(found, func(a, b fake.Violation) int {
		if a.In != "body" || b.In != "body" {
			return 0 // parameters are in the order of the document
		}
		return strings.Compare(a.Field(), b.Field())
	})
	var texts []string
	for _, v := range found {
		for _, text := range violationTexts(r, v) {
			if !slices.Contains(texts, text) {
				texts = append(texts, text)
			}
		}
	}
	if check := furtherRules[r.Op.ID]; check != nil {
		for _, text := range check(r) {
			if !slices.Contains(texts, text) {
				texts = append(texts, text)
			}
		}
	}
	return stated(r, refuse(texts...))
}

func violationTexts(r *fake.Request, v fake.Violation) []string {
	switch {
	case v.In == "body" && v.Rule == "syntax":
		return []string{"the body is not valid JSON"}
	case v.In == "body" && len(v.Path) == 0 && v.Rule == "required":
		return document().wants(r.Op)
	case v.In == "body" && len(v.Path) == 0:
		return []string{"the body must be an object"}
	case v.In == "body":
		return document().demands(v.Field(), document().within(document().body(r.Op), v.Path), v.Rule)
	case len(v.Path) == 0:
		return []string{v.In + " has a wrong form"}
	case v.In == "path":
		return []string{v.Path[0] + document().pathDemand(r.Op, v.Path[0])}
	}
	return document().demands(v.Path[0], document().parameter(r.Op, v.Path[0]), v.Rule)
}

func (d openAPI) pathDemand(op *fake.Operation, name string) string {
	if d.parameter(op, name)["type"] == "string" {
		return " must be 15 or 18 characters long"
	}
	return " must be a positive number"
}

// demands returns what a field must be: every constraint if the value is missing or has another
// type, otherwise only that of the broken rule.
func (d openAPI) demands(field string, schema map[string]any, rule string) (texts []string) {
	all := rule == "" || rule == "type" || rule == "required"
	add := func(keyword, format string) {
		if limit := schema[keyword]; limit != nil && (all || rule == keyword) {
			texts = append(texts, field+" "+fmt.Sprintf(format, limit))
		}
	}
	add("maximum", "must not be greater than %v")
	add("minimum", "must not be less than %v")
	add("maxLength", "must be shorter than or equal to %v characters")
	add("minLength", "must be longer than or equal to %v characters")
	add("minItems", "must contain at least %v elements")
	if schema["pattern"] != nil && (all || rule == "pattern") {
		texts = append(texts, field+patternDemand(field))
	}
	items := d.at(schema, "items")
	if items["enum"] != nil && (all || rule == "enum") {
		texts = append(texts, "each value in "+field+oneOf(items))
	}
	if schema["enum"] != nil && (all || rule == "enum") {
		texts = append(texts, eachIn(field)+oneOf(schema))
	} else if all {
		texts = append(texts, eachIn(field)+typeDemand[fmt.Sprint(schema["type"])])
	}
	return texts
}

var typeDemand = map[string]string{
	"string":  " must be a string",
	"boolean": " must be a boolean value",
	"number":  " must be a number conforming to the specified constraints",
	"integer": " must be a number conforming to the specified constraints",
	"array":   " must be an array",
	"object":  " must be an object",
	"<nil>":   " has a wrong form",
}

func patternDemand(field string) string {
	if strings.HasSuffix(field, "Date") {
		return " must be a valid ISO 8601 date string"
	}
	return " must be a time of day as HH:mm"
}

func oneOf(schema map[string]any) string {
	values, _ := schema["enum"].([]any)
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = fmt.Sprint(v)
	}
	return " must be one of the following values: " + strings.Join(list, ", ")
}

// eachIn names an element of a list as class-validator does: the list, not the index.
func eachIn(field string) string {
	at := strings.LastIndexByte(field, '.')
	if _, err := strconv.Atoi(field[at+1:]); err != nil || at < 0 {
		return field
	}
	list := field[:at]
	parent := strings.LastIndexByte(list, '.') + 1
	return list[:parent] + "each value in " + list[parent:]
}
