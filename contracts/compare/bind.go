package compare

import (
	"fmt"
	"time"

	"github.com/afba07b5/mockserver/contracts/scan"
)

// Binding is the renaming of one case: it maps recorded values to the target's.
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
type Binding struct {
	Day      string    // day of the recording; times of other days are literal
	Now      time.Time // the target's time at the start of the replay
	Literals map[string]bool
	Seed     map[string]bool     // literals that the target had before the conversation
	Live     bool                // the target's earlier content is unknown
	Home     bool                // the target is the recorded workspace
	Foreign  bool                // the target is another workspace than the recorded one
	counters map[string]timePair // by key of a counter of a workspace: recorded value, target's value
	// identifiers of the target's seed that are bound to recorded ones of another workspace
	seeded   map[string]bool
	To, From map[string]string     // recorded → target's and back; keys include the shape
	kinds    map[string]string     // placeholder of a hand-written case → kind
	zone     string                // of the times of a hand-written case
	Derived  map[string]Derivation // by key of an object
	times    times
	lagging  times                    // times set by background work
	expiries map[time.Duration]*times // times at a fixed span after their request
	log      []func()                 // undo functions, newest last
	cache    cache
}

// NewBinding returns a binding without values for a conversation that was recorded on a day.
func NewBinding(day string) *Binding {
	return &Binding{Day: day, Literals: map[string]bool{}, To: map[string]string{}, From: map[string]string{},
		kinds: map[string]string{}}
}

// Mark returns the state of the binding, to which Undo returns.
func (b *Binding) Mark() int { return len(b.log) }

// Undo takes back what was bound since a mark, such as by a failed attempt.
func (b *Binding) Undo(mark int) {
	for len(b.log) > mark {
		b.log[len(b.log)-1]()
		b.log = b.log[:len(b.log)-1]
	}
}

// IsGenerated reports whether the server made the value.
func (b *Binding) IsGenerated(t scan.Token) bool {
	switch t.Shape {
	case scan.UUID:
		return t.Plain != NilUUID && !b.Literals[t.Key()]
	case scan.Time:
		return (b.ofTheDay(t) || b.Foreign) && !b.Literals[t.Key()]
	case scan.Date:
		return t.Plain == b.Day && !b.Literals[t.Key()]
	case scan.Hex, scan.JWT, scan.StandIn:
		return !b.Literals[t.Key()]
	}
	return false
}

// NilUUID means no value and is never generated.
const NilUUID = "00000000-0000-0000-0000-000000000000"

func (b *Binding) ofTheDay(t scan.Token) bool {
	ms, ok := t.Instant()
	return ok && (t.Plain[:10] == b.Day || utc(ms).Format(time.DateOnly) == b.Day)
}

// Literal makes every value in a text literal, unless it is bound already: the side that names a
// value first has created it. Recorded requests and the seed pass through here.
func (b *Binding) Literal(s string) {
	for _, t := range scan.Tokens(s) {
		if t.Shape == scan.Cursor {
			plain, _, _ := scan.DecodeCursor(t.Plain)
			b.Literal(plain)
			continue
		}
		key := t.Key()
		if b.Literals[key] || b.Bound(t) {
			continue
		}
		b.addLiteral(key)
		if t.Shape == scan.Date { // a client's day is returned as its midnight
			b.addLiteral(scan.Token{Shape: scan.Time, Plain: t.Plain + "T00:00:00Z"}.Key())
		}
	}
}

func (b *Binding) addLiteral(key string) {
	if b.Literals[key] {
		return
	}
	b.Literals[key] = true
	b.log = append(b.log, func() { delete(b.Literals, key) })
}

// Bound reports whether a recorded value has one of the target's.
func (b *Binding) Bound(t scan.Token) bool {
	if t.Shape == scan.Time {
		ms, _ := t.Instant()
		_, ok := b.findTime(ms)
		return ok
	}
	return b.To[t.Key()] != ""
}

// bind maps a recorded value to the target's, or returns why it cannot.
func (b *Binding) bind(rec, got scan.Token, at Moment) (why string) {
	if why := scan.SameForm(rec, got); why != "" {
		return why
	}
	if done, why := b.bindForeign(rec, got, at); done {
		return why
	}
	if b.Literals[got.Key()] {
		return fmt.Sprintf(
			"the recorded server made a new value, the target gave %s, which a request or the seed had named before",
			got.Plain)
	}
	if b.Live && rec.Shape == scan.Time && rec.Key() == got.Key() && b.before(got) {
		return "" // the real service is the recorded workspace, and has had this since it was set up
	}
	if !b.ofThisReplay(got) {
		return fmt.Sprintf("the recorded server took the time of day, the target gave %s", got.Plain)
	}
	if rec.Shape == scan.Time {
		return b.bindTime(rec, got, at)
	}
	r, g := rec.Key(), got.Key()
	if known, ok := b.To[r]; ok {
		if known != got.Plain {
			return fmt.Sprintf("%s stands for %s since an earlier answer", known, rec.Plain)
		}
		return ""
	}
	if other, ok := b.From[g]; ok {
		return fmt.Sprintf("%s stands for %s since an earlier answer", got.Plain, other)
	}
	b.To[r], b.From[g] = got.Plain, rec.Plain
	b.log = append(b.log, func() { delete(b.To, r); delete(b.From, g) })
	return ""
}

// replayDay is the maximum distance of the target's generated times from the start of a replay: a
// time of the recording's day becomes one of the replay's day, in any time zone.
const replayDay = 26 * time.Hour

func (b *Binding) ofThisReplay(got scan.Token) bool {
	switch got.Shape {
	case scan.Time:
		ms, ok := got.Instant()
		return ok && utc(ms).Sub(b.Now).Abs() < replayDay
	case scan.Date:
		day, err := time.Parse(time.DateOnly, got.Plain)
		return err == nil && day.Add(12*time.Hour).Sub(b.Now).Abs() < replayDay+12*time.Hour
	}
	return true
}
