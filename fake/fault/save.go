package fault

import (
	"math/rand/v2"
	"slices"
)

// Saved is the saved form of a Set.
type Saved struct {
	Next  int    `json:"next"`  // number of rules ever added
	Rules []Rule `json:"rules"` // with their counters
	Drawn []int  `json:"drawn"` // random numbers drawn by each rule
}

// Version changes with every change of the rules or their counters.
func (s *Set) Version() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

// Save returns the present rules.
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

// Restore replaces the rules by saved ones. They continue the saved sequences of random numbers.
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
