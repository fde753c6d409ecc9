package kickflow

import (
	"reflect"
	"slices"
	"strconv"

	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/form"
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
			return nil, dialect.Invalid("customFields", "has no field "+strconv.Quote(v.Code))
		}
		value, fits := form.PlainValue(def.FieldType, def.Options, v.Value)
		if !fits {
			return nil, dialect.Stated(dialect.Definition, dialect.Invalid("customFields."+v.Code, dialect.Wrong))
		}
		out = slices.DeleteFunc(out, func(o CustomValue) bool { return o.Code == v.Code })
		if value != nil {
			out = append(out, CustomValue{Code: v.Code, FieldType: dialect.To(def.FieldType), Value: value})
		}
	}
	return out, nil
}

func sameText(a, b any) bool { return reflect.DeepEqual(a, b) }
