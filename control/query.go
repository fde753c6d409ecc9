package control

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/stub"
)

// checked wraps a handler so that it refuses parameters of the query that its route does not have: a misspelt filter
// would select everything. WireMock ignores them, and so do its routes.
func checked(do handler, d detail) handler {
	known := strings.Fields(d.query)
	return func(c *call) (any, error) {
		for name := range c.r.URL.Query() {
			if len(known) == 0 {
				return nil, badRequest("no parameter %q; this path has none", name)
			}
			if !slices.Contains(known, name) {
				return nil, badRequest("no parameter %q%s; parameters: %s", name, fake.Hint(name, known),
					strings.Join(known, ", "))
			}
		}
		return do(c)
	}
}

// flag reads true or false from the query; a missing parameter is false.
func (c *call) flag(name string) (on bool, err error) {
	text := c.r.FormValue(name)
	if text != "" {
		if on, err = strconv.ParseBool(text); err != nil {
			return false, badRequest("%s=%s: expected true or false", name, text)
		}
	}
	return on, nil
}

// checkFakes returns an error for names of fakes that are not served.
func (c *call) checkFakes(names ...string) error { return checkFakes(c.plane.srv.Defs(), names...) }

// checkOperations returns an error for identifiers of operations that the fakes do not have.
func (c *call) checkOperations(ids ...string) error {
	return checkOperations(c.plane.srv.Defs(), ids...)
}

func checkFakes(defs []*fake.Def, names ...string) error {
	var known []string
	for _, def := range defs {
		known = append(known, def.Name)
	}
	slices.Sort(known)
	for _, name := range names {
		if name != "" && !slices.Contains(known, name) {
			return badRequest("no fake %q%s; fakes: %s", name, fake.Hint(name, known), strings.Join(known, ", "))
		}
	}
	return nil
}

func checkOperations(defs []*fake.Def, ids ...string) error {
	var known []string
	for _, def := range defs {
		for _, op := range def.Spec.Operations() {
			known = append(known, op.ID)
		}
	}
	for _, id := range ids {
		if id != "" && !slices.Contains(known, id) {
			return badRequest("no operation %q%s; GET %s/fidelity lists all", id, fake.Hint(id, known), Prefix)
		}
	}
	return nil
}

// target is the part of a request pattern that names a fake and its operation.
type target struct {
	Fake      string `json:"fake"`
	Operation string `json:"operation"`
}

// check returns an error for a pattern that no request can match, since there is no such fake or operation.
func (t target) check(defs []*fake.Def) error {
	if err := checkFakes(defs, t.Fake); err != nil {
		return err
	}
	return checkOperations(slices.DeleteFunc(slices.Clone(defs), func(def *fake.Def) bool {
		return t.Fake != "" && def.Name != t.Fake
	}), t.Operation)
}

// CheckStubs returns an error if no request can match a stub, since there is no fake or operation of that name.
func CheckStubs(defs []*fake.Def, stubs ...*stub.Stub) error {
	for _, one := range stubs {
		var t target
		json.Unmarshal(one.Request, &t) // it has been compiled before
		if err := t.check(defs); err != nil {
			return &problem{status: http.StatusUnprocessableEntity, pointer: "/request", detail: err.Error()}
		}
	}
	return nil
}
