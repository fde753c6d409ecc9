package evidence

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

func TestTemplate(t *testing.T) {
	t.Parallel()
	isName := func(word string) bool { return word == "company" || word == "companies" }
	for _, tt := range []struct{ message, want string }{
		{"Record not found", "Record not found"},
		{`Object company doesn't have any "nope" field.`, "Object … doesn't have any … field."},
		{"'not-a-uuid' is not a valid UUID", "… is not a valid UUID"},
		{`Invalid string value 5 for text field "name"`, "Invalid string value … for text field …"},
		{`Invalid string value [ 1, 'a' ] for text field "name"`, "Invalid string value … for text field …"},
		{`Invalid object value { x: { y: 1 } } for field "name"`, "Invalid object value … for field …"},
		{`Invalid number value NaN for field "a.b"`, "Invalid number value … for field …"},
		{`Invalid value "X" for field "stage". Valid values are: NEW, WON, LOST`,
			"Invalid value … for field …. Valid values are: …"},
		{`Invalid value "X" for field "stage". Valid values are: NEW`,
			"Invalid value … for field …. Valid values are: …"},
		{"limit 'abc' is invalid. Should be an integer", "limit … is invalid. Should be an integer"},
		{"Unidentified field in groupBy: nope", "Unidentified field in …: …"},
		{"View field (id: nope) not found", "View field (id: …) not found"},
		{"Limit cannot exceed 100 items", "Limit cannot exceed … items"},
		{"a JSON body, an API key", "a JSON body, an API key"},
		{`Unexpected token }, "{ x }" is not valid JSON`, "Unexpected token }, … is not valid JSON"},
		{"  two\n lines ", "two lines"},
		{"Invalid value '" + strings.Repeat("[ ", 1<<20) + "' for field \"name\"", "Invalid value … for field …"},
		{"", ""},
	} {
		if got := Template(tt.message, isName); got != tt.want {
			t.Errorf("Template(%q) = %q, want %q", tt.message, got, tt.want)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add(`a "b' {c} 1, 2 (x: y)`)
	none := func(string) bool { return false }
	f.Fuzz(func(t *testing.T, message string) {
		if len(message) > longestRead {
			return
		}
		once := Template(message, none)
		if twice := Template(once, none); twice != once {
			t.Errorf("the template of %q is %q, and the template of that is %q", message, once, twice)
		}
	})
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		answer string
		want   []string
	}{
		{`{"statusCode":400,"error":"BadRequestException","messages":["Invalid 1","Invalid 2","b"]}`,
			[]string{"Invalid …", "b"}},
		{`{"errors":[{"message":"a","extensions":{"code":"X","userFriendlyMessage":"An error."}}]}`,
			[]string{"An error.", "a"}},
		{`{"errors":[{"message":"a","extensions":{"userFriendlyMessage":{"id":"4f","message":"b"}}}]}`,
			[]string{"a", "b"}},
		{`"a text"`, []string{"a text"}},
		{`no JSON`, []string{"no JSON"}},
		{``, []string{"status 406"}},
		{`{"message":""}`, []string{"status 406"}},
	} {
		got := Templates(406, []byte(tt.answer), func(string) bool { return false })
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.answer, diff)
		}
	}
}

func TestOf(t *testing.T) {
	t.Parallel()
	known := MustLoad("shop", fstest.MapFS{
		"recorded.json":   {Data: []byte(`{"get":{"a":"one","b":"two"},"put":{"c":"three","a":"four"}}`)},
		"documented.json": {Data: []byte(`{"d":"docs/errors"}`)}})
	for _, tt := range []struct {
		operation        string
		messages         []string
		evidence, source string
	}{
		{"get", []string{"a"}, fake.Recorded, "fixtures/shop/one"},
		{"get", []string{"a", "b"}, fake.Recorded, "fixtures/shop/one, fixtures/shop/two"},
		{"get", []string{"a", "d"}, fake.Documented, "docs/errors"},
		{"get", []string{"c"}, fake.Inferred, "recorded at other operations: put"},
		{"get", []string{"a", "c", "d"}, fake.Inferred, "recorded at other operations: put"},
		{"", []string{"a"}, fake.Inferred, "recorded at other operations: get, put"},
		{"get", []string{"a", "e"}, fake.Inferred, `no recording shows "e"`},
	} {
		evidence, source := known.Of(tt.operation, tt.messages)
		if evidence != tt.evidence || source != tt.source {
			t.Errorf("%s %q: %s, %s; want %s, %s", tt.operation, tt.messages, evidence, source, tt.evidence, tt.source)
		}
	}
}
