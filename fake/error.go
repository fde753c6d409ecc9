package fake

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/afba07b5/mockserver/fake/openapi"
)

// Error is an error answer for the client. Def.Error renders it in the vendor's shape and fills in
// what the core left empty: the core sets Status and the facts, never a vendor's code or text. Text is
// a text for all of them.
type Error struct {
	Status  int
	Code    string              // the vendor's error code
	Message string              // the vendor's text, or ours where none was recorded
	Fields  map[string][]string // messages per field
	Header  http.Header         // extra headers of the answer
	Body    any                 // a body outside the vendor's usual shape; Def.Error is not called

	Table, ID, Index string      // of a row that was not found or exists; Index is that of a value that it has alone
	Violations       []Violation // of the document
	Allow            []string    // the allowed methods of the path, for 405
	Expected         []string    // the content types of the operation, for 415
	Keep             bool        // a rejected write keeps its changes

	Repairs func() []Repair // values that would satisfy the rule, nearest first; may be nil

	Rule     string // the rule that rejected the request, in words
	Evidence string // of the rule: Recorded, Documented or Inferred; "" lets Def.Evidence decide
	Source   string // source of the evidence: a case, a page, or the reason of an inferred rule
}

// The kinds of evidence.
const (
	Recorded   = "recorded"   // a recording of the vendor shows it
	Documented = "documented" // the vendor says so
	Inferred   = "inferred"   // neither; this project's choice
)

// rejection returns the journal's form of an error. If the evidence is missing or contradicts itself,
// it returns an error, and the rejection counts as inferred.
func (e *Error) rejection(evidence, source string) (*Rejection, error) {
	out := &Rejection{Rule: cmp.Or(e.Rule, e.Error()), Evidence: evidence, Source: source}
	first, _, _ := strings.Cut(source, ":")
	known := evidence == Recorded || evidence == Documented || evidence == Inferred
	if known && source != "" && (evidence == Inferred || first != Inferred && first != "assumed") {
		return out, nil
	}
	out.Evidence, out.Source = Inferred, "no evidence is noted for this rule"
	return out, fmt.Errorf("the rule %q has evidence %q and source %q", out.Rule, evidence, source)
}

func (e *Error) Error() string {
	text := strings.TrimRight(fmt.Sprintf("%d %s %s %s", e.Status, e.Code, e.Message, e.Rule), " ")
	if e.Table != "" {
		text += fmt.Sprintf(" no %q in %s", e.ID, e.Table)
	}
	for _, v := range e.Violations {
		text += "; " + v.String()
	}
	return strings.Join(strings.Fields(text), " ")
}

// asError converts an error of a handler into the client's; ok is false for a bug.
func asError(err error) (e *Error, ok bool) {
	if errors.As(err, &e) {
		return e, true
	}
	if c, ok := errors.AsType[*ConflictError](err); ok {
		return &Error{Status: http.StatusConflict, Table: c.Table, ID: c.ID, Index: c.Index, Rule: c.Error()}, true
	}
	if missing, ok := errors.AsType[*NotFoundError](err); ok {
		return &Error{Status: http.StatusNotFound, Table: missing.Table, ID: missing.ID, Rule: missing.Error()}, true
	}
	if e, ok := errors.AsType[*echo.HTTPError](err); ok {
		return &Error{Status: e.Code, Rule: fmt.Sprint(e.Message), Evidence: Inferred,
			Source: "an Echo middleware beside the fake's own"}, true
	}
	if refused, ok := errors.AsType[*openapi.InvalidError](err); ok {
		return &Error{Status: refused.Status, Rule: refused.Rule, Expected: refused.Expected}, true
	}
	return &Error{Status: http.StatusInternalServerError, Rule: err.Error()}, false
}

// Text returns the message of an error for a client; without one, what it violates or its rule.
func (e *Error) Text() string {
	switch {
	case e.Message != "":
		return e.Message
	case len(e.Violations) > 0:
		return e.Violations[0].Text()
	case e.Table != "":
		return http.StatusText(e.Status) // a client does not know tables
	}
	return cmp.Or(e.Rule, http.StatusText(e.Status))
}

// Problem writes an error of the server itself, as application/problem+json.
func Problem(w http.ResponseWriter, status int, detail string) {
	body := problem(w.Header(), status, http.StatusText(status), detail)
	w.WriteHeader(status)
	w.Write(body)
}

// problem returns the body of such an error and sets its type.
func problem(h http.Header, status int, title, detail string) []byte {
	h.Set("Content-Type", "application/problem+json")
	return encode(map[string]any{"status": status, "title": title, "detail": detail})
}

func (r *Request) setType(def *Def) {
	if r.header.Get("Content-Type") != "" {
		return
	}
	r.SetHeader("Content-Type", cmp.Or(def.MediaType, "application/json; charset=utf-8"))
}
