package fake

import "net/http"

// Unimplemented is a part of a vendor's API that the vendor has and a fake does not.
type Unimplemented struct {
	Kind   string `json:"kind"`   // path, or what else it is part of, such as "query of /graphql"
	Name   string `json:"name"`   // of a path: a pattern of http.ServeMux, "GET /files/{id}"
	Source string `json:"source"` // where it is known from that the vendor has it
}

// NotInThisFake is the code of answers to requests for what is Unimplemented.
const NotInThisFake = "NOT_IN_THIS_FAKE"

// Error returns the answer to a request for it. Its shape is not the vendor's, so that nobody takes it for the
// vendor's own 404.
func (m Unimplemented) Error() *Error {
	rule := m.Kind + " " + m.Name + " is not in this fake"
	return &Error{Status: http.StatusNotImplemented, Rule: rule, Evidence: Inferred, Source: "the fake's own answer; that the vendor has it: " + m.Source,
		Body: map[string]string{"error": rule + "; the vendor has it", "code": NotInThisFake}}
}

// unimplemented answers a request for a path that the vendor alone has. Preflights are answered as everywhere.
func (d *Def) unimplemented(hr *http.Request) error {
	if d.Unimplemented == nil || hr.Method == http.MethodOptions {
		return nil
	}
	for _, m := range d.Unimplemented() {
		if m.Kind != "path" {
			continue
		}
		mux := http.NewServeMux()
		mux.Handle(m.Name, http.NotFoundHandler())
		if _, pattern := mux.Handler(hr); pattern == m.Name {
			return m.Error()
		}
	}
	return nil
}
