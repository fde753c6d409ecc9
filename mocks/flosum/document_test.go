package flosum

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// connection is the path of a connection.
const connection = "/api/v1/connections/{connectionId}"

// Reasons for several additions.
const (
	proseNull = "the prose says null"
	oneSchema = "one schema serves both ways"
)

// departures are the vendor's facts that this fake's document does not repeat, with the reason.
var departures = map[string]string{
	"GET " + connection + "/jobs/{id}/logs/details 200 type object": "declared as an empty object, " +
		"said to be a streamed file: a file it is",
	"PUT " + connection + "/settings body.initialBinaryRecordsLimit required": "the prose calls it optional",
}

// additions are facts of this fake's document beyond the vendor's: the prefix of the fact, and the
// reason.
var additions = map[string]string{
	"GET " + connection + "/jobs/{id}/logs/details 200 type string": "see the departures",
	"GET /api/v1/oauth/authorize 200":                               "the consent page",
	"GET /api/v1/oauth/authorize header":                            "read by this project's page and its headless way",
	"GET /api/v1/oauth/authorize query client_id req":               "named in prose without a word on being required",
	"GET /api/v1/oauth/authorize query redirect_uri req":            "the same",
	"GET /api/v1/oauth/authorize query response_type req":           "the same",
	"POST /api/v1/oauth/token body media */*":                       "another body is read as an empty form",
	"PUT " + connection + "/settings 400":                           "refused as everywhere else",
	"PUT " + connection + "/settings 404":                           "refused as everywhere else",

	"POST " + connection + "/schedulers/backup body.configuration.repeatOn.dayOfMonth nullable":        proseNull,
	"POST " + connection + "/schedulers/backup body.configuration.repeatOn.weekDayOfMonth nullable":    proseNull,
	"GET " + connection + "/schedulers 200[].configuration.repeatOn.dayOfMonth nullable":               oneSchema,
	"GET " + connection + "/schedulers 200[].configuration.repeatOn.weekDayOfMonth nullable":           oneSchema,
	"GET " + connection + "/schedulers/backup/{id} 200.configuration.repeatOn.dayOfMonth nullable":     oneSchema,
	"GET " + connection + "/schedulers/backup/{id} 200.configuration.repeatOn.weekDayOfMonth nullable": oneSchema,
}

func TestDocumentSaysWhatTheVendorsDocumentsSay(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/facts.txt")
	if err != nil {
		t.Fatal(err)
	}
	ours := factsOf(t)
	theirs := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		theirs[line] = true
		if !ours[line] && departures[line] == "" {
			t.Errorf("the vendor's document says, ours does not: %s", line)
		}
	}
	for line := range departures {
		if !theirs[line] || ours[line] {
			t.Errorf("no departure: %s", line)
		}
	}
	used := map[string]bool{}
	for line := range ours {
		if !theirs[line] && !explained(line, used) {
			t.Errorf("our document says, the vendor's does not: %s", line)
		}
	}
	for beginning := range additions {
		if !used[beginning] {
			t.Errorf("no addition: %s", beginning)
		}
	}
	if len(theirs) < 1000 {
		t.Errorf("only %d facts", len(theirs))
	}
}

func explained(line string, used map[string]bool) bool {
	if strings.Contains(line, " /__") || strings.Contains(line, " default") {
		return true // our control hooks, and the shape of undeclared errors
	}
	for beginning := range additions {
		if strings.HasPrefix(line, beginning) {
			used[beginning] = true
			return true
		}
	}
	return false
}

func TestEveryOperationTellsItsServiceAndEvidence(t *testing.T) {
	t.Parallel()
	count := map[string]int{}
	for _, op := range document().spec.Operations() {
		tag := fmt.Sprint(document().operation(op)["tags"])
		count[tag]++
		if ours := strings.HasPrefix(op.Path, "/__"); ours != (tag == "[Mockserver]") ||
			ours == (op.Evidence == "documented") {
			t.Errorf("%s %s has tag %s and evidence %s", op.Method, op.Path, tag, op.Evidence)
		}
	}
	if count["[Global Settings]"] != 2 || count["[Backup & Archive]"] != 16 {
		t.Errorf("operations by tag: %v; want 2 and 16 of the vendor", count)
	}
}

// factsOf reduces this fake's document to one fact per line, like the vendor's.
func factsOf(t *testing.T) map[string]bool {
	t.Helper()
	f := reducer{map[string]bool{}}
	d := document()
	for path, ops := range d.tree()["paths"].(map[string]any) {
		for method, op := range ops.(map[string]any) {
			f.operation(strings.ToUpper(method)+" "+path, op.(map[string]any))
		}
	}
	return f.lines
}

type reducer struct{ lines map[string]bool }

func (f reducer) add(parts ...string) { f.lines[strings.Join(parts, " ")] = true }

func (f reducer) operation(base string, op map[string]any) {
	d := document()
	f.add(base, "operationId", op["operationId"].(string))
	if op["security"] == nil {
		f.add(base, "bearer")
	}
	list, _ := op["parameters"].([]any)
	for _, p := range list {
		p := d.resolved(p.(map[string]any))
		name := fmt.Sprintf("%s %s %s", base, p["in"], p["name"])
		f.add(name)
		if p["required"] == true {
			f.add(name, "required")
		}
		f.schema(name, p["schema"], nil)
	}
	if body := d.at(op, "requestBody"); body != nil {
		if body["required"] == true {
			f.add(base, "body required")
		}
		for media, c := range body["content"].(map[string]any) {
			f.add(base, "body media", media)
			f.schema(base+" body", c.(map[string]any)["schema"], nil)
		}
	}
	for status := range op["responses"].(map[string]any) {
		f.add(base, status)
		content, _ := d.at(op, "responses", status)["content"].(map[string]any)
		for _, c := range content {
			f.schema(base+" "+status, c.(map[string]any)["schema"], nil)
		}
	}
}

func (f reducer) schema(base string, node any, seen []string) {
	s, _ := node.(map[string]any)
	if ref, ok := s["$ref"].(string); ok {
		if slices.Contains(seen, ref) {
			f.add(base, "recursive")
			return
		}
		f.schema(base, document().resolved(s), append(slices.Clone(seen), ref))
		return
	}
	if kind, ok := s["type"].(string); ok {
		f.add(base, "type", strings.ReplaceAll(kind, "integer", "number")) // an integer is a number
	}
	if s["nullable"] == true {
		f.add(base, "nullable")
	}
	if s["format"] == "date-time" {
		f.add(base, "format date-time")
	}
	if enum, ok := s["enum"].([]any); ok {
		var words []string
		for _, e := range enum {
			words = append(words, fmt.Sprint(e))
		}
		slices.Sort(words)
		f.add(base, "enum", strings.Join(words, " | "))
	}
	properties, _ := s["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		f.schema(base+"."+name, properties[name], seen)
	}
	required, _ := s["required"].([]any)
	for _, name := range required {
		f.add(base+"."+name.(string), "required")
	}
	if s["items"] != nil {
		f.schema(base+"[]", s["items"], seen)
	}
}
