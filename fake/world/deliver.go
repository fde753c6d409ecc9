package world

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/afba07b5/mockserver/fake/webhook"
)

const (
	deliverJob     = "_deliver"
	keptDeliveries = 1000
)

// Deliver queues a webhook request. It leaves once the current write is committed. The log keeps
// the newest thousand deliveries that fit into Options.DeliveryBytes. A status from 200 to 299
// counts as success.
func (s *State) Deliver(d webhook.Delivery) {
	d.ID, d.Made, d.Entry, d.State = s.NewID(), s.Now(), s.entry, "queued"
	d.Node = s.world.worlds.node()
	times := s.varyDelivery(&d)
	if _, err := s.mail.Insert(d); err != nil {
		panic(err) // identifiers are unique
	}
	limit := s.world.worlds.options.DeliveryBytes
	for s.mail.Len() > keptDeliveries || s.mail.Untyped().Held() > limit && s.mail.Len() > 1 {
		for oldest := range s.mail.All() {
			s.mail.Delete(oldest.ID)
			break
		}
		s.mailDropped++
	}
	s.After(func() {
		s.publishDelivery(d)
		for range times {
			s.send(d)
		}
	})
}

// Deliveries returns the log of webhook deliveries, oldest first.
func (s *State) Deliveries() (all []webhook.Delivery) {
	s.View(func() { all = slices.Collect(s.mail.All()) })
	return all
}

// Redeliver sends a delivery of the log again, with the body and the header that it had.
func (s *State) Redeliver(id string) (d webhook.Delivery, err error) {
	err = s.Change(func() (err error) {
		if d, err = s.mail.Get(id); err != nil {
			return err
		}
		if d.State == "queued" {
			return fmt.Errorf("delivery %s is under way", id)
		}
		d.State, d.Node = "queued", s.world.worlds.node()
		s.After(func() { s.publishDelivery(d); s.send(d) })
		return s.mail.Set(d)
	})
	return d, err
}

func (s *State) redeliver(data json.RawMessage) error {
	var id string
	if err := json.Unmarshal(data, &id); err != nil {
		return err
	}
	d, ok := s.mail.Find(id)
	if !ok || d.State != "waiting" {
		return nil
	}
	s.After(func() { s.send(d) })
	if !s.world.Stored() {
		return nil
	}
	d.State, d.Node = "queued", s.world.worlds.node() // others send it if this process ends
	return s.mail.Set(d)
}

// outcomes holds the outcomes of deliveries. Undo does not touch it, because a sent request cannot
// be unsent. It is safe for concurrent use.
type outcomes struct {
	mu       sync.Mutex
	underWay map[string]bool
	known    map[string]webhook.Delivery
}

func (o *outcomes) begin(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.underWay[id] = true
}

func (o *outcomes) end(d webhook.Delivery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.underWay, d.ID)
	if d.Attempts == 0 {
		return
	}
	if len(o.known) >= 2*keptDeliveries {
		clear(o.known) // the log is shorter; a rewind that far cancels the deliveries
	}
	o.known[d.ID] = d
}

func (o *outcomes) of(id string) (d webhook.Delivery, known, underWay bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	d, known = o.known[id]
	return d, known, o.underWay[id]
}

func (s *State) send(d webhook.Delivery) {
	if s.world.scratch {
		return
	}
	s.outcomes.begin(d.ID)
	s.world.queue.Send(d, func() bool { return s.wants(d.ID) }, func(o webhook.Outcome) { s.note(d.ID, o) })
}

// wants reports whether a queued delivery is still to be sent. A rewind, a reset or the end of the
// world cancels it.
func (s *State) wants(id string) (wanted bool) {
	now := s.latest()
	now.View(func() {
		d, ok := now.mail.Find(id)
		wanted = ok && (!s.world.Stored() || d.State == "queued" && d.Node == s.world.worlds.node())
	})
	if wanted = wanted && now.current(); !wanted {
		s.outcomes.end(webhook.Delivery{ID: id})
	}
	return wanted
}

