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

// lackedPath is a path that only the vendor has, in lower case, and a mux that has no other.
type lackedPath struct {
	Unimplemented
	pattern string
	mux     *http.ServeMux
}

// lackedPaths returns those of Unimplemented that are paths.
func (d *Def) lackedPaths() (all []lackedPath) {
	for _, m := range d.Unimplemented() {
		if method, path, _ := strings.Cut(m.Name, "/"); m.Kind == "path" {
			all = append(all, lackedPath{m, method + "/" + strings.ToLower(path), http.NewServeMux()})
			all[len(all)-1].mux.Handle(all[len(all)-1].pattern, http.NotFoundHandler())
		}
	}
	return all
}

// unimplemented answers a request for a path that only the vendor has; one that differs by its case alone is no other
// one here. Preflights are answered as usual.
func (f *mountedFake) unimplemented(hr *http.Request) error {
	if f.def.Unimplemented == nil || hr.Method == http.MethodOptions {
		return nil
	}
	asked := &http.Request{Method: hr.Method, Host: hr.Host, URL: &url.URL{Path: strings.ToLower(hr.URL.Path)}}
	for _, path := range f.lacked() {
		if _, found := path.mux.Handler(asked); found == path.pattern {
			return path.Error()
		}
	}
	return nil
}
