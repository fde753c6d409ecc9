package world

import (
	"time"

	"github.com/afba07b5/mockserver/fake/fault"
	"github.com/afba07b5/mockserver/fake/journal"
	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/fake/webhook"
)

// Event is something that happened in a world. Data depends on Kind: a *journal.Entry for "request", a RowChange for
// "row", a webhook.Delivery for "delivery", a ClockChange for "clock", a fault.Change for "fault", a Job for "job" and
// a Change for "world".
type Event struct {
	Kind  string
	World string
	Fake  string // "" for what concerns the whole world
	Entry int    // the position in the journal of the request that caused it; 0 for none
	At    time.Time
	Data  any
}

// RowChange is a changed row of a table.
type RowChange struct {
	Table string
	table.Change
}

// ClockChange is the time that a clock was moved to.
type ClockChange struct {
	Now    time.Time `json:"now"`
	Frozen bool      `json:"frozen"`
}

// Change is what was done to a world as a whole: made, forked, loaded, changed, reset, rewound or dropped.
type Change struct {
	Action string `json:"action"`
	From   string `json:"from,omitempty"`   // the world that was forked
	Undone int    `json:"undone,omitempty"` // how many writes a rewind undid
}

// Observe sets the function that is called with every event of every world; nil removes it. The observer
// runs while locks are held: it must not block and must not call the worlds.
func (u *Worlds) Observe(observer func(Event)) {
	if observer == nil {
		u.observer.Store(nil)
		return
	}
	u.observer.Store(&observer)
}

// OnRequest sets the function that is called with every request once its answer is known. It runs before the
// answer is sent and must not block. It is set once, before the first request.
func (u *Worlds) OnRequest(do func(*World, *journal.Entry)) { u.onRequest = do }

// OnRefusedDelivery sets the function that is called with every webhook to an address that is not
// allowed. It must not block, and is set once, before the first request.
func (u *Worlds) OnRefusedDelivery(do func(w *World, fake string, d webhook.Delivery)) {
	u.onRefused = do
}

// Record keeps a request in the world's journal and reports it to those who watch.
func (w *World) Record(e *journal.Entry) {
	w.Journal.Add(e)
	if w.scratch {
		return
	}
	if do := w.worlds.onRequest; do != nil {
		do(w, e)
	}
	w.publish(Event{Kind: "request", Fake: e.Fake, Entry: e.Position, At: e.At, Data: e})
}

// publish hands an event to the observer, if there is one.
func (w *World) publish(e Event) {
	observer := w.worlds.observer.Load()
	if observer == nil || w.Name == "" || w.scratch {
		return
	}
	e.World = w.Name
	if e.At.IsZero() {
		e.At = w.Clock.Now()
	}
	(*observer)(e)
}

func (w *World) publishChange(action string) {
	w.publish(Event{Kind: "world", Data: Change{Action: action}})
}

func (w *World) publishClock() {
	if w.worlds.observer.Load() != nil {
		w.publish(Event{Kind: "clock", Data: ClockChange{w.Clock.Now(), w.Clock.Frozen()}})
	}
}

// publishFault is the fault.Set's OnChange.
func (w *World) publishFault(c fault.Change) {
	w.publish(Event{Kind: "fault", Fake: c.Rule.Fake, Data: c})
}

// publishRows reports the rows that a committed write changed. The State's lock must be held.
func (w *World) publishRows(s *State, done *change, entry int) {
	if w.worlds.observer.Load() == nil {
		return
	}
	for t, before := range done.before {
		if s.tables[t.Name()] != t || t.Name()[0] == '_' {
			continue
		}
		for _, c := range t.Changes(before, nil) {
			w.publish(Event{Kind: "row", Fake: s.fake.Name, Entry: entry, Data: RowChange{t.Name(), c}})
		}
	}
}

// mostJobEvents bounds the events of one move of the clock.
const mostJobEvents = 200

// publishJobs reports the jobs that a move of the clock ran, the first of them where there are many.
func (w *World) publishJobs(ran []Job) {
	for _, job := range ran[:min(len(ran), mostJobEvents)] {
		w.publish(Event{Kind: "job", Fake: job.Fake, At: job.Due, Data: job})
	}
}
