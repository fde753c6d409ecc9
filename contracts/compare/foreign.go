package compare

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/contracts/jsontree"
	"github.com/afba07b5/mockserver/contracts/scan"
)

// LocalIDs replaces the identifiers of standing objects by the target's.
func (b *Binding) LocalIDs(s string) string {
	if !b.Foreign {
		return s
	}
	var out strings.Builder
	from := 0
	for _, t := range scan.Tokens(s) {
		if now := b.To[t.Key()]; t.Shape == scan.UUID && now != "" {
			out.WriteString(s[from:t.Start] + now)
			from = t.End
		}
	}
	return out.String() + s[from:]
}

// isStanding reports whether a hand-written value belongs to a standing object: an identifier that another workspace
// lacks, or a time that no request has named.
func (b *Binding) isStanding(t scan.Token) bool {
	switch t.Shape {
	case scan.UUID:
		return b.IsGenerated(t)
	case scan.Time:
		return !b.Literals[t.Key()] || b.Seed[t.Key()]
	}
	return false
}

// withIDs splits the literal parts of a hand-written text at the identifiers and times of standing objects, if the
// target is another workspace than the one for which the text was written.
func (c *Comparison) withIDs(parts []part) (out []part) {
	if !c.Binding.Foreign {
		return parts
	}
	for _, p := range parts {
		if p.token != nil {
			out = append(out, p)
			continue
		}
		from := 0
		for _, t := range scan.Tokens(p.literal) {
			if c.Binding.isStanding(t) {
				out = append(out, part{literal: p.literal[from:t.Start]}, part{token: &t})
				from = t.End
			}
		}
		out = append(out, part{literal: p.literal[from:]})
	}
	return out
}

// standing reports whether two objects are the same standing object of two workspaces: the target's
// is in its seed, the recorded one is not, and their identifying keys are equal. It binds their
// identifiers.
func (c *Comparison) standing(rec, got *jsontree.Node) bool {
	r, g := rec.Get("id"), got.Get("id")
	if c.Binding.Home || r == nil || g == nil || r.Kind != jsontree.Text || g.Kind != jsontree.Text ||
		len(c.Rules.Identities) == 0 {
		return false
	}
	rt, okR := scan.At(r.Text, 0)
	gt, okG := scan.At(g.Text, 0)
	if !okR || !okG || rt.Shape != scan.UUID || !c.identical(rec, got) {
		return false
	}
	if c.Binding.To[rt.Key()] == gt.Plain {
		return c.Binding.seeded[gt.Key()]
	}
	if !c.Binding.Literals[gt.Key()] || c.Binding.Bound(rt) || scan.SameForm(rt, gt) != "" {
		return false
	}
	if c.Binding.Literals[rt.Key()] {
		return rt.Key() == gt.Key()
	}
	c.Binding.BindSeeded(rt, gt)
	return true
}

// identical reports whether two objects have all of one rule's keys with the same values.
func (c *Comparison) identical(rec, got *jsontree.Node) bool {
	return slices.ContainsFunc(c.Rules.Identities, func(keys []string) bool {
		for _, key := range keys {
			r, g := rec.Get(key), got.Get(key)
			if r == nil || g == nil || r.Kind != jsontree.Text || r.String() != g.String() {
				return false
			}
		}
		return true
	})
}

// BindSeeded binds a recorded identifier to one of the target's seed.
func (b *Binding) BindSeeded(rec, got scan.Token) {
	r, g := rec.Key(), got.Key()
	if b.seeded == nil {
		b.seeded = map[string]bool{}
	}
	literal, foreign := b.Literals[g], b.Foreign
	delete(b.Literals, g)
	b.Foreign = true
	b.To[r], b.From[g], b.seeded[g] = got.Plain, rec.Plain, true
	b.log = append(b.log, func() {
		b.Foreign = foreign
		if literal {
			b.Literals[g] = true
		}
		delete(b.To, r)
		delete(b.From, g)
		delete(b.seeded, g)
	})
}

// compareStamp compares a time of a standing object: each workspace was set up at its own time. It
// returns false if the value is not a time, or if the conversation has set it.
func (c *Comparison) compareStamp(rec, got *jsontree.Node) bool {
	r, okR := c.wholeTime(rec)
	g, okG := c.wholeTime(got)
	return okR && okG && c.Binding.Literals[g.Key()] && scan.SameForm(r, g) == ""
}

// bindForeign binds what the recorded workspace had from the start to the target's equivalent, if
// the two are known to be different workspaces. It does not apply to objects that a write created;
// done reports whether the value is handled.
func (b *Binding) bindForeign(rec, got scan.Token, at Moment) (done bool, why string) {
	switch {
	case !b.Foreign:
		return false, ""
	case at.HandWritten && rec.Shape == scan.Time && rec.Key() == got.Key():
		return true, ""
	case rec.Shape == scan.Time && b.Seed[got.Key()] && (!at.Write || at.Changes || at.HandWritten):
		return true, ""
	case rec.Shape == scan.Time && !b.ofTheDay(rec) && !(b.Live && b.before(got)):
		if rec.Key() != got.Key() {
			return true, unequal
		}
		return true, ""
	case rec.Shape == scan.Time:
		return !b.ofTheDay(rec), ""
	case rec.Shape == scan.UUID && at.HandWritten && !b.Live && !b.Seed[got.Key()]:
		return true, "expected an object that the target has had before"
	case rec.Shape != scan.UUID || !b.Seed[got.Key()]:
		return false, ""
	case b.To[rec.Key()] == got.Plain:
		return true, ""
	case b.Bound(rec) || b.From[got.Key()] != "" || at.Write && at.row && !at.Changes && !at.HandWritten:
		return false, ""
	}
	b.BindSeeded(rec, got)
	return true, ""
}

// before reports whether a time is before the replay.
func (b *Binding) before(t scan.Token) bool {
	ms, ok := t.Instant()
	return ok && utc(ms).Before(b.Now)
}

// compareCounter compares a number that counts events of a workspace, of which the two workspaces
// may have had different numbers: it grows when the recorded one does. It returns false where the
// values must be equal.
func (c *Comparison) compareCounter(key string, rec, got *jsontree.Node) bool {
	b := c.Binding
	if !slices.Contains(c.Rules.Counters, key) || !b.Live && !b.Foreign || rec.Kind != jsontree.Number ||
		got.Kind != jsontree.Number {
		return false
	}
	r, errR := strconv.ParseInt(rec.Text, 10, 64)
	g, errG := strconv.ParseInt(got.Text, 10, 64)
	last, known := b.counters[key]
	if errR != nil || errG != nil || known && cmp.Compare(last.rec, r) != cmp.Compare(last.got, g) {
		return false
	}
	if b.counters == nil {
		b.counters = map[string]timePair{}
	}
	b.counters[key] = timePair{rec: r, got: g}
	b.log = append(b.log, func() {
		if b.counters[key] = last; !known {
			delete(b.counters, key)
		}
	})
	return true
}
