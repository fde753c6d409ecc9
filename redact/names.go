package redact

import (
	"slices"
	"strings"
	"unicode"
)

// confidence says how likely a value is a secret, judged by its location.
type confidence int

const (
	nothing    confidence = iota // the location tells nothing
	maybe                        // a secret if it looks like one
	private                      // replaced here; elsewhere only if it looks like a secret, as for cookies
	certain                      // a secret
	recognized                   // a secret by its form, whatever names there are
)

// Parts and endings of names that mark secrets, whatever their spelling.
var (
	secretParts = []string{"password", "passwd", "passphrase", "secret", "apikey", "privatekey", "accesskey",
		"authorization", "signature", "codeverifier", "assertion", "samlresponse", "subscriptionkey"}
	secretEnds = []string{"token", "pwd", "pass", "jwt", "sessionid", "accesskeyid", "signingkey", "authkey",
		"encryptionkey", "masterkey", "devicecode", "usercode", "authcode", "verificationcode"}
	perhaps   = map[string]bool{"auth": true, "session": true, "credential": true, "credentials": true, "nonce": true}
	short     = map[string]bool{"pin": true, "otp": true, "sid": true, "sig": true, "hmac": true}
	notSecret = map[string]bool{"pagetoken": true, "nextpagetoken": true, "nexttoken": true, "synctoken": true,
		"continuationtoken": true, "secretary": true, "bypass": true, "compass": true}
	notEnds = []string{"id", "type", "endpoint", "expiresat", "expiresin", "expiry", "uri", "signaturemethod"}
)

var punctuation = strings.NewReplacer("-", "", "_", "", "[", "", "]", "", ".", "", " ", "", "$", "")

func plainName(name string) string { return strings.ToLower(punctuation.Replace(name)) }

// named returns what the name of a header, parameter or key implies for its value.
func named(name string) confidence {
	name = plainName(name)
	switch {
	case notSecret[name]:
		return nothing
	case slices.ContainsFunc(secretEnds, func(end string) bool { return strings.HasSuffix(name, end) }):
		return certain
	case perhaps[name]:
		return maybe
	case short[name]:
		return private
	case slices.ContainsFunc(notEnds, func(end string) bool { return strings.HasSuffix(name, end) }):
		return nothing
	case slices.ContainsFunc(secretParts, func(part string) bool { return strings.Contains(name, part) }):
		return certain
	}
	return nothing
}

// looksRandom reports whether a value looks machine-generated: neither words nor a number.
func looksRandom(s string) bool {
	if len(s) < 8 || strings.ContainsFunc(s, unicode.IsSpace) {
		return false
	}
	digits := strings.ContainsFunc(s, unicode.IsDigit)
	lower, upper := strings.ContainsFunc(s, unicode.IsLower), strings.ContainsFunc(s, unicode.IsUpper)
	return digits && (lower || upper) || len(s) >= 20 && lower && upper
}
