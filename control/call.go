package control

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/afba07b5/mockserver/control/wiremock"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/safeyaml"
)

// call is one request to the control plane.
type call struct {
	plane *Plane
	own   string // the fake on whose port it arrived; empty on the edge port
	w     http.ResponseWriter
	r     *http.Request

	wiremock bool // the route is WireMock's: only its keys
}

// reply is an answer that is not plain JSON with status 200.
type reply struct {
	status int
	media  string // application/json if empty; then value is encoded
	value  any
	text   []byte
	stream func(*bufio.Writer) // follows text; for what is too long to be in memory
}

// problem is an error that the client sees.
type problem struct {
	status  int
	detail  string
	pointer string         // JSON pointer into the body
	code    int            // WireMock's, if it is not the usual one
	more    map[string]any // further members of the problem
}

func (p *problem) Error() string { return p.detail }

func newProblem(status int, format string, args ...any) error {
	return &problem{status: status, detail: fmt.Sprintf(format, args...)}
}

// badBody returns the error for a body of the wrong form.
func badBody(format string, args ...any) error {
	return newProblem(http.StatusUnprocessableEntity, format, args...)
}

func badRequest(format string, args ...any) error {
	return newProblem(http.StatusBadRequest, format, args...)
}

func (c *call) write(value any, err error) {
	if err != nil {
		c.writeProblem(err)
		return
	}
	if _, ok := value.(streamed); ok {
		return
	}
	out, ok := value.(*reply)
	if !ok {
		out = &reply{value: value}
	}
	if out.media == "" && out.value != nil {
		out.media, out.text = "application/json", encode(out.value)
	}
	if out.status == 0 {
		out.status = http.StatusOK
		if len(out.text) == 0 && out.media == "" {
			out.status = http.StatusNoContent
		}
	}
	if out.media != "" {
		c.w.Header().Set("Content-Type", out.media)
	}
	c.w.Header().Set("Cache-Control", "no-store")
	c.w.WriteHeader(out.status)
	c.w.Write(out.text)
	if out.stream != nil {
		to := bufio.NewWriterSize(c.w, 1<<16)
		out.stream(to)
		to.Flush()
	}
}

func (c *call) writeProblem(err error) {
	p, ok := errors.AsType[*problem](err)
	if !ok {
		p = &problem{status: http.StatusUnprocessableEntity, detail: err.Error()}
	}
	detail := plainJSON(p.detail, nil)
	if c.wiremock {
		c.w.Header().Set("Content-Type", "application/json")
		c.w.WriteHeader(p.status)
		c.w.Write(encode(wiremock.NewErrors(p.status, p.code, p.pointer, detail)))
		return
	}
	body := map[string]any{"status": p.status, "title": http.StatusText(p.status), "detail": detail}
	for key, value := range p.more {
		body[key] = value
	}
	c.w.Header().Set("Content-Type", "application/problem+json")
	c.w.WriteHeader(p.status)
	c.w.Write(encode(body))
}

// encode encodes JSON without HTML escapes and with a final newline, for curl users.
func encode(v any) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // plain data
	}
	return out.Bytes()
}

// chosen returns the world of the call: that of the path, of the header, or the default one.
func (c *call) chosen() (*fake.World, error) {
	return c.find(cmp.Or(c.r.PathValue("name"), c.r.Header.Get("Mockserver-World"), "default"))
}

func (c *call) find(name string) (*fake.World, error) {
	w, err := c.plane.srv.World(name)
	if _, away := errors.AsType[*fake.StoreError](err); away {
		return nil, c.storeProblem(err)
	}
	if err != nil {
		return nil, newProblem(http.StatusNotFound, "%v", err)
	}
	return w, nil
}

const (
	bodyLimit  = 1 << 20
	stateLimit = 256 << 20
)

func (c *call) body(limit int64) ([]byte, error) {
	text, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, limit))
	if tooLong, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, newProblem(http.StatusRequestEntityTooLarge, "the body is longer than %d bytes", tooLong.Limit)
	}
	if err != nil {
		return nil, badRequest("reading the body: %v", err)
	}
	return text, nil
}

// decode strictly decodes a JSON body into v, a pointer to a struct. An empty body changes nothing.
func (c *call) decode(v any) error {
	text, err := c.body(bodyLimit)
	if err != nil || len(bytes.TrimSpace(text)) == 0 {
		return err
	}
	err = decodeStrict(safeyaml.TrimBOM(text), v)
	if p, ok := errors.AsType[*problem](err); ok && c.wiremock {
		p.status = http.StatusUnprocessableEntity
	}
	return err
}
