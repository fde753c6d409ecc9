package flosum

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"time"
	_ "time/tzdata" // schedulers name time zones, which a scratch image lacks

	"github.com/afba07b5/mockserver/fake"
)

// Scheduler starts jobs by a calendar.
type Scheduler struct {
	ID           int64  `json:"id"`
	ConnectionID int64  `json:"connectionId"` // 1 if zero
	Type         string `json:"type"`
	Timezone     string `json:"timezone"`
	// the system's own, created with the connection (inferred)
	IsDefault     bool            `json:"isDefault"`
	Name          string          `json:"name"`
	Description   string          `json:"description"`
	Configuration Calendar        `json:"configuration"`
	TemplateID    int64           `json:"templateId,omitempty"`
	JobSettings   *BackupSettings `json:"jobSettings,omitempty"`
}

// runs maps the types that start a job to their operation. The other types are only shown.
var runs = map[string]string{
	"full backup": "Composite Backup", "full & sync backup": "Composite & Sync Backup",
	"templated backup": "Templated Backup", "archive": "Templated Archive",
}

type schedulerItem struct {
	Type          string   `json:"type"`
	Timezone      string   `json:"timezone"`
	IsDefault     bool     `json:"isDefault"`
	ID            int64    `json:"id"`
	Name          string   `json:"name"`
	Configuration Calendar `json:"configuration"`
	TemplateName  string   `json:"templateName,omitempty"`
	TemplateID    int64    `json:"templateId,omitempty"`
}

type schedulerView struct {
	schedulerItem
	ConnectionID int64           `json:"connectionId"`
	Description  string          `json:"description"`
	JobSettings  *BackupSettings `json:"jobSettings,omitempty"`
}

// schedule is the next run of a scheduler.
type schedule struct {
	ID     int64     `json:"id"`
	Anchor time.Time `json:"anchor"` // the origin of "every second week"
	Set    time.Time `json:"set"`    // when the next run was computed
	Due    time.Time `json:"due"`
	Job    string    `json:"job"`
}

func (a *api) fillScheduler(x *Scheduler) {
	a.number("schedulers", &x.ID)
	x.ConnectionID = cmp.Or(x.ConnectionID, 1)
	x.Timezone = cmp.Or(x.Timezone, "UTC")
	if x.JobSettings != nil && x.TemplateID == 0 {
		x.TemplateID = x.JobSettings.TemplateID
	}
}

// schedule schedules the next run of every scheduler that has none, or one computed before the clock
// was set back.
func (a *api) schedule() {
	for x := range a.schedulers.All() {
		s, ok := a.schedules.Find(key(x.ID))
		if runs[x.Type] != "" && (!ok || a.Now().Before(s.Set)) {
			a.addScheduled(x, a.Now())
		}
	}
}

// addScheduled schedules the first run of a scheduler after a time.
func (a *api) addScheduled(x Scheduler, after time.Time) {
	s, ok := a.schedules.Find(key(x.ID))
	if ok {
		a.Cancel(s.Job)
		a.schedules.Delete(key(x.ID))
	}
	if !ok || s.Anchor.After(after) {
		s.Anchor = after
	}
	s.ID, s.Set, s.Due = x.ID, after, x.Configuration.next(a.zone(x.Timezone), s.Anchor, after)
	s.Job = a.ScheduleJob(s.Due, "fire", x.ID)
	must(a.schedules.Insert(s))
}

// zone returns a time zone by name, or UTC if a seed has an unknown one. It caches zones, since reading
// one takes longer than the rest of a run. The caller must be in a write.
func (a *api) zone(name string) *time.Location {
	if a.zones[name] == nil {
		var err error
		if a.zones[name], err = time.LoadLocation(name); err != nil {
			a.zones[name] = time.UTC
		}
	}
	return a.zones[name]
}

// fireScheduler starts a scheduler's job and schedules the next. It skips this run if another job
// runs on the connection or the settings forbid it (assumed).
func (a *api) fireScheduler(data json.RawMessage) error {
	var id int64
	if err := json.Unmarshal(data, &id); err != nil {
		return err
	}
	x, ok := a.schedulers.Find(key(id))
	if !ok {
		return nil
	}
	a.addScheduled(x, a.Now())
	c, ok := a.connections.Find(key(x.ConnectionID))
	if !ok || a.busy(c) || a.disabled(c, x.Type) {
		return nil
	}
	o := order{Name: x.Name, Operation: runs[x.Type], By: "scheduler " + x.Name}
	if x.JobSettings != nil {
		o.Settings = *x.JobSettings
	}
	o.Settings.TemplateID = x.TemplateID
	a.start(c, o)
	return nil
}

