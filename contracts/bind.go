package contracts

import (
	"fmt"
	"time"

	"github.com/afba07b5/mockserver/contracts/scan"
)

// binding is the renaming of one case: it maps recorded values to the target's.
//
// It removes randomness and nothing else, because
//   - only values with a shape can be renamed, and a value keeps its shape: a UUID its version and
//     case, a hex value its length, a time its spelling and precision;
//   - a value that the server did not generate is literal: values that a request sent before any
//     answer had them, values of the seed, times of other days. Literals are equal on both sides,
//     so a generated value never matches a literal, nor a time of the recording's day one outside
//     the replay's day;
//   - the renaming is one-to-one for the whole case: two recorded values never share one of the
//     target's, and one recorded value never has two.
type binding struct {
	day      string    // day of the recording; times of other days are literal
	now      time.Time // the target's time at the start of the replay
	literals map[string]bool
	seed     map[string]bool     // literals that the target had before the conversation
	live     bool                // the target's earlier content is unknown
	home     bool                // the target is the recorded workspace
	foreign  bool                // the target is another workspace than the recorded one
	counters map[string]timePair // by key of a counter of a workspace: recorded value, target's value
	// identifiers of the target's seed that are bound to recorded ones of another workspace
	seeded   map[string]bool
	to, from map[string]string // recorded → target's and back; keys include the shape
	kinds    map[string]string // placeholder of a hand-written case → kind
	zone     string            // of the times of a hand-written case
	times    times
	lagging  times                    // times set by background work
	expiries map[time.Duration]*times // times at a fixed span after their request
	log      []func()                 // undo functions, newest last
	cache    cache
}

func newBinding(day string) *binding {
	return &binding{day: day, literals: map[string]bool{}, to: map[string]string{}, from: map[string]string{},
		kinds: map[string]string{}}
}

// mark and undo revert the bindings of a failed attempt.
func (b *binding) mark() int { return len(b.log) }

func (b *binding) undo(mark int) {
	for len(b.log) > mark {
		b.log[len(b.log)-1]()
		b.log = b.log[:len(b.log)-1]
	}
}

// isGenerated reports whether the server made the value.
func (b *binding) isGenerated(t scan.Token) bool {
	switch t.Shape {
	case scan.UUID:
		return t.Plain != nilUUID && !b.literals[t.Key()]
	case scan.Time:
		return (b.ofTheDay(t) || b.foreign) && !b.literals[t.Key()]
	case scan.Date:
		return t.Plain == b.day && !b.literals[t.Key()]
	case scan.Hex, scan.JWT, scan.StandIn:
		return !b.literals[t.Key()]
	}
	return false
}

// nilUUID means no value and is never generated.
const nilUUID = "00000000-0000-0000-0000-000000000000"

func (b *binding) ofTheDay(t scan.Token) bool {
	ms, ok := t.Instant()
	return ok && (t.Plain[:10] == b.day || utc(ms).Format(time.DateOnly) == b.day)
}

// literal makes every value in a text literal, unless it is bound already: the side that names a
// value first has created it. Recorded requests and the seed pass through here.
func (b *binding) literal(s string) {
	for _, t := range scan.Tokens(s) {
		if t.Shape == scan.Cursor {
			plain, _, _ := scan.DecodeCursor(t.Plain)
			b.literal(plain)
			continue
		}
		key := t.Key()
		if b.literals[key] || b.bound(t) {
			continue
		}
		b.addLiteral(key)
		if t.Shape == scan.Date { // a client's day is returned as its midnight
			b.addLiteral(scan.Token{Shape: scan.Time, Plain: t.Plain + "T00:00:00Z"}.Key())
		}
	}
}

func (b *binding) addLiteral(key string) {
	if b.literals[key] {
		return
	}
	b.literals[key] = true
	b.log = append(b.log, func() { delete(b.literals, key) })
}

func (b *binding) bound(t scan.Token) bool {
	if t.Shape == scan.Time {
		ms, _ := t.Instant()
		_, ok := b.findTime(ms)
		return ok
	}
	return b.to[t.Key()] != ""
}

// bind maps a recorded value to the target's, or returns why it cannot.
func (b *binding) bind(rec, got scan.Token, at moment) (why string) {
	if why := scan.SameForm(rec, got); why != "" {
		return why
	}
	if done, why := b.bindForeign(rec, got, at); done {
		return why
	}
	if b.literals[got.Key()] {
		return fmt.Sprintf(
			"the recorded server made a new value, the target gave %s, which a request or the seed had named before",
			got.Plain)
	}
	if b.live && rec.Shape == scan.Time && rec.Key() == got.Key() && b.before(got) {
		return "" // the real service is the recorded workspace, and has had this since it was set up
	}
	if !b.ofThisReplay(got) {
		return fmt.Sprintf("the recorded server took the time of day, the target gave %s", got.Plain)
	}
	if rec.Shape == scan.Time {
		return b.bindTime(rec, got, at)
	}
	r, g := rec.Key(), got.Key()
	if known, ok := b.to[r]; ok {
		if known != got.Plain {
			return fmt.Sprintf("%s stands for %s since an earlier answer", known, rec.Plain)
		}
		return ""
	}
	if other, ok := b.from[g]; ok {
		return fmt.Sprintf("%s stands for %s since an earlier answer", got.Plain, other)
	}
	b.to[r], b.from[g] = got.Plain, rec.Plain
	b.log = append(b.log, func() { delete(b.to, r); delete(b.from, g) })
	return ""
}

// replayDay is the maximum distance of the target's generated times from the start of a replay: a
// time of the recording's day becomes one of the replay's day, in any time zone.
const replayDay = 26 * time.Hour

func (b *binding) ofThisReplay(got scan.Token) bool {
	switch got.Shape {
	case scan.Time:
		ms, ok := got.Instant()
		return ok && utc(ms).Sub(b.now).Abs() < replayDay
	case scan.Date:
		day, err := time.Parse(time.DateOnly, got.Plain)
		return err == nil && day.Add(12*time.Hour).Sub(b.now).Abs() < replayDay+12*time.Hour
	}
	return true
}
