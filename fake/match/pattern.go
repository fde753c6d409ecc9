package match

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Spec is a request pattern as it is written. What is missing matches everything.
type Spec struct {
	Scheme          string                     `json:"scheme,omitempty"`
	Host            json.RawMessage            `json:"host,omitempty"`
	Port            *int                       `json:"port,omitempty"`
	ClientIP        json.RawMessage            `json:"clientIp,omitempty"`
	URL             string                     `json:"url,omitempty"` // path and query
	URLPath         string                     `json:"urlPath,omitempty"`
	URLPattern      string                     `json:"urlPattern,omitempty"`
	URLPathPattern  string                     `json:"urlPathPattern,omitempty"`
	URLPathTemplate string                     `json:"urlPathTemplate,omitempty"`
	Method          string                     `json:"method,omitempty"` // ANY for all
	Headers         map[string]json.RawMessage `json:"headers,omitempty"`
	PathParameters  map[string]json.RawMessage `json:"pathParameters,omitempty"`
	Query           map[string]json.RawMessage `json:"queryParameters,omitempty"`
	Form            map[string]json.RawMessage `json:"formParameters,omitempty"`
	Cookies         map[string]json.RawMessage `json:"cookies,omitempty"`
	BasicAuth       *struct {
		Username string `json:"username"`
		Password string `json:"password"`
	} `json:"basicAuthCredentials,omitempty"`
	Bodies    []json.RawMessage `json:"bodyPatterns,omitempty"`
	Multipart []partSpec        `json:"multipartPatterns,omitempty"`
	Custom    json.RawMessage   `json:"customMatcher,omitempty"` // refused

	Fake      string `json:"fake,omitempty"`
	Operation string `json:"operation,omitempty"`
	Evidence  string `json:"evidence,omitempty"`
	Status    int    `json:"status,omitempty"`
}

type partSpec struct {
	Name    string                     `json:"name"`
	Type    string                     `json:"matchingType"` // ANY or ALL
	Headers map[string]json.RawMessage `json:"headers"`
	Bodies  []json.RawMessage          `json:"bodyPatterns"`
}

// Pattern is a compiled Spec. It is safe for concurrent use.
type Pattern struct {
	spec     Spec
	url      *regexp.Regexp
	path     *regexp.Regexp
	template *regexp.Regexp
	checks   []check
}

// check is one condition of a pattern with what it weighs in a distance.
type check struct {
	weight   float64
	distance func(r *Request, params map[string]string) float64
}

// Error says what is wrong with a pattern and points at it as RFC 6901 does, from the root of the pattern.
type Error struct {
	Pointer string
	Detail  string
}

func (e *Error) Error() string { return e.Detail }

// Compile compiles a pattern. An error is an *Error.
func Compile(s Spec) (*Pattern, error) {
	p, c := &Pattern{spec: s}, newCompiler()
	if len(s.Custom) > 0 && string(s.Custom) != "null" {
		return nil, &Error{"/customMatcher", "custom matchers are Java classes, which this server cannot load"}
	}
	for _, e := range []struct {
		name, from string
		to         **regexp.Regexp
	}{
		{"urlPattern", s.URLPattern, &p.url},
		{"urlPathPattern", s.URLPathPattern, &p.path},
		{"urlPathTemplate", templateExpression(s.URLPathTemplate), &p.template},
	} {
		if e.from == "" {
			continue
		}
		compiled, err := c.regexp(e.from)
		if err != nil {
			return nil, &Error{"/" + e.name, err.Error()}
		}
		*e.to = compiled
	}
	if len(s.PathParameters) > 0 && s.URLPathTemplate == "" {
		return nil, &Error{"/pathParameters", "pathParameters go with urlPathTemplate"}
	}
	p.addOrigin()
	if err := p.addValues(c); err != nil {
		return nil, err
	}
	return p, nil
}

// The weights of WireMock's conditions in a distance.
const (
	light, heavy = 3, 10
)

