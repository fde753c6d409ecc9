package openapi

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

// TestWhatPassesIsValid draws values for every parameter of the documents of this module: what passes without the
// library is valid to the library.
// inPath is the value of the only parameter of a path.
type inPath string

func (p inPath) Param(string) string { return string(p) }

func TestWhatPassesIsValid(t *testing.T) {
	t.Parallel()
	documents, err := filepath.Glob("../../mocks/*/openapi.json")
	if err != nil || len(documents) == 0 {
		t.Fatal(documents, err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	passed, others := 0, 0
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
			op.requestSchema()
			for _, p := range op.params {
				for range 40 {
					in := drawn(r, p)
					if !p.passes(in, in.Query) {
						others++
						continue
					}
					passed++
					if found := op.validateParameter(p, in); len(found) > 0 {
						t.Errorf("%s, %s: %v %v passes, but: %v", file, op.ID, in.Path, in.Query, found)
					}
				}
			}
		}
	}
	if passed < 1000 || others < 1000 {
		t.Errorf("%d passed, %d did not", passed, others)
	}
}

// drawn returns a request with a value for a parameter, several or none.
func drawn(r *rand.Rand, p *parameter) *Input {
	texts := []string{"", "a", "0", "1", "-1", "10", "01", "0x1", "1.0", "2147483648", "9223372036854775808", " 1",
		"é", "東京", "true", "00000000-0000-4000-8000-000000000001", "2026-01-01", "a,b", "\x00"}
	if p.Schema != nil {
		s := p.Schema.Value
		if s.Items != nil {
			s = s.Items.Value
		}
		for _, bound := range []*float64{s.Min, s.Max} {
			if bound != nil {
				texts = append(texts, fmt.Sprint(*bound-1), fmt.Sprint(*bound), fmt.Sprint(*bound+1))
			}
		}
		for _, one := range s.Enum {
			texts = append(texts, fmt.Sprint(one))
		}
	}
	in := &Input{HTTP: &http.Request{Header: http.Header{}}, Path: inPath(""), Query: url.Values{}}
	name := p.Name
	if r.IntN(4) == 0 {
		name += "[]"
	}
	for range r.IntN(3) {
		value := texts[r.IntN(len(texts))]
		switch p.In {
		case "path":
			in.Path = inPath(value)
		case "header":
			in.HTTP.Header.Add(p.Name, value)
		default:
			in.Query.Add(name, value)
		}
	}
	return in
}
