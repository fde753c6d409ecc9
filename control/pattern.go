package control

import (
	"net/http"
	"net/url"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// pattern selects requests, in WireMock's terms and some of ours. Empty fields match everything.
type pattern struct {
	Method         string             `json:"method"` // ANY for all
	URL            string             `json:"url"`    // path and query
	URLPath        string             `json:"urlPath"`
	URLPattern     string             `json:"urlPattern"`
	URLPathPattern string             `json:"urlPathPattern"`
	Headers        map[string]matcher `json:"headers"`
	Query          map[string]matcher `json:"queryParameters"`
	Cookies        map[string]matcher `json:"cookies"`
	Bodies         []matcher          `json:"bodyPatterns"`

	Fake      string `json:"fake"`
	Operation string `json:"operation"`
	Evidence  string `json:"evidence"`
	Status    int    `json:"status"`

	AllowDropped bool `json:"allowDropped"` // the journal may have lost requests

	url, urlPath *regexp.Regexp
	left         int // remaining instructions for further expressions
}

// mostInstructions bounds the compiled size of one pattern's expressions. An expression of a
// hundred letters has about as many instructions.
const mostInstructions = 2_500

// prepare compiles the pattern's expressions.
func (p *pattern) prepare() error {
	var err error
	p.left = mostInstructions
	prepareAll := func(all map[string]matcher) {
		for name, m := range all {
			if err == nil {
				err = m.prepare(p)
				all[name] = m
			}
		}
	}
	prepareAll(p.Headers)
	prepareAll(p.Query)
	prepareAll(p.Cookies)
	for i := range p.Bodies {
		if err == nil {
			err = p.Bodies[i].prepare(p)
		}
	}
	if err == nil && p.URLPattern != "" {
		p.url, err = p.compile(p.URLPattern)
	}
	if err == nil && p.URLPathPattern != "" {
		p.urlPath, err = p.compile(p.URLPathPattern)
	}
	return err
}

// compile compiles an expression that must match a whole text.
func (p *pattern) compile(expression string) (*regexp.Regexp, error) {
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil, badBody("%v", err)
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, badBody("%v", err)
	}
	if p.left -= len(program.Inst); p.left < 0 {
		return nil,
			badBody("the expressions of the pattern are too large: compiled they have more than %d instructions",
				mostInstructions)
	}
	return regexp.MustCompile(`^(?:` + expression + `)$`), nil
}

func (p *pattern) matches(e *fake.Entry) bool {
	return (p.Method == "" || p.Method == "ANY" || strings.EqualFold(p.Method, e.Method)) &&
		(p.Fake == "" || p.Fake == e.Fake) && (p.Operation == "" || p.Operation == e.Operation) &&
		(p.Evidence == "" || p.Evidence == e.Evidence) && (p.Status == 0 || p.Status == e.Status) &&
		p.matchesURL(e) && p.matchesRest(e)
}

// matchesURL accepts the URL both as the fake sees it and as the client sent it, with prefixes.
func (p *pattern) matchesURL(e *fake.Entry) bool {
	_, asked, _ := strings.Cut(e.URL, "://")
	_, asked, _ = strings.Cut(asked, "/")
	for _, whole := range []string{rooted(e.Fake, e.URL), "/" + asked} {
		path, _, _ := strings.Cut(whole, "?")
		if (p.URL == "" || p.URL == whole) && (p.URLPath == "" || p.URLPath == path) &&
			(p.url == nil || p.url.MatchString(whole)) &&
			(p.urlPath == nil || p.urlPath.MatchString(path)) {
			return true
		}
	}
	return false
}

func (p *pattern) matchesRest(e *fake.Entry) bool {
	for name, m := range p.Headers {
		if !m.any(e.Header.Values(name)) {
			return false
		}
	}
	if len(p.Query) > 0 {
		u, err := url.Parse(e.URL)
		if err != nil {
			return false
		}
		query := u.Query()
		for name, m := range p.Query {
			if !m.any(query[name]) {
				return false
			}
		}
	}
	for name, m := range p.Cookies {
		var values []string
		for _, cookie := range (&http.Request{Header: e.Header}).CookiesNamed(name) {
			values = append(values, cookie.Value)
		}
		if !m.any(values) {
			return false
		}
	}
	for _, m := range p.Bodies {
		if !m.any([]string{string(e.Body)}) {
			return false
		}
	}
	return true
}
