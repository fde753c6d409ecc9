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
	if w.Clock.Frozen() {
		w.Clock.Set(w.Clock.Now(), false)
	}
}

// Set moves the clock to a time, running what falls due on the way, in order, in all fakes of the world.
// It returns the jobs that ran. A time before now only moves the clock. Beyond 100,000 jobs the fakes plan
// anew at that time, without the jobs that are still due.
func (w *World) Set(t time.Time) []Job {
	w.mustBuild() // a fake nobody used yet may have planned jobs
	ran, later := w.runUntil(t)
	w.mu.Lock()
	w.ran = ran
	w.mu.Unlock()
	for _, do := range later {
		do()
	}
	return ran
}

// Ran returns the jobs that the last move of the clock ran.
func (w *World) Ran() []Job {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ran
}

// runUntil is Set without what has to wait until the locks are released.
func (w *World) runUntil(t time.Time) (ran []Job, later []func()) {
	states, unlock := w.lockAll()
	defer unlock()
	frozen := w.Clock.Frozen()
	for len(ran) < maxJobsPerRun {
		batch := w.runBatch(states, t, frozen)
		if len(batch) == 0 {
			break
		}
		ran = append(ran, batch...)
	}
	w.put(states, t, frozen)
	for _, s := range states {
		if _, due := s.next(t); due {
			w.recordMoment(s, s.skipDue(t), 0)
		}
		later = append(later, s.takeLater()...)
	}
	return ran, later
}

// batchSize is how many jobs run as one write. A write copies what it touches, so a batch is several times as
// fast as its jobs one by one.
const batchSize = 1000

// runBatch runs the next jobs that are due as one write. If one of them fails it undoes them all and runs them
// again, each as a write of its own.
func (w *World) runBatch(states []*State, t time.Time, frozen bool) []Job {
	clock := w.Clock.State()
	for _, s := range states {
		s.tx = &change{before: map[table.Any]any{}}
	}
	ran, err := w.runEach(states, t, frozen, (*State).do)
	for _, s := range states {
		done := s.tx
		s.tx, s.now = nil, time.Time{}
		if err != nil {
			s.revert(done)
			continue
		}
		w.recordMoment(s, done, 0)
		s.later = append(s.later, done.after...)
	}
	if err != nil {
		w.Clock.Restore(clock)
		ran, _ = w.runEach(states, t, frozen, func(s *State, job Job) error {
			s.run(job) // reports its own failure
			return nil
		})
	}
	return ran
}

// runEach runs up to batchSize jobs in the order of their times, until one fails.
func (w *World) runEach(states []*State, t time.Time, frozen bool, run func(*State, Job) error) (ran []Job, err error) {
	for len(ran) < batchSize && err == nil {
		first, of := firstDue(states, t)
		if of == nil {
			break
		}
		if first.Due.After(w.Clock.Now()) {
			w.Clock.Set(first.Due, frozen)
		}
		err = run(of, first)
		ran = append(ran, first)
	}
	return ran, err
}

func firstDue(states []*State, t time.Time) (first Job, of *State) {
	for _, s := range states {
		if job, ok := s.next(t); ok && (of == nil || job.Due.Before(first.Due)) {
			first, of = job, s
		}
	}
	return first, of
}

// do runs a job as a part of the current write.
func (s *State) do(job Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	s.now = job.Due
	s.jobs.Delete(job.ID)
	return s.runs[job.Kind](job.Data)
}

// skipDue drops the jobs that are due and has the fake plan anew.
func (s *State) skipDue(t time.Time) *change {
	return s.write(s.world.Clock.Now(), func() bool {
		s.jobs.DeleteIf(func(job Job) bool { return !job.Due.After(t) })
		if s.fake.Begin != nil {
			s.fake.Begin(s)
		}
		return false
	})
}

// Advance moves the clock by a duration; see Set.
func (w *World) Advance(d time.Duration) []Job { return w.Set(w.Clock.Now().Add(d)) }
