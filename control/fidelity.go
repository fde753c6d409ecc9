package control

import (
	"slices"

	"github.com/afba07b5/mockserver/fake"
)

// fidelityView is one operation with its evidence.
type fidelityView struct {
	Fake      string   `json:"fake"`
	Operation string   `json:"operation"`
	Method    string   `json:"method"`
	Path      string   `json:"path"`
	Evidence  string   `json:"evidence"`
	Source    string   `json:"source"`
	Cases     []string `json:"cases,omitempty"`    // that touch it, sorted
	Recorded  string   `json:"recorded,omitempty"` // date of the newest recording
}

// missingView is a feature of the vendor that the fake lacks.
type missingView struct {
	Fake string `json:"fake"`
	fake.Unimplemented
}

// stubView is a stub that answers in the place of a fake.
type stubView struct {
	World  string `json:"world"`
	ID     string `json:"id"`
	Name   string `json:"name,omitempty"`
	Served int    `json:"served"` // requests that it answered, or whose answer it changed
}

func (c *call) stubs() []stubView {
	views := []stubView{}
	for _, w := range c.plane.srv.List() {
		for _, one := range w.Stubs.Stubs() {
			views = append(views, stubView{w.Name, one.ID, one.Name, w.Stubs.Served(one.ID)})
		}
	}
	return views
}

// fidelity answers with every operation, its evidence and its cases, and with the missing features.
func (c *call) fidelity() (any, error) {
	operations, missing := []fidelityView{}, []missingView{}
	totals := map[string]map[string]int{}
	for _, def := range c.plane.srv.Defs() {
		totals[def.Name] = map[string]int{"recorded": 0, "documented": 0, "inferred": 0}
		for _, op := range def.Spec.Operations() {
			v := fidelityView{Fake: def.Name, Operation: op.ID, Method: op.Method, Path: op.Path,
				Evidence: op.Evidence, Source: op.Source}
			if c.plane.options.CasesOf != nil {
				v.Cases, v.Recorded = c.plane.options.CasesOf(def.Name, op.ID)
				slices.Sort(v.Cases)
			}
			totals[def.Name][op.Evidence]++
			operations = append(operations, v)
		}
		if def.Unimplemented != nil {
			for _, m := range def.Unimplemented() {
				missing = append(missing, missingView{def.Name, m})
			}
		}
	}
	return map[string]any{"operations": operations, "totals": totals, "missing": missing, "stubs": c.stubs()}, nil
}
