package fake

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake/fault"
)

// matchFault returns the fault for a request, or nil: the one in Prefer: fault=name, or that of the
// first matching rule of its world. The error reports a name that the fake does not know.
func (r *Request) matchFault(def *Def) (*Fault, error) {
	if name, ok := strings.CutPrefix(r.Header("Prefer"), "fault="); ok {
		hit, ok := def.Faults[name]
		if !ok {
			names := slices.Sorted(maps.Keys(def.Faults))
			return nil, fmt.Errorf("%s has no fault %q%s; faults: %s", def.Name, name, Hint(name, names),
				strings.Join(names, ", "))
		}
		hit.Name = name
		return &hit, nil
	}
	operation := ""
	if r.Op != nil {
		operation = r.Op.ID
	}
	hit := r.world.Faults.Match(fault.Request{Fake: def.Name, Operation: operation, Method: r.HTTP.Method,
		Path: r.HTTP.URL.Path})
	if hit == nil {
		return nil, nil
	}
	if named, ok := def.Faults[hit.Name]; ok {
		named.Name, named.Delay = hit.Name, max(named.Delay, hit.Delay)
		hit = &named
	}
	return hit, nil
}

// applyFault waits for the fault's delay. If the fault carries an answer, applyFault returns it and
// done is true; otherwise the request continues to the handler.
func (r *Request) applyFault(hit *Fault) (value any, err error, done bool) {
	if hit == nil {
		return nil, nil, false
	}
	r.entry.Fault = hit.String()
	hit.Wait(r.HTTP.Context())
	if rejection, ok := hit.Error.(*Error); ok {
		own := *rejection // a fake may change it while rendering
		return nil, &own, true
	}
	return &Response{Status: hit.Status, Header: hit.Header, Body: []byte(hit.Body)}, nil, hit.Answers()
}

// Fault returns the name of the fault that was matched without answering the request, or "": a
// named fault may take effect later.
func (r *Request) Fault() string { return r.entry.Fault }
