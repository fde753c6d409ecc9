// Package mutant breaks the fakes deliberately, one bug at a time, to prove that the contract suite
// would notice: a suite that cannot fail proves nothing.
//
//	suite, err := contracts.Load(os.DirFS("fixtures"), config, ".")
//	score, err := mutant.Run(ctx, suite, mocks.All())
//	fmt.Printf("%d of %d killed", score.Killed(), len(score.Mutants))
//
// # Mutants
//
// A mutant is a fake with one bug in one operation: the rarest field of its answers is missing, one
// of its query parameters is ignored, its writes are lost. The operators are in values.go and
// answers.go (which change answers) and in requests.go and behaviours.go (which change the handling
// of requests). If an operator has more than one place in an operation, each place makes a mutant:
// each parameter, each header, each status. Of the fields of an answer the operators take the
// rarest and one other, of those of a request's body six.
//
// A GraphQL endpoint is one operation of a document; here each kind of root field counts as an
// operation.
//
// # Kills
//
// A mutant is killed if the suite finds a difference that is not a known gap. Mutants of answers
// are first compared at each answer that they would change, within an otherwise unchanged
// conversation. Those that survive are replayed like mutants of behaviour: whole cases against the
// mutant, until an answer differs.
//
// A mutant that changes no answer of any case is not counted. Each operator is expected to apply to
// each fake whose document has what the operator needs: booleans, pages, a rate limit, webhooks. If it
// does not apply, the run reports an error, unless capabilities.go says why it cannot.
//
// The package does not combine bugs, and it does not mutate operations that no case touches
// (package coverage lists those).
package mutant

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/fake"
)

// Operator is a mutation operator. It changes answers (answer), handling (around), or the start of a
// case (start, still).
type Operator struct {
	Name  string
	About string // what the mutant does

	places func(*exchange) []string // the places that the operator can break in an exchange
	most   int                      // number of places per operation, the rarest included; 0 for all
	whole  bool                     // breaks the whole fake instead of one operation
	common bool                     // also breaks places that all exchanges share
	order  bool                     // changes the order of a list, so it breaks nothing where none is fixed

	answer func(x *exchange, place string) *contracts.Answer // the mutated answer; nil if it is unchanged
	// a handler that breaks b's operation at b's place
	around func(own http.Handler, b *mutatedTarget) http.Handler
	start  func(start *contracts.Start, place string) // changes the start of a case
	still  bool                                       // the clock does not move
}

// Mutant is a fake with one bug.
type Mutant struct {
	Operator  *Operator
	Fake      string
	Operation string // "" for the whole fake
	Place     string // the mutated field, parameter or header; may be empty
	Touched   bool   // whether it changed any answer
	Killer    string // the case and the place of the first difference; "" if it survives

	cases []*baseline // the cases that have the place
}

func (m *Mutant) String() string {
	return strings.Join(slices.DeleteFunc([]string{m.Operator.Name, m.Fake, m.Operation, m.Place},
		func(s string) bool { return s == "" }), ", ")
}

// Threshold is the percentage of mutants that the suite must kill.
const Threshold = 99

// Score is the result of a run.
type Score struct {
	Mutants  []*Mutant // mutants that changed at least one answer
	Harmless []*Mutant // mutants that changed none
	Problems []string  // operators that should apply to a fake and do not, or the reverse
}

// Killed returns the number of killed mutants.
func (s *Score) Killed() (n int) {
	for _, m := range s.Mutants {
		if m.Killer != "" {
			n++
		}
	}
	return n
}

// Percent returns the percentage of killed mutants, rounded down; 0 if there are no mutants.
func (s *Score) Percent() float64 {
	if len(s.Mutants) == 0 {
		return 0
	}
	return float64(s.Killed()*1000/len(s.Mutants)) / 10
}

