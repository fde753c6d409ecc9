package openapi_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake/openapi"
)

const document = `{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{"/a/{id}":{
 "parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string","pattern":"^[a-z]+$"}}],
 "post":{"operationId":"a","x-evidence":"inferred","x-source":"test",
  "parameters":[{"name":"page","in":"query","required":true,"schema":{"type":"integer","minimum":1,"maximum":9}},
   {"name":"loose","in":"query","x-lenient":true,"schema":{"type":"integer"}},
   {"name":"kinds","in":"query","schema":{"type":"array","items":{"type":"string","enum":["x","y"]}}}],
  "requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}},
    "application/x-www-form-urlencoded":{"schema":{"$ref":"#/components/schemas/A"}}}},
  "responses":{"201":{"description":"","content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}}}}}}}},
 "components":{"schemas":{"A":{"type":"object","required":["name"],
    "properties":{"name":{"type":"string","maxLength":3},"b":{"$ref":"#/components/schemas/B"}}},
  "B":{"type":"array","maxItems":1,"items":{"type":"integer","nullable":true}}}}}`

// parameters are those of a path.
type parameters map[string]string

func (p parameters) Param(name string) string { return p[name] }

func TestValidate(t *testing.T) {
	t.Parallel()
	const form = "application/x-www-form-urlencoded"
	for _, c := range []struct{ name, id, query, kind, body, want string }{
		{"all is well", "x", "page=1", "", `{"name":"ab","b":[null]}`, ""},
		{"a lenient parameter is not looked at", "x", "page=1&loose=x", "", `{"name":"ab"}`, ""},
		{"arrays in three spellings", "x", "page=1&kinds[]=x&kinds[]=y", "", `{"name":"ab"}`, ""},
		{"path pattern", "X", "page=1", "", `{"name":"ab"}`, "path id pattern ^[a-z]+$"},
		{"missing parameter", "x", "", "", `{"name":"ab"}`, "query page required <nil>"},
		{"number out of bounds", "x", "page=10", "", `{"name":"ab"}`, "query page maximum 9"},
		{"not a number", "x", "page=x", "", `{"name":"ab"}`, "query page type <nil>"},
		{"a number as Go writes it", "x", "page=0x1", "", `{"name":"ab"}`, "query page type <nil>"},
		{"a number with a zero in front is decimal", "x", "page=08", "", `{"name":"ab"}`, ""},
		{"unknown array item", "x", "page=1&kinds=z", "", `{"name":"ab"}`, "query kinds.0 enum [x y]"},
		{"missing key", "x", "page=1", "", `{}`, "body name required <nil>"},
		{"nested, and too many", "x", "page=1", "", `{"name":"abcd","b":[1,"x"]}`,
			"body b maxItems 1; body b.1 type [integer]; body name maxLength 3"},
		{"form", "x", "page=1", form, `name=abcd`, "body name maxLength 3"},
		{"not JSON", "x", "page=1", "", `{`, "body  syntax <nil>"},
		{"another type", "x", "page=1", "text/csv", `a`, `415`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			spec, err := openapi.Load([]byte(document))
			if err != nil {
				t.Fatal(err)
			}
			kind := c.kind
			if kind == "" {
				kind = "application/json"
			}
			query, _ := url.ParseQuery(c.query)
			in := &openapi.Input{
				ParseForm: url.ParseQuery,
				HTTP:      &http.Request{Header: http.Header{"Content-Type": {kind}}},
				Path:      parameters{"id": c.id},
				Query:     query,
				Body:      []byte(c.body),
			}
			found, err := spec.Operations()[0].Validate(in)
			var got []string
			for _, v := range found {
				limit := v.Limit
				if p, ok := limit.(*float64); ok {
					limit = *p
				}
				if p, ok := limit.(*uint64); ok {
					limit = *p
				}
				got = append(got, fmt.Sprintf("%s %s %s %v", v.In, v.Field(), v.Rule, limit))
			}
			if refused, ok := err.(*openapi.InvalidError); ok {
				got = append(got, fmt.Sprint(refused.Status))
			}
			if diff := cmp.Diff(c.want, strings.Join(got, "; ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCheckAnswer(t *testing.T) {
	t.Parallel()
	spec, err := openapi.Load([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	op := spec.Operations()[0]
	in := &openapi.Input{HTTP: &http.Request{Method: "POST", Header: http.Header{}}}
	h := http.Header{"Content-Type": {"application/json"}}
	for body, want := range map[string]bool{`{"name":"ab"}`: true, `{"name":1}`: false, `[]`: false} {
		if got := op.CheckAnswer(in, 201, h, []byte(body)) == nil; got != want {
			t.Errorf("%s: %v, want %v", body, got, want)
		}
	}
	if op.CheckAnswer(in, 200, h, []byte(`{"name":"ab"}`)) == nil {
		t.Error("a status that the document does not have passes")
	}
}

func TestLoadDemandsEvidence(t *testing.T) {
	t.Parallel()
	for missing, want := range map[string]string{`"operationId":"a",`: `operationId ""`,
		`"x-evidence":"inferred",`: `x-evidence ""`, `"x-source":"test",`: `x-source ""`} {
		_, err := openapi.Load([]byte(strings.Replace(document, missing, "", 1)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a document without %s: %v", missing, err)
		}
	}
}
