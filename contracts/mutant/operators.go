package mutant

import (
	"maps"
	"slices"

	"github.com/afba07b5/mockserver/contracts"
)

// Operators lists all mutation operators.
var Operators = slices.Concat(values, answers, deliveries, requests, behaviours, worlds)

// worlds are the operators that change the start of a case.
var worlds = []*Operator{
	{
		Name: "clock stands still", About: "Time does not pass: nothing expires, nothing falls due",
		whole: true, still: true, places: func(x *exchange) []string { return where(x.moves) },
	},
	{
		Name: "no rate limit", About: "It answers however often it is asked",
		whole: true, places: func(x *exchange) []string { return where(x.answer.Status == 429) },
		start: func(s *contracts.Start, _ string) { s.LimitsOff = true },
	},
	{
		Name: "switch ignored", About: "A switch of the vendor changes nothing",
		whole: true, places: func(x *exchange) []string { return x.features },
		start: func(s *contracts.Start, place string) {
			s.Features = maps.Clone(s.Features)
			delete(s.Features, place)
		},
	},
}
