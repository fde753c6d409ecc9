package record

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRichTextIsDerivedBothWays(t *testing.T) {
	t.Parallel()
	got :=
		markdownOf(`[{"type":"heading","props":{"level":2},` +
			`"content":[{"type":"text","text":"H","styles":{"bold":true}}]},` +
			`{"type":"bulletListItem","content":[{"type":"text","text":"a","styles":{}}]}]`)
	if got != "## **H**\n\n* a\n" {
		t.Errorf("got %q", got)
	}
	if got := markdownOf("no blocks"); got != "no blocks" {
		t.Errorf("got %q", got)
	}
	var kinds []string
	for _, b := range readBlocks("# T\n\n- a\n- b\n\n1. c\n\n> q\n\ntwo\nlines\n\n```\ncode\n```") {
		kinds = append(kinds, b.kind)
	}
	want := []string{"heading", "bulletListItem", "bulletListItem", "numberedListItem", "quote", "paragraph",
		"codeBlock"}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestValuesPrintAsInNode(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`["NOPE"]`: `[ 'NOPE' ]`, `{"a":1,"b-c":null}`: `{ a: 1, 'b-c': null }`, `[]`: `[]`, `{}`: `{}`,
		`"it's"`: `"it's"`, `-1.5`: `-1.5`, `1e22`: `1e+22`,
		`{"a":{"b":{"c":{"d":1}}}}`: `{ a: { b: { c: [Object] } } }`, `[1,true]`: `[ 1, true ]`,
	} {
		v, err := ParseJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := Inspect(v); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	if got := Inspect(&Object{Members: []Member{{"x", 1.0}},
		NullProto: true}); got != "[Object: null prototype] { x: 1 }" {
		t.Error(got)
	}
}

func TestMalformedJSONHasV8sMessages(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"name":`:       "Unexpected end of JSON input",
		`solo@x.example`: `Unexpected token 's', "solo@x.example" is not valid JSON`,
		`{a:1}`:          `Expected property name or '}' in JSON at position 1 (line 1 column 2)`,
		`[1 2]`:          `Expected ',' or ']' after array element in JSON at position 3 (line 1 column 4)`,
		`{"a":1} x`:      `Unexpected non-whitespace character after JSON at position 8 (line 1 column 9)`,
		`{`:              `Expected property name or '}' in JSON at position 1 (line 1 column 2)`,
		`[`:              "Unexpected end of JSON input",
		`{"a"`:           `Expected ':' after property name in JSON at position 4 (line 1 column 5)`,
		`{"a":1`:         `Expected ',' or '}' after property value in JSON at position 6 (line 1 column 7)`,
		`{"a":1,}`:       `Expected double-quoted property name in JSON at position 7 (line 1 column 8)`,
		`[1`:             `Expected ',' or ']' after array element in JSON at position 2 (line 1 column 3)`,
		`"abc`:           `Unterminated string in JSON at position 4 (line 1 column 5)`,
		`-`:              `No number after minus sign in JSON at position 1 (line 1 column 2)`,
		`1.`:             `Unterminated fractional number in JSON at position 2 (line 1 column 3)`,
		`1e`:             `Exponent part is missing a number in JSON at position 2 (line 1 column 3)`,
		`"\`:             "Unexpected end of JSON input", `"\u12g4"`: `Bad Unicode escape in JSON at position 5 ` +
			`(line 1 column 6)`,
		`01`:                   `Unexpected number in JSON at position 1 (line 1 column 2)`,
		`[tru]`:                `Unexpected token ']', "[tru]" is not valid JSON`,
		`{"k":"` + "\t" + `"}`: `Bad control character in string literal in JSON at position 6 (line 1 column 7)`,
		`😀`:                    `Unexpected token '` + "\uFFFD" + `', "😀" is not valid JSON`,
		"":                     "Unexpected end of JSON input",
	} {
		if _, err := ParseJSON(text); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestBodiesAreObjectsOrLists(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{ // fixtures/twenty/rest_validation_errors, kind_entrance_bodies
		`{}`: "", `[]`: "", ` {"a":1}`: "", `null`: `Unexpected token 'n', "null" is not valid JSON`,
		`5`: `Unexpected token '5', "5" is not valid JSON`, `"s"`: `Unexpected token '"', ""s"" is not valid JSON`,
		` `:                       "Unexpected end of JSON input",
		strings.Repeat("[", 6000): `Unexpected token '[', ..."[[[[[[[[[["... is not valid JSON`,
	} {
		got := ""
		if err := CheckBody(text); err != nil {
			got = err.Error()
		}
		if len(text) < 100 && got != want || got == "" && want != "" {
			t.Errorf("%.20s: got %q, want %q", text, got, want)
		}
	}
}

func FuzzParseJSONAgreesWithEncodingJSON(f *testing.F) {
	for _, text := range []string{`{"a":[1,2e5,-0.1,"\u00e9",true,null]}`, `[01]`, `{"a" 1}`, "[\"\x01\"]", `[1,]`,
		`{"a":1,}`, `[tru]`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := ParseJSON(text)
		if valid := json.Valid([]byte(text)); valid != (err == nil) {
			t.Errorf("%q: encoding/json finds it valid: %v; got %v", text, valid, err)
		}
	})
}

func TestAveragesHaveTheDigitsOfPostgreSQL(t *testing.T) {
	t.Parallel()
	tests := []struct {
		sum  float64
		by   int
		want string
	}{
		{2, 3, "0.66666666666666666667"}, {1, 1, "1.00000000000000000000"}, {0, 4, "0.00000000000000000000"},
		{9007199254740991, 1, "9007199254740991.0000"}, {100, 3, "33.3333333333333333"},
	}
	for _, tt := range tests {
		if got := divide(shortest(tt.sum), tt.by, 0).rest(); got != tt.want {
			t.Errorf("%v/%d: got %v, want %s", tt.sum, tt.by, got, tt.want)
		}
	}
}