// latest returns the State that has replaced this one, if the changes of another process did.
func (s *State) latest() *State {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if now := s.world.states[s.fake.Name]; now != nil && s.world.Stored() {
		return now
	}
	return s
}

// current reports whether the world still uses this State.
func (s *State) current() bool {
	w := s.world
	w.worlds.mu.RLock()
	dropped := w.dropped
	w.worlds.mu.RUnlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	return !dropped && w.states[s.fake.Name] == s
}

// reconcile updates the log of deliveries after its rows were restored from an earlier moment or
// another world. Deliveries sent since then get their outcome; deliveries that will never be sent
// become cancelled. The caller must hold the lock.
func (s *State) reconcile() {
	for _, d := range slices.Collect(s.mail.All()) {
		now, known, underWay := s.outcomes.of(d.ID)
		switch {
		case underWay:
			continue
		case known && now.Attempts > d.Attempts:
			d = now
			s.retryLater(d)
		case d.State == "queued":
			d.State, d.Problem = "cancelled", "the world was reset or rewound before the delivery was sent"
		default:
			continue
		}
		if err := s.mail.Set(d); err != nil {
			s.world.worlds.ReportBug(err)
		}
	}
}

// retryLater schedules the next attempt of a delivery whose State is waiting.
func (s *State) retryLater(d webhook.Delivery) {
	if d.State == "waiting" {
		s.ScheduleJob(s.Now().Add(d.Retries[d.Attempts-1]), deliverJob, d.ID)
	}
}

// note writes the outcome of an attempt into the log and schedules the next attempt if the vendor
// retries.
func (s *State) note(id string, o webhook.Outcome) {
	if s.world.Stored() && errors.Is(o.Err, context.Canceled) {
		return // this process stops; another one sends it
	}
	var err error
	turn := Turn{Writes: true, Do: func() { err = s.latest().noteOutcome(id, o) }}
	if s.world.Use(&turn) != nil { // the store is away
		time.AfterFunc(noteAgain, func() { s.note(id, o) })
		return
	}
	if err != nil {
		s.world.worlds.ReportBug(err)
	}
}

// noteAgain is how long an outcome waits for a store that is away.
const noteAgain = time.Second

func (s *State) noteOutcome(id string, o webhook.Outcome) error {
	return s.Change(func() error {
		d, ok := s.mail.Find(id)
		if !ok || !s.current() {
			s.outcomes.end(webhook.Delivery{ID: id})
			return nil // the log or the world has moved on
		}
		d = d.After(s.Now(), o)
		err := s.mail.Set(d)
		s.retryLater(d)
		s.outcomes.end(d)
		s.After(func() { s.publishDelivery(d) })
		if do := s.world.worlds.onRefused; do != nil && d.State == "refused" {
			do(s.world, s.fake.Name, d)
		}
		return err
	})
}

func (s *State) publishDelivery(d webhook.Delivery) {
	s.world.publish(Event{Kind: "delivery", Fake: s.fake.Name, Data: d})
}

// Queue returns the status of the world's delivery queue.
func (w *World) Queue() webhook.QueueStatus { return w.queue.Status() }

// Forward sends a request to a host that webhooks may reach and returns its answer.
func (u *Worlds) Forward(r *http.Request, timeout time.Duration) (*http.Response, error) {
	return u.sender.Forward(r, timeout)
}

// SetListeners sets the addresses of the server's own listeners. Webhooks to them are rejected.
func (u *Worlds) SetListeners(addresses []net.Addr) { u.sender.SetOwn(addresses) }

// Settle waits until no webhook request is in flight or ctx is done. It does not wait for retries
// that the world's clock has not reached.
func (u *Worlds) Settle(ctx context.Context) error { return u.sender.Settle(ctx) }
