package openapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// TestWhatIsAcceptedIsValid draws values for every body of the documents of this module, most of them valid, many
// with a part that another schema has: what is accepted without the library is valid to the library.
func TestWhatIsAcceptedIsValid(t *testing.T) {
	t.Parallel()
	documents, err := filepath.Glob("../../mocks/*/openapi.json")
	if err != nil || len(documents) == 0 {
		t.Fatal(documents, err)
	}
	d := drawing{rand.New(rand.NewPCG(2, 2))}
	accepted, others := 0, 0
	for _, file := range documents {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		spec, err := Load(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range spec.Operations() {
			for _, s := range bodySchemas(op) {
				for range 12 {
					value := d.value(s, 0)
					if !accepts(s, value) {
						others++
						continue
					}
					accepted++
					for _, way := range []openapi3.SchemaValidationOption{openapi3.VisitAsRequest(),
						openapi3.VisitAsResponse()} {
						if err := s.VisitJSON(value, way, openapi3.MultiErrors()); err != nil {
							shown, _ := json.Marshal(value)
							t.Fatalf("%s, %s: %s is accepted, but: %v", file, op.ID, shown, err)
						}
					}
				}
			}
		}
	}
	if accepted < 1000 || others < 300 {
		t.Errorf("%d accepted, %d not", accepted, others)
	}
}

// bodySchemas returns the schemas of the bodies of an operation.
func bodySchemas(op *Operation) (all []*openapi3.Schema) {
	op.requestSchema()
	op.responseSchema()
	contents := []openapi3.Content{}
	if op.body != nil {
		contents = append(contents, op.body.Content)
	}
	responses := op.answering.Operation.Responses.Map()
	for _, status := range slices.Sorted(maps.Keys(responses)) {
		contents = append(contents, responses[status].Value.Content)
	}
	for _, content := range contents {
		for _, kind := range slices.Sorted(maps.Keys(content)) {
			if media := content[kind]; media.Schema != nil {
				all = append(all, media.Schema.Value)
			}
		}
	}
	return all
}

type drawing struct{ *rand.Rand }

// value draws a value, which fits the schema unless chance has it otherwise.
func (d drawing) value(s *openapi3.Schema, depth int) any {
	switch {
	case d.IntN(60) == 0:
		return []any{nil, "x", "", 1.5, 7.0, true, []any{}, []any{"a", "a"}, map[string]any{"y": 1.0}}[d.IntN(9)]
	case s.Nullable && d.IntN(3) == 0:
		return nil
	case len(s.Enum) > 0:
		return s.Enum[d.IntN(len(s.Enum))]
	case len(s.OneOf)+len(s.AnyOf) > 0 && d.IntN(4) > 0:
		choices := append(s.OneOf[:len(s.OneOf):len(s.OneOf)], s.AnyOf...)
		return d.value(choices[d.IntN(len(choices))].Value, depth+1)
	case s.Type.Is("array"):
		list := []any{}
		for range int(s.MinItems) + d.IntN(3) {
			if s.Items != nil && depth < 8 {
				list = append(list, d.value(s.Items.Value, depth+1))
			}
		}
		return list
	case s.Type.Is("object") || len(s.Properties)+len(s.AllOf) > 0:
		return d.object(s, depth)
	}
	return d.scalar(s)
}

func (d drawing) object(s *openapi3.Schema, depth int) any {
	object := map[string]any{}
	for _, part := range s.AllOf {
		if more, ok := d.value(part.Value, depth).(map[string]any); ok {
			for key, item := range more {
				object[key] = item
			}
		}
	}
	required := map[string]bool{}
	for _, key := range s.Required {
		required[key] = d.IntN(60) > 0
	}
	for _, key := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[key]
		if required[key] || depth < 6 && d.IntN(2) == 0 {
			object[key] = d.value(p.Value, depth+1)
		}
	}
	if d.IntN(10) == 0 {
		object["another"] = 1.0
	}
	return object
}

func (d drawing) scalar(s *openapi3.Schema) any {
	switch {
	case s.Type.Is("boolean"):
		return d.IntN(2) == 0
	case s.Type.Is("integer"), s.Type.Is("number"):
		n := float64(d.IntN(20) - 3)
		if s.Min != nil && d.IntN(4) > 0 {
			n = *s.Min + float64(d.IntN(3))
		}
		return n
	}
	return []any{"a", "ABC", "東京", fmt.Sprintf("%040d", 1), "2026-01-02", "2026-01-02T03:04:05Z", "a@b.example",
		"00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000001"}[d.IntN(9)]
}
