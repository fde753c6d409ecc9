package stub_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake/match"
	"github.com/afba07b5/mockserver/fake/stub"
)

func parse(t *testing.T, text string) *stub.Stub {
	t.Helper()
	one, err := stub.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return one
}

func get(path string) *match.Request {
	return &match.Request{Method: "GET", URL: path, Target: path, Header: http.Header{}, Now: time.Unix(0, 0).UTC()}
}

// TestASavedSetGoesOn saves a Set in the middle of a scenario and compares what both serve from there.
func TestASavedSetGoesOn(t *testing.T) {
	t.Parallel()
	var set, restored stub.Set
	set.Put(
		parse(t, `{"name":"low","priority":9,"request":{"urlPathPattern":"/.*"},"response":{"body":"low"}}`),
		parse(t, `{"name":"old","request":{"urlPath":"/a"},"response":{"body":"old"}}`),
		parse(t, `{"name":"new","request":{"urlPath":"/a"},"response":{"bodyFileName":"f"}}`),
		parse(t, `{"name":"first","request":{"urlPath":"/s"},"scenarioName":"s","requiredScenarioState":"Started",`+
			`"newScenarioState":"two"}`),
		parse(t, `{"name":"second","request":{"urlPath":"/s"},"scenarioName":"s","requiredScenarioState":"two"}`),
	)
	set.PutFile("f", []byte("file"))
	if got := set.Serve(get("/s"), 1); got == nil || got.Name != "first" {
		t.Fatalf("served %v", got)
	}
	text, err := json.Marshal(set.Save())
	if err != nil {
		t.Fatal(err)
	}
	var saved stub.Saved
	if err := json.Unmarshal(text, &saved); err != nil {
		t.Fatal(err)
	}
	if err := restored.Restore(saved); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/a": "new", "/s": "second", "/other": "low"} {
		for name, s := range map[string]*stub.Set{"the set": &set, "the restored set": &restored} {
			if got := s.Serve(get(path), 2); got == nil || got.Name != want {
				t.Errorf("%s serves %v for %s, want %s", name, got, path, want)
			}
		}
	}
	if diff := cmp.Diff(set.Scenarios(), restored.Scenarios()); diff != "" {
		t.Error(diff)
	}
	answer, err := restored.Serve(get("/a"), 3).Answer(get("/a"), "3")
	if err != nil || string(answer.Body) != "file" {
		t.Errorf("the restored file: %v %v", answer, err)
	}
	set.Rewind(0)
	if got := set.Scenarios()[0].State; got != stub.Started {
		t.Errorf("after a rewind the state is %s", got)
	}
	set.Reset()
	if set.Used() || len(set.Stubs()) > 0 {
		t.Error("a reset leaves stubs")
	}
}

// TestTemplates renders with the clock and the chance of the request alone.
func TestTemplates(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]string{
		`{{now}} {{now offset='3 days' format='yyyy-MM-dd'}} {{now format='epoch'}}`: "" +
			"1970-01-01T00:00:00Z 1970-01-04 0",
		`{{date (parseDate '2020-01-02T03:04:05Z') format="dd/MM HH:mm"}}`:                           "02/01 03:04",
		`{{upper 'a'}}{{lower 'B'}}{{capitalize 'ab cd'}}{{trim ' x '}}`:                             "AbAb Cdx",
		`{{math 7 '%' 4}} {{math 1 '/' 4}} {{size 'abc'}} {{size (split 'a,b' ',')}}`:                "3 0.25 3 2",
		`{{#each (split 'a,b' ',') as |x i|}}{{i}}={{x}};{{/each}}`:                                  "0=a;1=b;",
		`{{#if (and true (not false))}}yes{{else}}no{{/if}}{{#unless 1}}x{{else}}y{{/unless}}`:       "yesy",
		`{{#assign 'v'}}q{{/assign}}{{v}}{{val request.none or='z'}}`:                                "qz",
		`{{regexExtract 'ab12' '[0-9]+'}} {{regexExtract 'x' '[0-9]+' default='none'}}`:              "12 none",
		`{{base64 'abc'}} {{base64 'YWJj' decode=true}} {{urlEncode 'a b'}}`:                         "YWJj abc a+b",
		`{{jsonPath '{"a":{"b":[1,2]}}' '$.a.b'}} {{toJson (parseJson '{"x": 1}')}}`:                 `[1,2] {"x":1}`,
		`{{xPath '<a><b>1</b></a>' '/a/b/text()'}} {{join (array 'a' 'b') '-'}}`:                     "1 a-b",
		`{{request.path}} {{request.path.[1]}} {{request.pathSegments.[0]}} {{request.query.q.[1]}}`: "/p/two two p 2",

		`{{{request.url}}} {{defaultIfEmpty request.query.none 'd'}} {{contains 'abc' 'b'}}`: "/p/two?q=1&q=2 d true",
		`{{#eq 1 1}}a{{/eq}}{{#gt 2 1}}b{{/gt}}{{#matches 'xyz' 'x.*'}}c{{/matches}}`:        "abc",
	} {
		text, err := json.Marshal(map[string]any{"response": map[string]any{"body": template,
			"transformers": []string{"response-template"}}})
		if err != nil {
			t.Fatal(err)
		}
		var set stub.Set
		set.Put(parse(t, string(text)))
		r := get("/p/two?q=1&q=2")
		answer, err := set.Serve(r, 1).Answer(r, "1")
		if err != nil || string(answer.Body) != want {
			t.Errorf("%s: %v %q, want %q", template, err, answer.Body, want)
		}
	}
}

// FuzzTemplates renders any template for any body: nothing may panic or take long.
func FuzzTemplates(f *testing.F) {
	f.Add(`{{#each (range 1 9)}}{{this}}{{/each}} {{jsonPath request.body '$.a'}}`, `{"a":1}`)
	f.Add(`{{#if request.query.a}}x{{else}}{{now offset='1 days'}}{{/if}}{{randomValue length=3}}`, ``)
	f.Add(`{{substring request.body 1 2}}{{math 1 '/' 0}}{{regexExtract request.body '(a)' 'g'}}{{g.[0]}}`, `abc`)
	f.Fuzz(func(t *testing.T, template, body string) {
		text, err := json.Marshal(map[string]any{"response": map[string]any{"body": template,
			"transformers": []string{"response-template"}}})
		if err != nil {
			t.Fatal(err)
		}
		one, err := stub.Parse(text)
		if err != nil {
			return
		}
		var set stub.Set
		set.Put(one)
		r := get("/p?q=1")
		r.Body = []byte(body)
		answer, err := set.Serve(r, rand.IntN(9)).Answer(r, "1")
		if err == nil && len(answer.Body) > 8<<20 || err != nil && strings.Contains(err.Error(), "panic") {
			t.Errorf("%q: %d bytes, %v", template, len(answer.Body), err)
		}
	})
}
