package world

import (
	"fmt"
	"time"
)

// Set moves the clock to t and runs, in order of their due times, the jobs of all fakes that fall
// due on the way. It returns the jobs that ran. If t is in the past, Set only moves the clock. Set
// runs at most 100,000 jobs; after that it drops the jobs that are still due and calls Fake.Begin
// at t.
func (w *World) Set(t time.Time) []Job {
	w.mustBuild() // an unused fake may have scheduled jobs
	ran, later := w.runUntil(t)
	w.mu.Lock()
	w.ran = ran
	w.mu.Unlock()
	w.publishJobs(ran)
	w.runAfter(later)
	return ran
}

// Ran returns the jobs that the last move of the clock ran.
func (w *World) Ran() []Job {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ran
}

// runUntil does the work of Set that needs the locks. It returns the rest as later.
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
			w.recordMoment(s, s.replan(t), 0)
		}
		later = append(later, s.takeLater()...)
	}
	return ran, later
}

// batchSize is how many jobs run as one write. A write copies the rows it touches; a batch is
// several times as fast as its jobs one by one.
const batchSize = 1000

// runBatch runs the next due jobs as one write. If a job fails, runBatch undoes the whole batch and
// runs each job again as a separate write.
func (w *World) runBatch(states []*State, t time.Time, frozen bool) []Job {
	clock := w.Clock.State()
	for _, s := range states {
		s.tx = newChange()
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
		ran = w.runSingly(states, t, frozen, err)
	}
	return ran
}

// runSingly runs a failed batch again, with a separate write for each job. If none of them fails, it reports the
// failure of the batch.
func (w *World) runSingly(states []*State, t time.Time, frozen bool, failure error) (ran []Job) {
	ran, _ = w.runEach(states, t, frozen, func(s *State, job Job) error {
		if s.run(job) != nil {
			failure = nil // run has reported it
		}
		return nil
	})
	if failure != nil {
		w.worlds.ReportBug(fmt.Errorf("a batch of %d jobs failed that pass one by one: %w", len(ran), failure))
	}
	return ran
}

// runEach runs up to batchSize jobs in order of their due times and stops at the first error.
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

// do runs a job within the current write.
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

// Advance moves the clock by a duration; see Set.
func (w *World) Advance(d time.Duration) []Job { return w.Set(w.Clock.Now().Add(d)) }
