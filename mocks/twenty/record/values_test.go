package record

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDateTimesAreReadAsTheVendorReadsThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-06-15": "2026-06-15T00:00:00.000Z", "2026-06-15 12:34:56": "2026-06-15T12:34:56.000Z",
		"2026-06-15T12:34Z": "2026-06-15T12:34:00.000Z", "2026-06-15T12:34:56.123456Z": "2026-06-15T12:34:56.123Z",
		"2026-03-29T02:30:00+01:00": "2026-03-29T01:30:00.000Z", "06/15/2026": "2026-06-15T00:00:00.000Z",
		"2026-06-15T23:59:60Z": "2026-06-15T23:59:59.000Z", "0001-01-01T00:00:00Z": "0001-01-01T00:00:00.000Z",
		"2026": "", "2026-06": "", "2026-W10": "", "2026-02-30": "", "2026-06-15T24:00:00Z": "",
		"10000-01-01T00:00:00Z": "", "": "", "1750000000000": "", "Mon, 15 Jun 2026 12:00:00 GMT": "",
		"20260615T123456Z": "2026-06-15T12:34:56.000Z", "2026-06-15t12": "2026-06-15T12:00:00.000Z",
		"2026-06-15T12:34:56,5+0200": "2026-06-15T10:34:56.500Z",
		"+002026-06-15T00:00:00Z":    "2026-06-15T00:00:00.000Z",
		"2026-06-15T12:00:00Z[UTC]":  "2026-06-15T12:00:00.000Z", "June 15, 2026": "2026-06-15T00:00:00.000Z",
		"15 jun 2026": "2026-06-15T00:00:00.000Z", "15-Jun-2026": "2026-06-15T00:00:00.000Z",
		"2026-JUN-15": "2026-06-15T00:00:00.000Z", "2026/6/15": "2026-06-15T00:00:00.000Z",
		"2026.06.15": "2026-06-15T00:00:00.000Z", "06-15-2026": "2026-06-15T00:00:00.000Z",
		"06.15.2026": "2026-06-15T00:00:00.000Z", "2026-6-15": "", "15/06/2026": "", "2026-06-15Z": "",
		"2026-06-15T12:34:56+25:00": "", "2026-06-15 ": "",
	} {
		got := ""
		if m, ok := parseMoment(text); ok {
			got = m.String()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestFiltersReadFewerDateTimes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-06-15": "2026-06-15T00:00:00.000Z", "2026-06-15 12:34": "2026-06-15T12:34:00.000Z",
		"2026-06-15T12:34:56.789+09:00": "2026-06-15T03:34:56.789Z",
		"2026-06-15T12:34:56-0330":      "2026-06-15T16:04:56.000Z", "2026-06-15T12:34:56Z": "2026-06-15T12:34:56.000Z",
		"2026-6-5": "2026-06-05T00:00:00.000Z", "20260615": "2026-06-15T00:00:00.000Z",
		"06/15/2026": "2026-06-15T00:00:00.000Z", "2026-06-15T12:34Z": "", "2026-06-15T12:34:56.123456Z": "",
		"2026-06-15T23:59:60Z": "", "2026-06-15 12:34:56Z": "", "-000001-01-01T00:00:00Z": "", "2026-02-30": "", "": "",
	} {
		got := ""
		if m, ok := parseFilterMoment(text); ok {
			got = m.String()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestADayIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-06-15": "2026-06-15", "2026-06-15T23:00:00-0500": "2026-06-15", "2026-06-15T10:00:00Z": "2026-06-15",
		"2026-06-15T10:00:00.123": "2026-06-15", "June 5, 2026": "2026-06-05", "2026-06-15T10:00Z": "",
		"2026-06-15Tx": "", "2026-02-30": "", "2026-06-15T25:00:00Z": "", "2026-06-15T10:00:00+02:00": "",
	} {
		got, _ := parseDay(text)
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestLinksAreTidied(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"HTTPS://WWW.Example.COM/Path/?Q=1": "https://www.example.com/Path/?Q=1",
		"https://l4.example/":               "https://l4.example", "https://w.example/a//": "https://w.example/a/",
		"https://user:pw@x.example:8443/": "https://x.example:8443", "example.org": "example.org",
		"localhost": "localhost", "https://x.example/é": "https://x.example/%C3%A9",
		"mailto:a@b.example": "nulla@b.example", "not a url": "", "ftp://x.example": "",
		"https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example": "",
	} {
		got := ""
		if linkable(text) {
			got = tidyURL(text)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestPhonesAreSplit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		in, want phone
		code     string
	}{
		{"an international number tells all", phone{number: "+33612345678"}, phone{"612345678", "FR", "+33"}, ""},
		{"a country loses the trunk prefix", phone{number: "06 12 34 56 78", country: "FR"},
			phone{"612345678", "FR", "+33"}, ""},
		{"a calling code tells the country", phone{number: "6575551234", calling: "+1"},
			phone{"6575551234", "US", "+1"}, ""},
		{"a calling code keeps international prefixes", phone{number: "0033612345678", calling: "+33"},
			phone{"033612345678", "FR", "+33"}, ""},
		{"letters end the number", phone{number: "+1-800-FLOWERS"}, phone{"800", nil, "+1"}, ""},
		{"a short number with its country", phone{number: "12", country: "GB"}, phone{"12", "GB", "+44"}, ""},
		{"a number alone says nothing", phone{number: "12"}, phone{}, "INVALID_PHONE_NUMBER"},
		{"no such country", phone{number: "612345678", country: "ZZ"}, phone{}, "INVALID_PHONE_COUNTRY_CODE"},
		{"no such calling code", phone{number: "1", calling: "+999"}, phone{}, "INVALID_PHONE_CALLING_CODE"},
		{"country against calling code", phone{number: "612345678", country: "US", calling: "+33"}, phone{},
			"CONFLICTING_PHONE_CALLING_CODE_AND_COUNTRY_CODE"},
		{"country against number", phone{number: "+33612345678", country: "US"}, phone{},
			"CONFLICTING_PHONE_COUNTRY_CODE"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.in.infer()
			if e, ok := err.(*Error); ok {
				if e.Code != tt.code {
					t.Errorf("got %v, want %s", e.Code, tt.code)
				}
				return
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(phone{})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

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
