package control

import (
	"errors"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/match"
)

// pattern selects requests, in WireMock's terms and some of ours. Empty fields match everything.
type pattern struct {
	match.Spec
	AllowDropped bool `json:"allowDropped"` // the answer may leave out requests that the journal has lost

	compiled *match.Pattern
}

// prepare compiles the pattern. It refuses one that no request can match.
func (c *call) prepare(p *pattern) (err error) {
	if err := (target{p.Fake, p.Operation}).check(c.plane.srv.Defs()); err != nil {
		return err
	}
	p.compiled, err = match.Compile(p.Spec)
	return unfit(err)
}

// unfit turns an error of a pattern or a stub into a refusal that points at its cause.
func unfit(err error) error {
	e, ok := errors.AsType[*match.Error](err)
	if !ok {
		return err
	}
	return &problem{status: 422, detail: e.Detail, pointer: e.Pointer}
}

func (p *pattern) matches(e *fake.Entry) bool { return p.compiled.Match(fake.Matchable(e, e.Body)) }
