package recorder

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/afba07b5/mockserver/contracts/importer"
)

// Hook makes a case of what go-vcr's own recorder records in a test: it replaces the secrets before go-vcr saves
// dir/cassette.yaml, and writes dir/case.yaml. It discards what cannot be saved safely; Notes says why. If
// anything else fails, go-vcr saves nothing.
//
//	hook := recorder.NewHook(recorder.Options{Fake: kickflow.Def(), About: "...", Version: "..."}, "testdata/users")
//	rec, err := vcr.New("testdata/users/cassette",
//		vcr.WithHook(recorder.AfterCapture[cassette.Interaction](hook), vcr.AfterCaptureHook),
//		vcr.WithHook(recorder.BeforeSave[cassette.Interaction](hook), vcr.BeforeSaveHook))
//
// Both hooks and Options.Fake are needed: if one is missing, the request or Stop returns an error that says what to
// write. A Hook serves one recording. It does not add to one: the pseudonyms of a recording cannot be made again.
type Hook struct {
	options Options
	dir     string

	mu       sync.Mutex
	captures bool // AfterCapture was called
	saves    bool // BeforeSave was called
	captured []*captured
	scrubbed bool
	err      error
	notes    []string
}

// captured points into an interaction of go-vcr.
type captured struct {
	request  *cassette.Request
	response *cassette.Response
	discard  *bool
}

// NewHook returns a Hook for the case in dir. Options.Upstream may be empty: then it is the origin
// of the first request. Requests to other origins are discarded.
func NewHook(o Options, dir string) *Hook { return &Hook{options: o, dir: dir} }

// AfterCapture returns a hook of go-vcr's kind AfterCaptureHook. I is the type Interaction of go-vcr 3 or 4.
func AfterCapture[I any](h *Hook) func(*I) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.captures = true
	return func(i *I) error {
		c, err := partsOf(reflect.ValueOf(i).Elem())
		if err != nil {
			return err
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		if err := h.incomplete(); err != nil {
			return err
		}
		h.captured = append(h.captured, c)
		return nil
	}
}

// BeforeSave returns a hook of go-vcr's kind BeforeSaveHook. The first interaction that is saved has the secrets of all
// replaced.
func BeforeSave[I any](h *Hook) func(*I) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.saves = true
	return func(i *I) error {
		c, err := partsOf(reflect.ValueOf(i).Elem())
		if err != nil {
			return err
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		if err := h.incomplete(); err != nil {
			return err
		}
		if !slices.ContainsFunc(h.captured, func(other *captured) bool { return other.request == c.request }) {
			return fmt.Errorf("%s: the cassette has interactions of an earlier recording; remove it and record anew",
				h.dir)
		}
		if !h.scrubbed {
			h.scrubbed, h.err = true, h.scrub()
		}
		return h.err
	}
}

// incomplete returns an error that names what is missing of a Hook's configuration, and what to write.
func (h *Hook) incomplete() error {
	const add = "%s: go-vcr's recorder has no hook %s; add " +
		"recorder.%s[cassette.Interaction](hook) to it, as a hook of the kind %sHook"
	switch {
	case h.options.Fake == nil:
		return fmt.Errorf("%s: %w", h.dir, errNoFake)
	case !h.captures:
		return fmt.Errorf(add, h.dir, "AfterCapture", "AfterCapture", "AfterCapture")
	case !h.saves:
		return fmt.Errorf(add, h.dir, "BeforeSave", "BeforeSave", "BeforeSave")
	}
	return nil
}

// Notes says what is not in the case, and why.
func (h *Hook) Notes() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.notes)
}

// partsOf returns the parts of an interaction. Those of go-vcr 3 and 4 differ only in their tags.
func partsOf(i reflect.Value) (c *captured, err error) {
	c = &captured{}
	for name, to := range map[string]reflect.Value{"Request": reflect.ValueOf(&c.request).Elem(),
		"Response": reflect.ValueOf(&c.response).Elem(), "DiscardOnSave": reflect.ValueOf(&c.discard).Elem()} {
		var field reflect.Value
		if i.Kind() == reflect.Struct {
			field = i.FieldByName(name)
		}
		if !field.IsValid() || !field.Addr().CanConvert(to.Type()) {
			return nil, fmt.Errorf("%s is not the Interaction of go-vcr 3 or 4", i.Type())
		}
		to.Set(field.Addr().Convert(to.Type()))
	}
	return c, nil
}

// scrub replaces the secrets of all interactions and writes case.yaml.
func (h *Hook) scrub() error {
	o := h.options
	if o.Upstream == "" {
		o.Upstream = originOf(h.captured[0].request.URL)
	}
	r, err := New(o)
	if err != nil {
		return err
	}
	for _, c := range h.captured {
		if origin := originOf(c.request.URL); origin != originOf(o.Upstream) {
			r.leaveOut(r.begin(), c.request.Method, pathOf(c.request.URL), "it is for another host, "+origin)
			continue
		}
		r.Add(c.exchange())
	}
	made, saved, err := r.render()
	h.notes = saved.Notes
	if err != nil {
		return fmt.Errorf("%s: %w: %s", h.dir, err, strings.Join(saved.Notes, "; "))
	}
	for n, c := range h.captured {
		k := slices.IndexFunc(made.all, func(x *exchange) bool { return x.location == n })
		if *c.discard = k < 0; k < 0 {
			continue
		}
		*c.request, *c.response = made.interactions[k].Request, made.interactions[k].Response
		c.request.Form = formOf(c.request)
	}
	return errors.Join(os.MkdirAll(h.dir, 0o700),
		os.WriteFile(filepath.Join(h.dir, "case.yaml"), []byte(made.files["case.yaml"]), 0o600))
}

func (c *captured) exchange() importer.Exchange {
	header := c.request.Headers.Clone()
	if header == nil {
		header = http.Header{}
	}
	if header["User-Agent"] == nil { // Go's client adds it after go-vcr has seen the request
		header.Set("User-Agent", "Go-http-client/1.1")
	}
	return importer.Exchange{Method: c.request.Method, URL: c.request.URL, Header: header, Body: []byte(c.request.Body),
		Status: c.response.Code, Answer: c.response.Headers, Result: []byte(c.response.Body), Took: c.response.Duration}
}

// formOf returns the form values that go-vcr compares: those of the query and of a form in the body.
func formOf(r *cassette.Request) url.Values {
	q, err := http.NewRequest(r.Method, r.URL, strings.NewReader(r.Body))
	if err != nil {
		return nil
	}
	q.Header = r.Headers
	if q.ParseForm() != nil {
		return nil
	}
	return q.Form
}
