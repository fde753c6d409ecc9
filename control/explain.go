package control

import (
	"fmt"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// explain says why a request was answered as it was: the rule that refused it, and how we know the rule.
func (c *call) explain() (any, error) {
	w, e, err := c.entry()
	if err != nil {
		return nil, err
	}
	o := c.ours(w, e)
	answer := map[string]any{"id": e.ID, "request": e.Method + " " + c.maskOf(e).url(e.URL), "status": e.Status, "world": w.Name, "fake": e.Fake, "because": because(e, o)}
	if op := c.operation(e.Fake, e.Operation); op != nil {
		answer["operation"] = map[string]string{"id": op.ID, "method": op.Method, "path": op.Path, "evidence": op.Evidence, "source": op.Source}
	}
	if e.Fault != "" {
		answer["fault"] = e.Fault
	}
	if e.Gone != "" {
		answer["goneWorld"] = e.Gone
	}
	if e.Refusal != nil {
		answer["refusal"] = e.Refusal
	}
	if len(e.Notes) > 0 {
		answer["notes"] = e.Notes
	}
	if o.Nearest != nil {
		answer["nearest"] = o.Nearest
	}
	if o.Hint != "" {
		answer["hint"] = o.Hint
	}
	return answer, nil
}

func because(e *fake.Entry, o ours) string {
	switch {
	case e.Gone != "":
		return fmt.Sprintf("the credential belongs to the world %q, which is gone: it was dropped, or nobody used it for too long", e.Gone)
	case e.Fault != "":
		return fmt.Sprintf("a fault was injected: %s", e.Fault)
	case o.Nearest != nil:
		return fmt.Sprintf("no operation has this method and path; the nearest is %s %s (%s): %s", o.Nearest.Method, o.Nearest.Path, o.Nearest.Operation, o.Nearest.Why)
	case e.Refusal != nil:
		return fmt.Sprintf("%s (%s: %s)", e.Refusal.Rule, e.Refusal.Evidence, e.Refusal.Source)
	}
	if len(e.Notes) > 0 {
		return "nothing refused it, but the fake passed something over: " + strings.Join(e.Notes, "; ")
	}
	return "nothing refused it"
}

func (c *call) operation(name, id string) *fake.Operation {
	for _, def := range c.plane.srv.Defs() {
		if def.Name != name {
			continue
		}
		ops := def.Spec.Operations()
		if i := slices.IndexFunc(ops, func(op *fake.Operation) bool { return op.ID == id }); i >= 0 {
			return ops[i]
		}
	}
	return nil
}
