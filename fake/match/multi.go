package match

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"time"
)

// values is a compiled condition on all values of a header or a parameter.
type values interface {
	distances(texts []string, now time.Time) float64
}

// single wants one of the values to match. Without values it looks at an absent one.
type single struct{ value }

func (v single) distances(texts []string, now time.Time) float64 {
	if len(texts) == 0 {
		return v.distance(&subject{absent: true, now: now})
	}
	least := 1.0
	for _, text := range texts {
		least = min(least, v.distance(&subject{text: text, now: now}))
	}
	return least
}

// several wants each of its conditions to hold for some value and, if exact, each value to be wanted.
type several struct {
	list  []value
	exact bool
}

func (v several) distances(texts []string, now time.Time) float64 {
	holds := func(one value) func(string) bool {
		return func(text string) bool { return one.distance(&subject{text: text, now: now}) == 0 }
	}
	for _, one := range v.list {
		if !slices.ContainsFunc(texts, holds(one)) {
			return 1
		}
	}
	if !v.exact {
		return 0
	}
	for _, text := range texts {
		if !slices.ContainsFunc(v.list, func(one value) bool { return holds(one)(text) }) {
			return 1
		}
	}
	return unless(len(texts) == len(v.list))
}

// values compiles a condition on all values of a name.
func (c *compiler) values(raw json.RawMessage, pointer string) (values, error) {
	var o object
	if json.Unmarshal(raw, &o) == nil {
		for name, exact := range map[string]bool{"hasExactly": true, "includes": false} {
			if o[name] == nil {
				continue
			}
			if len(o) > 1 {
				return nil, &Error{pointer, name + " stands alone"}
			}
			list, err := c.list(o[name], pointer+"/"+name)
			return several{list, exact}, err
		}
	}
	v, err := c.value(raw, pointer)
	return single{v}, err
}

// addParts compiles the conditions on the parts of a multipart body.
func (p *Pattern) addParts(c *compiler) error {
	for i, s := range p.spec.Multipart {
		pointer := fmt.Sprintf("/multipartPatterns/%d", i)
		if s.Type != "" && s.Type != "ANY" && s.Type != "ALL" {
			return &Error{pointer + "/matchingType", "expected ANY or ALL"}
		}
		headers, bodies := map[string]values{}, []value{}
		for name, raw := range canonical(s.Headers) {
			v, err := c.values(raw, pointer+"/headers/"+name)
			if err != nil {
				return err
			}
			headers[name] = v
		}
		for j, raw := range s.Bodies {
			v, err := c.value(raw, fmt.Sprintf("%s/bodyPatterns/%d", pointer, j))
			if err != nil {
				return err
			}
			bodies = append(bodies, v)
		}
		p.add(1, func(r *Request, _ map[string]string) float64 { return unless(matchesParts(r, s, headers, bodies)) })
	}
	return nil
}

func matchesParts(r *Request, s partSpec, headers map[string]values, bodies []value) bool {
	holds := func(one part) bool {
		if s.Name != "" && partName(one) != s.Name {
			return false
		}
		for name, v := range headers {
			if v.distances(one.header.Values(name), r.Now) != 0 {
				return false
			}
		}
		body := &subject{text: string(one.body), now: r.Now}
		return !slices.ContainsFunc(bodies, func(v value) bool { return v.distance(body) != 0 })
	}
	parts := r.multipart()
	if s.Type == "ALL" {
		return len(parts) > 0 && !slices.ContainsFunc(parts, func(one part) bool { return !holds(one) })
	}
	return slices.ContainsFunc(parts, holds)
}

// partName returns the name of the field that a part is for.
func partName(one part) string {
	_, params, _ := mime.ParseMediaType(one.header.Get("Content-Disposition"))
	return params["name"]
}

// lookup returns the values that a request has under a name.
type lookup func(r *Request, params map[string]string, name string) []string

// of is a lookup that needs no path parameters.
func of(values func(r *Request, name string) []string) lookup {
	return func(r *Request, _ map[string]string, name string) []string { return values(r, name) }
}

func one(params map[string]string, name string) []string {
	if text, ok := params[name]; ok {
		return []string{text}
	}
	return nil
}

// canonical returns the headers with names as net/http has them.
func canonical(h map[string]json.RawMessage) map[string]json.RawMessage {
	out := make(map[string]json.RawMessage, len(h))
	for name, raw := range h {
		out[http.CanonicalHeaderKey(name)] = raw
	}
	return out
}
