package fake

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/afba07b5/mockserver/fake/query"
)

// application makes the Echo application of a fake. A request takes these steps, from the first to the
// last; an error skips the steps that are left and becomes an answer in answerError.
func (s *Server) application(def *Def) *mountedFake {
	f := routes(def)
	f.server = s
	f.echo.HTTPErrorHandler = f.answerError
	f.echo.Pre(f.enterWorld)
	f.echo.Use(composed(f.match, f.record, f.limitBody, f.applyFault, f.applyStub, f.gate, f.commit, f.recover,
		f.authenticate, f.validate))
	return f
}

// composed makes one middleware of steps. Echo chains its middleware for each request; the steps are
// chained once.
func composed(steps ...step) echo.MiddlewareFunc {
	first := func(c echo.Context) error { return requestOf(c).route(c) }
	for _, do := range slices.Backward(steps) {
		first = do.middleware(first)
	}
	return func(route echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			requestOf(c).route = route
			return first(c)
		}
	}
}

// step is a part of the way of a request; next are the later ones.
type step func(r *Request, next echo.HandlerFunc) error

// middleware returns a step as Echo middleware.
func (do step) middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error { return do(requestOf(c), next) }
}

// enterWorld finds the world of the request, removes what selects it from the path, and undoes the
// vendor's spellings.
func (f *mountedFake) enterWorld(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r, hr := requestOf(c), c.Request()
		if r == nil { // served by Echo itself
			r = f.server.newRequest(hr, entranceOf(hr.URL.EscapedPath()))
		}
		if r.State == nil && !f.enter(r, c.Response()) {
			return nil
		}
		r.entry.Fake, r.context = f.def.Name, c
		if f.def.Rewrite != nil {
			f.def.Rewrite(r.HTTP)
		}
		hr.URL = r.HTTP.URL // Echo finds the route of the request that it was given
		c.SetRequest(r.HTTP)
		return next(c)
	}
}

// match finds the operation of the request, and the fault that it meets.
func (f *mountedFake) match(r *Request, next echo.HandlerFunc) (err error) {
	f.find(r)
	if r.trial {
		return next(r.context)
	}
	if r.fault, err = r.matchStoredFault(f.def); err == nil && r.fault == nil {
		r.fault, err = r.planVariations(f)
	}
	if err != nil {
		Problem(r.context.Response(), http.StatusBadRequest, err.Error())
		return nil
	}
	return next(r.context)
}

// record sends the answer of the later steps, unless a middleware of the user's has sent its own, and adds the request
// to the journal.
func (f *mountedFake) record(r *Request, next echo.HandlerFunc) error {
	if err := next(r.context); err != nil {
		r.context.Error(err)
	}
	if sent := r.context.Response(); sent.Committed {
		r.entry.Status, r.entry.Answer = sent.Status, nil
		r.keep()
	} else if !r.trial {
		r.send(sent.Writer)
	}
	return nil
}

// limitBody reads the body. That it is too long, or broken, or has no world, does not matter to a fault.
func (f *mountedFake) limitBody(r *Request, next echo.HandlerFunc) error {
	limit := cmp.Or(f.def.BodyLimit, 1<<20)
	if r.Op != nil && (f.def.BodyLimit == 0 || r.Op.BodyLimit > limit) {
		limit = r.Op.BodyLimit
	}
	r.bodyError = cmp.Or(r.failed, r.readBody(limit))
	return next(r.context)
}

// applyFault waits for the delay of the request's fault. If the fault has an answer, it is the answer.
func (f *mountedFake) applyFault(r *Request, next echo.HandlerFunc) error {
	value, err, done := r.applyFault(r.fault)
	switch {
	case r.bodyError != nil:
		return r.bodyError
	case err != nil:
		return err
	case done:
		r.answer(f.def, r.encode(f.def, value))
		return nil
	}
	return next(r.context)
}

