package world

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/afba07b5/mockserver/fake/table"
)

// Job is work that falls due at a time of the world's clock. Kind names a function given to
// State.RegisterJob. The data is plain JSON, so that forks, undo and saved states carry it.
type Job struct {
	ID   string          `json:"id"`
	Fake string          `json:"fake"`
	Kind string          `json:"kind"`
	Due  time.Time       `json:"due"`
	Data json.RawMessage `json:"data"`
}

// RegisterJob sets the function that runs jobs of a kind. Each job runs as a write at the job's due
// time. An error is a bug of the fake; it undoes the job and drops it.
func (s *State) RegisterJob(kind string, do func(data json.RawMessage) error) { s.runs[kind] = do }

// ScheduleJob schedules a job that runs when the clock reaches due, before any later request is
// answered. It stores data as JSON and returns the job's identifier for Cancel. The job is part of
// the current write and is undone with it.
func (s *State) ScheduleJob(due time.Time, kind string, data any) string {
	if s.runs[kind] == nil {
		panic("world: no job of kind " + kind) // a programming error, not input
	}
	job := Job{ID: s.NewID(), Fake: s.fake.Name, Kind: kind, Due: due, Data: table.Encode(data)}
	if _, err := s.jobs.Insert(job); err != nil {
		panic(err) // identifiers are unique
	}
	return job.ID
}

// Cancel drops a job that has not run yet.
func (s *State) Cancel(id string) { s.jobs.Delete(id) }

// next returns the first job that is due by until. Jobs with the same due time run in the order in
// which they were scheduled.
func (s *State) next(until time.Time) (first Job, ok bool) {
	for job := range s.jobs.All() {
		if !job.Due.After(until) && (!ok || job.Due.Before(first.Due)) {
			first, ok = job, true
		}
	}
	return first, ok
}

// maxJobsPerRun bounds the jobs of one run. Reaching it means that a job keeps rescheduling itself.
const maxJobsPerRun = 100_000

// run runs one job as a write. The caller must hold the lock.
func (s *State) run(job Job) (err error) {
	done := s.write(job.Due, func() (undo bool) {
		err = s.do(job)
		return err != nil
	})
	if err != nil {
		s.jobs.Delete(job.ID)
		err = fmt.Errorf("%s: job %s of kind %s: %w", job.Fake, job.ID, job.Kind, err)
		s.world.worlds.ReportBug(err)
	}
	s.world.recordMoment(s, done, 0)
	if done != nil {
		s.later = append(s.later, done.after...)
	}
	return err
}

// runDue runs the jobs that are due now. The caller must hold the lock.
func (s *State) runDue() {
	now := s.world.Clock.Now()
	for range maxJobsPerRun {
		job, ok := s.next(now)
		if !ok {
			break
		}
		s.run(job)
		s.world.publishJobs([]Job{job})
	}
}

// takeLater returns the functions that jobs passed to After and clears the list.
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

// put sets the clocks of locked states. If the clock moves back, it calls Fake.Begin again.
func (w *World) put(states []*State, t time.Time, frozen bool) {
	w.changes.Add(1)
	back := t.Before(w.Clock.Now())
	w.Clock.Set(t, frozen)
	w.publishClock()
	for _, s := range states {
		if back && s.fake.Begin != nil {
			w.recordMoment(s, s.replan(time.Time{}), 0)
		}
	}
}

// replan drops the jobs that are due at a time and runs Fake.Begin again. The caller must hold the lock.
func (s *State) replan(due time.Time) *change {
	return s.write(s.world.Clock.Now(), func() bool {
		s.jobs.DeleteIf(func(job Job) bool { return !job.Due.After(due) })
		s.plan()
		return false
	})
}

// Thaw lets the clock run again from its present time.
func (w *World) Thaw() {
	w.changes.Add(1)
	if w.Clock.Frozen() {
		w.Clock.Set(w.Clock.Now(), false)
		w.publishClock()
	}
}
