package world

import (
	"fmt"
	"time"

	"github.com/afba07b5/mockserver/fake/table"
)

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
