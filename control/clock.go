package control

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/clock"
)

// duration is a time.Duration that JSON writes as Go does ("1h30m") or as a number of milliseconds.
type duration time.Duration

func (d *duration) UnmarshalJSON(text []byte) error {
	var n float64
	if json.Unmarshal(text, &n) == nil {
		if math.Abs(n) >= math.MaxInt64/float64(time.Millisecond) {
			return badRequest("a duration is at most %s", time.Duration(math.MaxInt64))
		}
		*d = duration(n * float64(time.Millisecond))
		return nil
	}
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return badRequest("a duration is text like \"1h30m\" or a number of milliseconds")
	}
	v, err := time.ParseDuration(s)
	if err != nil {
		return badRequest("duration %q: expected like \"250ms\", \"90s\", \"48h\"", s)
	}
	*d = duration(v)
	return nil
}

func (d duration) span() time.Duration { return time.Duration(d) }

func (d duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.span().String()) }

// readTime parses an RFC 3339 time, or a day.
func readTime(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05Z07:00", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, checkTime(t)
		}
	}
	return time.Time{}, badRequest("time %q: expected like 2026-04-01T09:00:00Z or 2026-04-01", text)
}

// checkTime returns an error for a time outside the range of a clock.
func checkTime(t time.Time) error {
	if t.Before(clock.Earliest) || t.After(clock.Latest) {
		return badRequest("a clock goes from %s to %s", clock.Earliest.Format(time.RFC3339),
			clock.Latest.Format(time.RFC3339))
	}
	return nil
}

// clockOrder is the body of all requests that move a clock; each route uses some of the fields.
type clockOrder struct {
	Time   string   `json:"time"`   // the new time
	By     duration `json:"by"`     // the distance to move
	Frozen *bool    `json:"frozen"` // whether the clock then stops
}

// shown is how many jobs an answer lists from the start and from the end, and the maximum of a
// page.
const shown = 100

// clockView lists up to twice shown jobs; of more it lists the first and the last, and counts all.
func clockView(w *fake.World, ran []fake.Job) map[string]any {
	counts := map[string]map[string]int{}
	for _, job := range ran {
		if counts[job.Fake] == nil {
			counts[job.Fake] = map[string]int{}
		}
		counts[job.Fake][job.Kind]++
	}
	view := map[string]any{"world": w.Name, "now": w.Clock.Now(), "frozen": w.Clock.Frozen(), "total": len(ran),
		"counts": counts}
	if len(ran) > 2*shown {
		view["last"] = ran[len(ran)-shown:]
		view["more"] = fmt.Sprintf("%s/worlds/%s/clock/ran?offset=%d", Prefix, w.Name, shown)
		ran = ran[:shown]
	}
	view["ran"] = append([]fake.Job{}, ran...)
	return view
}

// clockRan answers with a page of the jobs that the last move of the clock ran.
func (c *call) clockRan() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	ran := w.Ran()
	p, err := c.paging(shown)
	if err != nil {
		return nil, err
	}
	p.offset, p.limit = min(p.offset, len(ran)), min(p.limit, 100*shown)
	return map[string]any{"world": w.Name, "total": len(ran), "offset": p.offset,
		"ran": append([]fake.Job{}, page(ran, p)...)}, nil
}

func (c *call) clock() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	return clockView(w, nil), nil
}

// moveClock decodes the order and calls move with it.
func (c *call) moveClock(move func(*fake.World, clockOrder, time.Time) ([]fake.Job, error)) (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	var order clockOrder
	if err := c.decode(&order); err != nil {
		return nil, err
	}
	at := w.Clock.Now()
	if order.Time != "" {
		if at, err = readTime(order.Time); err != nil {
			return nil, err
		}
	}
	ran, err := move(w, order, at)
	if err != nil {
		return nil, err
	}
	return clockView(w, ran), nil
}

func (c *call) putClock() (any, error) {
	return c.moveClock(func(w *fake.World, o clockOrder, at time.Time) (ran []fake.Job, err error) {
		if o.By != 0 || o.Time == "" && o.Frozen == nil {
			return nil, badRequest("set time, frozen or both; POST clock/advance moves by a duration")
		}
		if o.Time != "" {
			ran = w.Set(at)
		}
		if o.Frozen != nil && *o.Frozen {
			w.Freeze(at)
		} else if o.Frozen != nil {
			w.Thaw()
		}
		return ran, nil
	})
}

func (c *call) freezeClock() (any, error) {
	return c.moveClock(func(w *fake.World, o clockOrder, at time.Time) ([]fake.Job, error) {
		ran := w.Set(at)
		w.Freeze(at)
		return ran, nil
	})
}

func (c *call) thawClock() (any, error) {
	return c.moveClock(func(w *fake.World, _ clockOrder, _ time.Time) ([]fake.Job, error) {
		w.Thaw()
		return nil, nil
	})
}

func (c *call) setClock() (any, error) {
	return c.moveClock(func(w *fake.World, o clockOrder, at time.Time) ([]fake.Job, error) {
		if o.Time == "" {
			return nil, badRequest("say the time, like {\"time\":\"2026-04-01T09:00:00Z\"}")
		}
		return w.Set(at), nil
	})
}

func (c *call) advanceClock() (any, error) {
	return c.moveClock(func(w *fake.World, o clockOrder, _ time.Time) ([]fake.Job, error) {
		if o.By <= 0 {
			return nil, badRequest("set the duration, like {\"by\":\"48h\"}")
		}
		at := w.Clock.Now().Add(o.By.span())
		if err := checkTime(at); err != nil {
			return nil, err
		}
		return w.Set(at), nil
	})
}
