package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/contracts/jsontree"
	"github.com/afba07b5/mockserver/contracts/scan"
)

// times is the part of a binding that concerns instants. A generated time is identified by the
// request that made it, not by its digits. Therefore:
//   - one recorded instant is one instant of the target;
//   - what the recorded server made earlier, the target made earlier;
//   - two different instants of the recording may be one of the target only if the same write made
//     both, which is known if both first occur in that write's own answer: how many milliseconds a
//     server needs between two rows of one request is random;
//   - within a row even that is not random: see compareRow.
//
// A time without a fraction of a second is only known to the second: what the recorded server made
// in one second or in two, the target may make in one, or across the turn of one. Such times only
// keep their order.
type times struct {
	pairs []timePair // by recorded instant
	whole []timePair // times without a fraction, in order of occurrence
}

type timePair struct {
	rec, got int64 // Unix milliseconds
	first    int   // the interaction that showed it first
	write    bool  // whether that interaction was a write
}

// Moment is the position of a value in a conversation.
type Moment struct {
	Interaction int
	Write       bool
	background  bool // set by background work, some time after its request
	row         bool // it is the identifier of an object
	Changes     bool // the write changes existing objects and creates none
	HandWritten bool // generated values are placeholders
}

func (t *times) find(rec int64) (timePair, bool) {
	if i, ok := slices.BinarySearchFunc(t.pairs, rec, func(p timePair, rec int64) int { return int(p.rec - rec) }); ok {
		return t.pairs[i], true
	}
	if i := slices.IndexFunc(t.whole, func(p timePair) bool { return p.rec == rec }); i >= 0 {
		return t.whole[i], true
	}
	return timePair{}, false
}

// spread is the maximum distance, in milliseconds, of a real service's times that were equal when
// recorded.
const spread = 250

func (b *Binding) bindTime(rec, got scan.Token, at Moment) string {
	all := &b.times
	if at.background {
		all = &b.lagging
	}
	return b.bindInstant(all, rec, got, at)
}

// bindInstant binds a time among others set by the same kind of work.
func (b *Binding) bindInstant(all *times, rec, got scan.Token, at Moment) string {
	r, ok := rec.Instant()
	g, ok2 := got.Instant()
	if !ok || !ok2 {
		return "not a time"
	}
	if !strings.Contains(rec.Plain, ".") {
		return b.bindWhole(all, timePair{rec: r, got: g})
	}
	if known, ok := all.find(r); ok {
		if known.got != g && !(b.Live && max(known.got-g, g-known.got) <= spread) {
			return fmt.Sprintf("%s stands for %s since an earlier answer", utc(known.got).Format(time.RFC3339Nano),
				rec.Plain)
		}
		return ""
	}
	p := timePair{r, g, at.Interaction, at.Write}
	i, _ := slices.BinarySearchFunc(all.pairs, r, func(p timePair, rec int64) int { return int(p.rec - rec) })
	for _, n := range all.around(i) {
		if why := disorder(n, p); why != "" {
			return why
		}
	}
	all.pairs = slices.Insert(all.pairs, i, p)
	b.log = append(b.log, func() { all.remove(r) })
	return ""
}

// bindWhole binds a time without a fraction of a second.
func (b *Binding) bindWhole(all *times, p timePair) string {
	if slices.Contains(all.whole, p) {
		return ""
	}
	for _, q := range all.whole {
		if !sameOrder(p, q) {
			return fmt.Sprintf("recorded %s and %s, but the target's are %s and %s", clockOf(q.rec), clockOf(p.rec),
				clockOf(q.got), clockOf(p.got))
		}
	}
	n := len(all.whole)
	all.whole = append(all.whole, p)
	b.log = append(b.log, func() { all.whole = all.whole[:n] })
	return ""
}

// sameOrder compares times that are known to the second.
func sameOrder(p, q timePair) bool {
	if p.rec > q.rec {
		p, q = q, p
	}
	if p.rec == q.rec {
		return max(p.got-q.got, q.got-p.got) <= 1000
	}
	return p.got <= q.got
}

func clockOf(ms int64) string { return utc(ms).Format(time.TimeOnly) }

// around returns the neighbours of the i-th place. Order and distinctness relative to all others
// follow from them.
func (t *times) around(i int) (near []timePair) {
	if i > 0 {
		near = append(near, t.pairs[i-1])
	}
	if i < len(t.pairs) {
		near = append(near, t.pairs[i])
	}
	return near
}

func (t *times) remove(rec int64) {
	t.pairs = slices.DeleteFunc(t.pairs, func(p timePair) bool { return p.rec == rec })
}

func disorder(p, q timePair) string {
	if p.rec > q.rec {
		p, q = q, p
	}
	oneWrite := p.first == q.first && p.write && q.write
	if p.got < q.got || p.got == q.got && oneWrite {
		return ""
	}
	return fmt.Sprintf("recorded after %s, but the target's is not after %s",
		utc(p.rec).Format(time.RFC3339Nano), utc(p.got).Format(time.RFC3339Nano))
}

// compareRow compares the order of the times directly within one object: whether createdAt and
// updatedAt of a row are equal, or one is before the other, is not random.
func (c *Comparison) compareRow(rec, got *jsontree.Node, path string) {
	var stamps []rowStamp
	for i, key := range rec.Keys {
		r, okR := c.wholeTime(rec.Kids[i])
		if !okR {
			continue
		}
		g, okG := c.wholeTime(got.GetNear(key, i))
		if !okG || !c.Binding.IsGenerated(r) || c.Binding.Foreign && c.Binding.Seed[g.Key()] {
			continue
		}
		now := rowStamp{key: key, whole: !strings.Contains(r.Plain, ".")}
		now.rec, _ = r.Instant()
		now.got, _ = g.Instant()
		at := slices.IndexFunc(stamps, func(s rowStamp) bool {
			if s.whole || now.whole {
				return !sameOrder(s.timePair, now.timePair)
			}
			return cmp.Compare(s.rec, now.rec) != cmp.Compare(s.got, now.got)
		})
		if at >= 0 {
			c.unlike(path+"."+key, rec.Kids[i], got.Get(key),
				"the order of "+stamps[at].key+" and "+key+" within the row")
		}
		stamps = append(stamps, now)
	}
}

// rowStamp is a time of a row.
type rowStamp struct {
	timePair
	key   string
	whole bool // it has no fraction of a second
}

// wholeTime returns the time that makes up a whole string.
func (c *Comparison) wholeTime(n *jsontree.Node) (scan.Token, bool) {
	if !maybeTime(n) {
		return scan.Token{}, false
	}
	t, ok := c.Binding.cache.tokenAt(n.Text, 0)
	return t, ok && t.Shape == scan.Time && t.End == len(n.Text)
}

// maybeTime reports whether a string has the outline of a time.
func maybeTime(n *jsontree.Node) bool {
	return n != nil && n.Kind == jsontree.Text && len(n.Text) >= 16 && len(n.Text) <= 40 && n.Text[4] == '-' &&
		n.Text[7] == '-'
}

func utc(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
