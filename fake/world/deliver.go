package world

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/afba07b5/mockserver/fake/webhook"
)

const (
	deliverJob     = "_deliver"
	keptDeliveries = 1000
)

// Deliver queues a webhook request; it leaves once the current write is committed. The newest thousand stay
// in the log. An answer from 200 to 299 is a success.
func (s *State) Deliver(d webhook.Delivery) {
	d.ID, d.Made, d.State = s.NewID(), s.Now(), "queued"
	if _, err := s.mail.Insert(d); err != nil {
		panic(err) // identifiers are unique
	}
	for s.mail.Len() > keptDeliveries {
		for oldest := range s.mail.All() {
			s.mail.Delete(oldest.ID)
			break
		}
	}
	s.After(func() { s.send(d) })
}

// Deliveries returns the log of webhook deliveries, oldest first.
func (s *State) Deliveries() (all []webhook.Delivery) {
	s.View(func() { all = slices.Collect(s.mail.All()) })
	return all
}

func (s *State) redeliver(data json.RawMessage) error {
	var id string
	if err := json.Unmarshal(data, &id); err != nil {
		return err
	}
	if d, ok := s.mail.Find(id); ok {
		s.After(func() { s.send(d) })
	}
	return nil
}

func (s *State) send(d webhook.Delivery) {
	s.world.universe.sender.Send(d, func(status int, err error) { s.note(d.ID, status, err) })
}

// note writes the outcome into the log and, where the vendor tries again, plans the next attempt.
func (s *State) note(id string, status int, problem error) {
	err := s.Change(func() error {
		if _, ok := s.mail.Find(id); !ok {
			return nil // the log or the world has moved on
		}
		_, err := s.mail.Update(id, func(d webhook.Delivery) (webhook.Delivery, error) {
			d.Attempts++
			d.Status, d.Problem, d.State = status, "", "delivered"
			if problem != nil {
				d.Problem, d.State = problem.Error(), "failed"
			} else if status < 200 || status > 299 {
				d.State = "failed"
			}
			if errors.Is(problem, webhook.ErrTarget) {
				d.State = "refused"
			}
			if d.State == "failed" && d.Attempts <= len(d.Retries) {
				d.State = "waiting"
				s.ScheduleJob(s.Now().Add(d.Retries[d.Attempts-1]), deliverJob, id)
			}
			return d, nil
		})
		return err
	})
	if err != nil {
		s.world.universe.bug(err)
	}
}

// Settle waits until no webhook request is under way, or ctx ends. Retries that wait for the clock do not count.
func (u *Worlds) Settle(ctx context.Context) error { return u.sender.Settle(ctx) }
