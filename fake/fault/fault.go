// Package fault injects failures into answers.
package fault

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Fault is an injected failure. Named faults of a vendor are Errors in the vendor's shape; the
// others break the answer itself.
type Fault struct {
	Name   string        `json:"name,omitempty"`
	Delay  time.Duration `json:"delay,omitempty"`  // delay before anything else
	Error  error         `json:"-"`                // answered in the vendor's error shape
	Status int           `json:"status,omitempty"` // answered unchanged, with Body
	Body   string        `json:"body,omitempty"`
	Header http.Header   `json:"header,omitempty"`
	Break  string        `json:"break,omitempty"`  // reset, empty, truncate, malformed, garbage or dribble the answer
	Chunks int           `json:"chunks,omitempty"` // of an answer that dribbles; 0 for single bytes
}

// Breaks are the values of Fault.Break: the connection is reset, closed without a byte, closed in the middle
// of the body or after a broken chunk, bytes that are not HTTP come, or the body comes in parts over the fault's delay.
var Breaks = []string{"reset", "empty", "truncate", "malformed", "garbage", "dribble"}

// Rule selects requests for a fault. Empty fields match everything.
type Rule struct {
	ID          string  `json:"id"`
	Fake        string  `json:"fake,omitempty"`
	Operation   string  `json:"operation,omitempty"`
	Method      string  `json:"method,omitempty"`
	PathPrefix  string  `json:"pathPrefix,omitempty"`
	Nth         int     `json:"nth,omitempty"`         // only the nth matching request, from 1
	Times       int     `json:"times,omitempty"`       // the maximum number of applications; 0 = unlimited
	Probability float64 `json:"probability,omitempty"` // 0 = always; drawn from Seed
	Seed        uint64  `json:"seed,omitempty"`
	Fault       Fault   `json:"fault"`

	Seen int `json:"seen"` // matching requests
	Hit  int `json:"hit"`  // requests to which the fault was applied

	chance *rand.Rand
	drawn  int // random numbers drawn
}

// Set holds the rules of one world in the order they were added; the first match is applied. It is
// safe for concurrent use.
type Set struct {
	mu      sync.Mutex
	next    int
	rules   []*Rule
	version uint64
	changed func(Change)
}

// Change is what was done to the rules of a Set: added, removed or cleared.
type Change struct {
	Action string `json:"action"`
	Rule   Rule   `json:"rule,omitzero"`
}

// OnChange sets the function that is called with every change of the rules. It runs with the Set locked and is set
// once.
func (s *Set) OnChange(do func(Change)) { s.changed = do }

func (s *Set) report(action string, rule Rule) {
	if s.changed != nil {
		s.changed(Change{action, rule})
	}
}

// Add adds a rule and returns its identifier.
func (s *Set) Add(rule Rule) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	rule.ID, rule.Seen, rule.Hit = fmt.Sprintf("fault-%d", s.next), 0, 0
	rule.chance = rand.New(rand.NewPCG(rule.Seed, 0))
	s.rules = append(s.rules, &rule)
	s.version++
	s.report("added", rule)
	return rule.ID
}

// Rules returns a copy of the rules with their counters.
func (s *Set) Rules() []Rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Rule, len(s.rules))
	for i, rule := range s.rules {
		out[i] = *rule
	}
	return out
}

// Remove removes a rule and reports whether it existed.
func (s *Set) Remove(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, rule := range s.rules {
		if rule.ID == id {
			s.rules = append(s.rules[:i:i], s.rules[i+1:]...)
			s.version++
			s.report("removed", *rule)
			return true
		}
	}
	return false
}

// Clear removes all rules.
func (s *Set) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = nil
	s.version++
	s.report("cleared", Rule{})
}

// Request is the part of a request that rules match.
type Request struct{ Fake, Operation, Method, Path string }

// Match returns the fault of the first rule that matches a request, or nil.
func (s *Set) Match(r Request) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rule := range s.rules {
		if !rule.matches(r) {
			continue
		}
		s.version++
		if rule.draw() {
			fault := rule.Fault
			return &fault
		}
	}
	return nil
}

func (rule *Rule) matches(r Request) bool {
	return (rule.Fake == "" || rule.Fake == r.Fake) && (rule.Operation == "" || rule.Operation == r.Operation) &&
		(rule.Method == "" || strings.EqualFold(rule.Method, r.Method)) &&
		strings.HasPrefix(r.Path, rule.PathPrefix)
}

func (rule *Rule) draw() bool {
	rule.Seen++
	if rule.Nth > 0 && rule.Seen != rule.Nth || rule.Times > 0 && rule.Hit >= rule.Times ||
		rule.Probability > 0 && rule.number() >= rule.Probability {
		return false
	}
	rule.Hit++
	return true
}

func (rule *Rule) number() float64 {
	rule.drawn++
	return rule.chance.Float64()
}

// String returns the name of the fault, for the journal.
func (f *Fault) String() string {
	if text := strings.TrimSpace(f.Name + " " + f.Break); text != "" {
		return text
	}
	return fmt.Sprintf("delay %v status %d", f.Delay, f.Status)
}

// Answers reports whether the fault replaces the fake's answer.
func (f *Fault) Answers() bool { return f.Error != nil || f.Status != 0 }

// Wait waits for the fault's delay, or until the client disconnects.
func (f *Fault) Wait(ctx context.Context) {
	if f.Break != "dribble" {
		Wait(ctx, f.Delay)
	}
}

// Wait waits for a time, or until the client has gone.
func Wait(ctx context.Context, d time.Duration) {
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

// Cut breaks the answer as the fault says, instead of writing it.
func (f *Fault) Cut(ctx context.Context, w http.ResponseWriter, status int, body []byte) {
	if f.Break == "dribble" {
		w.WriteHeader(status)
		parts := len(body)
		if f.Chunks > 0 {
			parts = min(parts, f.Chunks)
		}
		for i := range parts {
			Wait(ctx, f.Delay/time.Duration(parts))
			w.Write(body[len(body)*i/parts : len(body)*(i+1)/parts])
			http.NewResponseController(w).Flush()
		}
		return
	}
	if f.Break == "truncate" {
		w.Header().Set("Content-Length", fmt.Sprint(len(body)+1))
		w.WriteHeader(status)
		w.Write(body[:len(body)/2])
		http.NewResponseController(w).Flush()
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // the documented way to drop a connection that cannot be hijacked
	}
	switch f.Break {
	case "malformed":
		fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\nTransfer-Encoding: chunked\r\n\r\nnot a chunk\r\n",
			status, http.StatusText(status))
	case "garbage":
		conn.Write([]byte("\x15\x03\xd7\x00 this is not HTTP \x00\xff"))
	}
	if tcp, ok := conn.(interface{ SetLinger(int) error }); ok && f.Break == "reset" {
		tcp.SetLinger(0)
	}
	conn.Close()
}
