package contracts

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/contracts/compare"
	"github.com/afba07b5/mockserver/contracts/internal/recording"
)

// LeftOut is an interaction that a comparison without writes does not replay.
type LeftOut struct {
	Number  int
	Request string
	Why     string
}

// The reasons to leave an interaction out.
const (
	leftWrite   = "it writes"
	leftClock   = "it moves the clock"
	leftName    = "its request names what a write created"
	leftDepends = "its answer depends on the writes: without them the fake answers differently, too"
	leftUnknown = "it depends on what callers without a credential did"
)

// writes reports whether an interaction may change something.
func (c *Case) writes(i *compare.Interaction) bool {
	op := c.operation(i)
	return i.Write || op != nil && op.Writes && i.Method == http.MethodGet
}

// numbered returns an interaction by its number.
func (c *Case) numbered(number int) *compare.Interaction {
	for _, i := range c.interactions {
		if i.Number == number {
			return i
		}
	}
	return nil
}

// driftOfReads compares the reads of a case that also writes. A read counts if the fake answers it
// as recorded without the writes; other reads depend on them.
func (s *Suite) driftOfReads(ctx context.Context, c *Case, fake, live Target, skipped *Outcome) *Outcome {
	reads, left := c.reads()
	kept, more := reads.alone(ctx, fake, leftDepends)
	if kept == nil {
		return skipped
	}
	out := s.driftOf(ctx, kept, fake, live)
	out.LeftOut = inOrderOf(left, more, out.LeftOut)
	return out
}

// driftOfKnown compares the interactions of a case for which the environment has credentials, if it lacks others. It
// returns nil if it lacks none, or if nothing is left.
func (s *Suite) driftOfKnown(ctx context.Context, c *Case, fake, live Target) *Outcome {
	t, ok := live.(interface{ lacking(Start) []Principal })
	if !ok {
		return nil
	}
	lacking := t.lacking(c.start())
	if len(lacking) == 0 {
		return nil
	}
	known, left := c.without(lacking)
	kept, more := known.alone(ctx, fake, leftUnknown)
	if kept == nil {
		return nil
	}
	out := s.driftOf(ctx, kept, fake, live)
	out.LeftOut = inOrderOf(left, more, out.LeftOut)
	return out
}

// alone replays a part of a case against the fake and returns the interactions that it answers as recorded without the
// others. The rest is left out for the reason why. The case is nil if nothing remains.
func (c *Case) alone(ctx context.Context, fake Target, why string) (*Case, []LeftOut) {
	var left []LeftOut
	kept := *c
	kept.interactions = nil
	if len(c.interactions) == 0 {
		return nil, nil
	}
	out := c.replay(ctx, fake)
	if out.Err != nil || out.Skipped != "" {
		return nil, nil
	}
	for n, i := range c.interactions {
		if len(out.Results[n].Differences) > 0 {
			left = append(left, LeftOut{i.Number, out.Results[n].Request, why})
			continue
		}
		kept.interactions = append(kept.interactions, i)
	}
	if len(kept.interactions) == 0 {
		return nil, nil
	}
	return &kept, left
}

// inOrderOf joins lists of what was left out in the order of the case.
func inOrderOf(lists ...[]LeftOut) []LeftOut {
	all := slices.Concat(lists...)
	slices.SortStableFunc(all, func(a, b LeftOut) int { return cmp.Compare(a.Number, b.Number) })
	return all
}

// reads returns the case without the interactions that write, move the clock, or name what was
// written.
func (c *Case) reads() (*Case, []LeftOut) {
	reads, left := c.split(func(i *compare.Interaction) string {
		switch {
		case i.Advance != "":
			return leftClock
		case c.writes(i):
			return leftWrite
		}
		return ""
	}, leftName)
	reads.receiver = ""
	for n, i := range reads.interactions {
		one := *i
		one.Deliveries, one.Receives = nil, false
		reads.interactions[n] = &one
	}
	return reads, left
}

// without returns the case without the interactions of some principals, and without those that name what they created.
func (c *Case) without(lacking []Principal) (*Case, []LeftOut) {
	return c.split(func(i *compare.Interaction) string {
		for _, who := range c.callers(i) {
			if slices.Contains(lacking, who) {
				return "it needs " + who.liveName(c.Fake) + ", which is not set"
			}
		}
		return ""
	}, leftUnknown)
}

// split returns the case without the interactions for which there is a reason, or which name what only such an
// interaction has shown.
func (c *Case) split(reason func(*compare.Interaction) string, unbound string) (*Case, []LeftOut) {
	part := *c
	part.interactions = nil
	var left []LeftOut
	bound := map[string]bool{}
	for _, i := range c.interactions {
		why := reason(i)
		if why == "" && c.namesUnbound(i, bound) {
			why = unbound
		}
		if why != "" {
			left = append(left, LeftOut{i.Number, strings.TrimSpace(i.Method + " " + i.URL + i.Advance), why})
			continue
		}
		part.interactions = append(part.interactions, i)
		for _, name := range compare.PlaceholderNames(i.Result + recording.HeaderText(i.Answer)) {
			bound[name] = true
		}
	}
	return &part, left
}

// namesUnbound reports whether a hand-written request has a placeholder that no answer so far has bound.
func (c *Case) namesUnbound(i *compare.Interaction, bound map[string]bool) bool {
	for _, name := range compare.PlaceholderNames(i.URL + i.Body + recording.HeaderText(i.Header)) {
		if c.handWritten && !bound[name] && name != "base" && !compare.IsOfPrincipal(name) {
			return true
		}
	}
	return false
}

// showLeftOut lists for each case the parts not replayed, and why; if all is true, for each interaction.
func (r *Report) showLeftOut(w io.Writer, all bool) {
	for _, o := range r.Outcomes {
		if len(o.LeftOut) == 0 {
			continue
		}
		fmt.Fprintf(w, "%s: %d of %d interactions compared; left out: %s\n", o.Case.Name, len(o.Results),
			len(o.Results)+len(o.LeftOut), summaryOf(o.LeftOut))
		for _, l := range o.LeftOut {
			if all {
				fmt.Fprintf(w, "  #%d %s: left out, as %s\n", l.Number, compare.Shorten(l.Request), l.Why)
			}
		}
	}
}

// summaryOf counts what was left out by reason, in the order of the case.
func summaryOf(left []LeftOut) string {
	counts, reasons := map[string]int{}, []string{}
	for _, l := range left {
		why := l.Why
		if why != leftClock && why != leftUnknown && !strings.HasPrefix(why, "it needs ") {
			why = "they write, or show what writes made (--allow-writes replays them)"
		}
		if counts[why]++; counts[why] == 1 {
			reasons = append(reasons, why)
		}
	}
	for n, why := range reasons {
		reasons[n] = fmt.Sprintf("%d, as %s", counts[why], why)
	}
	return strings.Join(reasons, "; ")
}
