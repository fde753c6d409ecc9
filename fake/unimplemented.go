package fake

import (
	"net/http"
	"net/url"
	"strings"
)

// Unimplemented is a feature that the vendor has and the fake lacks.
type Unimplemented struct {
	Kind   string `json:"kind"`   // path, or the place of another feature, such as "query of /graphql"
	Name   string `json:"name"`   // of a path: a pattern of http.ServeMux, "GET /files/{id}"
	Source string `json:"source"` // evidence that the vendor has it
}

// NotInThisFake is the code of answers to requests for what is Unimplemented.
const NotInThisFake = "NOT_IN_THIS_FAKE"

// Error returns the answer to a request for it. Its shape differs from the vendor's, so that it is
// not taken for the vendor's 404.
func (m Unimplemented) Error() *Error {
	rule := m.Kind + " " + m.Name + " is not in this fake"
	return &Error{Status: http.StatusNotImplemented, Rule: rule, Evidence: Inferred,
		Source: "the fake's own answer; that the vendor has it: " + m.Source,
		Body:   map[string]string{"error": rule + "; the vendor has it", "code": NotInThisFake}}
}

// unimplemented answers a request for a path that only the vendor has. Preflights are answered as
// usual.
func (d *Def) unimplemented(hr *http.Request) error {
	if d.Unimplemented == nil || hr.Method == http.MethodOptions {
		return nil
	}
	for _, m := range d.Unimplemented() {
		if m.Kind != "path" {
			continue
		}
		mux, pattern := http.NewServeMux(), lowerPath(m.Name)
		mux.Handle(pattern, http.NotFoundHandler())
		asked := &http.Request{Method: hr.Method, Host: hr.Host, URL: &url.URL{Path: strings.ToLower(hr.URL.Path)}}
		if _, found := mux.Handler(asked); found == pattern {
			return m.Error()
		}
	}
	return nil
}

// lowerPath is a pattern with its path in lower case: a path that differs by its case alone is no other one here.
func lowerPath(pattern string) string {
	path := strings.IndexByte(pattern, '/')
	return pattern[:path] + strings.ToLower(pattern[path:])
}
