// Package mutant breaks fakes on purpose, one thing at a time, to prove that the contract suite would notice:
// a suite that cannot fail proves nothing.
//
//	suite, err := contracts.Load(os.DirFS("fixtures"), config, ".")
//	score, err := mutant.Run(ctx, suite, mocks.All())
//	fmt.Printf("%d of %d killed", score.Killed(), len(score.Mutants))
//
// # What a mutant is
//
// A mutant is one of the fakes with one thing broken at one operation: the rarest field of its answers is
// missing, one of its query parameters is ignored, its writes are not kept. The kinds stand in values.go and
// answers.go (what is answered) and in requests.go and behaviours.go (what is done). Where a kind has more than
// one place at an operation, each place is a mutant: each parameter, each header, each status. Of the fields of an
// answer the rarest is taken and one other, of those of a request's body six.
//
// GraphQL is one operation of a document; here each kind of root field counts as an operation of its own.
//
// # What kills it
//
// A mutant is killed if the suite finds a difference that is no known gap. Mutants of answers are judged at each
// answer they would change, in the middle of an otherwise unharmed conversation; what that does not kill is
// replayed like the mutants of behaviour: whole cases against the broken fake, until something differs.
//
// A mutant that changes nothing in any answer of any case is not counted. But each kind is expected to apply to
// each fake, unless inapplicable.go says why not; where it does not, that is an error.
//
// What it does not do: break two things at once, and operations that no case touches (package coverage has
// those).
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

// Kind is a way to break a fake: its answers (answer), what it does (around), or what it begins with (start, still).
type Kind struct {
	Name  string
	About string // what the broken fake does

	places func(*exchange) []string // where it could break something in an exchange
	most   int                      // take so many places of each operation, the rarest among them; 0 for all
	whole  bool                     // it breaks the fake as a whole, not one operation
	common bool                     // it does so too at places that all exchanges have

	answer func(x *exchange, place string) *contracts.Answer     // the broken answer; nil if it is the right one
	around func(own http.Handler, b *mutatedTarget) http.Handler // a handler that breaks b's operation at b's place
	start  func(start *contracts.Start, place string)            // the broken beginning
	still  bool                                                  // the clock does not move
}

// Mutant is one fake with one thing broken.
type Mutant struct {
	Kind      *Kind
	Fake      string
	Operation string // "" for the fake as a whole
	Place     string // what is broken of it: a field, a parameter, a header; may be empty
	Touched   bool   // whether it changed any answer
	Killer    string // the case and the place that noticed; "" while it lives

	cases []*baseline // that have the place
}

func (m *Mutant) String() string {
	return strings.Join(slices.DeleteFunc([]string{m.Kind.Name, m.Fake, m.Operation, m.Place}, func(s string) bool { return s == "" }), ", ")
}

// Threshold is how many of a hundred mutants the suite must kill.
const Threshold = 95

// Score is what a run showed.
type Score struct {
	Mutants  []*Mutant // that count: those that changed at least one answer
	Harmless []*Mutant // that changed none
	Problems []string  // kinds that ought to apply to a fake and do not, or the other way round
}

// Killed returns how many mutants the suite noticed.
func (s *Score) Killed() (n int) {
	for _, m := range s.Mutants {
		if m.Killer != "" {
			n++
		}
	}
	return n
}

// Percent returns how many of a hundred mutants were killed, rounded down; 0 if there are none.
func (s *Score) Percent() float64 {
	if len(s.Mutants) == 0 {
		return 0
	}
	return float64(s.Killed()*1000/len(s.Mutants)) / 10
}

// Exit returns the exit code of the run, one of package contracts.
func (s *Score) Exit() int {
	switch {
	case len(s.Mutants) == 0:
		return contracts.ExitNothing
	case s.Percent() < Threshold || len(s.Problems) > 0:
		return contracts.ExitFailed
	}
	return contracts.ExitFine
}

