package schema

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const badField = "INVALID_FIELD_INPUT"

// fieldComplaints says what is wrong with a field, in the vendor's order: its name, its type's own rules.
// self is the id of a field that is changed, "" for a new one.
func (s *Schema) fieldComplaints(m *Model, f Field, self string) []Complaint {
	out := checkName(f.Name, badField)
	out = append(out, m.nameTaken(f.Name, self)...)
	if f.IsLabelSyncedWithName && nameOf(f.Label) != f.Name {
		out = append(out, complain(badField, "Name is not synced with label"))
	}
	switch f.Type {
	case Numeric:
		out = append(out, Complaint{Code: badField, Message: "Field type NUMERIC is not supported for field creation. Use NUMBER instead.",
			UserMessage: "Field type NUMERIC is not supported. Use Number instead.", Value: string(f.Type)})
	case Position:
		if f.Name != "position" {
			out = append(out, complain(badField, "Position field must be named position"))
		}
	case Select, MultiSelect, Rating:
		out = append(out, f.optionComplaints()...)
	}
	return out
}

// nameTaken complains if another field of the object has the name, or a relation's column.
func (m *Model) nameTaken(name, self string) []Complaint {
	taken := func(a *Attr) bool { return a.ID != self && (a.Name == name || a.JoinColumn == name) }
	if !slices.ContainsFunc(m.Attrs, taken) {
		return nil
	}
	c := complain("NOT_AVAILABLE", `Name "`+name+`" is not available as it is already used by another field`)
	c.Value = name
	return []Complaint{c}
}

var optionValue = regexp.MustCompile(`^[A-Z0-9]+(_[A-Z0-9]+)*$`)

// optionComplaints checks the options of a field and the default that must be one of them.
func (f Field) optionComplaints() (out []Complaint) {
	add := func(message string, value any) {
		c := complain(badField, message)
		c.Value = value
		out = append(out, c)
	}
	if len(f.Options) == 0 {
		add("Options are required for enum fields", []Option{})
		return out
	}
	for _, o := range f.Options {
		f.checkOption(o, add)
	}
	for _, part := range []struct {
		name string
		of   func(Option) any
	}{{"value", func(o Option) any { return o.Value }}, {"position", func(o Option) any { return o.Position }}, {"id", func(o Option) any { return o.ID }}} {
		seen := map[any]bool{}
		for _, o := range f.Options {
			seen[part.of(o)] = true
		}
		if len(seen) < len(f.Options) {
			add("Duplicated option "+part.name, f.Options)
		}
	}
	f.checkChoice(add)
	return out
}

func (f Field) checkOption(o Option, add func(string, any)) {
	switch {
	case o.Value == "":
		add("Option value is required", o.Value)
	case len(o.Value) > longestName:
		add("Option value exceeds 63 characters", o.Value)
	case !optionValue.MatchString(o.Value):
		add(`Value must be in UPPER_CASE and follow snake_case "`+o.Value+`"`, o.Value)
	}
	switch {
	case o.Label == "":
		add("Option label is required", o.Label)
	case strings.Contains(o.Label, ","):
		add("Label must not contain a comma", o.Label)
	}
}

// checkChoice checks that the default is one of the options, in quotes.
func (f Field) checkChoice(add func(string, any)) {
	if f.DefaultValue == nil {
		return
	}
	choices := []any{f.DefaultValue}
	if f.Type == MultiSelect {
		list, ok := f.DefaultValue.([]any)
		if !ok {
			add("Default value for multi-select must be an array", f.DefaultValue)
			return
		}
		choices = list
	}
	for _, choice := range choices {
		text, _ := choice.(string)
		plain, quoted := unquote(text)
		if !quoted {
			add("Default value should be as quoted string", choice)
		}
		if !slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == plain }) {
			add(`Default value "`+text+`" must be one of the option values`, choice)
		}
	}
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
	case Text, UUID, Date, DateTime:
		return isText && (typ != UUID || IsUUID(plain)) && (typ == Text || typ == UUID || isDate(plain))
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
