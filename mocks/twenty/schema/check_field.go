package schema

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

const badField = "INVALID_FIELD_INPUT"

// newFieldComplaints says what is wrong with a new field, in the vendor's order: whether its name is free and
// belongs to its label, the name itself, its type's own rules. The order and the words beyond the recordings
// are known from the vendor's public source.
func (m *Model) newFieldComplaints(f Field) []Complaint {
	out := m.nameTaken(f.Name, "")
	if f.IsLabelSyncedWithName && syncedName(f.Label) != f.Name {
		out = append(out, Complaint{Code: "NAME_NOT_SYNCED_WITH_LABEL", Message: "Name is not synced with label",
			UserMessage: "Field name is not synced with field label", Value: f.Label})
	}
	out = append(out, checkName(f.Name, badField)...)
	return append(out, f.typeComplaints()...)
}

// typeComplaints are those of the field's type.
func (f Field) typeComplaints() (out []Complaint) {
	add := func(message, user string, value any) {
		out = append(out, Complaint{Code: badField, Message: message, UserMessage: user, Value: value})
	}
	switch f.Type {
	case Numeric:
		add("Field type NUMERIC is not supported for field creation. Use NUMBER instead.", "Field type NUMERIC is not supported. Use Number instead.", string(f.Type))
	case Position:
		if f.Name != "position" {
			add(`Field type POSITION must be named "position", got "`+f.Name+`"`, `Field type POSITION must be named "position"`, f.Name)
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
			message := "maxNumberOfValues must be defined in settings and be a number greater than 0 and less than or equal to " + strconv.Itoa(mostFiles)
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
			part = part || a.Name+capital(sub.Name) == name
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
	if taken := `Name "` + name + `" is not available as it is already used by `; column {
		add("NOT_AVAILABLE", taken+"another join column name", taken+"join column name")
	}
	return out
}

var optionValue = regexp.MustCompile(`^[A-Z0-9]+(_[A-Z0-9]+)*$`)

// optionComplaints checks the options of a field and the default that must be one of them.
func (f Field) optionComplaints() (out []Complaint) {
	add := func(message, user string, value any) {
		out = append(out, Complaint{Code: badField, Message: message, UserMessage: user, Value: value})
	}
	if len(f.Options) == 0 {
		add("Options are required for enum fields", "Options are required for enum fields", []Option{})
		return out
	}
	for _, o := range f.Options {
		f.checkOption(o, add)
	}
	for _, part := range []struct {
		name string
		of   func(Option) any
	}{{"position", func(o Option) any { return o.Position }}, {"id", func(o Option) any { return o.ID }}, {"value", func(o Option) any { return o.Value }}} {
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

func (f Field) checkOption(o Option, add func(message, user string, value any)) {
	one := func(message string, value any) { add(message, message, value) }
	switch {
	case o.noValue:
		one("Option value is required", nil)
	case o.Value == "":
		add("Option value must be a string of at least one character", "Option value format not supported", o.Value)
	default:
		if utf16len(o.Value) > longestName {
			one("Option value exceeds 63 characters", o.Value)
		}
		if !optionValue.MatchString(o.Value) {
			one(`Value must be in UPPER_CASE and follow snake_case "`+o.Value+`"`, o.Value)
		}
	}
	switch {
	case o.noLabel:
		one("Option label is required", nil)
	case o.Label == "":
		add("Option label must be a string of at least one character", "Option label format not supported", o.Label)
	default:
		if utf16len(o.Label) > longestName {
			one("Option label exceeds 63 characters", o.Label)
		}
		if strings.Contains(o.Label, ",") {
			one("Label must not contain a comma", o.Label)
		}
		if o.Label == " " {
			one("Label must not be empty", o.Label)
		}
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
		add("Default value for multi-select must be an array got "+asText(f.DefaultValue), "Multi-select field default value must be an array", f.DefaultValue)
		return
	}
	if len(list) == 0 {
		add("If defined default value must contain at least one value", "If defined default value must contain at least one value", list)
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
		add("Default value for select must be a string got "+asText(choice), "Default value must be a string", choice)
		return
	}
	plain, quoted := unquote(text)
	if !quoted {
		add("Default value should be as quoted string", "Default value should be as quoted string", choice)
	}
	if !slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == plain }) {
		message := `Default value "` + text + `" must be one of the option values`
		add(message, message, choice)
	}
}

// asText writes a value as JavaScript does into a text.
func asText(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		return v
	case map[string]any:
		return "[object Object]"
	case []any:
		parts := make([]string, len(v))
		for i, one := range v {
			if one != nil {
				parts[i] = asText(one)
			}
		}
		return strings.Join(parts, ",")
	}
	plain, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(plain)
}

// unquote takes the single quotes off a default.
func unquote(text string) (string, bool) {
	if len(text) >= 2 && text[0] == '\'' && text[len(text)-1] == '\'' {
		return text[1 : len(text)-1], true
	}
	return text, false
}

// longestColumn is how long the database lets names of columns be. A composite field makes columns of its
// name and that of each sub field.
const longestColumn = 63

// fitsDatabase reports whether the database takes the field's columns and default. What it refuses is not
// validated before: fixtures/twenty/metadata_101, metadata_102 and metadata_errors.
func (m *Model) fitsDatabase(f Field) bool {
	for _, sub := range Composites[f.Type] {
		if len(f.Name)+len(sub.Name) > longestColumn {
			return false
		}
		parts, ok := f.DefaultValue.(map[string]any)
		if ok && !fitsColumn(sub.Type, parts[sub.Name]) {
			return false
		}
	}
	return Composites[f.Type] != nil || fitsColumn(f.Type, f.DefaultValue)
}

// fitsColumn knows how the server writes defaults into SQL: a text is a function or has quotes, and the rest
// must be of the column's type.
func fitsColumn(typ Type, value any) bool {
	text, isText := value.(string)
	plain, quoted := unquote(text)
	if value == nil || isText && (text == "uuid" && typ == UUID || text == "now" && (typ == DateTime || typ == Date)) {
		return true
	}
	if isText && !quoted {
		return false
	}
	switch typ {
	case UUID:
		return isText && IsUUID(plain)
	case Date, DateTime:
		return isText && isDate(plain)
	case Array: // every other value is written as a text, and no text is a list
		_, isList := value.([]any)
		return isList
	case Number, Numeric, Position:
		_, isNumber := value.(float64)
		_, err := strconv.ParseFloat(plain, 64)
		return isNumber || isText && err == nil
	case Boolean:
		_, isBool := value.(bool)
		return isBool || plain == "true" || plain == "false"
	case RawJSON:
		return !isText || json.Valid([]byte(plain))
	}
	return true
}

func isDate(text string) bool {
	for _, layout := range []string{time.DateOnly, time.RFC3339Nano, time.DateTime, "2006-01-02T15:04:05"} {
		if _, err := time.Parse(layout, text); err == nil {
			return true
		}
	}
	return false
}

var uuidText = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

// IsUUID reports whether a text has the form of a UUID, of whatever version.
func IsUUID(text string) bool { return uuidText.MatchString(text) }
