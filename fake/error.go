package fake

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/afba07b5/mockserver/fake/openapi"
)

// Error is what a client is refused with. Def.Error renders it in the vendor's shape, and fills in what the
// core left out: the core sets Status and the facts, never a vendor's code or words.
type Error struct {
	Status  int
	Code    string              // the vendor's error code
	Message string              // the vendor's text; where none was recorded, the project's own
	Fields  map[string][]string // messages per field
	Header  http.Header         // extra headers of the answer
	Body    any                 // an answer that breaks the vendor's own shape; then Def.Error is not asked

	Table, ID  string      // of a row that was not found or is taken
	Violations []Violation // of the document
	Allow      []string    // the methods that a path knows, for 405
	Expected   []string    // the content types that an operation takes, for 415
	Keep       bool        // a write keeps what it changed although it is refused

	Repairs func() []Repair // values that would satisfy the rule, the nearest first; may be nil

	Rule     string // the rule that refused, in words
	Evidence string // of the rule: Recorded, Documented or Inferred; if empty, Def.Evidence decides
	Source   string // where the evidence is: a case, the vendor's page, or the reason of an inferred rule
}

// What is known of an operation or a rule.
const (
	Recorded   = "recorded"   // a recording of the vendor shows it
	Documented = "documented" // the vendor says so
	Inferred   = "inferred"   // the vendor does not say; this project chose
)

// refusal returns what the journal keeps of an error. The error is that of a mark that contradicts itself or is
// missing; the refusal then counts as inferred.
func (e *Error) refusal(evidence, source string) (*Refusal, error) {
	out := &Refusal{Rule: e.Rule, Evidence: evidence, Source: source}
	if out.Rule == "" {
		out.Rule = e.Error()
	}
	first, _, _ := strings.Cut(source, ":")
	known := evidence == Recorded || evidence == Documented || evidence == Inferred
	if known && source != "" && (evidence == Inferred || first != Inferred && first != "assumed") {
		return out, nil
	}
	out.Evidence, out.Source = Inferred, "no evidence is noted for this rule"
	return out, fmt.Errorf("the rule %q has evidence %q and source %q", out.Rule, evidence, source)
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%d %s %s", e.Status, e.Code, e.Message)
	if e.Table != "" {
		text += fmt.Sprintf(" no %q in %s", e.ID, e.Table)
	}
	for _, v := range e.Violations {
		text += "; " + v.String()
	}
	return strings.Join(strings.Fields(text), " ")
}

// asError turns what a handler returned into what the client sees; ok is false for a bug.
func asError(err error) (e *Error, ok bool) {
	if errors.As(err, &e) {
		return e, true
	}
	if taken, ok := errors.AsType[*Taken](err); ok {
		return &Error{Status: http.StatusConflict, Table: taken.Table, ID: taken.ID, Rule: taken.Error()}, true
	}
	if missing, ok := errors.AsType[*Missing](err); ok {
		return &Error{Status: http.StatusNotFound, Table: missing.Table, ID: missing.ID, Rule: missing.Error()}, true
	}
	if refused, ok := errors.AsType[*openapi.InvalidError](err); ok {
		return &Error{Status: refused.Status, Rule: refused.Rule, Expected: refused.Expected}, true
	}
	return &Error{Status: http.StatusInternalServerError, Rule: err.Error()}, false
}
