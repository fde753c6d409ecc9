package flosum

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/fake"
)

// Backup is a backup or an archive in its wire form. The job with that JobID created it.
type Backup struct {
	ID            int64  `json:"id"`
	Name          string `json:"name"`
	JobID         int64  `json:"jobId"`
	JobStatus     string `json:"jobStatus"`   // In Progress, Exception, Completed or Aborted
	StartedDate   string `json:"startedDate"` // UTC with milliseconds, so that text order is time order
	Duration      string `json:"duration"`    // milliseconds as text (assumed) of the completed part
	Size          int64  `json:"size"`        // bytes (assumed)
	Records       int64  `json:"records"`
	OperationType string `json:"operationType"`
}

// BackupSettings say what a backup includes.
type BackupSettings struct {
	IsIncludeMetadata                  bool  `json:"isIncludeMetadata"`
	IsIncludeBinaryObjects             bool  `json:"isIncludeBinaryObjects"`
	IsIncludeBigObjects                bool  `json:"isIncludeBigObjects"`
	IsIncludeFeedObjects               bool  `json:"isIncludeFeedObjects"`
	IsIncludeShareObjects              bool  `json:"isIncludeShareObjects"`
	IsIncludeHistoryObjects            bool  `json:"isIncludeHistoryObjects"`
	IsIncludeCustomMetadataTypeObjects bool  `json:"isIncludeCustomMetadataTypeObjects"`
	IsIncludeTagObjects                bool  `json:"isIncludeTagObjects"`
	TemplateID                         int64 `json:"templateId,omitempty"`
}

// typeOf maps the operations shown to the types that clients filter by. The type of imports is
// assumed, because the vendor has none for them.
var typeOf = map[string]string{
	"Composite Backup": "full", "Composite & Sync Backup": "full & sync", "Templated Backup": "template",
	"Templated Archive": "archive", "Import Backup": "full", "Import Archive": "archive",
}

// includes reports whether a backup with these settings includes objects of a kind.
func (x BackupSettings) includes(kind string) bool {
	return kind == "" || map[string]bool{
		"metadata": x.IsIncludeMetadata, "binary": x.IsIncludeBinaryObjects, "big": x.IsIncludeBigObjects,
		"feed": x.IsIncludeFeedObjects, "share": x.IsIncludeShareObjects, "history": x.IsIncludeHistoryObjects,
		"customMetadataType": x.IsIncludeCustomMetadataTypeObjects, "tag": x.IsIncludeTagObjects,
	}[kind]
}

func (a *api) findBackups(r *fake.Request, c Connection) (any, error) {
	from, err := dateOf(r, "startedDate")
	if err != nil {
		return nil, err
	}
	to, err := dateOf(r, "endDate")
	if err != nil {
		return nil, err
	}
	types, statuses, metadata := r.QueryAll("types"), r.QueryAll("statuses"), r.Query("isIncludeMetadata")
	var rows []*fake.Row[Backup]
	for row := range a.jobs.By("connection", key(c.ID)) {
		job := &row.Value
		backup := a.backups.Row(key(job.BackupID))
		if !job.Ended {
			_, b := a.at(*job, r.Now())
			backup = &fake.Row[Backup]{Value: b}
		}
		b := &backup.Value
		if slices.Contains(types, typeOf[b.OperationType]) && slices.Contains(statuses, b.JobStatus) &&
			found(r, b.Name) &&
			// false = only those without: assumed
			(metadata == "" || job.Settings.IsIncludeMetadata == (metadata == "true")) &&
			(from == "" || b.StartedDate >= from) && (to == "" || b.StartedDate <= to) {
			rows = append(rows, backup)
		}
	}
	return paged(r, sorted(r, rows, "jobId", backupOrders)), nil
}

var backupOrders = map[string]func(a, b *fake.Row[Backup]) int{
	"jobId": func(a, b *fake.Row[Backup]) int { return cmp.Compare(a.Value.JobID, b.Value.JobID) },
	"name": func(a, b *fake.Row[Backup]) int {
		return cmp.Or(strings.Compare(a.Value.Name, b.Value.Name), cmp.Compare(a.Value.JobID, b.Value.JobID))
	},
	"startedDate": func(a, b *fake.Row[Backup]) int {
		return cmp.Or(strings.Compare(a.Value.StartedDate, b.Value.StartedDate),
			cmp.Compare(a.Value.JobID, b.Value.JobID))
	},
}

// dateOf returns a date of the query in the format of StartedDate. Without a zone it is UTC
// (assumed).
func dateOf(r *fake.Request, name string) (string, error) {
	text := r.Query(name)
	if text == "" {
		return "", nil
	}
	text = strings.Replace(text, " ", "T", 1)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00",
		"2006-01-02T15:04Z0700", "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return wireTime(t), nil
		}
	}
	return "", refuse(name + " must be a valid ISO 8601 date string")
}

// createBackup starts a job. The answer has no id; clients find it in the list.
func (a *api) createBackup(r *fake.Request, c Connection) (any, error) {
	var body struct {
		Name, Description, Mode string
		Settings                BackupSettings
	}
	if err := r.Decode(&body); err != nil {
		return nil, err
	}
	order := order{Name: body.Name, Operation: "Composite Backup", Settings: body.Settings,
		By: r.Caller.(caller).User.Email}
	if body.Mode == "template" {
		order.Operation = "Templated Backup"
		if err := a.backupTemplate(c, "settings.templateId", body.Settings.TemplateID); err != nil {
			return nil, err
		}
	} else {
		order.Settings.TemplateID = 0 // mode full ignores a template (assumed)
	}
	if a.busy(c) {
		return nil, &fake.Error{Status: http.StatusConflict,
			Message: "A backup job is already running. Abort it or wait for it to finish.",
			Rule:    "one job at a time per connection", Evidence: fake.Documented, Source: r.Op.Source}
	}
	order.Doomed = r.Fault() == backupException
	a.start(c, order)
	return message{"Job created successfully."}, nil
}

// backupTemplate rejects a template that a backup cannot use: a missing one with 400, an unknown
// one with 404, one for archives with 400 (all assumed). field is where the body names it.
func (a *api) backupTemplate(c Connection, field string, id int64) error {
	if id == 0 {
		return refuse(field + " is needed for a template backup")
	}
	t, err := a.templateOf(c, key(id))
	if err != nil {
		return err
	}
	if t.Type != "backup" {
		return refuse(field + " must be a template of type backup")
	}
	return nil
}
