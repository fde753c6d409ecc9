package schema

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// Unquote takes the single quotes off a default.
func Unquote(text string) (string, bool) {
	if len(text) >= 2 && text[0] == '\'' && text[len(text)-1] == '\'' {
		return text[1 : len(text)-1], true
	}
	return text, false
}

// longestColumn is the database's limit for names of columns. The columns of a composite field are
// named after it and each sub field.
const longestColumn = 63

// fitsDatabase reports whether the database accepts the field's columns and default. These errors
// are not validated before: fixtures/twenty/corpus_metadata_101, corpus_metadata_102 and metadata_errors.
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

// fitsColumn reports whether a default can be assigned to a column. The server writes functions as they are,
// lists as arrays, and everything else as a text with a cast to the column's type; a text must have quotes.
// The rule is known from the vendor's public source; kind_metadata_fields 2 to 37 agree with it.
func fitsColumn(typ Type, value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case []any: // the database writes an array into a text
		return typ == Array || typ == Text || typ == MultiSelect
	case string:
		if v == "uuid" || v == "now" {
			return slices.Contains(functionTypes[v], typ)
		}
		plain, quoted := Unquote(v)
		return quoted && castable(typ, plain)
	case map[string]any:
		return typ == RawJSON || typ == Files || castable(typ, "{}")
	}
	return castable(typ, js.Text(value))
}

// functionTypes are the types of columns to which the database can assign the result of a function.
var functionTypes = map[string][]Type{"uuid": {UUID, Text}, "now": {DateTime, Date, Text}}

// castable reports whether the database reads a text as a value of the type.
func castable(typ Type, text string) bool {
	switch typ {
	case UUID:
		return IsUUID(text)
	case Date, DateTime:
		_, isWord := DatabaseTime(text, time.Time{})
		return isWord || isDate(text)
	case Number, Numeric, Position:
		_, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		return err == nil
	case Boolean:
		_, ok := DatabaseBoolean(text)
		return ok
	case RawJSON, Files:
		return json.Valid([]byte(text))
	case Array: // the cast makes a text of it, and no text is a list
		return false
	}
	return true
}

func isDate(text string) bool {
	layouts := []string{time.DateOnly, time.RFC3339Nano, time.DateTime, "2006-01-02T15:04:05"}
	return slices.ContainsFunc(layouts, func(layout string) bool {
		_, err := time.Parse(layout, text)
		return err == nil
	})
}

// DatabaseBoolean reads a text as PostgreSQL reads a boolean: a word or the beginning of one that is unique.
func DatabaseBoolean(text string) (value, ok bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	for _, word := range []string{"true", "yes", "on", "1", "false", "no", "off", "0"} {
		if text != "" && text != "o" && strings.HasPrefix(word, text) {
			return word == "true" || word == "yes" || word == "on" || word == "1", true
		}
	}
	return false, false
}

// DatabaseTime reads the words that PostgreSQL takes as times, evaluated at a moment.
func DatabaseTime(text string, at time.Time) (t time.Time, ok bool) {
	day := at.UTC().Truncate(24 * time.Hour)
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "now":
		return at, true
	case "today":
		return day, true
	case "tomorrow":
		return day.AddDate(0, 0, 1), true
	case "yesterday":
		return day.AddDate(0, 0, -1), true
	case "epoch":
		return time.Unix(0, 0).UTC(), true
	}
	return at, false
}
