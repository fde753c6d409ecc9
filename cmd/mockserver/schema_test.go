package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
)

// compiledSchema compiles the schema of a fake's seeds as an editor does.
func compiledSchema(t *testing.T, def *fake.Def) *jsonschema.Schema {
	t.Helper()
	schema, err := seedSchema(def)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("seed.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("seed.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// TestSchemasAcceptSeeds validates every seed of each fake, and the rows that init writes, against the fake's schema.
func TestSchemasAcceptSeeds(t *testing.T) {
	t.Parallel()
	for _, def := range mocks.All() {
		t.Run(def.Name, func(t *testing.T) {
			t.Parallel()
			schema := compiledSchema(t, def)
			files, _, err := starterFolder([]*fake.Def{def}, t.TempDir(), nil, "sh")
			if err != nil {
				t.Fatal(err)
			}
			seeds := map[string][]byte{"the starter": files["seeds/"+def.Name+".yaml"]}
			names, err := seedNames(def)
			if err != nil || len(names) < 2 {
				t.Fatalf("%v, %v", names, err)
			}
			for _, name := range names {
				if seeds[name], err = ownSeed(def, name); err != nil {
					t.Fatal(err)
				}
			}
			for name, text := range seeds {
				if err := validateSeed(schema, text); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}

// validateSeed validates the text of a seed, YAML or JSON.
func validateSeed(schema *jsonschema.Schema, text []byte) error {
	text, err := yaml.YAMLToJSON(text)
	if err != nil {
		return err
	}
	seed, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		return err
	}
	return schema.Validate(seed)
}

// TestSchemasRefuseWhatSeedsRefuse gives the schema and the server the same wrong seeds.
func TestSchemasRefuseWhatSeedsRefuse(t *testing.T) {
	t.Parallel()
	wrong := map[string][]string{
		"kickflow": {`{"catgories": []}`, `{"categories": [{"nmae": "x"}]}`, `{"categories": [{"name": 1}]}`,
			`{"categories": {}}`, `{"grades": [{"level": "high"}]}`, `{"users": ["ada"]}`},
		"twenty":  {`{"wehbooks": []}`, `{"webhooks": [{"targetUlr": "x"}]}`, `{"roles": [{"label": true}]}`},
		"flexcrm": {`{"usres": []}`, `{"users": [{"nmae": "x"}]}`, `{"users": [{"id": "one"}]}`},
		"flosum":  {`{"conections": []}`, `{"connections": [{"nmae": "x"}]}`, `{"connections": [{"name": []}]}`},
	}
	for _, def := range mocks.All() {
		t.Run(def.Name, func(t *testing.T) {
			t.Parallel()
			schema := compiledSchema(t, def)
			texts := wrong[def.Name]
			if texts == nil {
				texts = wrongSeeds(t, def)
			}
			for _, text := range texts {
				if validateSeed(schema, []byte(text)) == nil {
					t.Errorf("the schema accepts %s", text)
				}
				file := filepath.Join(t.TempDir(), "seed.json")
				writeFile(t, file, text)
				seed, err := readLayer(def, file)
				if err == nil {
					err = startWith(def, seed)
				}
				if err == nil {
					t.Errorf("the server accepts %s", text)
				}
			}
		})
	}
}

// wrongSeeds returns what is wrong in any fake: the first table of its seed default misspelt, with rows that are no
// list or no object, and with a field that it does not have.
func wrongSeeds(t *testing.T, def *fake.Def) (texts []string) {
	t.Helper()
	seed, err := readLayer(def, "default")
	if err != nil || len(seed) == 0 {
		t.Fatalf("the seed default of %s has no table: %v", def.Name, err)
	}
	table := slices.Min(slices.Collect(maps.Keys(seed)))
	for _, text := range []string{`{"%sx": []}`, `{"%s": {}}`, `{"%s": ["ada"]}`, `{"%s": [{"no-such-field": 1}]}`} {
		texts = append(texts, fmt.Sprintf(text, table))
	}
	return texts
}

func TestWrongSeedsOfAnyFake(t *testing.T) {
	t.Parallel()
	def := find(mocks.All(), "kickflow")
	schema := compiledSchema(t, def)
	for _, text := range wrongSeeds(t, def) {
		if validateSeed(schema, []byte(text)) == nil {
			t.Errorf("the schema accepts %s", text)
		}
	}
}

// startWith starts a server of one fake with rows on its seed empty.
func startWith(def *fake.Def, seed fake.Seed) error {
	empty, err := readLayer(def, "empty")
	if err != nil {
		return err
	}
	srv, err := fake.New(fake.Config{Seeds: map[string][]fake.Seed{def.Name: {empty, seed}},
		Settings: fake.Settings{Seeds: map[string]string{def.Name: "given"}}}, def)
	if err != nil {
		return err
	}
	defer srv.Close()
	world, err := srv.World("default")
	if err != nil {
		return err
	}
	_, err = world.State(def.Name)
	return err
}
