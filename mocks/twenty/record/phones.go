package record

import (
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/value"
)

// phones: the parts of the primary number are merged one by one, omitted additional numbers are
// cleared, and a number is parsed with the country in the data: corpus_composite_patch_101.
func (r *reader) phones(a *schema.Attr, o *js.Object) error {
	number, country, calling := r.part(a, "primaryPhoneNumber"), r.part(a, "primaryPhoneCountryCode"),
		r.part(a, "primaryPhoneCallingCode")
	more := r.part(a, "additionalPhones")
	rest, err := r.partsBut(more, a, o)
	if err != nil {
		return err
	}
	p, wrong := value.Phone{Number: o.Value(number.Sub), Country: o.Value(country.Sub),
		Calling: o.Value(calling.Sub)}.Infer()
	if wrong != nil {
		return phoneError(wrong)
	}
	for c, v := range map[*Column]any{number: p.Number, country: p.Country, calling: p.Calling} {
		if s, ok := v.(string); ok {
			r.setText(c, s)
		} else if c == country && js.StringOf(p.Number) != "" {
			delete(r.out.set, c)
		}
	}
	items, err := jsonList(rest)
	if err != nil {
		return err
	}
	r.out.set[more] = nil
	if list, err := inferAll(items); err != nil {
		return err
	} else if len(list) > 0 {
		r.out.set[more] = list
	}
	return nil
}

// inferAll parses additional numbers; an entry without a number is unchanged. A value that is no
// object leaves an empty entry: kind_values_composites 28.
func inferAll(items []any) ([]any, error) {
	var out []any
	for _, item := range items {
		if item == nil { // inferred: what the engine does with the vendor's public source
			return nil, reject.Crash("TypeError",
				"Cannot destructure property 'callingCode' of 'object null' as it is null.")
		}
		o, ok := item.(*js.Object)
		if !ok {
			o = &js.Object{}
		}
		p, wrong := value.Phone{Number: o.Value("number"), Country: o.Value("countryCode"),
			Calling: o.Value("callingCode")}.Infer()
		if wrong != nil {
			return nil, phoneError(wrong)
		}
		entry := map[string]any{}
		for key, v := range map[string]any{"number": p.Number, "countryCode": p.Country, "callingCode": p.Calling} {
			if _, given := o.Get(key); given || v != nil {
				entry[key] = v
			}
		}
		out = append(out, entry)
	}
	return out, nil
}

func phoneError(e *value.PhoneError) *reject.Error {
	return reject.Coded(e.Code, e.Message, "%s", e.Message)
}
