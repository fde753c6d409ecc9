package flexcrm

import (
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// Step is one process that every record of a table goes through.
type Step struct {
	ID     int64    `json:"id"`
	Name   string   `json:"name"`
	Format int64    `json:"format,omitempty"` // the workflow format that completion starts; 0 = none
	Needs  []string `json:"needs,omitempty"`  // fields required for completion
	Final  bool     `json:"final,omitempty"`  // a completed step stays completed
}

const (
	isDone    = 1
	isNotDone = 2
)

// Process is one step of one record.
type Process struct {
	ID                      int64  `json:"id"`
	Table                   string `json:"table"`
	Record                  int64  `json:"record"`
	StartDate               string `json:"start_date"`
	EndDate                 string `json:"end_date"`
	LimitDate               string `json:"limit_date"`
	LimitDateAlldayFlg      int64  `json:"limit_date_allday_flg"`
	CompletionFlg           int64  `json:"completion_flg"` // 1 done, 2 not done
	CompletionDate          string `json:"completion_date"`
	CompletionDateAlldayFlg int64  `json:"completion_date_allday_flg"`
	TargetUserID            int64  `json:"target_user_id"`
	TargetUserType          int64  `json:"target_user_type"`
	ProcessID               string `json:"process_id"`
	ProcessName             string `json:"process_name"`
	Rank                    int64  `json:"rank"`
	NoticeUser              int64  `json:"notice_user,omitempty"`
	Application             int64  `json:"application,omitempty"` // the approval in progress
}

// processView is a Process as answers show it.
type processView struct {
	ID       int64  `json:"id"`
	Type     int64  `json:"type"`
	TypeName string `json:"type_name"`
	Process
	Table       hidden `json:"table,omitempty"`
	Record      hidden `json:"record,omitempty"`
	NoticeUser  hidden `json:"notice_user,omitempty"`
	Application hidden `json:"application,omitempty"`
}

// hidden omits a stored key from answers by shadowing it.
type hidden *struct{}

func fillProcess(a *api) func(*Process) {
	return func(p *Process) {
		p.ID = a.Number("processes", p.ID)
		p.Table = strings.ToLower(p.Table)
		for _, flag := range []*int64{&p.LimitDateAlldayFlg, &p.CompletionDateAlldayFlg, &p.TargetUserType} {
			if *flag == 0 {
				*flag = 1 // the only documented value
			}
		}
		if p.CompletionFlg == 0 {
			p.CompletionFlg = isNotDone
		}
	}
}

const ofRecord = "record"

func recordKeys(p Process) []string { return []string{processOwner(p.Table, p.Record)} }

func processOwner(table string, record int64) string {
	return strings.ToLower(table) + "/" + strconv.FormatInt(record, 10)
}

// startProcesses creates the processes of a new record.
func (a *api) startProcesses(t Table, rec Record) error {
	for i, step := range t.Processes {
		user := rec.nth(atCreateUser)
		p := Process{Table: t.ID, Record: rec.id(), ProcessID: strconv.FormatInt(step.ID, 10), ProcessName: step.Name,
			Rank: int64(i + 1), TargetUserID: wholeNumber(user.num()), StartDate: rec.nth(atCreateDate).Text}
		if _, err := a.processes.Insert(p); err != nil {
			return err
		}
	}
	return nil
}

// listProcesses answers with a bare array.
func (a *api) listProcesses(r *fake.Request) (any, error) {
	t, row, err := a.record(r)
	if err != nil {
		return nil, err
	}
	out := []processView{}
	for p := range a.processes.By(ofRecord, processOwner(t.ID, row.Value.id())) {
		out = append(out, processView{ID: p.Value.ID, Type: 2, TypeName: "プロセス", Process: p.Value})
	}
	return out, nil
}

// listDone is the answer of an update: an array, unlike everywhere else.
var listDone = fake.Raw(`[{"status":"success"}]`)

func (a *api) updateProcess(r *fake.Request) (any, error) {
	t, row, err := a.record(r)
	if err != nil {
		return nil, err
	}
	old, step, err := a.step(t, row.Value.id(), r.Path("process_id"))
	if err != nil {
		return nil, err
	}
	f := readForm(r)
	actor, err := a.actor(f)
	if err != nil {
		return nil, err
	}
	var validate int64
	f.among("validation_flg", &validate, 0, 1)
	p, err := a.changed(old, step, f)
	if err != nil {
		return nil, err
	}
	if old.CompletionFlg == isNotDone && p.CompletionFlg == isDone {
		if err := a.complete(t, row.Value, &p, step, validate == 1); err != nil {
			return nil, err
		}
		if p.CompletionFlg == isNotDone { // an approval comes first
			if p.Application, err = a.startApproval(t, row.Value, p, step, actor); err != nil {
				return nil, err
			}
		}
	}
	return listDone, a.processes.Set(p)
}

// step returns a record's process and its definition.
func (a *api) step(t Table, record int64, id string) (Process, Step, error) {
	for row := range a.processes.By(ofRecord, processOwner(t.ID, record)) {
		if row.Value.ProcessID != id {
			continue
		}
		for _, step := range t.Processes {
			if strconv.FormatInt(step.ID, 10) == id {
				return row.Value, step, nil
			}
		}
		return row.Value, Step{Name: row.Value.ProcessName}, nil
	}
	return Process{}, Step{}, refuse("record %d of table %s has no process %q", record, t.ID, id)
}

// actor returns the user who completes a process, by record number (userid, which elsewhere is the
// login) or by employee number. One of the two is required.
func (a *api) actor(f *form) (User, error) {
	if f.err != nil {
		return User{}, f.err
	}
	if number := f.values["userid"]; number != "" {
		row, err := rowAt(a.users, number)
		if err != nil {
			return User{}, err
		}
		return row.Value, nil
	}
	if number := f.values["employee_no"]; number != "" {
		for u := range a.users.All() {
			if u.EmployeeNo == number {
				return u, nil
			}
		}
		return User{}, refuse("no user has the employee_no %q", number)
	}
	return User{}, refuse("userid or employee_no is required")
}

// changed returns the process with the keys of the body applied.
func (a *api) changed(p Process, step Step, f *form) (Process, error) {
	before := p.CompletionFlg
	f.among("completion_flg", &p.CompletionFlg, isDone, isNotDone)
	f.date("completion_date", &p.CompletionDate)
	f.date("limit_date", &p.LimitDate)
	f.number("target_user", &p.TargetUserID)
	f.number("notice_user", &p.NoticeUser)
	for _, key := range []string{"target_user", "notice_user"} {
		if value := f.values[key]; value != "" && f.err == nil {
			if _, err := rowAt(a.users, strings.TrimSpace(value)); err != nil {
				return p, err
			}
		}
	}
	if before == isDone && p.CompletionFlg == isNotDone {
		if step.Final {
			return p, refuse("process %q stays done", step.Name)
		}
		p.CompletionDate, p.EndDate = "", ""
	}
	return p, f.err
}

// complete completes a process. If the process needs an approval first, it stays not done. With
// validation_flg=1 complete checks what the screen checks: the fields that the step requires.
func (a *api) complete(t Table, rec Record, p *Process, step Step, validate bool) error {
	for _, key := range step.Needs {
		c := t.layout.column(key)
		if validate && (c == nil || a.blank(&t, rec, c)) {
			return refuse("process %q needs %s to be filled", step.Name, key)
		}
	}
	if step.Format != 0 {
		if a.underWay(p.Application) {
			return refuse("process %q is being applied for already", step.Name)
		}
		p.CompletionFlg, p.CompletionDate = isNotDone, ""
		return nil
	}
	a.finish(p)
	return nil
}

func (a *api) finish(p *Process) {
	p.CompletionFlg = isDone
	if p.CompletionDate == "" {
		p.CompletionDate = showTime(a.Now())
	}
	p.EndDate = p.CompletionDate
}

// underWay reports whether an application is neither completed nor rejected.
func (a *api) underWay(application int64) bool {
	found, ok := a.applications.Find(rowKey(application))
	return ok && found.Status != rejected && found.Status != completed
}

// startApproval applies for the completion of a process and returns the application's number.
func (a *api) startApproval(t Table, rec Record, p Process, step Step, by User) (int64, error) {
	format, err := rowAt(a.formats, strconv.FormatInt(step.Format, 10))
	if err != nil {
		return 0, err
	}
	now := showTime(a.Now())
	application := Application{WorkflowSettingID: step.Format, Applicant: by.ID,
		ApplicationDate: now[:10] + " 00:00:00",
		Subject:         t.Name + " " + strconv.FormatInt(rec.id(), 10) + " " + step.Name, Process: p.ID}
	application.start(format.Value, format.Value.Routes)
	application.Timestamps.by(by.ID, a.Now())
	application, err = a.applications.Insert(application)
	return application.ID, err
}
