package fake

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake/query"
)

// serve is the life of one request.
func (s *Server) serve(w http.ResponseWriter, hr *http.Request, f *mountedFake, to destination) {
	world := to.world
	if err := world.Open(f.def.Name); err != nil {
		if _, away := errors.AsType[*StoreError](err); away {
			noWorld(w, err)
			return
		}
	}
	state, err := world.State(f.def.Name)
	if err != nil {
		Problem(w, http.StatusInternalServerError, err.Error())
		return
	}
	world.Used()
	r := s.begin(to, state, hr, w.Header())
	r.route(f)
	hit, err := r.matchStoredFault(f.def)
	if err != nil {
		Problem(w, http.StatusBadRequest, err.Error())
		return
	}
	r.answer(f, hit)
	if r.broken != nil {
		hit = r.broken
	}
	r.send(w, hit)
}

// send writes the answer, or breaks it as a fault or a stub says, and adds the request to the journal.
func (r *Request) send(w http.ResponseWriter, hit *Fault) {
	if r.broken != nil {
		if w.Header().Get("Content-Type") == "" {
			w.Header()["Content-Type"] = nil // net/http would guess one
		}
	}
	if hit != nil && hit.Break != "" {
		r.keep()
		hit.Cut(r.HTTP.Context(), w, r.entry.Status, r.answered)
		return
	}
	r.write(w)
}

// answer computes the answer and stores it in the journal entry.
func (r *Request) answer(f *mountedFake, hit *Fault) {
	limit := int64(1 << 20)
	if f.def.BodyLimit > 0 {
		limit = f.def.BodyLimit
	}
	if r.Op != nil && (f.def.BodyLimit == 0 || r.Op.BodyLimit > limit) {
		limit = r.Op.BodyLimit
	}
	err := r.readBody(limit)
	value, failure, done := r.applyFault(hit)
	if err == nil {
		err = failure
	}
	if err == nil && !done {
		if s, facts := r.matchStub(); s != nil {
			r.answerStub(f, s, facts)
			return
		}
		r.delay()
	}
	r.finish(r.answerFake(f, value, err, done))
}

// handle runs gate, lock, auth, validation, handler and commit.
func (r *Request) handle(def *Def) (value any, err error) {
	r.in.ParseForm = def.Query
	if def.Query == nil {
		r.in.ParseForm = query.Parse
	}
	var queryError error
	r.in.Query, queryError = r.in.ParseForm(r.HTTP.URL.RawQuery)
	if def.Gate != nil {
		if err := def.Gate(r); err != nil {
			return nil, err
		}
	}
	writes := r.Op != nil && r.Op.Writes && (def.Reads == nil || !def.Reads(r))
	failed := r.inTurn(writes, func() {
		r.State.WithLock(writes, r.entry.Position, func() bool {
			value, err = r.callHandler(def, queryError)
			refused, _ := errors.AsType[*Error](err)
			return err != nil && (refused == nil || !refused.Keep) || r.undo
		})
	})
	if failed != nil {
		return nil, unavailable(failed)
	}
	return value, err
}

// callHandler authenticates, validates, and runs the handler. It converts a panic into an error.
func (r *Request) callHandler(def *Def, queryError error) (value any, err error) {
	defer func() {
		if p := recover(); p != nil {
			value, err, r.undo = nil, fmt.Errorf("panic: %v\n%s", p, debug.Stack()), true
		}
	}()
	if r.Op == nil {
		return def.answerUnknown(r)
	}
	if err := def.Auth(r); err != nil {
		return nil, err
	}
	if r.entry.Gone != "" && strings.HasPrefix(r.Op.Path, "/__") {
		return nil, &Error{Status: http.StatusUnauthorized, Evidence: Inferred,
			Rule: "the world of the credential is gone", Source: "the server's own: docs/control.md, credentials"}
	}
	if queryError != nil {
		return nil, queryError
	}
	if r.server.options.RefuseInferred && r.Op.Evidence == "inferred" && !strings.HasPrefix(r.Op.Path, "/__") {
		return nil, &Error{Status: http.StatusNotImplemented, Rule: "operations without evidence are refused",
			Evidence: Inferred, Source: r.Op.Source, Body: map[string]string{
				"error": r.Op.ID + " is inferred, not recorded or documented: " + r.Op.Source +
					"; start without --refuse inferred to use it"}}
	}
	found, err := r.Op.Validate(&r.in)
	if err != nil {
		return nil, err
	}
	if r.violations = found; len(found) > 0 {
		if def.Invalid != nil {
			return nil, def.Invalid(r, found)
		}
		return nil, &Error{Status: http.StatusBadRequest, Violations: found}
	}
	value, err = r.State.Handlers.([]Handler)[r.Op.Number](r)
	if err == nil {
		err = r.checkFiles()
	}
	return value, err
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
func (d *Def) answerUnknown(r *Request) (any, error) {
	if err := d.unimplemented(r.HTTP); err != nil {
		return nil, err
	}
	switch {
	case d.Unknown != nil:
		return d.Unknown(r)
	case len(r.allow) > 0:
		return nil, &Error{Status: http.StatusMethodNotAllowed, Allow: r.allow, Rule: "the path has no such method"}
	}
	return nil, &Error{Status: http.StatusNotFound, Rule: "no operation has this path"}
}

// render converts the handler's result into status and body.
func (r *Request) render(f *mountedFake, value any, err error) (int, []byte) {
	if err != nil {
		return r.renderError(f, err)
	}
	status := r.status
	if status == 0 && r.Op != nil {
		status = r.Op.Status
	}
	switch v := value.(type) {
	case nil:
		return max(status, http.StatusOK), nil
	case *Response:
		maps.Copy(r.header, v.Header)
		if v.Status != 0 {
			status = v.Status
		}
		return max(status, http.StatusOK), v.Body
	case Raw:
		r.setType(f.def)
		return max(status, http.StatusOK), v
	default:
		r.setType(f.def)
		return max(status, http.StatusOK), encode(v)
	}
}

func (r *Request) renderError(f *mountedFake, err error) (int, []byte) {
	e, known := asError(err)
	if !known {
		r.server.bug(fmt.Errorf("%s %s: %w", r.HTTP.Method, r.HTTP.URL, err))
	}
	if e.Status == 0 {
		e.Status = http.StatusBadRequest
	}
	maps.Copy(r.header, e.Header)
	body := e.Body
	if body == nil {
		body = f.def.Error(r, e)
	}
	r.refused(f.def, e)
	if body == nil {
		return e.Status, nil
	}
	r.setType(f.def)
	return e.Status, encode(body)
}

// write sends the answer and, in tests, validates it against the document.
func (r *Request) write(w http.ResponseWriter) {
	options := &r.server.options
	body := r.answered
	h := w.Header()
	if evidence := r.evidence(); evidence != "" && !options.NoEvidence {
		h.Set("Mockserver-Evidence", evidence)
	}
	if (body == nil || r.entry.Stub != nil) && h.Get("Content-Type") == "" {
		h["Content-Type"] = nil // net/http would guess one
	}
	if r.entry.Status != http.StatusNoContent && r.entry.Status != http.StatusNotModified {
		h.Set("Content-Length", strconv.Itoa(len(body)))
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
