package fake

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Fault is what goes wrong. Named faults of a vendor are Errors in the vendor's shape; the others break
// the answer itself.
type Fault struct {
	Name   string        `json:"name,omitempty"`
	Delay  time.Duration `json:"delay,omitempty"`  // waited before anything else
	Error  *Error        `json:"-"`                // answered in the vendor's error shape
	Status int           `json:"status,omitempty"` // answered as it is, with Body
	Body   string        `json:"body,omitempty"`
	Header http.Header   `json:"header,omitempty"`
	Break  string        `json:"break,omitempty"` // reset, empty, truncate or dribble the answer
}

// Breaks are the values of Fault.Break: the connection is reset, closed without a byte, closed in the middle
// of the body, or the body comes byte by byte over the fault's delay.
var Breaks = []string{"reset", "empty", "truncate", "dribble"}

// Rule says which requests a fault hits. Empty fields match everything.
type Rule struct {
	ID          string  `json:"id"`
	Fake        string  `json:"fake,omitempty"`
	Operation   string  `json:"operation,omitempty"`
	Method      string  `json:"method,omitempty"`
	PathPrefix  string  `json:"pathPrefix,omitempty"`
	Nth         int     `json:"nth,omitempty"`         // only the nth matching request, from 1
	Times       int     `json:"times,omitempty"`       // at most so many; 0 = always
	Probability float64 `json:"probability,omitempty"` // 0 = always; drawn from Seed
	Seed        uint64  `json:"seed,omitempty"`
	Fault       Fault   `json:"fault"`

	Seen int `json:"seen"` // requests that matched
	Hit  int `json:"hit"`  // of these, those that were struck

	chance *rand.Rand
}

// Faults are the rules of one world, in the order they were added; the first that hits wins. It is safe for
// concurrent use.
type Faults struct {
	mu    sync.Mutex
	next  int
	rules []*Rule
}

// Add adds a rule and returns its identifier.
func (f *Faults) Add(rule Rule) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next++
	rule.ID, rule.Seen, rule.Hit = fmt.Sprintf("fault-%d", f.next), 0, 0
	rule.chance = rand.New(rand.NewPCG(rule.Seed, 0))
	f.rules = append(f.rules, &rule)
	return rule.ID
}

// Rules returns a copy of the rules with their counters.
func (f *Faults) Rules() []Rule {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]Rule, len(f.rules))
	for i, rule := range f.rules {
		out[i] = *rule
	}
	return out
}

// Remove drops a rule and reports whether there was one.
func (f *Faults) Remove(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, rule := range f.rules {
		if rule.ID == id {
			f.rules = append(f.rules[:i:i], f.rules[i+1:]...)
			return true
		}
	}
	return false
}

// Clear drops all rules.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = nil
}

// strike returns the fault that hits a request: the one it asks for by Prefer: fault=name, or that of the
// first rule.
func (f *Faults) strike(r *Request, def *Def) *Fault {
	if name, ok := strings.CutPrefix(r.Header("Prefer"), "fault="); ok {
		if fault, ok := def.Faults[strings.TrimSpace(name)]; ok {
			fault.Name = strings.TrimSpace(name)
			return fault.struck(r)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, rule := range f.rules {
		if rule.matches(r) && rule.draw() {
			fault := rule.Fault
			if named, ok := def.Faults[fault.Name]; ok {
				named.Name, named.Delay = fault.Name, max(named.Delay, fault.Delay)
				fault = named
			}
			return fault.struck(r)
		}
	}
	return nil
}

func (f Fault) struck(r *Request) *Fault {
	r.entry.Fault = strings.TrimSpace(f.Name + " " + f.Break)
	if r.entry.Fault == "" {
		r.entry.Fault = fmt.Sprintf("delay %v status %d", f.Delay, f.Status)
	}
	return &f
}

func (rule *Rule) matches(r *Request) bool {
	return (rule.Fake == "" || rule.Fake == r.entry.Fake) &&
		(rule.Operation == "" || r.Op != nil && rule.Operation == r.Op.ID) &&
		(rule.Method == "" || strings.EqualFold(rule.Method, r.HTTP.Method)) &&
		strings.HasPrefix(r.HTTP.URL.Path, rule.PathPrefix)
}

func (rule *Rule) draw() bool {
	rule.Seen++
	if rule.Nth > 0 && rule.Seen != rule.Nth || rule.Times > 0 && rule.Hit >= rule.Times ||
		rule.Probability > 0 && rule.chance.Float64() >= rule.Probability {
		return false
	}
	rule.Hit++
	return true
}

// answers reports whether the fault stands for the fake's own answer.
func (f *Fault) answers() bool { return f != nil && (f.Error != nil || f.Status != 0) }

// hit waits and, if the fault has an answer of its own, gives it.
func (f *Fault) hit(r *Request) (any, error) {
	if f.Break != "dribble" {
		wait(r.HTTP.Context(), f.Delay)
	}
	switch {
	case f.Error != nil:
		e := *f.Error
		return nil, &e
	case f.Status != 0:
		return &Response{Status: f.Status, Header: f.Header, Body: []byte(f.Body)}, nil
	}
	return nil, nil
}

func wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// cut breaks the answer as the fault says and reports whether it did.
func (f *Fault) cut(w http.ResponseWriter, r *Request) bool {
	if f == nil || f.Break == "" {
		return false
	}
	body := r.entry.answer
	r.State.world.Journal.add(r.entry)
	if f.Break == "dribble" {
		w.WriteHeader(r.entry.Status)
		for i := range body {
			wait(r.HTTP.Context(), f.Delay/time.Duration(len(body)))
			w.Write(body[i : i+1])
			http.NewResponseController(w).Flush()
		}
		return true
	}
	if f.Break == "truncate" {
		w.Header().Set("Content-Length", fmt.Sprint(len(body)+1))
		w.WriteHeader(r.entry.Status)
		w.Write(body[:len(body)/2])
		http.NewResponseController(w).Flush()
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // the documented way to drop a connection that cannot be taken over
	}
	if tcp, ok := conn.(interface{ SetLinger(int) error }); ok && f.Break == "reset" {
		tcp.SetLinger(0)
	}
	conn.Close()
	return true
}
