package record

import (
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/nyaruka/phonenumbers"
)

// phone is a number with its country and calling code; nil parts are missing in the data.
type phone struct {
	number, country, calling any
}

// phones: the parts of the primary number are merged one by one, omitted additional numbers are
// cleared, and a number is parsed with the country in the data: corpus_composite_patch_101.
func (r *reader) phones(a *schema.Attr, o *Object) error {
	number, country, calling := r.part(a, "primaryPhoneNumber"), r.part(a, "primaryPhoneCountryCode"),
		r.part(a, "primaryPhoneCallingCode")
	more := r.part(a, "additionalPhones")
	var rest any
	err := r.eachPart(a, o, func(c *Column, v any) (bool, error) {
		if c == more {
			rest = v
			return true, checkDocument(v, c.Path)
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	p := phone{o.Value(number.Sub), o.Value(country.Sub), o.Value(calling.Sub)}
	if p, err = p.infer(); err != nil {
		return err
	}
	for c, v := range map[*Column]any{number: p.number, country: p.country, calling: p.calling} {
		if s, ok := v.(string); ok {
			r.setText(c, s)
		} else if c == country && stringOf(p.number) != "" {
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
			return nil, crash("TypeError", "Cannot destructure property 'callingCode' of 'object null' as it is null.")
		}
		o, ok := item.(*Object)
		if !ok {
			o = &Object{}
		}
		p, err := phone{o.Value("number"), o.Value("countryCode"), o.Value("callingCode")}.infer()
		if err != nil {
			return nil, err
		}
		entry := map[string]any{}
		for key, v := range map[string]any{"number": p.number, "countryCode": p.country, "callingCode": p.calling} {
			if _, given := o.Get(key); given || v != nil {
				entry[key] = v
			}
		}
		out = append(out, entry)
	}
	return out, nil
}

func badPhone(code, format string, args ...any) *Error {
	e := coded(code, "", format, args...)
	e.Hint = e.Message
	return e
}

// infer checks a number against its country and calling code, and finds those that are missing.
func (p phone) infer() (phone, error) {
	country, calling, number := stringOf(p.country), stringOf(p.calling), stringOf(p.number)
	if country != "" && phonenumbers.GetCountryCodeForRegion(country) == 0 {
		return p, badPhone("INVALID_PHONE_COUNTRY_CODE", "Invalid country code %s", country)
	}
	if calling != "" {
		regions := regionsOf(calling)
		if len(regions) == 0 {
			return p, badPhone("INVALID_PHONE_CALLING_CODE", "Invalid calling code %s", calling)
		}
		if country != "" && !containsText(regions, country) {
			return p, badPhone("CONFLICTING_PHONE_CALLING_CODE_AND_COUNTRY_CODE",
				"Provided country code and calling code are conflicting")
		}
	}
	if number == "" {
		return p, nil
	}
	national, foundCalling, foundCountry, ok := readPhone(number, country, calling)
	switch {
	case !ok:
		return p, badPhone("INVALID_PHONE_NUMBER", "Provided phone number is invalid %s", number)
	case foundCountry != "" && country != "" && foundCountry != country:
		return p, badPhone("CONFLICTING_PHONE_COUNTRY_CODE", "Provided and inferred country code are conflicting")
	case calling != "" && foundCalling != strings.TrimPrefix(calling, "+"):
		return p, badPhone("CONFLICTING_PHONE_CALLING_CODE", "Provided and inferred calling code are conflicting")
	}
	p.number = national
	if p.calling == nil || calling == "" {
		p.calling = "+" + foundCalling
	}
	// parts that the number does not determine stay unchanged: corpus_graphql_write_101 #80
	if country == "" {
		if p.country = nil; foundCountry != "" {
			p.country = foundCountry
		}
	}
	return p, nil
}

func containsText(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func regionsOf(calling string) []string {
	code, err := strconv.Atoi(strings.TrimPrefix(calling, "+"))
	if err != nil {
		return nil
	}
	return phonenumbers.GetRegionCodesForCountryCode(code)
}

// readPhone splits a number into its national part, calling code and country, as libphonenumber does.
// Letters end it. A country code decides about international prefixes, a calling code alone does not:
// corpus_rest_write_101 #82.
func readPhone(number, country, calling string) (national, code, region string, ok bool) {
	digits := phoneDigits(number)
	if digits == "" {
		return "", "", "", false
	}
	if !strings.HasPrefix(digits, "+") && country == "" {
		if calling == "" {
			return "", "", "", false
		}
		return nationalPhone(digits, strings.TrimPrefix(calling, "+"))
	}
	n, err := phonenumbers.Parse(digits, country)
	if err != nil {
		return "", "", "", false
	}
	region = phonenumbers.GetRegionCodeForNumber(n)
	if region == "ZZ" || region == "001" {
		region = ""
	}
	return phonenumbers.GetNationalSignificantNumber(n), strconv.Itoa(int(n.GetCountryCode())), region, true
}

func validPhone(calling, national string) bool {
	n, err := phonenumbers.Parse("+"+calling+national, "")
	return err == nil && phonenumbers.IsValidNumber(n)
}

// possiblePhone reports whether a number has a length that numbers of its calling code have, or is too long.
func possiblePhone(calling, national string) bool {
	n, err := phonenumbers.Parse("+"+calling+national, "")
	if err != nil || phonenumbers.GetNationalSignificantNumber(n) != national {
		return err == nil
	}
	switch phonenumbers.IsPossibleNumberWithReason(n) {
	case phonenumbers.IS_POSSIBLE, phonenumbers.TOO_LONG:
		return true
	}
	return false
}

// nationalPhone reads a number of which only the calling code is known: one trunk prefix goes.
func nationalPhone(digits, calling string) (national, code, region string, ok bool) {
	regions := regionsOf(calling)
	if rest, ok := strings.CutPrefix(digits, calling); ok && !validPhone(calling, digits) && validPhone(calling, rest) {
		digits = rest // the calling code stands there already, without its plus
	}
	national = digits
	if prefix := phonenumbers.GetNddPrefixForRegion(regions[0], true); prefix != "" && len(digits) > len(prefix)+1 {
		n, err := phonenumbers.Parse("+"+calling+digits, "")
		if whole := err == nil && phonenumbers.GetNationalSignificantNumber(n) == digits &&
			phonenumbers.IsValidNumber(n); !whole {
			national = strings.TrimPrefix(digits, prefix)
		}
		if !possiblePhone(calling, national) {
			national = digits
		}
	}
	if len(national) < 2 || len(national) > 17 {
		return "", "", "", false
	}
	if region = regions[0]; len(regions) > 1 {
		region = ""
		if n, err := phonenumbers.Parse("+"+calling+national, ""); err == nil && phonenumbers.IsValidNumber(n) {
			region = phonenumbers.GetRegionCodeForNumber(n)
		}
	}
	return national, calling, region, true
}
