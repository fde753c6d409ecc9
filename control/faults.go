package control

import (
	"net/http"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/fault"
)

// faultOrder is the body of POST /faults.
type faultOrder struct {
	Fake        string   `json:"fake"`
	Operation   string   `json:"operation"`
	Method      string   `json:"method"`
	PathPrefix  string   `json:"pathPrefix"`
	Nth         int      `json:"nth"`         // only the nth matching request, from 1
	Times       int      `json:"times"`       // the maximum number of applications; 0 = unlimited
	Probability float64  `json:"probability"` // 0 = always; drawn from seed
	Seed        uint64   `json:"seed"`
	Fault       breakage `json:"fault"`
}

// breakage is what fails: a failure of the vendor's by name, a fixed status, a broken answer, or
// only a delay.
type breakage struct {
	Name   string            `json:"name,omitempty"`
	Delay  duration          `json:"delay,omitempty"`
	Status int               `json:"status,omitempty"`
	Body   string            `json:"body,omitempty"`
	Header map[string]string `json:"header,omitempty"`
	Break  string            `json:"break,omitempty"`
}

// faultView is a rule as GET /faults shows it.
type faultView struct {
	ID string `json:"id"`
	faultOrder
	Seen int `json:"seen"`
	Hit  int `json:"hit"`
}

func (c *call) listFaults() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	views := []faultView{}
	for _, rule := range w.Faults.Rules() {
		views = append(views, viewFault(rule))
	}
	named := map[string][]string{}
	for _, def := range c.plane.srv.Defs() {
		named[def.Name] = faultNames(def)
	}
	return map[string]any{"world": w.Name, "faults": views, "named": named, "breaks": fault.Breaks}, nil
}

func viewFault(r fake.FaultRule) faultView {
	header := map[string]string{}
	for name := range r.Fault.Header {
		header[name] = r.Fault.Header.Get(name)
	}
	return faultView{ID: r.ID, Seen: r.Seen, Hit: r.Hit,
		faultOrder: faultOrder{Fake: r.Fake, Operation: r.Operation, Method: r.Method, PathPrefix: r.PathPrefix,
			Nth: r.Nth, Times: r.Times, Probability: r.Probability, Seed: r.Seed,
			Fault: breakage{Name: r.Fault.Name, Delay: duration(r.Fault.Delay), Status: r.Fault.Status,
				Body:   r.Fault.Body,
				Header: header, Break: r.Fault.Break}}}
}

func faultNames(def *fake.Def) []string {
	names := []string{}
	for name := range def.Faults {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (c *call) addFault() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	var o faultOrder
	if err := c.decode(&o); err != nil {
		return nil, err
	}
	if err := c.checkFault(o); err != nil {
		return nil, err
	}
	header := http.Header{}
	for name, value := range o.Fault.Header {
		header.Set(name, value)
	}
	rule := fake.FaultRule{Fake: o.Fake, Operation: o.Operation, Method: o.Method, PathPrefix: o.PathPrefix,
		Nth: o.Nth, Times: o.Times,
		Probability: o.Probability, Seed: o.Seed,
		Fault: fake.Fault{Name: o.Fault.Name, Delay: o.Fault.Delay.span(), Status: o.Fault.Status,
			Body: o.Fault.Body, Header: header, Break: o.Fault.Break}}
	rule.ID = w.Faults.Add(rule)
	return &reply{status: http.StatusCreated, value: viewFault(rule)}, nil
}

// checkFault returns an error for a rule that could never match, or that would do nothing.
func (c *call) checkFault(o faultOrder) error {
	f := o.Fault
	switch {
	case f.Name == "" && f.Delay == 0 && f.Status == 0 && f.Break == "":
		return badRequest("fault: say what goes wrong: a name, a delay, a status or a break (%s)",
			strings.Join(fault.Breaks, ", "))
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return badRequest("fault.status %d: expected 200 to 599", f.Status)
	case f.Break != "" && !slices.Contains(fault.Breaks, f.Break):
		return badRequest("fault.break %q%s; breaks: %s", f.Break, fake.Hint(f.Break, fault.Breaks),
			strings.Join(fault.Breaks, ", "))
	case o.Probability < 0 || o.Probability > 1:
		return badRequest("probability %v: expected 0 to 1", o.Probability)
	case o.Nth < 0 || o.Times < 0 || f.Delay < 0:
		return badRequest("nth, times and delay are not negative")
	}
	return c.checkTarget(o)
}

func (c *call) checkTarget(o faultOrder) error {
	if err := (target{o.Fake, o.Operation}).check(c.plane.srv.Defs()); err != nil {
		return err
	}
	var faults []string
	for _, def := range c.plane.srv.Defs() {
		if o.Fake != "" && def.Name != o.Fake {
			continue
		}
		faults = append(faults, faultNames(def)...)
	}
	slices.Sort(faults)
	faults = slices.Compact(faults)
	if name := o.Fault.Name; name != "" && !slices.Contains(faults, name) {
		return badRequest("no fault %q%s; faults: %s", name, fake.Hint(name, faults), strings.Join(faults, ", "))
	}
	return nil
}

func (c *call) clearFaults() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	w.Faults.Clear()
	return nil, nil
}

func (c *call) removeFault() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	if id := c.r.PathValue("id"); !w.Faults.Remove(id) {
		return nil, newProblem(http.StatusNotFound, "world %q has no fault %q", w.Name, id)
	}
	return nil, nil
}
