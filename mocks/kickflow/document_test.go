package kickflow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// deviation is a fact in which the vendor's definition and this fake's document differ.
type deviation struct {
	// looser or stricter than the vendor's, or more: an addition that requires nothing
	Kind string `json:"kind"`
	// as the test prints them: "- " only the vendor's, "+ " only ours; a * matches one word
	Facts    []string `json:"facts"`
	Reason   string   `json:"reason"`   // why the document deviates
	Evidence string   `json:"evidence"` // recorded, documented or inferred, with its source
}

// TestDocumentDeviatesFromTheDefinitionAsListed compares the facts of openapi.json with those of
// the vendor's definition. testdata/deviations.json lists each difference with its reason. The test
// fails for a difference that is not listed and for a listed one that no longer exists.
func TestDocumentDeviatesFromTheDefinitionAsListed(t *testing.T) {
	t.Parallel()
	vendors, ours := documentFacts(t, readTestdata(t, "definition.json")), documentFacts(t, document().JSON())
	if len(vendors) < 2000 {
		t.Fatalf("the definition has only %d facts", len(vendors))
	}
	var differences []string
	for fact := range vendors {
		if !ours[fact] {
			differences = append(differences, "- "+fact)
		}
	}
	for fact := range ours {
		if !vendors[fact] {
			differences = append(differences, "+ "+fact)
		}
	}
	slices.Sort(differences)
	var listed []deviation
	if err := json.Unmarshal(readTestdata(t, "deviations.json"), &listed); err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, difference := range differences {
		fact, ok := covering(listed, difference)
		if used[fact] = true; !ok {
			t.Errorf("not listed: %s", difference)
		}
	}
	for _, d := range listed {
		evidence, _, _ := strings.Cut(d.Evidence, ":")
		if !slices.Contains([]string{"looser", "stricter", "more"}, d.Kind) ||
			!slices.Contains([]string{"recorded", "documented", "inferred"}, evidence) || d.Reason == "" {
			t.Errorf("no kind, reason or evidence: %+v", d)
		}
		for _, fact := range d.Facts {
			if !used[fact] {
				t.Errorf("listed, and no longer a deviation: %s", fact)
			}
		}
	}
}

// covering returns the listed fact that matches a difference.
func covering(listed []deviation, difference string) (fact string, ok bool) {
	words := strings.Split(difference, " ")
	for _, d := range listed {
		for _, fact := range d.Facts {
			if slices.EqualFunc(strings.Split(fact, " "), words, matchWord) {
				return fact, true
			}
		}
	}
	return "", false
}

func matchWord(pattern, word string) bool { return pattern == "*" || pattern == word }

func readTestdata(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// documentFacts reduces an OpenAPI document to one fact per entry.
func documentFacts(t *testing.T, text []byte) map[string]bool {
	t.Helper()
	r := &reducer{facts: map[string]bool{}}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&r.document); err != nil {
		t.Fatal(err)
	}
	for path, item := range r.at("paths") {
		shared, _ := item.(map[string]any)["parameters"].([]any)
		for method, op := range item.(map[string]any) {
			if method != "parameters" {
				r.operation(strings.ToUpper(method)+" "+path, op.(map[string]any), shared)
			}
		}
	}
	for name, schema := range r.at("components", "schemas") {
		r.schema(name, schema)
	}
	return r.facts
}

// TestListsAreTheArraysOfTheDocument compares the parameters whose values may be sent without brackets with those
// that the document describes as arrays.
func TestListsAreTheArraysOfTheDocument(t *testing.T) {
	t.Parallel()
	facts, arrays := documentFacts(t, document().JSON()), 0
	for fact := range facts {
		words := strings.Fields(fact) // operation query name, and what is said of it
		if len(words) != 3 || words[1] != "query" {
			continue
		}
		array := facts[fact+" type array"]
		if array {
			arrays++
		}
		if array != lists.MatchString(words[2]) {
			t.Errorf("%s: an array: %v", fact, array)
		}
	}
	if arrays < 5 {
		t.Errorf("the document has %d arrays", arrays)
	}
}

