package flosum

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/fake"
)

// Job is a run of a backup or an archive.
type Job struct {
	ID           int64          `json:"id"`
	ConnectionID int64          `json:"connectionId"`
	BackupID     int64          `json:"backupId"`
	Archive      bool           `json:"archive,omitempty"` // also removes what it has copied
	Settings     BackupSettings `json:"settings"`
	Steps        []JobStep      `json:"steps"`
	Ended        bool           `json:"ended"`
	// ends in Exception during its second object, or its only one
	Doomed bool     `json:"doomed,omitempty"`
	Log    []string `json:"log"`
}

// JobStep is a job's progress with one object.
type JobStep struct {
	Object
	Status    string    `json:"status"` // Pending, In Progress, or the final status
	StartedAt time.Time `json:"startedAt,omitzero"`
	Done      int64     `json:"done"`              // records copied, once the step has ended
	Keep      bool      `json:"keep,omitempty"`    // an archive keeps the records in Salesforce
	Removed   int64     `json:"removed,omitempty"` // records removed, once the step has ended
}

// The words for a step's status are assumed; the vendor says only that there is one.
const (
	pending    = "Pending"
	inProgress = "In Progress"
	completed  = "Completed"
	exception  = "Exception"
	aborted    = "Aborted"
)

// mostRecords bounds the number of records, because a loaded state may have any number.
const mostRecords = 1_000_000_000

// takes returns a second and a millisecond per record, so that tests can compute it.
func (s JobStep) takes() time.Duration {
	return time.Second + time.Duration(min(max(s.Records, 0), mostRecords))*time.Millisecond
}

// progress returns how many records a step has copied by now.
func (s JobStep) progress(now time.Time) int64 {
	if s.Status != inProgress {
		return s.Done
	}
	elapsed := max(now.Sub(s.StartedAt), 0)
	return int64(min(float64(s.Records)*float64(elapsed)/float64(s.takes()), float64(s.Records)))
}

// running returns the keys of the index that allows one job at a time per connection.
func (j Job) running() []string {
	if j.Ended {
		return nil
	}
	return []string{key(j.ConnectionID)}
}

// order is what starts a job.
type order struct {
	Name, Operation, By string
	Settings            BackupSettings
	Doomed              bool
}

// tick is the data of a job's next advance: the step that ends then.
type tick struct {
	Job  int64 `json:"job"`
	Step int   `json:"step"`
}

func (a *api) busy(c Connection) bool { return a.jobs.One("running", key(c.ID)) != nil }

// start starts a job on a connection without a running job.
func (a *api) start(c Connection, o order) {
	now := a.Now()
	b := must(a.backups.Insert(Backup{Name: o.Name, JobID: a.NextNumber("jobs"), JobStatus: inProgress,
		StartedDate: wireTime(now), Duration: "0", OperationType: o.Operation}))
	j := Job{ID: b.JobID, ConnectionID: c.ID, BackupID: b.ID, Settings: o.Settings, Doomed: o.Doomed,
		Archive: typeOf[o.Operation] == "archive", Steps: a.plan(c, o.Settings)}
	j.note(now, fmt.Sprintf("%s %q started by %s: %d objects", o.Operation, o.Name, o.By, len(j.Steps)))
	a.begin(must(a.jobs.Insert(j)).detached(), 0)
}

// plan returns the steps of a job: the objects of its template, or all objects that its settings
// include.
func (a *api) plan(c Connection, x BackupSettings) []JobStep {
	steps := []JobStep{}
	t, templated := a.templates.Find(key(x.TemplateID))
	for _, root := range t.Steps {
		for _, row := range flatten(nil, root, 1, 0) {
			steps = append(steps, JobStep{Object: c.object(row.ObjectAPIName), Status: pending,
				Keep: row.SkipRemove != nil && *row.SkipRemove})
		}
	}
	for _, o := range c.Objects {
		if !templated && x.includes(o.Kind) {
			steps = append(steps, JobStep{Object: o, Status: pending})
		}
	}
	return steps
}

// object returns an organisation's object, or an empty one if it does not exist.
func (c Connection) object(name string) Object {
	if at := slices.IndexFunc(c.Objects, func(o Object) bool { return o.Name == name }); at >= 0 {
		return c.Objects[at]
	}
	return Object{Name: name}
}

// detached returns a copy of a job that shares no slice with a stored row. Its log has room for the
// lines of one event.
func (j Job) detached() Job {
	j.Steps, j.Log = slices.Clone(j.Steps), append(make([]string, 0, len(j.Log)+3), j.Log...)
	return j
}

// begin starts a step of a detached job and schedules its end, or ends the job if no step is left.
func (a *api) begin(j Job, step int) {
	now := a.Now()
	if step == len(j.Steps) {
		a.end(j, completed)
		return
	}
	s := &j.Steps[step]
	s.Status, s.StartedAt = inProgress, now
	j.note(now, s.Name+": "+strconv.FormatInt(s.Records, 10)+" records")
	due := now.Add(s.takes())
	if j.Doomed && step == min(1, len(j.Steps)-1) {
		due = now.Add(s.takes() / 2)
	}
	a.ScheduleJob(due, "advance", tick{j.ID, step})
	must(j, a.jobs.Set(j))
}