// Exit returns the exit code of the run; package contracts defines the codes.
func (s *Score) Exit() int {
	switch {
	case len(s.Mutants) == 0:
		return contracts.ExitNothing
	case s.Percent() < Threshold || len(s.Problems) > 0:
		return contracts.ExitFailed
	}
	return contracts.ExitFine
}

// Show writes the survivors and the score. If all is true, it lists every mutant with its killer.
func (s *Score) Show(w io.Writer, all bool) {
	for _, m := range s.Mutants {
		switch {
		case m.Killer == "":
			fmt.Fprintf(w, "survived  %s\n          %s.\n          A case kills it that %s.\n", m, m.Operator.About,
				m.needs())
			if tried := m.tried(); tried != "" {
				fmt.Fprintf(w, "          No difference in %s.\n", tried)
			}
		case all:
			fmt.Fprintf(w, "killed    %s  by %s\n", m, m.Killer)
		}
	}
	if all {
		for _, m := range s.Harmless {
			fmt.Fprintf(w, "harmless  %s\n", m)
		}
	}
	for _, p := range s.Problems {
		fmt.Fprintf(w, "error: %s\n", strings.ReplaceAll(p, "\n", "\n       "))
	}
	kinds := map[string]bool{}
	for _, m := range s.Mutants {
		kinds[m.Operator.Name] = true
	}
	fmt.Fprintf(w, "%d kinds, %d mutants that change no answer are not counted\n", len(kinds), len(s.Harmless))
	fmt.Fprintf(w, "mutants: %d killed of %d (%.1f %%)\n", s.Killed(), len(s.Mutants), s.Percent())
}

// needs says what a case must do to kill the mutant.
func (m *Mutant) needs() string {
	what, of := cmp.Or(m.Place, "the answer"), cmp.Or(m.Operation, "any operation")
	switch {
	case m.Operator.answer == nil:
		return fmt.Sprintf("calls %s where %s makes a difference, and looks at the effect", of, cmp.Or(m.Place, "it"))
	case m.Operator.common:
		return fmt.Sprintf("lists the header %s of an answer of %s", what, of)
	case strings.HasPrefix(m.Operator.Name, "delivery"):
		return m.needsDelivery()
	}
	return fmt.Sprintf("fixes %s in an answer of %s: literally, in order, or by showing the same value twice", what, of)
}

