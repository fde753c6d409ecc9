package compare

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/afba07b5/mockserver/contracts/scan"
)

// Between returns the renaming of the live service's values into the fake's: two values belong
// together if both replace the same recorded one. Values that a request named on both sides are
// literal, as are values of the fake's seed for which the live service has shown none. withTimes says that times
// belong together as well.
func Between(live, here *Binding, withTimes bool) *Binding {
	b := NewBinding(live.Now.UTC().Format(time.DateOnly))
	b.Now, b.Derived = here.Now, here.Derived
	b.Literals = maps.Clone(here.Literals)
	maps.Copy(b.Literals, live.Literals)
	for name, shown := range live.To {
		if l, ok := scan.At(shown, 0); ok && l.End == len(shown) { // the seed's values are not bound
			b.join(l, cmp.Or(here.To[name], live.From[l.Key()]))
		}
	}
	for _, p := range slices.Concat(live.times.pairs, live.times.whole) {
		if q, ok := here.times.find(p.rec); ok && withTimes {
			b.joinTimes(p.got, q.got)
		}
	}
	return b
}

// join binds two values to each other if they have the same form.
func (b *Binding) join(l scan.Token, here string) {
	h, ok := scan.At(here, 0)
	if !ok || scan.SameForm(l, h) != "" {
		return
	}
	if l.Shape == scan.Time {
		was, _ := l.Instant()
		now, _ := h.Instant()
		b.joinTimes(was, now)
		return
	}
	delete(b.Literals, h.Key())
	delete(b.Literals, l.Key())
	b.To[l.Key()], b.From[h.Key()] = h.Plain, l.Plain
}

func (b *Binding) joinTimes(live, here int64) {
	i, known := slices.BinarySearchFunc(b.times.pairs, live,
		func(p timePair, ms int64) int { return cmp.Compare(p.rec, ms) })
	if !known {
		b.times.pairs = slices.Insert(b.times.pairs, i, timePair{rec: live, got: here, write: true})
	}
}
