package redact

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
)

// Holds reports whether a text contains a strong secret. Unlike Replace it does not decode the text
// but searches it for the secret in every encoding.
func (b *Secrets) Holds(text string) bool {
	b.redact()
	for _, s := range b.longest {
		for _, spelling := range spellings(s.value) {
			if strings.Contains(text, spelling) {
				return true
			}
		}
	}
	return false
}

// spellings returns a text in every encoding.
func spellings(s string) []string {
	quoted, _ := json.Marshal(s) // a string can always be encoded
	inner := string(quoted[1 : len(quoted)-1])
	all := []string{s, inner, strings.ReplaceAll(inner, "@", `\u0040`), strings.ReplaceAll(inner, "/", `\/`),
		url.QueryEscape(s), url.PathEscape(s), strings.ReplaceAll(url.QueryEscape(s), "+", "%20"),
		strings.ToLower(url.QueryEscape(s))}
	return append(all, coresOf(s)...)
}

// coresOf returns the base64 forms of a text at each offset in a group, without the characters that
// depend on neighbouring text.
func coresOf(s string) (all []string) {
	for shift := range 3 {
		coded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + s))
		core := coded[(shift*8+5)/6 : len(coded)-1]
		all = append(all, core)
		if other := toURL.Replace(core); other != core {
			all = append(all, other)
		}
	}
	return all
}
