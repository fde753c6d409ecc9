package redact

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
)

// Holds reports whether a text has a strong secret in it. It does not look as replace does: it writes the
// secret in every encoding, and compares.
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

// spellings are the ways to write a text.
func spellings(s string) []string {
	quoted, _ := json.Marshal(s) // a string always can be
	inner := string(quoted[1 : len(quoted)-1])
	all := []string{s, inner, strings.ReplaceAll(inner, "@", `\u0040`), strings.ReplaceAll(inner, "/", `\/`), url.QueryEscape(s), url.PathEscape(s), strings.ReplaceAll(url.QueryEscape(s), "+", "%20"), strings.ToLower(url.QueryEscape(s))}
	return append(all, coresOf(s)...)
}

// coresOf is what a text looks like in base64, by where in a group it begins, without what depends on its
// neighbours.
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
