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

// busy reports whether a job runs on a connection. It ends a job that is over but was loaded without its schedule.
func (a *api) busy(c Connection) bool {
	row := a.jobs.One("running", key(c.ID))
	if row == nil {
		return false
	}
	j, b := a.at(row.Value, a.Now())
	if j.Ended {
		a.store(j, b)
	}
	return !j.Ended
}

// start starts a job on a connection without a running job and schedules its end. Until then its rows stay as
// they are; the client's view of a running job is computed from the time of the request.
func (a *api) start(c Connection, o order) {
	now := a.Now()
	b := Backup{ID: a.NextNumber("backups"), Name: o.Name, JobID: a.NextNumber("jobs"), JobStatus: inProgress,
		StartedDate: wireTime(now), Duration: "0", OperationType: o.Operation}
	j := Job{ID: b.JobID, ConnectionID: c.ID, BackupID: b.ID, Settings: o.Settings, Doomed: o.Doomed,
		Archive: typeOf[o.Operation] == "archive", Steps: a.plan(c, o.Settings)}
	j.note(now, fmt.Sprintf("%s %q started by %s: %d objects", o.Operation, o.Name, o.By, len(j.Steps)))
	j.begin(&b, 0, now)
	must(a.backups.Insert(b))
	must(a.jobs.Insert(j))
	if !j.Ended {
		a.ScheduleJob(now.Add(j.takes()), "advance", map[string]int64{"job": j.ID})
	}
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

// takes returns how long a job lasts without a stop.
func (j Job) takes() (all time.Duration) {
	for i := range j.Steps {
		all += j.stepTakes(i)
		if j.fails(i) {
			break
		}
	}
	return all
}

// stepTakes returns how long a step lasts without a stop.
func (j Job) stepTakes(step int) time.Duration {
	if j.fails(step) {
		return j.Steps[step].takes() / 2
	}
	return j.Steps[step].takes()
}

// fails reports whether a job ends in Exception halfway through a step.
func (j Job) fails(step int) bool { return j.Doomed && step == min(1, len(j.Steps)-1) }

// at returns a running job and its backup as they are at a time, without storing them.
func (a *api) at(j Job, now time.Time) (Job, Backup) {
	b, _ := a.backups.Find(key(j.BackupID))
	j.Steps = slices.Clone(j.Steps)
	j.Log = append(make([]string, 0, len(j.Log)+2*len(j.Steps)+2), j.Log...)
	j.advance(&b, now)
	return j, b
}

// advance ends the steps that are due and starts the next ones.
func (j *Job) advance(b *Backup, now time.Time) {
	for step := j.current(); step >= 0; step = j.current() {
		due := j.Steps[step].StartedAt.Add(j.stepTakes(step))
		if due.After(now) {
			return
		}
		if j.fails(step) {
			j.end(b, exception, due)
			return
		}
		j.settle(b, step, completed, due)
		j.begin(b, step+1, due)
	}
}

// current returns the step in progress, or -1.
func (j *Job) current() int {
	return slices.IndexFunc(j.Steps, func(s JobStep) bool { return s.Status == inProgress })
}

// begin starts a step of a job, or ends the job if no step is left.
func (j *Job) begin(b *Backup, step int, now time.Time) {
	if step == len(j.Steps) {
		j.end(b, completed, now)
		return
	}
	s := &j.Steps[step]
	s.Status, s.StartedAt = inProgress, now
	j.note(now, s.Name+": "+strconv.FormatInt(s.Records, 10)+" records")
}

// settle ends a step with its progress at a time and adds that to the backup.
func (j *Job) settle(b *Backup, step int, status string, now time.Time) {
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
	b.Records += s.Done
	if s.Records > 0 {
		b.Size += s.Size * s.Done / s.Records
	}
	b.Duration = since(*b, now)
}

// end sets the final status of a job and of its current step.
func (j *Job) end(b *Backup, status string, now time.Time) {
	if step := j.current(); step >= 0 {
		j.settle(b, step, status, now)
	}
	j.Ended = true
	j.note(now, "Job "+strings.ToLower(status))
	b.JobStatus, b.Duration = status, since(*b, now)
}

// advanceJob runs when a job is due to end. The job may have been stopped before.
func (a *api) advanceJob(data json.RawMessage) error {
	var due struct{ Job int64 }
	if err := json.Unmarshal(data, &due); err != nil {
		return err
	}
	if j, ok := a.jobs.Find(key(due.Job)); ok && !j.Ended {
		j, b := a.at(j, a.Now())
		a.store(j, b)
	}
	return nil
}

// store replaces a job and its backup.
func (a *api) store(j Job, b Backup) {
	must(j, a.jobs.Set(j))
	must(b, a.backups.Set(b))
}

func since(b Backup, now time.Time) string {
	began, err := time.Parse(time.RFC3339, b.StartedDate)
	if err != nil {
		return b.Duration // a seed may have any text
	}
	return strconv.FormatInt(now.Sub(began).Milliseconds(), 10)
}

// note appends a line to the log of a job whose log is not shared. The format is assumed.
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
	j, _ = a.at(j, r.Now())
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
	j, _ = a.at(j, r.Now())
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
		err = refuse("the job has ended already")
	}
	if err != nil {
		return nil, err
	}
	j, b := a.at(j, a.Now())
	j.end(&b, status, a.Now())
	a.store(j, b)
	return message{text}, nil
}
