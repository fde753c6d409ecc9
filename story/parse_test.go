package story_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
	"github.com/afba07b5/mockserver/story"
)

func catalog(t *testing.T) *story.Catalog {
	t.Helper()
	srv, err := fake.New(fake.Config{}, mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	c, err := control.Catalog(srv)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestBuiltInStoriesNameWhatTheFakesHave(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	files, err := filepath.Glob("stories/*.yaml")
	if err != nil || len(files) < 3 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s, err := story.Parse(file, text, c)
		if err != nil {
			t.Error(err)
		} else if s.Name != strings.TrimSuffix(filepath.Base(file), ".yaml") {
			t.Errorf("%s has the story %s", file, s.Name)
		}
	}
}

// step is a story of one step, which begins in line 4.
func step(lines ...string) string {
	return "name: a\nabout: b\nsteps:\n- " + strings.Join(lines, "\n  ") + "\n"
}

func TestErrorsOfFilesHaveLineAndNearestName(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for _, test := range []struct{ name, text, want string }{
		{"not YAML", "name: [", "f.yaml: "},
		{"a list", "- name: a", "f.yaml:1: expected an object with name, about, seed, clock, steps"},
		{"nothing", "", "f.yaml:1: expected an object with"},
		{"an unknown key", "name: a\nabout: b\nstep: []\nsteps: [{name: c, do: {advance: 1h}}]",
			`f.yaml:3: step: unknown key "step"; nearest: "steps"; keys: name, about, seed, clock, steps`},
		{"an unknown key within", step("name: c", "do:", "  request:", "    fake: kickflow", "    cal: GET /v1/users"),
			`f.yaml:8: steps[0].do.request.cal: unknown key "cal"; nearest: "call"`},
		{"a key is missing", "name: a\nsteps: [{name: c, do: {advance: 1h}}]", "f.yaml:1: about is missing"},
		{"a number for a text", "name: a\nabout: 3\nsteps: [{name: c, do: {advance: 1h}}]",
			"f.yaml:2: about: expected a text; put it in quotes"},
		{"no step", "name: a\nabout: b\nsteps: []", "f.yaml:3: steps: a story has at least one step"},
		{"a step without anything", step("name: c"), "the step neither waits nor acts"},
		{"two actions", step("name: c", "do: {advance: 1h, fault: {fake: kickflow, status: 500}}"),
			"f.yaml:5: steps[0].do: expected exactly one of request, advance, fault, rows, and there are 2"},
		{"a name twice", "name: a\nabout: b\nsteps:\n- {name: c, do: {advance: 1h}}\n- {name: c, do: {advance: 1h}}",
			"f.yaml:5: steps[1].name: an earlier step is called c"},
		{"a fake", step("name: c", "when: {webhook: {fake: twnty, event: e}}"),
			`f.yaml:5: steps[0].when.webhook.fake: no fake "twnty"; nearest: "twenty"; fakes: `},
		{"a seed", "name: a\nabout: b\nseed:\n  kickflow: emty\nsteps: [{name: c, do: {advance: 1h}}]",
			`f.yaml:4: seed.kickflow: no seed "emty"; nearest: "empty"`},
		{"a table", step("name: c", "when: {row: {fake: kickflow, table: tickts}}"),
			`no table "tickts"; nearest: "tickets"`},
		{"a principal", step("name: c", "do: {request: {fake: kickflow, as: adm, call: GET /v1/users}}"),
			`no principal "adm"; nearest: "admin"`},
		{"a path", step("name: c", "do: {request: {fake: kickflow, call: GET /v1/catgories}}"),
			`kickflow has no operation GET /v1/catgories; nearest: "GET /v1/categories"`},
		{"no method", step("name: c", "do: {request: {fake: kickflow, call: /v1/users}}"),
			`"/v1/users": expected method and path, like POST /v1/tickets`},
		{"an operation", step("name: c", "when: {request: {fake: kickflow, operation: createTikcet}}"),
			`no operation "createTikcet"; nearest: "createTicket"`},
		{"a fault", step("name: c", "do: {fault: {fake: flosum, name: backup-exceptoin}}"),
			`no fault "backup-exceptoin"; nearest: "backup-exception"`},
		{"a value that no step saves", step("name: c", "do:", "  request:", "    fake: kickflow",
			"    call: GET /v1/tickets/{{tickt}}"),
			"f.yaml:8: steps[0].do.request.call: {{tickt}}: no earlier step saves"},
		{"a value that the step does not get", step("name: c", "when: {row: {fake: kickflow, table: users}}",
			"save: {x: rwo.id}"), `f.yaml:6: steps[0].save.x: "rwo.id": the step gets no "rwo"; nearest: "row"`},
		{"a duration", step("name: c", "do: {advance: soon}"), `duration "soon": expected like 90s, 15m, 48h`},
		{"a time", "name: a\nabout: b\nclock: noon\nsteps: [{name: c, do: {advance: 1h}}]",
			`f.yaml:3: clock: "noon" is no time`},
	} {
		_, err := story.Parse("f.yaml", []byte(test.text), c)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s:\n got %v\nwant %s", test.name, err, test.want)
		}
	}
}

// TestAllErrorsOfAFileAreReported in the order of its lines.
func TestAllErrorsOfAFileAreReported(t *testing.T) {
	t.Parallel()
	text := step("name: C", "when: {after: x}", "do: {request: {fake: a, call: b}}")
	_, err := story.Parse("f.yaml", []byte(text), catalog(t))
	many, ok := err.(interface{ Unwrap() []error })
	if !ok || len(many.Unwrap()) != 4 {
		t.Fatalf("%v", err)
	}
	before := 0
	for _, one := range many.Unwrap() {
		at, _ := errors.AsType[*story.FileError](one)
		if at.Line < before {
			t.Errorf("line %d after line %d", at.Line, before)
		}
		before = at.Line
	}
}

// TestSchemaDescribesEveryKey: an editor explains each key of a story.
func TestSchemaDescribesEveryKey(t *testing.T) {
	t.Parallel()
	var check func(path string, schema map[string]any) int
	check = func(path string, schema map[string]any) (n int) {
		properties, _ := schema["properties"].(map[string]any)
		for key, property := range properties {
			p := property.(map[string]any)
			if p["description"] == "" {
				t.Errorf("%s.%s has no description", path, key)
			}
			n += 1 + check(path+"."+key, p)
		}
		if items, ok := schema["items"].(map[string]any); ok {
			n += check(path+"[]", items)
		}
		return n
	}
	text, err := json.Marshal(story.Schema())
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	if n := check("$", schema); n < 40 {
		t.Errorf("the schema has %d keys", n)
	}
}
