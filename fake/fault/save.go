package fault

import (
	"math/rand/v2"
	"slices"
)

// Saved is a Set as a file keeps it.
type Saved struct {
	Next  int    `json:"next"`  // how many rules were added
	Rules []Rule `json:"rules"` // with their counters
	Drawn []int  `json:"drawn"` // how often each rule asked for its probability
}

// Version changes with every change of the rules or their counters.
func (s *Set) Version() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

// Save returns the rules as they are.
func (s *Set) Save() Saved {
	rules := s.Rules()
	s.mu.Lock()
	defer s.mu.Unlock()
	out := Saved{Next: s.next, Rules: rules}
	for _, rule := range rules {
		out.Drawn = append(out.Drawn, rule.drawn)
	}
	return out
}

// Restore replaces the rules by what was saved. They go on with the draws that would have come next.
func (s *Set) Restore(from Saved) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next, s.rules, s.version = from.Next, nil, s.version+1
	for i, rule := range slices.Clone(from.Rules) {
		rule.chance = rand.New(rand.NewPCG(rule.Seed, 0))
		if i < len(from.Drawn) {
			rule.drawn = from.Drawn[i]
		}
		for range rule.drawn {
			rule.chance.Float64()
		}
		s.rules = append(s.rules, &rule)
	}
}
