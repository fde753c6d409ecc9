package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

const badField = "INVALID_FIELD_INPUT"

// newFieldComplaints returns what is wrong with a new field, in the vendor's order: whether its
// name is free and matches its label, the name itself, the rules of its type. The order and the
// messages beyond the recordings are known from the vendor's public source.
func (m *Model) newFieldComplaints(f Field) []Complaint {
	out := m.nameTaken(f.Name, "")
	if f.IsLabelSyncedWithName && syncedName(f.Label) != f.Name {
		out = append(out, Complaint{Code: "NAME_NOT_SYNCED_WITH_LABEL", Message: "Name is not synced with label",
			UserMessage: "Field name is not synced with field label", Value: f.Label})
	}
	out = append(out, checkName(f.Name, badField)...)
	if column, _ := f.Setting("joinColumnName").(string); column != "" && f.relates() {
		out = append(out, m.columnTaken(column, "")...)
	}
	return append(out, f.typeComplaints()...)
}

// relates reports whether the field is a relation.
func (f Field) relates() bool { return f.Type == Relation || f.Type == MorphRelation }

// typeComplaints returns the errors of the field's type.
func (f Field) typeComplaints() (out []Complaint) {
	add := func(message, user string, value any) {
		out = append(out, Complaint{Code: badField, Message: message, UserMessage: user, Value: value})
	}
	switch f.Type {
	case Numeric:
		add("Field type NUMERIC is not supported for field creation. Use NUMBER instead.",
			"Field type NUMERIC is not supported. Use Number instead.", string(f.Type))
	case Position:
		if f.Name != "position" {
			add(`Field type POSITION must be named "position", got "`+f.Name+`"`,
				`Field type POSITION must be named "position"`, f.Name)
		}
		if !f.IsSystem {
			add("Field type POSITION must be a system field", "Field type POSITION must be a system field", false)
		}
	case Files:
		if f.IsUnique {
			add("Files field is not supported for unique fields", "Files field is not supported for unique fields", nil)
		}
		settings, _ := f.Settings.(map[string]any)
		if most, _ := settings["maxNumberOfValues"].(float64); most < 1 || most > mostFiles {
			message := "maxNumberOfValues must be defined in settings and be a number greater than 0 and less " +
				"than or equal to " + strconv.Itoa(mostFiles)
			add(message, message, nil)
		}
	case Select, MultiSelect, Rating:
		return f.optionComplaints()
	}
	return out
}

// mostFiles is how many files a field of files can be set to take.
const mostFiles = 60

// nameTaken complains if a column of a composite field, another field of the object or a relation's column has
// the name.
func (m *Model) nameTaken(name, self string) (out []Complaint) {
	add := func(code, message, user string) {
		out = append(out, Complaint{Code: code, Message: message, UserMessage: user, Value: name})
	}
	var part, field, column bool
	for _, a := range m.Attrs {
		for _, sub := range Composites[a.Type] {
			part = part || a.Name+Capital(sub.Name) == name
		}
		field = field || a.ID != self && a.Name == name
		column = column || a.ID != self && a.JoinColumn == name && name != ""
	}
	if part {
		add("RESERVED_KEYWORD", `Name "`+name+`" is reserved composite field name`, `Name "`+name+`" is not available`)
	}
	if taken := `Name "` + name + `" is not available as it is already used by another field`; field {
		add("NOT_AVAILABLE", taken, taken)
	}
	if column {
		out = append(out, columnIsTaken(name))
	}
	return out
}

// columnTaken complains if a field of the object has the name of a join column, or another relation has the column.
// The first is assumed, the second recorded: kind_metadata_relations 11.
func (m *Model) columnTaken(column, self string) (out []Complaint) {
	for _, a := range m.Attrs {
		if a.ID != self && (a.JoinColumn == column || a.Name == column) {
			return []Complaint{columnIsTaken(column)}
		}
	}
	return nil
}

func columnIsTaken(name string) Complaint {
	taken := `Name "` + name + `" is not available as it is already used by `
	return Complaint{Code: "NOT_AVAILABLE", Message: taken + "another join column name",
		UserMessage: taken + "join column name", Value: name}
}

