package contracts

import (
	"fmt"
	"strings"
	"time"
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

// key identifies a value among all values of its shape. UUIDs are equal in upper and lower case,
// times in any zone and precision.
func (t token) key() string {
	if t.resolution != nil {
		return t.resolution.key
	}
	switch t.shape {
	case uuidShape:
		return "u" + strings.ToLower(t.plain)
	case timeShape:
		if ms, ok := t.instant(); ok {
			return fmt.Sprint("t", ms)
		}
	}
	return string('a'+t.shape) + ":" + t.plain
}

// isGenerated reports whether the server made the value.
func (b *binding) isGenerated(t token) bool {
	switch t.shape {
	case uuidShape:
		return t.plain != nilUUID && !b.literals[t.key()]
	case timeShape:
		return (b.ofTheDay(t) || b.foreign) && !b.literals[t.key()]
	case dateShape:
		return t.plain == b.day && !b.literals[t.key()]
	case hexShape, jwtShape, standInShape:
		return !b.literals[t.key()]
	}
	return false
}

// nilUUID means no value and is never generated.
const nilUUID = "00000000-0000-0000-0000-000000000000"

func (b *binding) ofTheDay(t token) bool {
	ms, ok := t.instant()
	return ok && (t.plain[:10] == b.day || utc(ms).Format(time.DateOnly) == b.day)
}

// literal makes every value in a text literal, unless it is bound already: the side that names a
// value first has created it. Recorded requests and the seed pass through here.
func (b *binding) literal(s string) {
	for _, t := range scan(s) {
		if t.shape == cursorShape {
			plain, _, _ := decodeCursor(t.plain)
			b.literal(plain)
			continue
		}
		key := t.key()
		if b.literals[key] || b.bound(t) {
			continue
		}
		b.addLiteral(key)
		if t.shape == dateShape { // a client's day is returned as its midnight
			b.addLiteral(token{shape: timeShape, plain: t.plain + "T00:00:00Z"}.key())
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

func (b *binding) bound(t token) bool {
	if t.shape == timeShape {
		ms, _ := t.instant()
		_, ok := b.findTime(ms)
		return ok
	}
	return b.to[t.key()] != ""
}

// bind maps a recorded value to the target's, or returns why it cannot.
func (b *binding) bind(rec, got token, at moment) (why string) {
	if why := sameForm(rec, got); why != "" {
		return why
	}
	if done, why := b.bindForeign(rec, got, at); done {
		return why
	}
	if b.literals[got.key()] {
		return fmt.Sprintf(
			"the recorded server made a new value, the target gave %s, which a request or the seed had named before",
			got.plain)
	}
	if b.live && rec.shape == timeShape && rec.key() == got.key() && b.before(got) {
		return "" // the real service is the recorded workspace, and has had this since it was set up
	}
	if !b.ofThisReplay(got) {
		return fmt.Sprintf("the recorded server took the time of day, the target gave %s", got.plain)
	}
	if rec.shape == timeShape {
		return b.bindTime(rec, got, at)
	}
	r, g := rec.key(), got.key()
	if known, ok := b.to[r]; ok {
		if known != got.plain {
			return fmt.Sprintf("%s stands for %s since an earlier answer", known, rec.plain)
		}
		return ""
	}
	if other, ok := b.from[g]; ok {
		return fmt.Sprintf("%s stands for %s since an earlier answer", got.plain, other)
	}
	b.to[r], b.from[g] = got.plain, rec.plain
	b.log = append(b.log, func() { delete(b.to, r); delete(b.from, g) })
	return ""
}

// replayDay is the maximum distance of the target's generated times from the start of a replay: a
// time of the recording's day becomes one of the replay's day, in any time zone.
const replayDay = 26 * time.Hour

func (b *binding) ofThisReplay(got token) bool {
	switch got.shape {
	case timeShape:
		ms, ok := got.instant()
		return ok && utc(ms).Sub(b.now).Abs() < replayDay
	case dateShape:
		day, err := time.Parse(time.DateOnly, got.plain)
		return err == nil && day.Add(12*time.Hour).Sub(b.now).Abs() < replayDay+12*time.Hour
	}
	return true
}

// sameForm compares the parts of a generated value that are not random.
func sameForm(rec, got token) string {
	if rec.shape != got.shape {
		return fmt.Sprintf("recorded %s, got %s", rec.shape, got.shape)
	}
	switch rec.shape {
	case uuidShape: // the version is the method of generation, the case the spelling
		if rec.plain[14] != got.plain[14] {
			return fmt.Sprintf("recorded a UUID of version %c, got version %c", rec.plain[14], got.plain[14])
		}
		if !strings.ContainsRune("89abAB", rune(got.plain[19])) ||
			lettersOf(rec.plain)|lettersOf(got.plain) == bothCases {
			return "another spelling of a UUID"
		}
	case hexShape:
		if len(rec.plain) != len(got.plain) || lettersOf(rec.plain)|lettersOf(got.plain) == bothCases {
			return fmt.Sprintf("recorded %d hex digits, got %d, or in other case", len(rec.plain), len(got.plain))
		}
	case timeShape:
		if rec.layout() != got.layout() {
			return fmt.Sprintf("recorded a time spelled %s, got %s", rec.layout(), got.layout())
		}
	}
	return ""
}

const bothCases = 3

// lettersOf returns the case of letters: 1 lower, 2 upper, 3 both, 0 none.
func lettersOf(s string) (found int) {
	for i := range len(s) {
		switch {
		case s[i] >= 'a' && s[i] <= 'z':
			found |= 1
		case s[i] >= 'A' && s[i] <= 'Z':
			found |= 2
		}
	}
	return found
}

// layout returns the layout of a time.
func (t token) layout() string {
	if t.resolution != nil {
		return t.resolution.layout
	}
	return layout(t.plain)
}

// layout returns a time with all digits replaced by one. Four to six fractional digits count as
// six, because servers that write microseconds drop trailing zeros.
func layout(s string) string {
	var b strings.Builder
	zone := strings.LastIndexAny(s, "Z+-")
	if zone < 11 {
		zone = len(s)
	}
	clock, fraction, _ := strings.Cut(s[:zone], ".")
	for _, c := range clock {
		if c >= '0' && c <= '9' {
			c = '0'
		}
		b.WriteRune(c)
	}
	if n := len(fraction); n > 3 && n <= 6 && !strings.HasSuffix(fraction, "0") {
		fraction = "micros"
	} else if n == 6 {
		fraction = "micros"
	} else if n > 0 {
		fraction = strings.Repeat("0", n)
	}
	return b.String() + "." + fraction + s[zone:]
}
