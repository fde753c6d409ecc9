package world

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/afba07b5/mockserver/fake/table"
)

// Job is a piece of work that falls due at a time of the world's clock. Its kind names the function that
// State.Runs gave; its data is plain, so that forks, undo and saved states carry it.
type Job struct {
	ID   string          `json:"id"`
	Fake string          `json:"fake"`
	Kind string          `json:"kind"`
	Due  time.Time       `json:"due"`
	Data json.RawMessage `json:"data"`
}

// RegisterJob says what a kind of job does. It runs as a write at the time the job was due; an error is a bug of
// the fake: it undoes the job and drops it.
func (s *State) RegisterJob(kind string, do func(data json.RawMessage) error) { s.runs[kind] = do }

// ScheduleJob has a job of that kind run when the clock reaches due, before any later request is answered. data is
// kept as JSON. It returns the job's identifier, for Cancel. It belongs to the write that calls it.
func (s *State) ScheduleJob(due time.Time, kind string, data any) string {
	if s.runs[kind] == nil {
		panic("world: no job of kind " + kind) // a mistake in Go, never input
	}
	job := Job{ID: s.NewID(), Fake: s.fake.Name, Kind: kind, Due: due, Data: table.Encode(data)}
	if _, err := s.jobs.Insert(job); err != nil {
		panic(err) // identifiers are unique
	}
	return job.ID
}

// Cancel drops a job that has not run yet.
func (s *State) Cancel(id string) { s.jobs.Delete(id) }

// next returns the job that is due first, up to a time; those due together run in the order they were made.
func (s *State) next(until time.Time) (first Job, ok bool) {
	for job := range s.jobs.All() {
		if !job.Due.After(until) && (!ok || job.Due.Before(first.Due)) {
			first, ok = job, true
		}
	}
	return first, ok
}

// maxJobsPerRun bounds how many jobs run at one go; more means that a job plans itself again and again.
const maxJobsPerRun = 100_000

// run runs one job as a write. The lock must be held.
func (s *State) run(job Job) (err error) {
	done := s.write(job.Due, func() (undo bool) {
		err = s.do(job)
		return err != nil
	})
	if err != nil {
		s.jobs.Delete(job.ID)
		err = fmt.Errorf("%s: job %s of kind %s: %w", job.Fake, job.ID, job.Kind, err)
		s.world.universe.bug(err)
	}
	s.world.recordMoment(s, done, 0)
	if done != nil {
		s.later = append(s.later, done.after...)
	}
	return err
}

// runDue runs what fell due until now. The lock must be held.
func (s *State) runDue() (ran []Job) {
	now := s.world.Clock.Now()
	for range maxJobsPerRun {
		job, ok := s.next(now)
		if !ok {
			break
		}
		s.run(job)
		ran = append(ran, job)
	}
	return ran
}

// takeLater returns what jobs left to do until the lock is released.
func (s *State) takeLater() []func() {
	later := s.later
	s.later = nil
	return later
}

// Freeze stops the world's clock at a time.
func (w *World) Freeze(t time.Time) {
	states, unlock := w.lockAll()
	defer unlock()
	w.put(states, t, true)
}

// put moves the clock of states that are locked. Where it goes back, the fakes plan anew.
func (w *World) put(states []*State, t time.Time, frozen bool) {
	w.changes.Add(1)
	back := t.Before(w.Clock.Now())
	w.Clock.Set(t, frozen)
	for _, s := range states {
		if back {
			w.recordMoment(s, s.replan(), 0)
		}
	}
}

// replan runs Fake.Begin again. The lock must be held.
func (s *State) replan() *change {
	if s.fake.Begin == nil {
		return nil
	}
	return s.write(s.world.Clock.Now(), func() bool {
		s.fake.Begin(s)
		return false
	})
}

// Thaw lets the clock run on from where it stands.
func (w *World) Thaw() {
	w.changes.Add(1)
	if w.Clock.Frozen() {
		w.Clock.Set(w.Clock.Now(), false)
	}
}
