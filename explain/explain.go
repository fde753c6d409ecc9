// Package explain says why a fake answered a request as it did.
//
// [Cause] is cheap: it reads an entry of the journal and names the rule that decided, the evidence for the rule and,
// where no operation has the request's method and path, the nearest one. It sends nothing:
//
//	cause := explain.Cause(server, entry)
//	fmt.Println(cause.Because, cause.Rejection.Evidence)
//
// [Request] goes on from there. It repairs a copy of the request, rule by rule, sends each attempt to a throw-away copy
// of the world as it was at the request, and returns all rules that the request broke and the nearest request that the
// fake answers:
//
//	why, err := explain.Request(server, world, entry)
//	for _, rule := range why.Rules {
//		fmt.Println(rule.Rule, rule.Satisfy)
//	}
//	fmt.Println(why.Valid.Curl)
//
// Nothing of it shows in the journal, rows, clock, limits or deliveries of the world.
//
// It does not find every valid request: it stops after a bounded number of attempts, it does not look into multipart
// bodies, and of a body that the journal has cut it knows no more than the journal. Then it says so.
package explain

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// Answer is what one entry of the journal says of its answer.
type Answer struct {
	ID        string          `json:"id"`
	Request   string          `json:"request"` // method and URL
	Status    int             `json:"status"`
	World     string          `json:"world"`
	Fake      string          `json:"fake"`
	Because   string          `json:"because"` // one sentence for people
	Operation *Operation      `json:"operation,omitempty"`
	Fault     string          `json:"fault,omitempty"`     // that was injected
	Stub      string          `json:"stub,omitempty"`      // identifier and name of the stub that answered
	GoneWorld string          `json:"goneWorld,omitempty"` // the world of the credential, if it no longer exists
	Rejection *fake.Rejection `json:"refusal,omitempty"`   // the rule that decided; nil if nothing refused the request
	Notes     []string        `json:"notes,omitempty"`     // what the fake passed over in the request
	Nearest   *Near           `json:"nearest,omitempty"`   // of a request that no operation has
	Hint      string          `json:"hint,omitempty"`
}

// Operation is the operation that a request was for.
type Operation struct {
	ID       string `json:"id"`
	Method   string `json:"method"`
	Path     string `json:"path"`
	Evidence string `json:"evidence"`
	Source   string `json:"source"`
}

// Explanation is an Answer with all rules that the request broke and the nearest valid request.
type Explanation struct {
	Answer
	// Rules are in the order in which the fake comes upon them: the first is the one that decided. It is empty for a
	// request that nothing refused.
	Rules []Rule `json:"rules"`
	// Valid is the nearest request that the fake answers without a refusal, checked by sending it to a copy of the
	// world; nil for a request that nothing refused and where none was found.
	Valid *Valid `json:"validRequest,omitempty"`
	// NotFound says why there is no Valid for a request that was refused.
	NotFound string `json:"noValidRequest,omitempty"`
	// State says which state of the world the attempts were sent to.
	State    string `json:"state,omitempty"`
	Attempts int    `json:"attempts,omitempty"` // requests that were sent to copies of the world
}

// Rule is one rule that a request broke.
type Rule struct {
	Rule     string `json:"rule"`
	Evidence string `json:"evidence"` // recorded, documented or inferred
	Source   string `json:"source"`
	Status   int    `json:"status"` // with which the rule refuses
	In       string `json:"in,omitempty"`
	Field    string `json:"field,omitempty"`
	Sent     any    `json:"sent,omitempty"`
	Satisfy  string `json:"satisfy"` // what would satisfy the rule
}

// Valid is a request that the fake answers.
type Valid struct {
	Method  string      `json:"method"`
	URL     string      `json:"url"`
	Headers http.Header `json:"headers"`
	Body    string      `json:"body,omitempty"`
	Status  int         `json:"status"` // of the answer
	Changes []Change    `json:"changes"`
	Curl    string      `json:"curl"`
}

// Change is one difference between a request and the nearest valid one.
type Change struct {
	Do    string `json:"do"` // replace, add, drop, or rename: then To is the name
	In    string `json:"in"` // method, path, query, header or body
	Field string `json:"field,omitempty"`
	From  any    `json:"from,omitempty"`
	To    any    `json:"to,omitempty"`
}

// String returns the change as a clause of a sentence.
func (c Change) String() string {
	place := strings.TrimSpace(c.In + " " + c.Field)
	switch c.Do {
	case "drop":
		return "without " + place
	case "add":
		return fmt.Sprintf("with %s = %s", place, show(c.To))
	case "rename":
		return fmt.Sprintf("%s called %s", place, show(c.To))
	}
	return fmt.Sprintf("%s = %s instead of %s", place, show(c.To), show(c.From))
}

// LimitsHint is what helps against a rate limit.
const LimitsHint = "a rate limit of the vendor's; --limits off, or limitsOff in the settings of a world, switches " +
	"them off"

// Cause reads an entry of the journal of a world. It sends nothing and costs little.
func Cause(srv *fake.Server, w *fake.World, e *fake.Entry) Answer {
	a := Answer{ID: e.ID, Request: e.Method + " " + e.URL, Status: e.Status, World: w.Name, Fake: e.Fake,
		Fault: e.Fault, GoneWorld: e.Gone, Rejection: e.Rejection, Notes: e.Notes}
	def := srv.Def(e.Fake)
	if op := operation(def, e.Operation); op != nil {
		a.Operation = &Operation{op.ID, op.Method, op.Path, op.Evidence, op.Source}
	} else {
		a.Nearest = Nearest(def, e)
	}
	if e.Stub != nil {
		a.Stub, a.Nearest = strings.TrimSpace(e.Stub.ID+" "+e.Stub.Name), nil
	}
	if e.Status == http.StatusTooManyRequests && e.Fault == "" && e.Stub == nil {
		a.Hint = LimitsHint
	}
	a.Because = because(&a)
	return a
}

func because(a *Answer) string {
	switch {
	case a.GoneWorld != "":
		return fmt.Sprintf("the credential belongs to the world %q, which is gone: it was dropped,"+
			" or nobody used it for too long", a.GoneWorld)
	case a.Stub != "":
		return "a stub answered, or changed the answer: " + a.Stub
	case a.Fault != "":
		return "a fault was injected: " + a.Fault
	case a.Fake == "":
		return strings.Join(a.Notes, "; ")
	case a.Nearest != nil:
		return fmt.Sprintf("no operation has this method and path; the nearest is %s %s (%s): %s",
			a.Nearest.Method, a.Nearest.Path, a.Nearest.Operation, a.Nearest.Why)
	case a.Rejection != nil:
		return fmt.Sprintf("%s (%s: %s)", a.Rejection.Rule, a.Rejection.Evidence, a.Rejection.Source)
	case len(a.Notes) > 0:
		return "nothing refused it, but the fake passed something over: " + strings.Join(a.Notes, "; ")
	}
	return "nothing refused it"
}

func operation(def *fake.Def, id string) *fake.Operation {
	if def == nil {
		return nil
	}
	ops := def.Spec.Operations()
	if i := slices.IndexFunc(ops, func(op *fake.Operation) bool { return op.ID == id }); i >= 0 {
		return ops[i]
	}
	return nil
}
