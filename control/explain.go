package control

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/afba07b5/mockserver/explain"
	"github.com/afba07b5/mockserver/fake"
)

// explain says why a request was answered as it was, which rules it broke, and which request would have been answered.
func (c *call) explain() (any, error) {
	w, e, err := c.entry()
	if err != nil {
		return nil, err
	}
	x, err := explain.Request(c.plane.srv, w, e)
	if err != nil {
		return nil, err
	}
	c.maskExplanation(w, e, x)
	return x, nil
}

// nearest is the operation that a request without one comes nearest to.
func (c *call) nearest(e *fake.Entry) *explain.Near {
	if e.Operation != "" {
		return nil
	}
	return explain.Nearest(c.plane.srv.Def(e.Fake), e)
}

// maskExplanation hides the secrets of a request in what explains it. A credential that the rows of
// the world hold, which the fake itself lists, stays: the nearest request is there to be sent.
func (c *call) maskExplanation(w *fake.World, e *fake.Entry, x *explain.Explanation) {
	m, known := c.maskOf(e), c.knownValues(w, e.Fake)
	x.Request = e.Method + " " + m.url(e.URL)
	for i := range x.Rules {
		r := &x.Rules[i]
		r.Rule, r.Satisfy = m.secrets.Replace(r.Rule), maskText(m, known, r.Satisfy)
		r.Sent = m.value(known, r.Field, r.Sent)
	}
	v := x.Valid
	if v == nil {
		return
	}
	for i := range v.Changes {
		change := &v.Changes[i]
		change.From, change.To = m.value(known, change.Field, change.From), m.value(known, change.Field, change.To)
	}
	v.Mask(func(name, value string) string {
		if holds(known, value) {
			return value
		}
		return m.secrets.Replace(m.header(name, value))
	}, m.url, func(h http.Header, body string) string { return string(m.body(h, []byte(body))) })
}

// knownValues are the credentials that the fake lists for a world.
func (c *call) knownValues(w *fake.World, name string) (known []string) {
	state, err := w.State(name)
	if def := c.plane.srv.Def(name); err == nil && def != nil && def.Known != nil {
		for _, credential := range def.Known(state) {
			known = append(known, credential.Value)
		}
	}
	return known
}

func holds(known []string, text string) bool {
	for _, value := range known {
		if value != "" && strings.Contains(text, value) {
			return true
		}
	}
	return false
}

func maskText(m mask, known []string, text string) string {
	if holds(known, text) {
		return text
	}
	return m.secrets.Replace(text)
}

// value redacts a value under a secret's name, and secrets in any other text.
func (m mask) value(known []string, name string, v any) any {
	text, ok := v.(string)
	switch {
	case v == nil:
		return nil
	case !ok:
		return json.RawMessage(m.body(http.Header{"Content-Type": {"application/json"}}, bytes.TrimSpace(encode(v))))
	case holds(known, text):
		return v
	case name != "":
		return m.secrets.Replace(m.header(name, text))
	}
	return m.secrets.Replace(text)
}
