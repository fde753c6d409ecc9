package redact

import (
	"encoding/json"
	"regexp"
	"strings"
)

// openClaims are the header names and claims of a JWT whose values identify no person (RFC 7519,
// RFC 7515 and OpenID Connect).
var openClaims = map[string]bool{
	"alg": true, "typ": true, "cty": true, "enc": true, "crit": true, "b64": true, "iat": true, "exp": true,
	"nbf": true, "authtime": true, "type": true, "tokenuse": true, "tokentype": true, "scope": true, "scopes": true,
	"scp": true, "role": true, "roles": true, "amr": true, "acr": true, "ver": true, "version": true, "gty": true,
	"authprovider": true, "locale": true,
}

// jsonScalar matches the strings and numbers of a JSON text, each with its key if it has one.
var jsonScalar = regexp.MustCompile(`(?:"((?:[^"\\]|\\.)*)"\s*:\s*)?(?:"((?:[^"\\]|\\.)*)"|(-?[0-9][0-9.eE+-]*))`)

// identifiers calls visit with each string and number of the claims that may identify a person and
// replaces it by the result. List elements have the name of their list.
func identifiers(claims string, visit func(value string) string) string {
	name := ""
	var out strings.Builder
	at := 0
	for _, m := range jsonScalar.FindAllStringSubmatchIndex(claims, -1) {
		if m[2] >= 0 {
			name = plainName(claims[m[2]:m[3]])
		}
		start, end := m[4], m[5]
		if start < 0 {
			start, end = m[6], m[7]
		}
		if colon := strings.TrimLeft(claims[m[1]:], " \t\r\n"); m[2] < 0 && strings.HasPrefix(colon, ":") {
			name = plainName(claims[start:end]) // the name of a list or an object
			continue
		}
		if !openClaims[name] && start < end {
			out.WriteString(claims[at:start])
			out.WriteString(visit(claims[start:end]))
			at = end
		}
	}
	return out.String() + claims[at:]
}

// readClaims adds the identifiers that are distinctive enough to be found in other text, so that
// they get the same pseudonym everywhere.
func (b *Secrets) readClaims(claims string) {
	if !json.Valid([]byte(claims)) {
		return
	}
	identifiers(claims, func(value string) string {
		if looksRandom(value) && !strings.ContainsAny(value, `\/: `) {
			b.observe(value, certain)
		}
		return value
	})
}

// anonymous replaces the identifiers in a JWT's header or claims. Values of the seed are public and
// stay.
func (b *Secrets) anonymous(claims string) string {
	if !json.Valid([]byte(claims)) {
		return claims
	}
	return identifiers(claims, func(value string) string {
		s := b.all[unquoted(value)]
		switch {
		case b.given[value] || s == nil && b.seed.quotes(value):
			return value
		case s != nil:
			return b.of(s)
		}
		return b.shaped(value, 0)
	})
}