var optionValue = regexp.MustCompile(`^[A-Z0-9]+(_[A-Z0-9]+)*$`)

// optionComplaints checks the options of a field and the default that must be one of them.
func (f Field) optionComplaints() (out []Complaint) {
	add := func(message, user string, value any) {
		out = append(out, Complaint{Code: badField, Message: message, UserMessage: user, Value: value})
	}
	if len(f.Options) == 0 {
		add("Options are required for enum fields", "Options are required for enum fields", []Option{})
	}
	for _, o := range f.Options {
		checkOption(o, add)
	}
	for _, part := range []struct {
		name string
		of   func(Option) any
	}{{"position", func(o Option) any { return o.Position }}, {"id", func(o Option) any { return o.ID }},
		{"value", func(o Option) any { return o.Value }}} {
		seen := map[any]bool{}
		for _, o := range f.Options {
			seen[part.of(o)] = true
		}
		if len(seen) < len(f.Options) {
			add("Duplicated option "+part.name, "Duplicated option "+part.name, f.Options)
		}
	}
	f.checkDefault(add)
	return out
}

// checkOption checks an option of a request. Its rules are documented in packages/twenty-server/src/engine/
// metadata-modules/flat-field-metadata/validators/utils/validate-enum-flat-field-metadata.util.ts.
func checkOption(o Option, add func(message, user string, value any)) {
	one := func(message string, value any) { add(message, message, value) }
	if id, said := o.given["id"]; said {
		if id == nil {
			one("Option id is required", nil)
		}
		if text, _ := id.(string); !IsUUID(text) {
			one("Option id is invalid", id)
		}
	}
	named := func(part, text string) bool {
		switch given, said := o.given[part]; {
		case said && given == nil || !said && text == "":
			one("Option "+part+" is required", nil)
		case text == "":
			add("Option "+part+" must be a string of at least one character",
				"Option "+part+" format not supported", given)
		case utf16len(text) > longestName:
			one("Option "+part+" exceeds 63 characters", text)
		}
		return text != ""
	}
	if named("value", o.Value) && !optionValue.MatchString(o.Value) {
		one(`Value must be in UPPER_CASE and follow snake_case "`+o.Value+`"`, o.Value)
	}
	if named("label", o.Label) && strings.Contains(o.Label, ",") {
		one("Label must not contain a comma", o.Label)
	}
}

// utf16len is how long JavaScript finds a text.
func utf16len(text string) int { return len(utf16.Encode([]rune(text))) }

// checkDefault checks that the default is one of the options, in quotes: for many choices a list of such.
func (f Field) checkDefault(add func(message, user string, value any)) {
	if f.DefaultValue == nil {
		return
	}
	if f.Type != MultiSelect {
		f.checkChoice(f.DefaultValue, add)
		return
	}
	list, ok := f.DefaultValue.([]any)
	if !ok {
		add("Default value for multi-select must be an array got "+js.Text(f.DefaultValue),
			"Multi-select field default value must be an array", f.DefaultValue)
		return
	}
	if len(list) == 0 {
		add("If defined default value must contain at least one value",
			"If defined default value must contain at least one value", list)
	}
	seen := map[string]bool{}
	for _, choice := range list {
		seen[fmt.Sprintf("%T %v", choice, choice)] = true
	}
	if len(seen) < len(list) {
		add("Default values must be unique", "Default values must be unique", list)
	}
	for _, choice := range list {
		f.checkChoice(choice, add)
	}
}

func (f Field) checkChoice(choice any, add func(message, user string, value any)) {
	text, isText := choice.(string)
	if !isText {
		add("Default value for select must be a string got "+js.Text(choice), "Default value must be a string", choice)
		return
	}
	plain, quoted := Unquote(text)
	if !quoted {
		add("Default value should be as quoted string", "Default value should be as quoted string", choice)
	}
	if !slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == plain }) {
		message := `Default value "` + text + `" must be one of the option values`
		add(message, message, choice)
	}
}

// IsUUID reports whether a text has the form of a UUID, of whatever version.
func IsUUID(text string) bool {
	for i := range len(text) {
		switch c := text[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f'):
			return false
		}
	}
	return len(text) == 36
}