// applyStub answers as the stub that the request matches says. The later steps run if the stub asks
// for the fake's own answer, or if there is no stub.
func (f *mountedFake) applyStub(r *Request, next echo.HandlerFunc) error {
	s, facts := r.matchStub()
	if s == nil {
		r.delay()
		return next(r.context)
	}
	r.answerStub(s, facts, func() (int, []byte) {
		if err := next(r.context); err != nil {
			r.context.Error(err)
		}
		return r.entry.Status, r.answered
	})
	return nil
}

// gate runs the vendor's own first step: rate limits, CORS and other headers of every answer.
func (f *mountedFake) gate(r *Request, next echo.HandlerFunc) error {
	r.in.ParseForm = f.def.Query
	if f.def.Query == nil {
		r.in.ParseForm = query.Parse
	}
	if raw := r.HTTP.URL.RawQuery; raw != "" {
		r.in.Query, r.queryError = r.in.ParseForm(raw)
	}
	if f.def.Gate != nil {
		if err := f.def.Gate(r); err != nil {
			return err
		}
	}
	return next(r.context)
}

// commit runs the later steps: with the lock of the fake's rows if the request may write, and otherwise
// on the rows as the newest write left them. It undoes the changes of a request that fails, and encodes
// the result afterwards.
func (f *mountedFake) commit(r *Request, next echo.HandlerFunc) (err error) {
	writes := r.Op != nil && r.Op.Writes && (f.def.Reads == nil || !f.def.Reads(r))
	if r.world.Stored() {
		err = r.inTurn(writes, func(writes bool) { r.run(writes, next) })
	} else {
		r.run(writes, next)
	}
	switch {
	case err != nil:
		return unavailable(err)
	case r.failed == nil:
		r.answer(f.def, r.encode(f.def, r.value))
	}
	return r.failed
}

// run runs the later steps with the State that they have to work on.
func (r *Request) run(writes bool, next echo.HandlerFunc) {
	own := r.State
	defer func() { r.State = own }()
	own.Serve(writes, r.entry.Position, func(s *State) bool {
		r.State = s
		r.failed = next(r.context)
		refused, _ := errors.AsType[*Error](r.failed)
		return r.failed != nil && (refused == nil || !refused.Keep) || r.undo
	})
}

// recover converts a panic into an error.
func (f *mountedFake) recover(r *Request, next echo.HandlerFunc) (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.undo, err = true, fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return next(r.context)
}

// authenticate answers requests without an operation, and finds the caller of the others.
func (f *mountedFake) authenticate(r *Request, next echo.HandlerFunc) (err error) {
	if r.Op == nil {
		r.value, err = f.answerUnknown(r)
		return err
	}
	if err := f.def.Auth(r); err != nil {
		return err
	}
	if r.entry.Gone != "" && strings.HasPrefix(r.Op.Path, "/__") {
		return &Error{Status: http.StatusUnauthorized, Evidence: Inferred,
			Rule: "the world of the credential is gone", Source: "the server's own: docs/control.md, credentials"}
	}
	return next(r.context)
}

// validate rejects requests that break the document.
func (f *mountedFake) validate(r *Request, next echo.HandlerFunc) error {
	if r.queryError != nil {
		return r.queryError
	}
	if err := r.Rate(r.Op.ID, r.Op.Evidence, r.Op.Source); err != nil {
		return err
	}
	found, err := r.Op.Validate(&r.in)
	if err != nil {
		return err
	}
	if r.violations = found; len(found) == 0 {
		return next(r.context)
	}
	if f.def.Invalid != nil {
		return f.def.Invalid(r, found)
	}
	return &Error{Status: http.StatusBadRequest, Violations: found}
}

// operate is the last step of a request with an operation.
func operate(c echo.Context) (err error) {
	r := requestOf(c)
	if r.value, err = (*Of[byNumber](r.State))[r.Op.Number](r); err != nil {
		return err
	}
	c.Response().Status = cmp.Or(r.status, r.Op.Status) // for a middleware that logs
	return r.checkFiles()
}