// advanceJob runs when a step of a job is due to end. The job may have ended before.
func (a *api) advanceJob(data json.RawMessage) error {
	var due tick
	if err := json.Unmarshal(data, &due); err != nil {
		return err
	}
	j, ok := a.jobs.Find(key(due.Job))
	if !ok || j.Ended || due.Step >= len(j.Steps) {
		return nil
	}
	j = j.detached()
	if j.Doomed && due.Step == min(1, len(j.Steps)-1) {
		a.end(j, exception)
		return nil
	}
	a.begin(a.settle(j, due.Step, completed), due.Step+1)
	return nil
}

// settle ends a step of a detached job with its present progress and adds that to the backup.
func (a *api) settle(j Job, step int, status string) Job {
	now := a.Now()
	s := &j.Steps[step]
	s.Done = s.progress(now)
	if status == completed {
		s.Done = s.Records
	}
	if j.Archive && !s.Keep {
		s.Removed = s.Done
	}
	s.Status = status
	j.note(now, s.Name+": "+strings.ToLower(status)+", "+strconv.FormatInt(s.Done, 10)+" of "+
		strconv.FormatInt(s.Records, 10)+" records")
	must(a.backups.Update(key(j.BackupID), func(b Backup) (Backup, error) {
		b.Records += s.Done
		if s.Records > 0 {
			b.Size += s.Size * s.Done / s.Records
		}
		b.Duration = since(b, now)
		return b, nil
	}))
	return j
}

// end sets the final status of a detached job and of its current step.
func (a *api) end(j Job, status string) {
	if at := slices.IndexFunc(j.Steps, func(s JobStep) bool { return s.Status == inProgress }); at >= 0 {
		j = a.settle(j, at, status)
	}
	now := a.Now()
	j.Ended = true
	j.note(now, "Job "+strings.ToLower(status))
	must(j, a.jobs.Set(j))
	must(a.backups.Update(key(j.BackupID), func(b Backup) (Backup, error) {
		b.JobStatus, b.Duration = status, since(b, now)
		return b, nil
	}))
}

func since(b Backup, now time.Time) string {
	began, err := time.Parse(time.RFC3339, b.StartedDate)
	if err != nil {
		return b.Duration // a seed may have any text
	}
	return strconv.FormatInt(now.Sub(began).Milliseconds(), 10)
}

// note appends a line to the log of a detached job. The format is assumed.
func (j *Job) note(now time.Time, text string) { j.Log = append(j.Log, wireTime(now)+" "+text) }

func (a *api) jobOf(r *fake.Request, c Connection) (Job, error) {
	id := pathID(r, "id")
	j, err := a.jobs.Get(id)
	if err == nil && j.ConnectionID != c.ID {
		return j, missing("jobs", id)
	}
	return j, err
}

func (a *api) findLog(r *fake.Request, c Connection) (any, error) {
	j, err := a.jobOf(r, c)
	if err != nil {
		return nil, err
	}
	return &fake.Response{Body: []byte(strings.Join(j.Log, "\n") + "\n"),
		Header: http.Header{"Content-Type": {"application/octet-stream"}, "Cache-Control": {"no-store"}}}, nil
}

type progressStep struct {
	ObjectName         string `json:"objectName"`
	Status             string `json:"status"`
	BackupSuccessCount int64  `json:"backupSuccessCount"`
	RemoveSuccessCount *int64 `json:"removeSuccessCount,omitempty"` // archives only
}

func (a *api) findProgress(r *fake.Request, c Connection) (any, error) {
	j, err := a.jobOf(r, c)
	if err != nil {
		return nil, err
	}
	out := []progressStep{}
	for _, s := range j.Steps {
		row := progressStep{ObjectName: s.Name, Status: s.Status, BackupSuccessCount: s.progress(r.Now())}
		if j.Archive {
			row.RemoveSuccessCount = &s.Removed
		}
		out = append(out, row)
	}
	return out, nil
}

// abortJob aborts a running job. A job that has ended is a 400 (assumed; the vendor declares no 409
// here).
func (a *api) abortJob(r *fake.Request, c Connection) (any, error) {
	j, err := a.jobOf(r, c)
	return a.stop(j, err, aborted, "Job was aborted successfully.")
}

// failJob implements a control hook: no client of the vendor can make a job fail.
func (a *api) failJob(r *fake.Request) (any, error) {
	j, err := a.jobs.Get(pathID(r, "id"))
	return a.stop(j, err, exception, "The job has failed.")
}

// stop ends the job that a lookup returned and answers text. It refuses a job that has ended.
func (a *api) stop(j Job, err error, status, text string) (any, error) {
	if err == nil && j.Ended {
		err = invalid("the job has ended already")
	}
	if err != nil {
		return nil, err
	}
	a.end(j.detached(), status)
	return message{text}, nil
}
