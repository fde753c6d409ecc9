package mutant

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"sync"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/contracts/compare"
	"github.com/afba07b5/mockserver/fake"
)

// runner runs the mutants of one fake.
type runner struct {
	suite    *contracts.Suite
	def      *fake.Def
	target   contracts.Target
	reporter reporter
	cases    []*baseline // shortest first
}

// baseline is a case with the answers of the original fake.
type baseline struct {
	*contracts.Case
	exchanges []*exchange
}

// run makes and judges the mutants of the fake. It returns none if the fake has no case.
func (l *runner) run(ctx context.Context) ([]*Mutant, error) {
	if err := l.learn(ctx); err != nil || len(l.cases) == 0 {
		return nil, err
	}
	mutants := l.plan()
	return mutants, l.judge(ctx, mutants)
}

// learn replays all cases of the fake against the original.
func (l *runner) learn(ctx context.Context) error {
	for _, c := range l.suite.Cases {
		if c.Fake != l.def.Name {
			continue
		}
		r := &baseline{Case: c}
		talk := newConversation(l.reporter)
		var differs error
		err := l.suite.Watch(ctx, l.target, c, func(s *contracts.Exchange) bool {
			if found := s.Judge(s.Answer); len(found) > 0 {
				differs = fmt.Errorf("%s #%d differs without a mutant: %s; mutants are judged by cases that pass",
					c.Name, s.Number, found[0])
			}
			x := talk.next(s.Request, askedOf(s.Request), s.Answer)
			x.step = s.Number
			x.features = slices.Sorted(maps.Keys(c.Info.Settings.Features))
			x.moves = c.Moves()
			r.exchanges = append(r.exchanges, x)
			return differs == nil && ctx.Err() == nil
		})
		if err = cmp.Or(err, differs, ctx.Err()); err != nil {
			return err
		}
		l.cases = append(l.cases, r)
	}
	slices.SortStableFunc(l.cases, func(a, b *baseline) int { return cmp.Compare(len(a.exchanges), len(b.exchanges)) })
	return nil
}

func askedOf(r *http.Request) string {
	if r.GetBody == nil {
		return ""
	}
	body, err := r.GetBody()
	if err != nil {
		return ""
	}
	return bodyOf(&http.Request{Body: body})
}

// judge replays the cases against the mutants.
func (l *runner) judge(ctx context.Context, mutants []*Mutant) error {
	if err := l.judgeAnswers(ctx, mutants); err != nil {
		return err
	}
	work, failed := make(chan *Mutant), make([]error, runtime.GOMAXPROCS(0))
	var workers sync.WaitGroup
	for n := range failed {
		workers.Go(func() {
			for m := range work {
				failed[n] = cmp.Or(failed[n], l.replay(ctx, m))
			}
		})
	}
	for _, m := range mutants {
		if m.Killer == "" {
			work <- m
		}
	}
	close(work)
	workers.Wait()
	return cmp.Or(errors.Join(failed...), ctx.Err())
}