// tried names the cases that the mutant has survived, three at most.
func (m *Mutant) tried() string {
	var names []string
	for _, c := range m.cases {
		names = append(names, c.Name)
	}
	if more := len(names) - 3; more > 0 {
		names = append(names[:3], fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}

// needsDelivery is needs for a mutant of what the fake sends.
func (m *Mutant) needsDelivery() string {
	switch {
	case m.Place == "":
		return "lists all deliveries because of " + m.Operation
	case strings.Contains(m.Operator.Name, "header") || strings.Contains(m.Operator.Name, "signed"):
		return fmt.Sprintf("lists the header %s of a delivery because of %s", m.Place, m.Operation)
	}
	return fmt.Sprintf("fixes %s in the body of a delivery because of %s", m.Place, m.Operation)
}

// Run makes mutants of the fakes that the suite has cases for and replays the cases against them.
// The same suite gives the same mutants in the same order. Run returns an error if the original
// fakes cannot be replayed or differ from the cases.
func Run(ctx context.Context, suite *contracts.Suite, defs []*fake.Def) (*Score, error) {
	target, err := contracts.InProcess(defs...)
	if err != nil {
		return nil, err
	}
	found, failed := make([][]*Mutant, len(defs)), make([]error, len(defs))
	var runners sync.WaitGroup
	for n, def := range defs {
		runners.Go(func() {
			l := &runner{suite: suite, def: def, target: target, reporter: reporter{fake.NewRouter(def)}}
			found[n], failed[n] = l.run(ctx)
		})
	}
	runners.Wait()
	score := &Score{}
	for n, def := range defs {
		if len(found[n]) > 0 {
			failed[n] = errors.Join(failed[n], score.add(def, found[n]))
		}
	}
	return score, errors.Join(failed...)
}

func (s *Score) add(def *fake.Def, mutants []*Mutant) error {
	applied := map[*Operator]bool{}
	for _, m := range mutants {
		if m.Touched {
			s.Mutants, applied[m.Operator] = append(s.Mutants, m), true
		} else {
			s.Harmless = append(s.Harmless, m)
		}
	}
	can, err := capabilitiesOf(def)
	if err != nil {
		return err
	}
	for _, k := range Operators {
		why, not := exception(k.Name, def.Name)
		switch {
		case applied[k] && not:
			s.Problems = append(s.Problems,
				fmt.Sprintf("%s applies to %s, although it says that it cannot: %s", k.Name, def.Name, why))
		case !applied[k] && !not && can.expected(k.Name):
			s.Problems = append(s.Problems, fmt.Sprintf("%s changes no answer of %s in any case, although its "+
				"document has what the operator needs.\n%s.\nWrite a case that it breaks or, if none can be, the "+
				"reason in inapplicable of contracts/mutant/capabilities.go.", k.Name, def.Name, k.About))
		}
	}
	return nil
}

// places lists where an operator can break something: operation → place → the cases that have it.
type places map[string]map[string][]*baseline

// plan makes the mutants that can break something in the cases.
func (l *runner) plan() (all []*Mutant) {
	for _, k := range Operators {
		found := places{}
		for _, c := range l.cases {
			for _, x := range c.exchanges {
				found.add(k, c, x)
			}
		}
		if k.common {
			found.join(l.cases)
		}
		for _, operation := range slices.Sorted(maps.Keys(found)) {
			for _, place := range k.choose(found[operation]) {
				all = append(all, &Mutant{Operator: k, Fake: l.def.Name, Operation: operation, Place: place,
					cases: slices.Compact(found[operation][place])})
			}
		}
	}
	return all
}

func (p places) add(k *Operator, c *baseline, x *exchange) {
	operation := x.operation
	if k.whole {
		operation = ""
	}
	for _, place := range k.places(x) {
		if k.order && c.Unordered(x.step, place) {
			continue
		}
		if p[operation] == nil {
			p[operation] = map[string][]*baseline{}
		}
		p[operation][place] = append(p[operation][place], c)
	}
}

// join replaces a place that all exchanges have by one place of the whole fake.
func (p places) join(cases []*baseline) {
	exchanges, count := 0, map[string]int{}
	for _, c := range cases {
		exchanges += len(c.exchanges)
	}
	for _, at := range p {
		for place, where := range at {
			count[place] += len(where)
		}
	}
	for _, operation := range slices.Collect(maps.Keys(p)) {
		for place, where := range p[operation] {
			if count[place] != exchanges {
				continue
			}
			if p[""] == nil {
				p[""] = map[string][]*baseline{}
			}
			p[""][place] = append(p[""][place], where...)
			delete(p[operation], place)
		}
	}
	for _, where := range p[""] {
		slices.SortStableFunc(where,
			func(a, b *baseline) int { return cmp.Compare(slices.Index(cases, a), slices.Index(cases, b)) })
	}
}

// choose returns all places or, for operators with very many, the rarest and some others. The
// choice is deterministic.
func (k *Operator) choose(found map[string][]*baseline) []string {
	names := slices.Sorted(maps.Keys(found))
	if k.most == 0 || len(names) <= k.most {
		return names
	}
	rarest := slices.MinFunc(names, func(a, b string) int { return cmp.Compare(len(found[a]), len(found[b])) })
	lot := func(name string) uint32 {
		if name == rarest {
			return 0
		}
		h := fnv.New32a()
		io.WriteString(h, k.Name+" "+name)
		return h.Sum32()
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(lot(a), lot(b)) })
	return slices.Sorted(slices.Values(names[:k.most]))
}
