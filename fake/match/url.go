package match

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// urlDistance accepts the URL at the root of the fake and as the client asked, prefixes included.
func (p *Pattern) urlDistance(r *Request) float64 {
	return min(p.distanceTo(r.URL), p.distanceTo(r.Target))
}

func (p *Pattern) distanceTo(whole string) float64 {
	path, _, _ := strings.Cut(whole, "?")
	s := p.spec
	switch {
	case s.URL != "":
		return apart(s.URL, whole)
	case p.url != nil:
		return mismatchDistance(p.url.MatchString(whole), s.URLPattern, whole)
	case s.URLPath != "":
		return apart(s.URLPath, path)
	case p.path != nil:
		return mismatchDistance(p.path.MatchString(path), s.URLPathPattern, path)
	case p.template != nil:
		return mismatchDistance(p.template.MatchString(path), s.URLPathTemplate, path)
	}
	return 0
}

// mismatchDistance returns 0 for a match, otherwise the distance between the texts, which is above 0.
func mismatchDistance(ok bool, want, got string) float64 {
	if ok {
		return 0
	}
	return max(apart(want, got), 0.01)
}

var templatePart = regexp.MustCompile(`\{([^{}/]+)\}|\*\*`)

// templateExpression turns a path template into an expression with one group per parameter.
func templateExpression(template string) string {
	if template == "" {
		return ""
	}
	var out strings.Builder
	at := 0
	for _, found := range templatePart.FindAllStringIndex(template, -1) {
		out.WriteString(regexp.QuoteMeta(template[at:found[0]]))
		if template[found[0]] == '*' {
			out.WriteString("(?:.*)")
		} else {
			out.WriteString("([^/]+)")
		}
		at = found[1]
	}
	return out.String() + regexp.QuoteMeta(template[at:])
}

func (p *Pattern) params(found []string) map[string]string {
	params := map[string]string{}
	at := 1
	for _, name := range templatePart.FindAllStringSubmatch(p.spec.URLPathTemplate, -1) {
		if name[1] == "" {
			continue // **
		}
		text, err := url.PathUnescape(found[at])
		if err != nil {
			text = found[at]
		}
		params[name[1]] = text
		at++
	}
	return params
}

// PathSegments returns the segments of a path by their numbers, for templates.
func PathSegments(path string) map[string]string {
	out := map[string]string{}
	for i, segment := range strings.Split(strings.Trim(path, "/"), "/") {
		if text, err := url.PathUnescape(segment); err == nil {
			segment = text
		}
		out[strconv.Itoa(i)] = segment
	}
	return out
}