// Show writes what survived and the score. With all it lists every mutant and its killer.
func (s *Score) Show(w io.Writer, all bool) {
	for _, m := range s.Mutants {
		switch {
		case m.Killer == "":
			fmt.Fprintf(w, "survived  %s\n          %s. A case would kill it that %s.\n", m, m.Kind.About, m.needs())
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
		fmt.Fprintf(w, "error: %s\n", p)
	}
	kinds := map[string]bool{}
	for _, m := range s.Mutants {
		kinds[m.Kind.Name] = true
	}
	fmt.Fprintf(w, "%d kinds, %d mutants that change no answer are not counted\n", len(kinds), len(s.Harmless))
	fmt.Fprintf(w, "mutants: %d killed of %d (%.1f %%)\n", s.Killed(), len(s.Mutants), s.Percent())
}

// needs says what a case has to do to kill the mutant.
func (m *Mutant) needs() string {
	what, of := cmp.Or(m.Place, "the answer"), cmp.Or(m.Operation, "any operation")
	switch {
	case m.Kind.answer == nil:
		return fmt.Sprintf("calls %s where %s makes a difference, and looks at the effect", of, cmp.Or(m.Place, "it"))
	case m.Kind.common:
		return fmt.Sprintf("lists the header %s of an answer of %s", what, of)
	}
	return fmt.Sprintf("fixes %s in an answer of %s: literally, in order, or by showing the same value twice", what, of)
}

// Run makes the mutants of the fakes that the suite has cases of, and lets the suite's cases judge them. The
// same suite gives the same mutants, in the same order. An error means that the unbroken fakes cannot be
// replayed, or differ.
func Run(ctx context.Context, suite *contracts.Suite, defs []*fake.Def) (*Score, error) {
	target, err := contracts.InProcess(defs...)
	if err != nil {
		return nil, err
	}
	found, failed := make([][]*Mutant, len(defs)), make([]error, len(defs))
	var labs sync.WaitGroup
	for n, def := range defs {
		labs.Go(func() {
			l := &runner{suite: suite, def: def, target: target, namer: reporter{fake.NewRouter(def)}}
			found[n], failed[n] = l.run(ctx)
		})
	}
	labs.Wait()
	score := &Score{}
	for n, def := range defs {
		if len(found[n]) > 0 {
			score.add(def.Name, found[n])
		}
	}
	return score, errors.Join(failed...)
}

func (s *Score) add(fakeName string, mutants []*Mutant) {
	applied := map[*Kind]bool{}
	for _, m := range mutants {
		if m.Touched {
			s.Mutants, applied[m.Kind] = append(s.Mutants, m), true
		} else {
			s.Harmless = append(s.Harmless, m)
		}
	}
	for _, k := range Kinds {
		why, not := never[k.Name][fakeName]
		switch {
		case applied[k] && not:
			s.Problems = append(s.Problems, fmt.Sprintf("%s applies to %s, although it says that it cannot: %s", k.Name, fakeName, why))
		case !applied[k] && !not:
			s.Problems = append(s.Problems, fmt.Sprintf("%s changes no answer of %s in any case; write a case, or say in inapplicable.go why it cannot", k.Name, fakeName))
		}
	}
}

// places are where a kind could break something: operation → place → the cases that have it.
type places map[string]map[string][]*baseline

// plan makes the mutants that could break something in the cases.
func (l *runner) plan() (all []*Mutant) {
	for _, k := range Kinds {
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
				all = append(all, &Mutant{Kind: k, Fake: l.def.Name, Operation: operation, Place: place, cases: slices.Compact(found[operation][place])})
			}
		}
	}
	return all
}

func (p places) add(k *Kind, c *baseline, x *exchange) {
	operation := x.operation
	if k.whole {
		operation = ""
	}
	for _, place := range k.places(x) {
		if p[operation] == nil {
			p[operation] = map[string][]*baseline{}
		}
		p[operation][place] = append(p[operation][place], c)
	}
}

// join makes one place, of the fake as a whole, of one that all exchanges have.
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
		slices.SortStableFunc(where, func(a, b *baseline) int { return cmp.Compare(slices.Index(cases, a), slices.Index(cases, b)) })
	}
}

// choose takes all places or, for kinds with very many, the rarest and some others, always the same.
func (k *Kind) choose(found map[string][]*baseline) []string {
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
