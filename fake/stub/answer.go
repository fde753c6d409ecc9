package stub

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/fake/match"
)

// Answer is what a stub says to one request.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	Delay  time.Duration
	Break  string // in the words of fake/fault
	Chunks int    // of a body that dribbles
	Over   time.Duration
	Proxy  *Proxy  // where the answer comes from instead
	Change *Change // what is different in the fake's own answer, which comes instead
}

// Proxy says where a request is sent on to.
type Proxy struct {
	URL    string
	Header http.Header // added
	Remove []string
}

// Served is a stub that matched a request.
type Served struct {
	*Stub
	files  map[string][]byte
	global Settings
	random *rand.Rand
}

// Answer works the answer out. An error is a template or a file that fails with this request.
func (s *Served) Answer(r *match.Request, id string) (*Answer, error) {
	d := &s.Response
	a := &Answer{Status: http.StatusOK, Header: http.Header{}, Break: faults[d.Fault], Change: d.change}
	if d.Status != nil {
		a.Status = *d.Status
	}
	wait, ok := d.waits(s.random.Float64)
	if !ok {
		wait = s.global.waits(s.random.Float64)
	}
	a.Delay = wait
	if d.Dribble != nil {
		a.Break, a.Chunks, a.Over = "dribble", d.Dribble.Chunks, milliseconds(d.Dribble.Duration)
	}
	data := s.data(r, id)
	for name, values := range d.headers {
		for _, value := range values {
			text, err := s.expand(value, data, r.Now)
			if err != nil {
				return nil, err
			}
			a.Header.Add(name, text)
		}
	}
	err := s.body(a, data, r.Now)
	if err == nil {
		err = s.proxy(a, r, data)
	}
	return a, err
}

func (s *Served) body(a *Answer, data map[string]any, now time.Time) error {
	d := &s.Response
	a.Body = d.fixed
	if d.BodyFileName != "" {
		name, err := s.expand(d.BodyFileName, data, now)
		if err != nil {
			return err
		}
		body, ok := s.files[path.Clean("/" + name)[1:]]
		if !ok {
			return fmt.Errorf("there is no file %q; PUT it to /__admin/files/%s, or start with --mappings", name, name)
		}
		a.Body = body
	}
	if d.templates == nil || d.Base64Body != nil {
		return nil
	}
	text, err := s.expand(string(a.Body), data, now)
	a.Body = []byte(text)
	return err
}

// expand renders a text if it is a template.
func (s *Served) expand(text string, data map[string]any, now time.Time) (string, error) {
	if s.Response.templates == nil || !strings.Contains(text, "{{") {
		return text, nil
	}
	t := s.Response.templates[text]
	if t == nil {
		var err error
		if t, err = compileTemplate(text); err != nil {
			return "", err
		}
	}
	return t.render(data, now, s.random)
}

func (s *Served) proxy(a *Answer, r *match.Request, data map[string]any) error {
	d := &s.Response
	if d.ProxyBaseURL == "" {
		return nil
	}
	base, err := s.expand(d.ProxyBaseURL, data, r.Now)
	if err != nil {
		return err
	}
	target := strings.TrimSuffix(base, "/") + strings.TrimPrefix(r.URL, d.ProxyPrefix)
	a.Proxy = &Proxy{URL: target, Header: http.Header{}, Remove: d.RemoveHeaders}
	for name, raw := range d.ProxyHeaders {
		values, err := textOrList(raw)
		if err != nil {
			return err
		}
		for _, value := range values {
			if value, err = s.expand(value, data, r.Now); err != nil {
				return err
			}
			a.Proxy.Header.Add(name, value)
		}
	}
	return nil
}
