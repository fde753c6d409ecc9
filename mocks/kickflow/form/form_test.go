package form

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

// desk is a company of one boss, with one uploaded file.
type desk struct{}

func (desk) NewID() string                   { return "new" }
func (desk) Now() time.Time                  { return time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC) }
func (desk) Exists(_ *Field, id string) bool { return id == "boss" }
func (desk) Filename(id string) string       { return map[string]string{"f": "a.PDF"}[id] }
func (desk) Attach(ids []string) bool        { return !slices.Contains(ids, "lost") }
func (desk) Variable(string) map[string]any  { return nil }
func (desk) LevelOf(grade string) int        { return map[string]int{"staff": 1, "chief": 5}[grade] }

func (desk) Text(_ *Field, id string) (string, bool) { return strings.ToUpper(id), id == "boss" }

func (desk) GradesOf(id string) []string {
	return map[string][]string{"boss": {"staff", "chief"}, "chief": {"chief"}}[id]
}

func (desk) TeamWithin(id string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool { return strings.HasPrefix(id, root) })
}

func TestThresholds(t *testing.T) {
	t.Parallel()
	ten := "10"
	for _, tt := range []struct {
		name      string
		threshold Threshold
		have      []string
		want      bool
	}{
		{"numbers", Threshold{Symbol: "greater_than", Value: &ten}, []string{"9.5"}, false},
		{"equal numbers", Threshold{Symbol: "equal", Value: &ten}, []string{"10.0"}, true},
		{"text", Threshold{Symbol: "less_than", Value: &ten}, []string{"1x"}, false},
		{"part of a text", Threshold{Symbol: "include", Value: &ten}, []string{"x10"}, true},
		{"no part of a text", Threshold{Symbol: "exclude", Value: &ten}, []string{"x10"}, false},
		{"empty", Threshold{Symbol: "is_empty"}, nil, true},
		{"not empty", Threshold{Symbol: "is_not_empty"}, nil, false},
		{"one of a user's grades", Threshold{Symbol: "equal", GradeID: "staff"}, []string{"boss"}, true},
		{"the highest grade", Threshold{Symbol: "greater_than", GradeID: "staff"}, []string{"boss"}, true},
		{"no grade", Threshold{Symbol: "less_than", GradeID: "staff"}, []string{"guest"}, true},
		{"a team", Threshold{Symbol: "equal", TeamID: "hq"}, []string{"hq/sales"}, false},
		{"a team below", Threshold{Symbol: "descendants_or_equal", TeamID: "hq"}, []string{"hq/sales"}, true},
		{"an item", Threshold{Symbol: "not_equal", ItemID: "i"}, []string{"i"}, false},
	} {
		if got := tt.threshold.Met(desk{}, tt.have); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestEditor(t *testing.T) {
	t.Parallel()
	var sections Form = []Section{
		{ID: "s", SectionType: "form", FormFields: []Field{
			{FieldSettings: FieldSettings{ID: "p", Code: "price", FieldType: "number", Required: true}},
			{FieldSettings: FieldSettings{ID: "b", Code: "boss", FieldType: "user"}},
			{FieldSettings: FieldSettings{ID: "r", Code: "receipt", FieldType: "file"},
				FieldOptions: FieldOptions{AllowedExtensions: []string{"pdf"}}},
			{FieldSettings: FieldSettings{ID: "d", Code: "double", FieldType: "calculation",
				Formula: new("price * 2")}},
		}},
	}
	for i := range sections {
		sections[i].SetDefaults(desk{})
	}
	code := func(s string) *string { return &s }
	all := func(price any, user string, files ...string) []Entry {
		return []Entry{{FormFieldCode: code("price"), Value: price}, {FormFieldCode: code("boss"), UserID: user},
			{FormFieldCode: code("receipt"), Files: files}, {FormFieldCode: code("double")}}
	}
	for _, tt := range []struct {
		name   string
		inputs []Entry
		errors map[string][]string
		double any
	}{
		{name: "complete", inputs: all(1.5, "boss", "f"), double: "3"},
		{name: "not a number", inputs: all("x", "boss"), errors: map[string][]string{
			"inputs.price": {"is not a number"}}, double: "0"},
		{name: "empty though required", inputs: all(nil, "boss"), errors: map[string][]string{
			"inputs.price": {"can't be blank"}}, double: "0"},
		{name: "nobody", inputs: all("1", "nobody"), errors: map[string][]string{
			"inputs.boss": {"must exist"}}, double: "2"},
		{name: "a lost file", inputs: all("1", "boss", "lost"), errors: map[string][]string{
			"inputs.receipt": {"must exist"}}, double: "2"},
		{name: "a field twice", inputs: append(all("1", "boss"), Entry{FormFieldID: code("p")}),
			errors: map[string][]string{"inputs.p": {"has already been taken"}}, double: "2"},
	} {
		e := NewEditor(Filled{Form: sections}, desk{}, false)
		e.Fill(tt.inputs)
		e.Compute()
		e.Demand()
		var refused *fake.Error
		errors.As(e.Err(), &refused)
		if refused == nil {
			refused = &fake.Error{}
		}
		if diff := cmp.Diff(tt.errors, refused.Fields); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		if in := e.Input("d"); in.Value != tt.double {
			t.Errorf("%s: double is %v, want %v", tt.name, in.Value, tt.double)
		}
		if text := e.Title("for {boss}"); tt.name == "complete" && text != "for BOSS" {
			t.Errorf("title %q", text)
		}
	}
}

func TestStoredValues(t *testing.T) {
	t.Parallel()
	list := func(values ...any) []any { return values }
	for _, tt := range []struct {
		fieldType string
		value     any
		want      any
		ok        bool
	}{
		{"text", "x", "x", true},
		{"text", "", nil, true},
		{"text", nil, nil, true},
		{"text", list("a"), list("a"), false},
		{"text", true, nil, false},
		{"number", 1.5, "1.5", true},
		{"text", 1.5, "1.5", false},
		{"checkbox", list("a", "b"), list("a", "b"), true},
		{"checkbox", list(), nil, true},
		{"checkbox", nil, nil, true},
		{"checkbox", "a", "a", false},
		{"checkbox", list(1.0), nil, false},
		{"checkbox", list(nil), nil, false},
		{"checkbox", list("a", 1.0), nil, false},
	} {
		got, ok := storedValue(tt.fieldType, tt.value)
		if diff := cmp.Diff(tt.want, got); diff != "" || ok != tt.ok {
			t.Errorf("%s %#v: %v (-want +got):\n%s", tt.fieldType, tt.value, ok, diff)
		}
	}
}

func TestPlainValues(t *testing.T) {
	t.Parallel()
	options := []string{"a", "b"}
	for _, tt := range []struct {
		fieldType string
		value     any
		fits      bool
	}{
		{"text", "x", true},
		{"number", "1.5", true},
		{"number", "1,500", false},
		{"integer", 1.5, false},
		{"integer", "2", true},
		{"date", "2026-02-30", false},
		{"pullDown", "a", true},
		{"pull_down", "c", false},
		{"pullDown", "", true},
		{"checkbox", []any{"a"}, true},
		{"checkbox", []any{"c"}, false},
		{"checkbox", []any{1.0}, false},
		{"checkbox", "", false},
	} {
		if _, fits := PlainValue(tt.fieldType, options, tt.value); fits != tt.fits {
			t.Errorf("%s %#v: %v", tt.fieldType, tt.value, fits)
		}
	}
}
