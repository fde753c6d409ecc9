package fake

import (
	"net/http"
	"time"

	"github.com/afba07b5/mockserver/fake/openapi"
)

// Repair is a value that would satisfy the rule that rejected a request, and its place in the
// request.
type Repair struct {
	In    string   // path, query, header or body
	Path  []string // the parameter's name, or the path to the value in the body
	Value any      // the value to set
	Drop  bool     // remove the value instead
}

// Try answers a request in a world without resolving the world of its credential, without faults,
// and without the journal. hr is a request at the root of the fake. Try returns the journal entry
// and, for a rejected request, the error.
func (s *Server) Try(w *World, name string, hr *http.Request, base string) (*Entry, *Error) {
	f := s.fakes[name]
	state, err := w.State(name)
	if err != nil {
		return nil, &Error{Status: http.StatusInternalServerError, Rule: err.Error()}
	}
	r := s.begin(destination{world: w, base: base}, state, hr, http.Header{})
	r.route(f)
	r.answer(f, nil)
	r.entry.Answered, r.entry.Answer = r.header, r.answered
	if refusal := r.refusal; refusal != nil && len(refusal.Violations) == 0 {
		copied := *refusal
		copied.Violations, r.refusal = r.violations, &copied
	}
	return r.entry, r.refusal
}

// begin makes the Request and its journal entry.
func (s *Server) begin(to destination, state *State, hr *http.Request, header http.Header) *Request {
	r := &Request{server: s, world: to.world, HTTP: hr, State: state, Base: to.base, Host: hostOnly(hr.Host), header: header,
		started: time.Now(), in: openapi.Input{HTTP: hr}}
	r.entry = r.newEntry()
	r.entry.Gone, r.undo = to.gone, to.gone != ""
	return r
}

// route undoes the vendor's spellings of the path and finds the operation.
func (r *Request) route(f *mountedFake) {
	r.entry.Fake = f.def.Name
	if f.def.Rewrite != nil {
		f.def.Rewrite(r.HTTP)
	}
	f.find(r)
}

// Reject records the rule that rejected a request whose answer reports it only in the body, with a
// success status.
func (r *Request) Reject(e *Error) {
	r.refusal, r.entry.Refusal = e, &Refusal{Rule: e.Rule, Evidence: e.Evidence, Source: e.Source}
}
