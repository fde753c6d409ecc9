package contracts

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
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
)

// writes reports whether an interaction may change something.
func (c *Case) writes(i *interaction) bool {
	op := c.operation(i)
	return i.write || op != nil && op.Writes && i.method == http.MethodGet
}

// numbered returns an interaction by its number.
func (c *Case) numbered(number int) *interaction {
	for _, i := range c.interactions {
		if i.number == number {
			return i
		}
	}
	return nil
}

// driftOfReads compares the reads of a case that also writes. A read counts if the fake answers it
// as recorded without the writes; other reads depend on them.
func (s *Suite) driftOfReads(ctx context.Context, c *Case, fake, live Target, skipped *Outcome) *Outcome {
	reads, left := c.reads()
	if len(reads.interactions) == 0 {
		return skipped
	}
	alone := reads.replay(ctx, fake)
	if alone.Err != nil || alone.Skipped != "" {
		return skipped
	}
	kept := *reads
	kept.interactions = nil
	for n, i := range reads.interactions {
		if len(alone.Results[n].Differences) > 0 {
			left = append(left, LeftOut{i.number, alone.Results[n].Request, leftDepends})
			continue
		}
		kept.interactions = append(kept.interactions, i)
	}
	if len(kept.interactions) == 0 {
		return skipped
	}
	out := s.driftOf(ctx, &kept, fake, live)
	out.LeftOut = left
	return out
}

// reads returns the case without the interactions that write, move the clock, or name what was
// written.
func (c *Case) reads() (*Case, []LeftOut) {
	reads := *c
	reads.interactions, reads.receiver = nil, ""
	var left []LeftOut
	bound := map[string]bool{}
	for _, i := range c.interactions {
		why := c.whyLeftOut(i, bound)
		if why != "" {
			left = append(left, LeftOut{i.number, strings.TrimSpace(i.method + " " + i.url + i.advance), why})
			continue
		}
		one := *i
		one.deliveries, one.receives = nil, false
		reads.interactions = append(reads.interactions, &one)
		for _, m := range holePattern.FindAllStringSubmatch(i.result+headerText(i.answer), -1) {
			bound[m[1]] = true
		}
	}
	return &reads, left
}

func (c *Case) whyLeftOut(i *interaction, bound map[string]bool) string {
	switch {
	case i.advance != "":
		return leftClock
	case c.writes(i):
		return leftWrite
	}
	for _, m := range holePattern.FindAllStringSubmatch(i.url+i.body+headerText(i.header), -1) {
		if name := m[1]; c.handWritten && !bound[name] && name != "base" && name != "credential" && name != "secret" {
			return leftName
		}
	}
	return ""
}

// showLeftOut says for each case what was not replayed; if all is true, for each interaction.
func (r *Report) showLeftOut(w io.Writer, all bool) {
	for _, o := range r.Outcomes {
		if len(o.LeftOut) == 0 {
			continue
		}
		fmt.Fprintf(w,
			"%s: %d of %d interactions compared; "+
				"the others write, or show what writes made (--allow-writes replays them)\n",
			o.Case.Name, len(o.Results), len(o.Results)+len(o.LeftOut))
		for _, l := range o.LeftOut {
			if all {
				fmt.Fprintf(w, "  #%d %s: left out, as %s\n", l.Number, shorten(l.Request), l.Why)
			}
		}
	}
}