// addOrigin adds the conditions that need no values.
func (p *Pattern) addOrigin() {
	s := p.spec
	p.add(light, func(r *Request, _ map[string]string) float64 {
		return unless(s.Scheme == "" || s.Scheme == r.Scheme)
	})
	p.add(heavy, func(r *Request, _ map[string]string) float64 { return unless(s.Port == nil || *s.Port == r.Port) })
	p.add(heavy, func(r *Request, _ map[string]string) float64 { return p.urlDistance(r) })
	p.add(light, func(r *Request, _ map[string]string) float64 {
		return unless(s.Method == "" || s.Method == "ANY" || strings.EqualFold(s.Method, r.Method))
	})
	if s.Fake+s.Operation+s.Evidence != "" || s.Status != 0 {
		p.add(light, func(r *Request, _ map[string]string) float64 {
			return unless((s.Fake == "" || s.Fake == r.Fake) && (s.Operation == "" || s.Operation == r.Operation) &&
				(s.Evidence == "" || s.Evidence == r.Evidence) && (s.Status == 0 || s.Status == r.Status))
		})
	}
	if s.BasicAuth != nil {
		want := "Basic " + base64.StdEncoding.EncodeToString([]byte(s.BasicAuth.Username+":"+s.BasicAuth.Password))
		p.add(1, func(r *Request, _ map[string]string) float64 { return unless(r.Header.Get("Authorization") == want) })
	}
}

func (p *Pattern) add(weight float64, distance func(*Request, map[string]string) float64) {
	p.checks = append(p.checks, check{weight, distance})
}

// addValues compiles the conditions on headers, parameters, cookies and bodies.
func (p *Pattern) addValues(c *compiler) error {
	s := p.spec
	for _, one := range []struct {
		name   string
		raw    json.RawMessage
		weight float64
		of     func(*Request) string
	}{
		{"host", s.Host, heavy, func(r *Request) string { return r.Host }},
		{"clientIp", s.ClientIP, light, func(r *Request) string { return r.ClientIP }},
	} {
		if len(one.raw) == 0 {
			continue
		}
		v, err := c.value(one.raw, "/"+one.name)
		if err != nil {
			return err
		}
		p.add(one.weight, func(r *Request, _ map[string]string) float64 {
			return v.distance(&subject{text: one.of(r), now: r.Now})
		})
	}
	for _, group := range []struct {
		name   string
		values map[string]json.RawMessage
		of     lookup
	}{
		{"headers", s.Headers, of((*Request).headers)},
		{"pathParameters", s.PathParameters, func(_ *Request, params map[string]string, name string) []string {
			return one(params, name)
		}},
		{"queryParameters", s.Query, of(func(r *Request, name string) []string { return r.Query()[name] })},
		{"formParameters", s.Form, of(func(r *Request, name string) []string { return r.Form()[name] })},
		{"cookies", s.Cookies, of((*Request).Cookie)},
	} {
		for _, name := range slices.Sorted(maps.Keys(group.values)) {
			v, err := c.values(group.values[name], "/"+group.name+"/"+name)
			if err != nil {
				return err
			}
			p.add(1, func(r *Request, params map[string]string) float64 {
				return v.distances(group.of(r, params, name), r.Now)
			})
		}
	}
	for i, raw := range s.Bodies {
		v, err := c.value(raw, fmt.Sprintf("/bodyPatterns/%d", i))
		if err != nil {
			return err
		}
		p.add(1, func(r *Request, _ map[string]string) float64 { return v.distance(r.subject()) })
	}
	return p.addParts(c)
}

// Match reports whether a request is as the pattern wants it.
func (p *Pattern) Match(r *Request) bool {
	params := p.Params(r)
	return !slices.ContainsFunc(p.checks, func(c check) bool { return c.distance(r, params) != 0 })
}

// Distance says how far a request is from the pattern: 0 for a match, 1 for one that has nothing of it.
func (p *Pattern) Distance(r *Request) float64 {
	params := p.Params(r)
	sum, weights := 0.0, 2.0 // of conditions that every request fulfils
	for _, c := range p.checks {
		sum, weights = sum+c.weight*c.distance(r, params), weights+c.weight
	}
	return sum / weights
}

// Params returns the parameters of a path template.
func (p *Pattern) Params(r *Request) map[string]string {
	if p.template == nil {
		return nil
	}
	for _, whole := range []string{r.URL, r.Target} {
		path, _, _ := strings.Cut(whole, "?")
		if found := p.template.FindStringSubmatch(path); found != nil {
			return p.params(found)
		}
	}
	return nil
}

// unless is the distance of a condition that holds or does not.
func unless(ok bool) float64 {
	if ok {
		return 0
	}
	return 1
}
