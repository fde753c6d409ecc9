package kickflow

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// CustomField defines an additional field of users.
type CustomField struct {
	Code      string   `json:"code"`
	FieldType string   `json:"fieldType"` // text, textLong, number, integer, checkbox, pullDown or date
	Options   []string `json:"options,omitempty"`
}

// CustomValue is a user's value of such a field: a string, or strings for a checkbox.
type CustomValue struct {
	Code      string  `json:"code"`
	FieldType *string `json:"fieldType"` // null if the definition has been deleted
	Value     any     `json:"value"`
}

var (
	mailPattern    = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
	numberPattern  = regexp.MustCompile(`^[+-]?\d+(\.\d+)?$`)
	integerPattern = regexp.MustCompile(`^[+-]?\d+$`)
)

// mergeCustom merges changes into old values; null removes a value.
func (a *api) mergeCustom(old, changes []CustomValue) ([]CustomValue, error) {
	out := append([]CustomValue{}, old...)
	for _, v := range changes {
		if slices.ContainsFunc(old,
			func(o CustomValue) bool { return o.Code == v.Code && sameText(o.Value, v.Value) }) {
			continue
		}
		def, ok := a.customFields.Find(v.Code)
		if !ok {
			return nil, invalid("customFields", "has no field "+strconv.Quote(v.Code))
		}
		value, fits := plainValue(def.FieldType, def.Options, v.Value)
		if !fits {
			return nil, stated(definition, invalid("customFields."+v.Code, wrong))
		}
		out = slices.DeleteFunc(out, func(o CustomValue) bool { return o.Code == v.Code })
		if value != nil {
			out = append(out, CustomValue{Code: v.Code, FieldType: pointerTo(def.FieldType), Value: value})
		}
	}
	return out, nil
}

func sameText(a, b any) bool { return reflect.DeepEqual(a, b) }

// plainValue validates a value of a custom field, of users or of general masters, and returns its
// stored form: numbers as strings, empty values as nil.
func plainValue(fieldType string, options []string, value any) (stored any, fits bool) {
	switch v := value.(type) {
	case nil:
		return nil, true
	case float64:
		if fieldType != "number" && fieldType != "integer" {
			return nil, false
		}
		return plainValue(fieldType, options, strconv.FormatFloat(v, 'f', -1, 64))
	case string:
		if v == "" && fieldType != "checkbox" {
			return nil, true
		}
		return v, textFits(fieldType, options, v)
	case []any:
		var chosen []any
		for _, one := range v {
			text, ok := one.(string)
			if !ok || !slices.Contains(options, text) {
				return nil, false
			}
			chosen = append(chosen, text)
		}
		if chosen == nil {
			return nil, fieldType == "checkbox"
		}
		return chosen, fieldType == "checkbox"
	}
	return nil, false
}

func textFits(fieldType string, options []string, text string) bool {
	switch fieldType {
	case "number":
		return numberPattern.MatchString(text)
	case "integer":
		return integerPattern.MatchString(text)
	case "pullDown", "pull_down":
		return slices.Contains(options, text)
	case "date":
		_, err := time.Parse(time.DateOnly, text)
		return err == nil
	}
	return fieldType != "checkbox"
}
