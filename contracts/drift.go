package contracts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Culprit says which of recording, fake and live service does not go with the other two.
type Culprit string

// The movers.
const (
	FakeMoved      Culprit = "fake"      // the live service still answers as recorded: our bug
	VendorMoved    Culprit = "vendor"    // the fake answers as recorded, the live service does not: drift
	RecordingMoved Culprit = "recording" // fake and live service answer the same: the recording is stale
	BothMoved      Culprit = "both"      // all three differ
)

// Movers are all of them, in the order in which reports have them.
var Movers = []Culprit{FakeMoved, VendorMoved, RecordingMoved, BothMoved}

// Drift replays every case against a fake and against the live service, and judges each difference: the
// results of the Report tell who moved. Differences are compared place by place within an interaction; two
// answers of fake and live service are the same if they are it up to the renaming that both replays have shown,
// so that two identifiers, each minted by its own server, are no difference. A case that cannot be replayed
// against the live service is skipped for both; of one that may not write the reads are compared: see Outcome.LeftOut. A known gap excuses the fake alone.
func (s *Suite) Drift(ctx context.Context, fake, live Target, show func(*Outcome)) *Report {
	report := &Report{}
	for _, c := range s.Cases {
		out := s.driftOf(ctx, c, fake, live)
		if ctx.Err() != nil { // cut off in the middle
			break
		}
		report.add(out, nil)
		if show != nil {
			show(out)
		}
		if errors.Is(out.Err, ErrUnreachable) {
			break
		}
	}
	return report
}

func (s *Suite) driftOf(ctx context.Context, c *Case, fake, live Target) *Outcome {
	there := c.replay(ctx, live)
	if there.Skipped == itWrites {
		return s.driftOfReads(ctx, c, fake, live, there)
	}
	if there.Skipped != "" || errors.Is(there.Err, ErrUnreachable) {
		return there
	}
	here := c.replay(ctx, fake)
	knowing(s.Gaps, here)
	out := &Outcome{Case: c, Skipped: here.Skipped, Took: here.Took + there.Took, Remains: there.Remains}
	switch {
	case here.Err != nil:
		out.Err, out.Line = fmt.Errorf("the fake: %w", here.Err), here.Line
	case there.Err != nil:
		out.Err, out.Line = fmt.Errorf("the live service: %w", there.Err), there.Line
	}
	b := between(there.player, here.player)
	for n := range min(len(here.Results), len(there.Results)) {
		out.Results = append(out.Results, b.compareStep(c, here.Results[n], there.Results[n]))
	}
	return out
}

// driftCheck compares what fake and live service answered with each other.
type driftCheck struct {
	binding    *binding // of the live service's values to the fake's
	here, live string   // the base URLs
}

// between returns the renaming of the live service's values into the fake's: two values belong together if they
// stand for the same recorded one. A literal is what a request named on both sides, or what the fake's seed
// holds and the live service has shown no value for.
func between(live, here *replayer) *driftCheck {
	if live == nil || here == nil {
		return &driftCheck{binding: newBinding("")}
	}
	b := newBinding(live.bind.now.UTC().Format(time.DateOnly))
	b.now = here.bind.now
	b.literals = maps.Clone(here.bind.literals)
	maps.Copy(b.literals, live.bind.literals)
	for name, shown := range live.bind.to {
		if l, ok := tokenAt(shown, 0); ok && l.end == len(shown) { // the seed's values are bound by nothing
			b.join(l, cmp.Or(here.bind.to[name], live.bind.from[l.key()]))
		}
	}
	for _, p := range slices.Concat(live.bind.times.pairs, live.bind.times.whole) {
		if q, ok := here.bind.times.find(p.rec); ok && !live.c.handWritten {
			b.joinTimes(p.got, q.got)
		}
	}
	return &driftCheck{b, here.base, live.base}
}

// join makes two values one, if they have the same form.
func (b *binding) join(l token, here string) {
	h, ok := tokenAt(here, 0)
	if !ok || sameForm(l, h) != "" {
		return
	}
	if l.shape == timeShape {
		was, _ := l.instant()
		now, _ := h.instant()
		b.joinTimes(was, now)
		return
	}
	delete(b.literals, h.key())
	delete(b.literals, l.key())
	b.to[l.key()], b.from[h.key()] = h.plain, l.plain
}

func (b *binding) joinTimes(live, here int64) {
	i, known := slices.BinarySearchFunc(b.times.pairs, live, func(p timePair, ms int64) int { return cmp.Compare(p.rec, ms) })
	if !known {
		b.times.pairs = slices.Insert(b.times.pairs, i, timePair{rec: live, got: here, write: true})
	}
}

// compareStep says of every difference of an interaction who moved.
func (t *driftCheck) compareStep(c *Case, here, live Result) Result {
	out := here
	out.Sent, out.Relaxed = here.Sent && live.Sent, here.Relaxed || live.Relaxed
	out.Line, out.Differences = max(here.Line, live.Line), nil
	if t.same(c, here, live) { // two names for the same differences
		for _, d := range here.Differences {
			d.Moved, d.Live = RecordingMoved, d.Got
			out.Differences = append(out.Differences, d)
		}
		return out
	}
	for _, d := range here.Differences {
		out.Differences = append(out.Differences, t.verdict(c, here.Number, d, live.Differences))
	}
	for _, d := range live.Differences {
		if related(here.Differences, d.Path) == nil {
			d.Moved, d.Live, d.Got = VendorMoved, d.Got, d.Recorded
			out.Differences = append(out.Differences, d)
		}
	}
	return out
}

