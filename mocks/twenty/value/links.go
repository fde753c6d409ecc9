package value

import (
	"regexp"
	"strings"
	"sync"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// The rules below are the vendor's, known from its public source; kind_values_links agrees with them.

// linkForms is compiled when it is first needed, for that takes a millisecond.
var linkForms = sync.OnceValue(func() (forms struct{ host, address, number *regexp.Regexp }) {
	forms.host = regexp.MustCompile(
		`^(?:(?:(?:xn--|_)[a-z0-9-]{0,61}[a-z0-9]|[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?)\.){1,10}` +
			`(?:xn--)?(?:[a-z0-9][a-z0-9-]{0,60}|[a-z0-9-]{1,30}\.[a-z]{2,})$`)
	forms.address = regexp.MustCompile(`^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$`)
	forms.number = regexp.MustCompile(`^\d+(?:/[a-zA-Z]*)?$`)
	return forms
})

// linkSchemes are the spellings behind which the vendor looks for a host. It puts https:// before everything
// else, http://x in other letters included.
var linkSchemes = []string{"https://", "http://", "HTTPS://", "HTTP://"}

// Linkable reports whether a text passes for the URL of a link: its host is a domain, an IPv4 address or
// localhost, and it is more than a number.
func Linkable(s string) bool {
	s = js.Trim(s)
	absolute := false
	for _, scheme := range linkSchemes {
		absolute = absolute || strings.HasPrefix(s, scheme)
	}
	if !absolute {
		s = "https://" + s
	}
	bare := s
	for _, scheme := range linkSchemes {
		bare = strings.Replace(bare, scheme, "", 1)
	}
	forms := linkForms()
	if forms.number.MatchString(bare) {
		return false
	}
	u, err := js.ParseURL(s)
	if err != nil {
		return false
	}
	host := u.Hostname()
	return forms.host.MatchString(host) || forms.address.MatchString(host) || host == "localhost"
}

// TidyURL writes a URL as its origin and the rest, without user and one final slash. The origin of
// one without a host is "null", as in JavaScript; an invalid URL is unchanged.
func TidyURL(s string) string {
	u, err := js.ParseURL(s)
	if err != nil {
		return s
	}
	return strings.TrimSuffix(strings.ToLower(js.Origin(u))+u.Pathname()+u.Search()+u.Hash(), "/")
}
