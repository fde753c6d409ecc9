package form

import (
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

// Entry is one input as clients send it, of a form or of a slip row.
type Entry struct {
	FormFieldID         *string  `json:"formFieldId"`
	FormFieldCode       *string  `json:"formFieldCode"`
	SlipFieldID         *string  `json:"slipFieldId"`
	SlipFieldCode       *string  `json:"slipFieldCode"`
	Value               any      `json:"value"`
	GeneralMasterItemID any      `json:"generalMasterItemId"`
	UserID              any      `json:"userId"`
	TeamID              any      `json:"teamId"`
	TicketID            any      `json:"ticketId"`
	Files               []string `json:"files"`
}

// key returns the identifier and the code by which an entry of a form (inputs) or of a slip row names
// its field; the identifier takes precedence: documented.
func (e *Entry) key(kind string) (id, code string) {
	if kind == "inputs" {
		return strings.ToLower(dialect.Deref(e.FormFieldID)), dialect.Deref(e.FormFieldCode)
	}
	return strings.ToLower(dialect.Deref(e.SlipFieldID)), dialect.Deref(e.SlipFieldCode)
}

// ReferenceKeys maps a reference type to the key of an entry that holds its references.
var ReferenceKeys = map[string]func(*Entry) any{
	"master": func(e *Entry) any { return e.GeneralMasterItemID },
	"user":   func(e *Entry) any { return e.UserID },
	"team":   func(e *Entry) any { return e.TeamID },
	"ticket": func(e *Entry) any { return e.TicketID },
}

// Row is one slip item as clients send it.
type Row struct {
	SlipSectionID   *string `json:"slipSectionId"`
	SlipSectionCode *string `json:"slipSectionCode"`
	Inputs          []Entry `json:"inputs"`
}

// storedValue converts a value into its stored form: a string, or strings for a checkbox; nil if
// empty. ok is false if fields of that type take no such value.
func storedValue(fieldType string, value any) (stored any, ok bool) {
	switch v := value.(type) {
	case nil:
		return nil, true
	case float64:
		return plainNumber(v), fieldType == "number" || fieldType == "integer"
	case string:
		if v == "" {
			return nil, true
		}
		return v, fieldType != "checkbox"
	case []any:
		switch ok = fieldType == "checkbox"; {
		case len(StringList(v)) < len(v): // documented: an array of strings
			return nil, false
		case len(v) == 0:
			return nil, ok
		}
		return v, ok
	}
	return nil, false
}

// StringList returns the strings of a value that is one string, an array of strings, or nil.
func StringList(value any) (out []string) {
	switch v := value.(type) {
	case string:
		if v != "" {
			out = append(out, v)
		}
	case []any:
		for _, one := range v {
			if text, ok := one.(string); ok {
				out = append(out, text)
			}
		}
	}
	return out
}

var (
	numberPattern  = regexp.MustCompile(`^[+-]?\d+(\.\d+)?$`)
	integerPattern = regexp.MustCompile(`^[+-]?\d+$`)
)

// PlainValue validates a value of a custom field, of users or of general masters, and returns its
// stored form: numbers as strings, empty values as nil.
func PlainValue(fieldType string, options []string, value any) (stored any, fits bool) {
	stored, fits = storedValue(fieldType, value)
	if value == "" {
		return stored, fieldType != "checkbox"
	}
	f := Field{FieldSettings: FieldSettings{FieldType: fieldType, Options: options}}
	return stored, fits && len(f.validate(stored)) == 0
}

// isButton reports whether a field is a button, which has no value.
func isButton(f *Field) bool { return strings.HasPrefix(f.FieldType, "button_") }

// computed reports whether clients cannot set the value of a field.
func computed(f *Field) bool { return f.FieldType == "calculation" || isButton(f) }

// validate returns the messages for the constraints that a value violates.
func (f *Field) validate(value any) (messages []string) {
	if list, ok := value.([]any); ok {
		if slices.ContainsFunc(StringList(list), func(one string) bool { return !slices.Contains(f.Options, one) }) {
			return []string{dialect.Unlisted}
		}
		return nil
	}
	text, ok := value.(string)
	if !ok {
		return nil
	}
	switch f.FieldType {
	case "number", "integer":
		return f.validateNumber(text)
	case "pull_down", "pullDown":
		if !slices.Contains(f.Options, text) {
			return []string{dialect.Unlisted}
		}
	case "date":
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return []string{dialect.Wrong}
		}
	case "datetime":
		if _, err := dialect.ParseMoment(text); err != nil {
			return []string{dialect.Wrong}
		}
	}
	length := float64(utf8.RuneCountInString(text))
	if f.MinLength != nil && length < *f.MinLength {
		messages = append(messages, "is too short (minimum is "+plainNumber(*f.MinLength)+" characters)")
	}
	if f.MaxLength != nil && length > *f.MaxLength {
		messages = append(messages, "is too long (maximum is "+plainNumber(*f.MaxLength)+" characters)")
	}
	if pattern := dialect.Deref(f.RegexpFormat); pattern != "" {
		if re, err := regexp.Compile(pattern); err == nil && !re.MatchString(text) {
			messages = append(messages, dialect.Wrong)
		}
	}
	return messages
}

func plainNumber(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func (f *Field) validateNumber(text string) (messages []string) {
	if !numberPattern.MatchString(text) {
		return []string{"is not a number"}
	}
	if f.FieldType == "integer" && !integerPattern.MatchString(text) {
		return []string{"must be an integer"}
	}
	n, _ := new(big.Rat).SetString(text)
	if f.MinValue != nil && n.Cmp(new(big.Rat).SetFloat64(*f.MinValue)) < 0 {
		messages = append(messages, "must be greater than or equal to "+plainNumber(*f.MinValue))
	}
	if f.MaxValue != nil && n.Cmp(new(big.Rat).SetFloat64(*f.MaxValue)) > 0 {
		messages = append(messages, "must be less than or equal to "+plainNumber(*f.MaxValue))
	}
	if _, decimals, _ := strings.Cut(text, "."); f.DecimalDigit != nil && len(decimals) > *f.DecimalDigit {
		messages = append(messages, "has more than "+strconv.Itoa(*f.DecimalDigit)+" decimals") // assumed wording
	}
	return messages
}
