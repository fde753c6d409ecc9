package record

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
)

var (
	absoluteURL = regexp.MustCompile(`^(?i)https?://[^\s/?#]+`)
	otherScheme = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9+.-]*:`)
)

// plainHost is compiled when it is first needed, for that takes a millisecond.
var plainHost = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?i)(localhost|(?:[\p{L}\p{N}_](?:[\p{L}\p{N}_-]{0,61}[\p{L}\p{N}_])?\.)+[\p{L}\p{N}-]{2,63})$`)
})

// linkable reports whether a text passes for the URL of a link: http or https with a host, or a host alone.
func linkable(s string) bool {
	if absoluteURL.MatchString(s) {
		u, err := parseURL(s)
		return err == nil && hostFits(u.Hostname())
	}
	u, err := parseURL("http://" + s) // so mailto:a@b.example has the host b.example: corpus_graphql_write_101 #72
	return err == nil && !strings.ContainsAny(s, " \t\n") && hostFits(u.Hostname()) && plainHost().MatchString(u.Hostname())
}

func parseURL(s string) (*url.URL, error) {
	return url.Parse(strings.TrimSpace(strings.ReplaceAll(s, `\`, "/")))
}

func hostFits(host string) bool {
	if host == "" || strings.ContainsAny(host, " <>^|%") {
		return false
	}
	for _, label := range strings.Split(host, ".") {
		if len(label) > 63 {
			return false
		}
	}
	return true
}

// tidyURL writes an absolute URL as its origin and the rest, without user and one final slash; anything else
// stays as it is: corpus_rest_write_101 #82, rest_composite_fields.
func tidyURL(s string) string {
	if !absoluteURL.MatchString(s) {
		if scheme := otherScheme.FindString(s); scheme != "" {
			return strings.TrimSuffix("null"+s[len(scheme):], "/") // JavaScript's origin of such a URL is "null"
		}
		return s
	}
	u, err := parseURL(s)
	if err != nil {
		return s
	}
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	host = strings.TrimSuffix(host, map[string]string{"http": ":80", "https": ":443"}[scheme])
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	out := scheme + "://" + host + encodeURL(path)
	if u.RawQuery != "" {
		out += "?" + encodeURL(u.RawQuery)
	}
	if u.Fragment != "" {
		out += "#" + encodeURL(u.EscapedFragment())
	}
	return strings.TrimSuffix(out, "/")
}

// encodeURL percent-encodes what may not stand in a URL, and leaves escapes alone.
func encodeURL(s string) string {
	const upper = "0123456789ABCDEF"
	var out strings.Builder
	for i := range len(s) {
		c := s[i]
		if c <= 0x20 || c >= 0x7F || strings.IndexByte(`"<>`, c) >= 0 {
			out.WriteString("%" + string(upper[c>>4]) + string(upper[c&15]))
			continue
		}
		out.WriteByte(c)
	}
	return out.String()
}
