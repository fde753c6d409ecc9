package org

import (
	"reflect"
	"slices"
	"strconv"

	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/form"
)

// mergeCustom merges changes into old values; null removes a value.
func (a *API) mergeCustom(old, changes []CustomValue) ([]CustomValue, error) {
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
