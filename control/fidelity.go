package control

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

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
	Recorded  string   `json:"recorded,omitempty"` // the date of the newest recording
	Uses      int      `json:"uses,omitempty"`     // requests that the world got for it
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

// Usage is which operations were used, by their evidence.
type Usage struct {
	Operations map[string]int `json:"operations"` // evidence → operations
	Inferred   []string       `json:"inferred"`   // fake and operation of each, sorted
}

// String says it in one line.
func (u Usage) String() string {
	n := u.Operations
	text := fmt.Sprintf("used %d operations: %d recorded, %d documented, %d inferred",
		n["recorded"]+n["documented"]+n["inferred"], n["recorded"], n["documented"], n["inferred"])
	if len(u.Inferred) > 0 {
		text += " (" + strings.Join(u.Inferred, ", ") + ")"
	}
	return text
}

// usage returns the operations that were used. The controls of the fakes do not count.
func (p *Plane) usage(uses map[fake.Use]int) Usage {
	u := Usage{map[string]int{"recorded": 0, "documented": 0, "inferred": 0}, []string{}}
	for _, def := range p.srv.Defs() {
		for _, op := range def.Spec.Operations() {
			if uses[fake.Use{Fake: def.Name, Operation: op.ID}] == 0 || strings.HasPrefix(op.Path, "/__") {
				continue
			}
			u.Operations[op.Evidence]++
			if op.Evidence == "inferred" {
				u.Inferred = append(u.Inferred, def.Name+" "+op.ID)
			}
		}
	}
	slices.Sort(u.Inferred)
	return u
}

// fidelity answers with every operation, its evidence, its cases and its uses, and with what is missing. With
// used=true it leaves out what was not used: in the chosen world, or with world=* in all.
func (c *call) fidelity() (any, error) {
	uses, world, err := c.uses()
	if err != nil {
		return nil, err
	}
	used := c.r.FormValue("used")
	if used != "" && used != "true" && used != "false" {
		return nil, badRequest("used=%s: expected true or false", used)
	}
	operations, missing := []fidelityView{}, []missingView{}
	totals := map[string]map[string]int{}
	for _, def := range c.plane.srv.Defs() {
		totals[def.Name] = map[string]int{"recorded": 0, "documented": 0, "inferred": 0}
		for _, op := range def.Spec.Operations() {
			n := uses[fake.Use{Fake: def.Name, Operation: op.ID}]
			if used == "true" && n == 0 {
				continue
			}
			totals[def.Name][op.Evidence]++
			v := c.plane.fidelityOf(def.Name, op)
			v.Uses = n
			operations = append(operations, v)
		}
		if def.Unimplemented != nil {
			for _, m := range def.Unimplemented() {
				missing = append(missing, missingView{def.Name, m})
			}
		}
	}
	gaps := []Gap{}
	if c.plane.options.Gaps != nil {
		gaps = append(gaps, c.plane.options.Gaps()...)
	}
	usage := c.plane.usage(uses)
	return map[string]any{"operations": operations, "totals": totals, "missing": missing, "gaps": gaps,
		"imitates": c.imitates(world), "stubs": c.stubs(), "world": world, "used": usage,
		"summary": usage.String()}, nil
}

// imitates returns the version that each fake imitates in a world, of those that know several. It is empty for all
// worlds together.
func (c *call) imitates(world string) map[string]string {
	out := map[string]string{}
	w, err := c.plane.srv.World(world)
	if err != nil {
		return out
	}
	for _, def := range c.plane.srv.Defs() {
		if def.Imitates == nil {
			continue
		}
		if state, err := w.State(def.Name); err == nil {
			state.View(func() { out[def.Name] = def.Imitates(state) })
		}
	}
	return out
}

func (p *Plane) fidelityOf(name string, op *fake.Operation) fidelityView {
	v := fidelityView{Fake: name, Operation: op.ID, Method: op.Method, Path: op.Path, Evidence: op.Evidence,
		Source: op.Source}
	if p.options.CasesOf != nil {
		v.Cases, v.Recorded = p.options.CasesOf(name, op.ID)
		slices.Sort(v.Cases)
	}
	return v
}

// uses returns the uses of the chosen world, or with world=* those of all.
func (c *call) uses() (uses map[fake.Use]int, world string, err error) {
	name := c.r.FormValue("world")
	if name == "*" {
		return c.plane.metrics.Uses(), "*", nil
	}
	if name != "" {
		w, err := c.plane.srv.World(name)
		if err != nil {
			return nil, "", newProblem(http.StatusNotFound, "%v", err)
		}
		return w.Journal.Uses(), w.Name, nil
	}
	w, err := c.chosen()
	if err != nil {
		return nil, "", err
	}
	return w.Journal.Uses(), w.Name, nil
}