// judgeAnswers replays the cases again and compares, at each answer, the mutated answers with the
// recorded one.
func (l *runner) judgeAnswers(ctx context.Context, mutants []*Mutant) error {
	for _, c := range l.cases {
		live := l.live(c, mutants)
		if len(live) == 0 {
			continue
		}
		talk := newConversation(l.reporter)
		err := l.suite.Watch(ctx, l.target, c.Case, func(s *contracts.Exchange) bool {
			x := talk.next(s.Request, askedOf(s.Request), s.Answer)
			for _, m := range live {
				m.judge(x, s)
			}
			return ctx.Err() == nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// live returns the surviving mutants of answers that have a place in a case.
func (l *runner) live(c *baseline, mutants []*Mutant) (live []*Mutant) {
	for _, m := range mutants {
		if m.Operator.answer != nil && m.Killer == "" && slices.Contains(m.cases, c) {
			live = append(live, m)
		}
	}
	return live
}

func (m *Mutant) concerns(operation string) bool {
	return m.Operation == "" || m.Operation == operation
}

func (m *Mutant) judge(x *exchange, s *contracts.Exchange) {
	if m.Killer != "" || !m.concerns(x.operation) {
		return
	}
	answer := m.Operator.answer(x, m.Place)
	if answer == nil {
		return
	}
	m.Touched = true
	if found := s.Judge(answer); len(found) > 0 {
		m.killed(s, found[0].Path)
	}
}

func (m *Mutant) killed(s *contracts.Exchange, what string) {
	m.Touched, m.Killer = true, fmt.Sprintf("%s #%d %s", s.Case.Name, s.Number, what)
}

// replay replays the cases that a mutant concerns against it until one differs.
func (l *runner) replay(ctx context.Context, m *Mutant) error {
	for _, c := range m.cases {
		var answers []*contracts.Answer
		var last *contracts.Exchange
		err := l.suite.Watch(ctx, l.broken(m), c.Case, func(s *contracts.Exchange) bool {
			if found := s.Judge(s.Answer); len(found) > 0 {
				m.killed(s, found[0].Path)
			}
			answers, last = append(answers, s.Answer), s
			return m.Killer == "" && ctx.Err() == nil
		})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		switch {
		case err != nil && last == nil:
			return fmt.Errorf("%s: %w", c.Name, err)
		case err != nil && m.Killer == "": // a later request could not be built from the mutated answer
			m.killed(last, err.Error())
		}
		if m.Killer != "" {
			return nil
		}
		m.Touched = m.Touched || c.otherwise(answers)
	}
	return nil
}

// otherwise reports whether the original fake gave different answers.
func (c *baseline) otherwise(answers []*contracts.Answer) bool {
	for n, a := range answers {
		x := c.exchanges[n]
		if sameAnswer(a, x.answer) {
			continue
		}
		x.once.Do(func() { x.plain = comparableText(x.answer) })
		if comparableText(a) != x.plain {
			return true
		}
	}
	return false
}

func sameAnswer(a, b *contracts.Answer) bool {
	return a.Status == b.Status && a.Body == b.Body && maps.EqualFunc(a.Header, b.Header, slices.Equal)
}

var moving = regexp.MustCompile(`[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|` +
	`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?|[A-Za-z0-9_+/=-]{20,}|[a-z]+_[0-9a-f]{8,}|127\.0\.0\.1:\d+`)

// comparableText returns an answer without the values generated in each world, the time, the port of the receiver of
// deliveries and the count of requests: a mutant that asks the fake twice, or not at all, has not changed an answer by
// that alone.
func comparableText(a *contracts.Answer) string {
	header := maps.Clone(a.Header)
	maps.DeleteFunc(header, func(name string, _ []string) bool {
		return compare.CountsRequests(name) || name == "Etag" || name == "Date"
	})
	text := fmt.Sprint(a.Status, " ", header, " ", a.Body)
	return moving.ReplaceAllString(text, "*")
}

// broken returns a target with the mutant in place of the fake.
func (l *runner) broken(m *Mutant) contracts.Target {
	target := l.target
	if m.Operator.answer != nil || m.Operator.around != nil {
		target = contracts.WrapHandler(target, func(w *fake.World, own http.Handler) http.Handler {
			b := &mutatedTarget{mutant: m, world: w, def: l.def, talk: newConversation(l.reporter),
				served: map[string]bool{}}
			if m.Operator.around != nil {
				return m.Operator.around(own, b)
			}
			return b.answering(own)
		})
	}
	return &begun{target, m}
}

// begun is a target whose cases start in a mutated state.
type begun struct {
	contracts.Target
	mutant *Mutant
}

func (t *begun) World(ctx context.Context, start contracts.Start) (contracts.World, error) {
	if t.mutant.Operator.start != nil {
		t.mutant.Operator.start(&start, t.mutant.Place)
	}
	w, err := t.Target.World(ctx, start)
	if err == nil && t.mutant.Operator.still {
		w = contracts.Still(w)
	}
	return w, err
}