type reducer struct {
	document map[string]any
	facts    map[string]bool
}

func (r *reducer) add(base string, words ...any) {
	r.facts[strings.TrimSpace(base+" "+fmt.Sprintln(words...))] = true
}

func (r *reducer) at(keys ...string) map[string]any {
	node := r.document
	for _, key := range keys {
		node, _ = node[key].(map[string]any)
	}
	return node
}

// resolve follows a reference to anything except a schema, which facts refer to by name.
func (r *reducer) resolve(node any) map[string]any {
	tree, _ := node.(map[string]any)
	if ref, ok := tree["$ref"].(string); ok {
		return r.at(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	}
	return tree
}

func (r *reducer) operation(route string, op map[string]any, shared []any) {
	base := op["operationId"].(string)
	r.add(base, route)
	own, _ := op["parameters"].([]any)
	for _, node := range slices.Concat(shared, own) {
		p := r.resolve(node)
		name := fmt.Sprint(base, " ", p["in"], " ", p["name"])
		r.add(name)
		if p["required"] == true {
			r.add(name, "required")
		}
		r.schema(name, p["schema"])
	}
	if body := r.resolve(op["requestBody"]); body != nil {
		if body["required"] == true {
			r.add(base, "body required")
		}
		r.content(base+" body", body["content"])
	}
	for status, node := range op["responses"].(map[string]any) {
		response := r.resolve(node)
		r.add(base, status)
		r.content(base+" "+status, response["content"])
		headers, _ := response["headers"].(map[string]any)
		for name := range headers {
			r.add(base, status, "header", name)
		}
	}
}

func (r *reducer) content(base string, content any) {
	types, _ := content.(map[string]any)
	for media, node := range types {
		r.add(base, media)
		r.schema(base, node.(map[string]any)["schema"])
	}
}

func (r *reducer) schema(base string, node any) {
	s, _ := node.(map[string]any)
	if ref, ok := s["$ref"].(string); ok {
		r.add(base, "is", ref[strings.LastIndex(ref, "/")+1:])
		return
	}
	for _, key := range []string{"type", "format", "pattern", "default", "nullable", "uniqueItems", "minimum",
		"maximum", "minLength",
		"maxLength", "minItems", "maxItems"} {
		if value, ok := s[key]; ok && value != false {
			r.add(base, key, strings.ReplaceAll(fmt.Sprint(value), "UUID", "uuid"))
		}
	}
	enum, _ := s["enum"].([]any)
	for _, value := range enum {
		if value != nil { // nullable says so
			r.add(base, "enum", value)
		}
	}
	properties, _ := s["properties"].(map[string]any)
	for name, property := range properties {
		r.add(base + "." + name)
		r.schema(base+"."+name, property)
	}
	required, _ := s["required"].([]any)
	for _, name := range required {
		r.add(fmt.Sprint(base, ".", name), "required")
	}
	if items, ok := s["items"]; ok {
		r.schema(base+"[]", items)
	}
	r.combined(base, s)
}

// combined adds the facts of all branches of an allOf. For a choice it adds each branch whole,
// except null, which is a property of the choice.
func (r *reducer) combined(base string, s map[string]any) {
	all, _ := s["allOf"].([]any)
	for _, branch := range all {
		r.schema(base, branch)
	}
	for _, key := range []string{"anyOf", "oneOf"} {
		choice, _ := s[key].([]any)
		for _, branch := range choice {
			if len(choice) == 1 {
				r.schema(base, branch)
				continue
			}
			part := &reducer{facts: map[string]bool{}}
			part.schema("", branch)
			if part.facts["nullable true"] {
				delete(part.facts, "nullable true")
				r.add(base, "nullable", true)
			}
			r.add(base, "or:", strings.Join(slices.Sorted(maps.Keys(part.facts)), ", "))
		}
	}
}