// same reports whether both gave the same answer, which is not the recorded one. The differences of two lists
// are often named otherwise than place by place, so that their values alone do not tell.
func (t *driftCheck) same(c *Case, here, live Result) bool {
	if here.answer == nil || live.answer == nil || here.answer.status != live.answer.status {
		return false
	}
	i, l, h := c.numbered(here.Number), live.answer.header, here.answer.header
	if i.only != nil {
		l, h = only(l, i.only), only(h, i.only)
	}
	return t.try(c, i, func(look *comparison) {
		look.compareHeaders(l, h)
		look.compareBody(strings.Join(valuesOf(l, "Content-Type"), " "), live.answer.body, here.answer.body)
	})
}

// try compares something of the live service's with the fake's. What it binds stays if nothing differs.
func (t *driftCheck) try(c *Case, i *interaction, compare func(*comparison)) bool {
	look := &comparison{binding: t.binding, rules: c.rules, at: moment{write: true}, origin: t.live, base: t.here, lists: c.rules.listsOf(i.request())}
	mark := t.binding.mark()
	compare(look)
	if len(look.found) > 0 {
		t.binding.undo(mark)
	}
	return len(look.found) == 0
}

// verdict judges a difference of the fake's by those of the live service.
func (t *driftCheck) verdict(c *Case, number int, d Difference, live []Difference) Difference {
	other := related(live, d.Path)
	switch {
	case other == nil:
		d.Moved, d.Live = FakeMoved, d.Recorded
	case other.Path != d.Path:
		d.Moved, d.Live, d.Why = BothMoved, other.Got, "the live service differs at "+other.Path
	case t.agree(c, number, d.Path, other.Got, d.Got):
		d.Moved, d.Live = RecordingMoved, other.Got
	default:
		d.Moved, d.Live = BothMoved, other.Got
	}
	return d
}

// related returns the difference at a path, or else the first one above or below it; nil if there is none.
func related(all []Difference, path string) (near *Difference) {
	for i := range all {
		switch other := all[i].Path; {
		case other == path:
			return &all[i]
		case near == nil && (within(other, path) || within(path, other)):
			near = &all[i]
		}
	}
	return near
}

// within reports whether a JSON path leads into the value at another.
func within(path, outer string) bool {
	rest, ok := strings.CutPrefix(path, outer)
	return ok && rest != "" && (rest[0] == '.' || rest[0] == '[')
}

// agree reports whether the values that both gave in one place are the same.
func (t *driftCheck) agree(c *Case, number int, path, live, here string) bool {
	return t.try(c, c.numbered(number), func(look *comparison) {
		l, err := parseJSON(live)
		h, err2 := parseJSON(here)
		if err == nil && err2 == nil && strings.HasPrefix(path, "$") {
			look.compare(l, h, path)
			look.compareEnds()
		} else if why := look.match(live, here); why != "" {
			look.differ(path, live, here, why)
		}
	})
}

// Moves counts the differences of a three-way comparison by who moved, known gaps aside.
func (r *Report) Moves() map[Culprit]int {
	moves := map[Culprit]int{}
	for _, m := range Movers {
		for _, o := range r.Outcomes {
			for n := range o.Results {
				moves[m] += len(o.Results[n].movedBy(m))
			}
		}
	}
	return moves
}

// movedBy returns the differences that one of the three is to blame for, known gaps aside.
func (r *Result) movedBy(m Culprit) (found []Difference) {
	for _, d := range r.Differences {
		if d.Moved == m && r.Known(d) == "" {
			found = append(found, d)
		}
	}
	return found
}

// movedText says what each verdict means.
var movedText = map[Culprit]string{
	FakeMoved:      "the live service still answers as recorded, the fake does not: a bug of the fake",
	VendorMoved:    "the fake answers as recorded, the live service does not: the vendor changed something",
	RecordingMoved: "fake and live service answer the same: the recording is stale",
	BothMoved:      "recording, fake and live service all differ",
}

// ShowMoves writes the differences of a three-way comparison grouped by who moved and then, as the last line,
//
//	moved: N fake, N vendor, N recording, N both; cases: N compared, N with errors, N skipped
//
// where the first four count differences that are no known gaps.
func (r *Report) ShowMoves(w io.Writer, all bool) {
	w = printer{w}
	moves := r.Moves()
	for _, m := range Movers {
		if moves[m] > 0 {
			fmt.Fprintf(w, "%s: %d. %s\n", m, moves[m], movedText[m])
			r.showMoved(w, m, all)
		}
	}
	r.showLeftOut(w, all)
	r.showRemains(w)
	errs := 0
	for _, o := range r.Outcomes {
		errs += count(o.Err != nil)
	}
	fmt.Fprintf(w, "moved: %d fake, %d vendor, %d recording, %d both; cases: %d compared, %d with errors, %d skipped\n",
		moves[FakeMoved], moves[VendorMoved], moves[RecordingMoved], moves[BothMoved], len(r.Outcomes)-errs-r.Skipped, errs, r.Skipped)
}

// showRemains says which cases have left a real service otherwise than they found it.
func (r *Report) showRemains(w io.Writer) {
	for _, o := range r.Outcomes {
		if len(o.Remains) > 0 {
			fmt.Fprintf(w, "%s: not restored on the live service: %s\n", o.Case.Name, strings.Join(o.Remains, ", "))
		}
	}
}

func (r *Report) showMoved(w io.Writer, m Culprit, all bool) {
	for _, o := range r.Outcomes {
		for n := range o.Results {
			part := o.Results[n]
			part.Differences = part.movedBy(m)
			if len(part.Differences) > 0 {
				fmt.Fprintf(w, " %s\n", o.Case.Name)
				part.show(w, o.Case, all)
			}
		}
	}
}
