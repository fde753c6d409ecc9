package value

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Phone is a number with its country and calling code. Parts that the data lacks are nil.
type Phone struct{ Number, Country, Calling any }

// PhoneError says what is wrong with a phone.
type PhoneError struct{ Code, Message string }

func badPhone(code, format string, args ...any) *PhoneError {
	return &PhoneError{code, fmt.Sprintf(format, args...)}
}

// Infer checks a number against its country and calling code, and finds those that are missing.
func (p Phone) Infer() (Phone, *PhoneError) {
	country, calling, number := stringOf(p.Country), stringOf(p.Calling), stringOf(p.Number)
	if country != "" && phonenumbers.GetCountryCodeForRegion(country) == 0 {
		return p, badPhone("INVALID_PHONE_COUNTRY_CODE", "Invalid country code %s", country)
	}
	if calling != "" {
		regions := regionsOf(calling)
		if len(regions) == 0 {
			return p, badPhone("INVALID_PHONE_CALLING_CODE", "Invalid calling code %s", calling)
		}
		if country != "" && !slices.Contains(regions, country) {
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
	p.Number = national
	if p.Calling == nil || calling == "" {
		p.Calling = "+" + foundCalling
	}
	// parts that the number does not determine stay unchanged: corpus_graphql_write_101 #80
	if country == "" {
		if p.Country = nil; foundCountry != "" {
			p.Country = foundCountry
		}
	}
	return p, nil
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
