package fake

import "net/http"

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
	r := s.newRequest(hr, entrance{})
	r.trial = true
	r.begin(destination{world: w, base: base}, state, http.Header{})
	f.echo.ServeHTTP(discarded(r.header), r.HTTP)
	r.entry.Answered, r.entry.Answer = r.header, r.answered
	if rejection := r.rejected; rejection != nil && len(rejection.Violations) == 0 {
		copied := *rejection
		copied.Violations, r.rejected = r.violations, &copied
	}
	return r.entry, r.rejected
}

// discarded is a ResponseWriter without a client.
type discarded http.Header

func (d discarded) Header() http.Header         { return http.Header(d) }
func (d discarded) Write(b []byte) (int, error) { return len(b), nil }
func (d discarded) WriteHeader(int)             {}

// begin sets where the request goes, and starts its journal entry.
func (r *Request) begin(to destination, state *State, header http.Header) {
	r.world, r.State, r.Base, r.header = to.world, state, to.base, header
	r.in.HTTP = r.HTTP
	r.entry = r.newEntry()
	r.entry.Gone, r.undo = to.gone, to.gone != ""
}

// Reject records the rule that rejected a request whose answer reports it only in the body, with a
// success status.
func (r *Request) Reject(e *Error) {
	r.recordRejection(r.server.Def(r.entry.Fake), e)
}
