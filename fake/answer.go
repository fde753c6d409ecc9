package fake

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

// rendered is an encoded answer.
type rendered struct {
	status int
	body   []byte
}

// answer completes the journal entry with the answer, which send sends.
func (r *Request) answer(def *Def, a rendered) {
	if def.Finish != nil {
		a.status, a.body = def.Finish(r, a.status, a.body)
	}
	r.finish(r.plan.After(a.status, r.header, a.body))
}

// SetHeader sets a header of the answer, also of an error.
func (r *Request) SetHeader(name, value string) {
	r.header[http.CanonicalHeaderKey(name)] = r.list(value)
}

// list returns a list of one value. Those of a Request share one array, with room for the headers of most answers.
func (r *Request) list(value string) []string {
	if len(r.values) == cap(r.values) {
		r.values = make([]string, 0, 10)
	}
	r.values = append(r.values, value)
	n := len(r.values)
	return r.values[n-1 : n : n]
}

// encode encodes the result of a handler.
func (r *Request) encode(def *Def, value any) rendered {
	status := r.status
	if status == 0 && r.Op != nil {
		status = r.Op.Status
	}
	var body []byte
	switch v := value.(type) {
	case nil:
	case *Response:
		maps.Copy(r.header, v.Header)
		if v.Status != 0 {
			status = v.Status
		}
		body = v.Body
	case Raw:
		r.setType(def)
		body = v
	default:
		r.setType(def)
		body = encode(v)
	}
	return rendered{max(status, http.StatusOK), body}
}

// answerError is the HTTPErrorHandler of the application.
func (f *mountedFake) answerError(err error, c echo.Context) {
	r := requestOf(c)
	e, known := asError(err)
	if !known {
		r.server.ReportBug(fmt.Errorf("%s %s: %w", r.HTTP.Method, r.HTTP.URL, err))
	}
	e.Status = cmp.Or(e.Status, http.StatusBadRequest)
	maps.Copy(r.header, e.Header)
	if e.Status == http.StatusMethodNotAllowed && len(r.allow) > 0 && r.header["Allow"] == nil {
		r.SetHeader("Allow", strings.Join(r.allow, ", ")) // RFC 9110, section 15.5.6
	}
	body := e.Body
	switch {
	case body != nil:
	case f.def.Error == nil:
		body = map[string]string{"error": e.Text()}
	default:
		body = f.def.Error(r, e)
	}
	r.recordRejection(f.def, e)
	c.Response().Status = e.Status // for a middleware that logs
	a := rendered{status: e.Status}
	if body != nil {
		r.setType(f.def)
		a.body = encode(body)
	}
	r.answer(f.def, a)
}

// checkFiles rejects an upload that exceeds the world's bound. No vendor has this error.
func (r *Request) checkFiles() error {
	if err := r.State.CheckFiles(); err != nil {
		return &Error{Status: http.StatusInsufficientStorage, Rule: err.Error(), Source: "the server's own bound",
			Body: map[string]string{"error": err.Error()}}
	}
	return nil
}

// answerUnknown answers a request without an operation.
func (f *mountedFake) answerUnknown(r *Request) (any, error) {
	if err := f.unimplemented(r.HTTP); err != nil {
		return nil, err
	}
	switch {
	case f.def.Unknown != nil:
		return f.def.Unknown(r)
	case len(r.allow) > 0:
		return nil, &Error{Status: http.StatusMethodNotAllowed, Allow: r.allow, Rule: "the path has no such method"}
	}
	return nil, &Error{Status: http.StatusNotFound, Rule: "no operation has this path"}
}

// send writes the answer, or breaks it as a fault or a stub says, and adds the request to the journal.
func (r *Request) send(w http.ResponseWriter) {
	hit := cmp.Or(r.broken, r.fault)
	if r.broken != nil && w.Header().Get("Content-Type") == "" {
		w.Header()["Content-Type"] = nil // net/http would guess one
	}
	if hit != nil && hit.Break != "" {
		r.keep()
		hit.Cut(r.HTTP.Context(), w, r.entry.Status, r.answered)
		return
	}
	r.write(w)
}

// write sends the answer and, in tests, validates it against the document.
func (r *Request) write(w http.ResponseWriter) {
	options := &r.server.options
	body := r.answered
	h := w.Header()
	if evidence := r.evidence(); evidence != "" && !options.NoEvidence {
		h["Mockserver-Evidence"] = r.list(evidence)
	}
	if (body == nil || r.entry.Stub != nil) && h.Get("Content-Type") == "" {
		h["Content-Type"] = nil // net/http would guess one
	}
	if r.entry.Status != http.StatusNoContent && r.entry.Status != http.StatusNotModified {
		h["Content-Length"] = r.list(strconv.Itoa(len(body)))
	}
	if options.CheckAnswers && r.Op != nil && r.entry.Fault == "" && r.entry.Stub == nil && r.entry.Status < 500 {
		if err := r.Op.CheckAnswer(&r.in, r.entry.Status, h, body); err != nil {
			options.Bug(errors.Join(fmt.Errorf("%s %s answered %d, which breaks the document of %s", r.HTTP.Method,
				r.HTTP.URL, r.entry.Status, r.Op.ID), err))
		}
	}
	r.keep()
	w.WriteHeader(r.entry.Status)
	w.Write(body)
}