func (a *api) disabled(c Connection, kind string) bool {
	x, _ := a.settings.Find(key(c.ID))
	return kind == "archive" && x.Scheduler.IsArchivesDisabled || kind != "archive" && x.Scheduler.IsBackupsDisabled
}

func (a *api) schedulerItem(x Scheduler) schedulerItem {
	t, _ := a.templates.Find(key(x.TemplateID))
	return schedulerItem{x.Type, x.Timezone, x.IsDefault, x.ID, x.Name, x.Configuration, t.Name, x.TemplateID}
}

func (a *api) findSchedulers(r *fake.Request, c Connection) (any, error) {
	items := []schedulerItem{}
	template := r.Int("templateId", 0)
	for row := range a.schedulers.By("connection", key(c.ID)) {
		if template == 0 || row.Value.TemplateID == int64(template) {
			items = append(items, a.schedulerItem(row.Value))
		}
	}
	return items, nil
}

// findScheduler answers 409 for a scheduler of another kind: the vendor says "isn't accessible";
// that this is the reason is inferred.
func (a *api) findScheduler(r *fake.Request, c Connection) (any, error) {
	id := pathID(r, "id")
	x, err := a.schedulers.Get(id)
	switch {
	case err != nil:
		return nil, err
	case x.ConnectionID != c.ID:
		return nil, missing("schedulers", id)
	case !slices.Contains(creatable, x.Type):
		return nil, &fake.Error{Status: http.StatusConflict, Message: "Scheduler with id " + id + " is not accessible",
			Rule: "only backup schedulers are shown here", Evidence: fake.Documented, Source: r.Op.Source}
	}
	return schedulerView{a.schedulerItem(x), x.ConnectionID, x.Description, x.JobSettings}, nil
}

var creatable = []string{"full backup", "templated backup"}

type schedulerBody struct {
	Type, Timezone, Description, Name string
	Configuration                     Calendar
	JobSettings                       *BackupSettings
}

func (a *api) createScheduler(r *fake.Request, c Connection) (any, error) {
	if texts := schedulerRules(r); texts != nil {
		return nil, refuse(texts...)
	}
	var body schedulerBody
	if err := r.Decode(&body); err != nil {
		return nil, err
	}
	x := Scheduler{ConnectionID: c.ID, Type: body.Type, Timezone: body.Timezone, Name: body.Name,
		Description: body.Description, Configuration: body.Configuration, JobSettings: body.JobSettings}
	if x.Type == "templated backup" {
		x.TemplateID = x.JobSettings.TemplateID
		if err := a.backupTemplate(c, "jobSettings.templateId", x.TemplateID); err != nil {
			return nil, err
		}
	} else {
		x.JobSettings.TemplateID = 0 // only for templated backups: documented; that others ignore it is assumed
	}
	if err := a.mayPlan(c, x); err != nil {
		return nil, err
	}
	x, err := a.schedulers.Insert(x)
	if err != nil {
		return nil, err
	}
	a.addScheduled(x, a.Now())
	return map[string]int64{"id": x.ID}, nil
}

// mayPlan returns an error if scheduled backups are disabled, or if another scheduler of the
// connection has the same time of day. Both are the vendor's rules; the status 400 and the scope
// are assumed.
func (a *api) mayPlan(c Connection, x Scheduler) error {
	if a.disabled(c, x.Type) {
		return refuse("scheduled backups are disabled for this connection")
	}
	for row := range a.schedulers.By("connection", key(c.ID)) {
		if row.Value.Configuration.RunAt == x.Configuration.RunAt {
			return refuse("configuration.runAt must be unique: " + row.Value.Name + " runs at the same time")
		}
	}
	return nil
}

// furtherRules are, by operation, the rules that the document cannot express. Their violations are
// reported in the same 400.
var furtherRules = map[string]func(*fake.Request) []string{
	"SchedulersController_createBackupScheduler": schedulerRules,
}

func schedulerRules(r *fake.Request) (texts []string) {
	var body schedulerBody
	if json.Unmarshal(r.Body(), &body) != nil {
		return nil // the document's rules report it
	}
	if _, err := time.LoadLocation(body.Timezone); err != nil || body.Timezone == "Local" ||
		body.Timezone == "" && r.Has("timezone") {
		texts = append(texts, "timezone must be a valid IANA time-zone")
	}
	if slices.Contains(creatable, body.Type) && body.JobSettings == nil {
		texts = append(texts, "jobSettings must be an object") // "needed for backup schedulers"
	}
	return append(texts, body.Configuration.contradictions()...)
}
