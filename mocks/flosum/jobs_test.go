package flosum

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// small adds an organisation whose full backup takes 2 s + 3 s.
func small() fake.Option {
	return WithConnections(Connection{ID: 10, Name: "Small", Objects: []Object{
		{Name: "Account", Records: 1000, Size: 2000}, {Name: "Contact", Records: 2000, Size: 6000},
		{Name: "Metadata", Kind: "metadata", Records: 10, Size: 10}}})
}

const fullBackup = `{"name":"By hand","description":"","mode":"full",` +
	`"settings":{"isIncludeMetadata":false,"isIncludeBinaryObjects":false,"isIncludeBigObjects":false,` +
	`"isIncludeFeedObjects":false,"isIncludeShareObjects":false,"isIncludeHistoryObjects":false,` +
	`"isIncludeCustomMetadataTypeObjects":false,"isIncludeTagObjects":false}}`

// started returns a server whose clock is frozen at noon and in which job 107 is backing up
// connection 10.
func started(t *testing.T, header map[string]string, opts ...fake.Option) *fake.TestServer {
	t.Helper()
	srv := NewServer(t, append(opts, small())...)
	srv.World.Freeze(noon)
	check(t, send(t, srv, ask{
		line:   "POST /api/v1/connections/10/backups/backup",
		body:   fullBackup,
		header: header,
	}), 201, `{"message":"Job created successfully."}`)
	return srv
}

type listed struct {
	JobStatus, Duration string
	Size, Records       int64
}

func backup10(t *testing.T, srv *fake.TestServer) (one listed) {
	t.Helper()
	var page struct{ Items []listed }
	send(t, srv, ask{line: "GET /api/v1/connections/10/backups?page=1&limit=1&" + everyBackup}).into(t, &page)
	if len(page.Items) != 1 {
		t.Fatal("no backup in the list")
	}
	return page.Items[0]
}

func progress10(t *testing.T, srv *fake.TestServer) string {
	t.Helper()
	var steps []progressStep
	send(t, srv, ask{line: "GET /api/v1/connections/10/jobs/107/logs/progress"}).into(t, &steps)
	var all []string
	for _, s := range steps {
		all = append(all, fmt.Sprintf("%s %s %d", s.ObjectName, s.Status, s.BackupSuccessCount))
	}
	return strings.Join(all, ", ")
}

func TestBackupAdvancesObjectByObject(t *testing.T) {
	t.Parallel()
	srv := started(t, nil)
	for _, tt := range []struct {
		advance  time.Duration
		progress string
		backup   listed
	}{
		{0, "Account In Progress 0, Contact Pending 0", listed{"In Progress", "0", 0, 0}},
		{time.Second, "Account In Progress 500, Contact Pending 0", listed{"In Progress", "0", 0, 0}},
		{1500 * time.Millisecond, "Account Completed 1000, Contact In Progress 333",
			listed{"In Progress", "2000", 2000, 1000}},
		{2499 * time.Millisecond, "Account Completed 1000, Contact In Progress 1999",
			listed{"In Progress", "2000", 2000, 1000}},
		{time.Second, "Account Completed 1000, Contact Completed 2000", listed{"Completed", "5000", 8000, 3000}},
		{time.Hour, "Account Completed 1000, Contact Completed 2000", listed{"Completed", "5000", 8000, 3000}},
	} {
		srv.World.Advance(tt.advance)
		if got := progress10(t, srv); got != tt.progress {
			t.Errorf("%v later: progress %s, want %s", tt.advance, got, tt.progress)
		}
		if diff := cmp.Diff(tt.backup, backup10(t, srv)); diff != "" {
			t.Errorf("%v later: backup (-want +got):\n%s", tt.advance, diff)
		}
	}
}

func TestLogGrowsWhileTheJobRuns(t *testing.T) {
	t.Parallel()
	srv := started(t, nil)
	first := send(t, srv, ask{line: "GET /api/v1/connections/10/jobs/107/logs/details"})
	if first.header.Get("Content-Type") != "application/octet-stream" || strings.Count(first.body, "\n") != 2 {
		t.Errorf("the log begins with %q", first.body)
	}
	srv.World.Advance(time.Minute)
	last := send(t, srv, ask{line: "GET /api/v1/connections/10/jobs/107/logs/details"}).body
	if !strings.HasPrefix(last, first.body) || !strings.HasSuffix(last, "Job completed\n") ||
		!strings.Contains(last, "Contact: completed, 2000 of 2000 records\n") {
		t.Errorf("the log ends as %q", last)
	}
}

func TestOneBackupAtATimePerConnection(t *testing.T) {
	t.Parallel()
	srv := started(t, nil)
	again := ask{line: "POST /api/v1/connections/10/backups/backup", body: fullBackup}
	check(t, send(t, srv, again), 409,
		`{"message":"A backup job is already running. Abort it or wait for it to finish.","error":"Conflict",`+
			`"statusCode":409}`)
	check(t, send(t, srv, ask{line: "POST /api/v1/connections/2/backups/backup", body: fullBackup}), 201, "")
	srv.World.Advance(5 * time.Second)
	check(t, send(t, srv, again), 201, "")
}

func TestAbortedJobStaysAborted(t *testing.T) {
	t.Parallel()
	srv := started(t, nil)
	srv.World.Advance(2500 * time.Millisecond)
	abort := ask{line: "PATCH /api/v1/connections/10/jobs/107/abort/backup"}
	check(t, send(t, srv, abort), 200, `{"message":"Job was aborted successfully."}`)
	want := listed{"Aborted", "2500", 2000 + 999, 1333}
	for range 2 {
		if diff := cmp.Diff(want, backup10(t, srv)); diff != "" {
			t.Errorf("backup (-want +got):\n%s", diff)
		}
		if got := progress10(t, srv); got != "Account Completed 1000, Contact Aborted 333" {
			t.Errorf("progress %s", got)
		}
		srv.World.Advance(time.Hour)
	}
	check(t, send(t, srv, abort), 400, badRequest("the job has ended already"))
	check(t, send(t, srv, ask{line: "POST /api/v1/connections/10/backups/backup", body: fullBackup}), 201, "")
}

func TestJobFailsByANamedFault(t *testing.T) {
	t.Parallel()
	srv := started(t, map[string]string{"Prefer": "fault=backup-exception"})
	srv.World.Advance(time.Hour)
	if diff := cmp.Diff(listed{"Exception", "3500", 2000 + 3000, 2000}, backup10(t, srv)); diff != "" {
		t.Errorf("backup (-want +got):\n%s", diff)
	}
	if got := progress10(t, srv); got != "Account Completed 1000, Contact Exception 1000" {
		t.Errorf("progress %s", got)
	}
}

func TestJobFailsByAFaultRule(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, small())
	srv.World.Freeze(noon)
	srv.World.Faults.Add(fake.FaultRule{
		Operation: "BackupsController_createBackup",
		Fault:     fake.Fault{Name: "backup-exception"},
	})
	check(t, send(t, srv, ask{line: "POST /api/v1/connections/10/backups/backup", body: fullBackup}), 201, "")
	srv.World.Advance(time.Hour)
	if got := backup10(t, srv).JobStatus; got != "Exception" {
		t.Errorf("the job ended as %s", got)
	}
}

func TestJobFailsByTheHook(t *testing.T) {
	t.Parallel()
	srv := started(t, nil)
	fail := ask{line: "POST /__jobs/107/exception", as: "-"}
	check(t, send(t, srv, fail), 200, `{"message":"The job has failed."}`)
	if got := progress10(t, srv); got != "Account Exception 0, Contact Pending 0" {
		t.Errorf("progress %s", got)
	}
	check(t, send(t, srv, fail), 400, badRequest("the job has ended already"))
	check(t, send(t, srv, ask{line: "POST /__jobs/999/exception", as: "-"}), 404, notFound("Job with id 999 not found"))
}

func TestTemplateBackupTakesTheTemplatesObjects(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	body := strings.Replace(strings.Replace(fullBackup, `"full"`, `"template"`, 1), `"isIncludeTagObjects":false`,
		`"isIncludeTagObjects":false,"templateId":1`, 1)
	check(t, send(t, srv, ask{line: "POST /api/v1/connections/1/backups/backup", body: body}), 201, "")
	var names []string
	var steps []progressStep
	send(t, srv, ask{line: "GET /api/v1/connections/1/jobs/107/logs/progress"}).into(t, &steps)
	for _, s := range steps {
		names = append(names, s.ObjectName)
	}
	if diff := cmp.Diff([]string{"Account", "Contact", "Case", "Opportunity"}, names); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
}

func TestSettingsDecideWhatABackupIncludes(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	for kind, object := range map[string]string{"Metadata": "Metadata", "BinaryObjects": "ContentVersion",
		"BigObjects": "Order_Archive__b", "FeedObjects": "AccountFeed",
		"ShareObjects": "AccountShare", "HistoryObjects": "AccountHistory",
		"CustomMetadataTypeObjects": "Routing__mdt", "TagObjects": "ContactTag"} {
		body := strings.Replace(fullBackup, fmt.Sprintf(`"isInclude%s":false`, kind),
			fmt.Sprintf(`"isInclude%s":true`, kind), 1)
		check(t, send(t, srv, ask{line: "POST /api/v1/connections/1/backups/backup", body: body}), 201, "")
		var page struct{ Items []struct{ JobID int } }
		send(t, srv, ask{line: "GET /api/v1/connections/1/backups?page=1&limit=1&" + everyBackup}).into(t, &page)
		got := send(t, srv,
			ask{line: fmt.Sprintf("GET /api/v1/connections/1/jobs/%d/logs/progress", page.Items[0].JobID)}).body
		if strings.Count(got, "objectName") != 5 || !strings.Contains(got, object) {
			t.Errorf("%s: %s", kind, got)
		}
		check(t, send(t, srv,
			ask{line: fmt.Sprintf("PATCH /api/v1/connections/1/jobs/%d/abort/backup", page.Items[0].JobID)}), 200, "")
	}
}

func TestBackupIsRefused(t *testing.T) {
	t.Parallel()
	with := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(fullBackup) }
	last := `"isIncludeTagObjects":false`
	for _, tt := range []struct {
		name, path, body string
		status           int
		want             string
	}{
		{"unsupported mode", "1", with(`"full"`, `"partial"`), 400,
			badRequest("mode must be one of the following values: full, template")},
		{"numbers for texts", "1", with(`"By hand"`, `1`, `"description":""`, `"description":2`), 400,
			badRequest("description must be a string", "name must be a string")},
		{"an empty object", "1", `{}`, 400,
			badRequest("description must be a string", "mode must be one of the following values: full, template",
				"name must be a string", "settings must be an object")},
		{"a list", "1", `[]`, 400, badRequest("the body must be an object")},
		{"a setting that is no boolean", "1", with(last, `"isIncludeTagObjects":"yes"`), 400,
			badRequest("settings.isIncludeTagObjects must be a boolean value")},
		{"a template backup without a template", "1", with(`"full"`, `"template"`), 400,
			badRequest("settings.templateId is needed for a template backup")},
		{"an unknown template", "1", with(`"full"`, `"template"`, last, last+`,"templateId":99`), 404,
			notFound("Template with id 99 not found")},
		{"another connection's template", "1", with(`"full"`, `"template"`, last, last+`,"templateId":3`), 404,
			notFound("Template with id 3 not found")},
		{"a template for archives", "1", with(`"full"`, `"template"`, last, last+`,"templateId":2`), 400,
			badRequest("settings.templateId must be a template of type backup")},
		{"an unknown connection", "99", fullBackup, 404, notFound("Connection with id 99 not found")},
		{"another tenant's connection", "4", fullBackup, 404, notFound("Connection with id 4 not found")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := NewServer(t)
			before := len(srv.Rows("jobs"))
			check(t, send(t, srv, ask{
				line: "POST /api/v1/connections/" + tt.path + "/backups/backup",
				body: tt.body,
			}), tt.status, tt.want)
			if after := len(srv.Rows("jobs")); after != before {
				t.Errorf("a refused backup left %d jobs behind", after-before)
			}
		})
	}
}

func TestJobsOfThePastAreReadable(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	check(t, send(t, srv, ask{line: "GET /api/v1/connections/1/jobs/104/logs/progress"}), 200,
		`[{"objectName":"Case","status":"Completed","backupSuccessCount":450,"removeSuccessCount":450}]`)
	for _, line := range []string{"GET /api/v1/connections/2/jobs/104/logs/progress",
		"GET /api/v1/connections/2/jobs/104/logs/details", "PATCH /api/v1/connections/2/jobs/104/abort/backup"} {
		check(t, send(t, srv, ask{line: line}), 404, notFound("Job with id 104 not found"))
	}
	check(t, send(t, srv, ask{line: "GET /api/v1/connections/1/jobs/x/logs/details"}), 400,
		badRequest("id must be a positive number"))
	check(t, send(t, srv, ask{line: "GET /api/v1/connections/x/jobs/y/logs/progress"}), 400,
		badRequest("connectionId must be a positive number", "id must be a positive number"))
}

func TestAnOrganisationWithoutObjectsIsBackedUpAtOnce(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, WithConnections(Connection{ID: 10, Name: "Empty", Objects: []Object{}}))
	check(t, send(t, srv, ask{line: "POST /api/v1/connections/10/backups/backup", body: fullBackup}), 201, "")
	if got := backup10(t, srv).JobStatus; got != "Completed" {
		t.Errorf("the job is %s", got)
	}
}

func TestSavedStateGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	srv := started(t, nil)
	token := tokensOf(t, send(t, srv, tokenForm("code", codeOf(t, srv))))
	check(t, send(t, srv, ask{
		line: "POST /api/v1/connections/10/schedulers/backup",
		body: plan("UTC", everyHour),
	}), 201, "")
	saved := srv.World.Dump()
	other := NewServer(t)
	other.World.Freeze(srv.World.Clock.Now())
	if err := other.World.Load(saved); err != nil {
		t.Fatal(err)
	}
	for _, world := range []*fake.TestServer{srv, other} {
		world.World.Advance(time.Hour)
	}
	if got, want := progress10(t, other), progress10(t, srv); got != want {
		t.Errorf("progress after loading: %s, want %s", got, want)
	}
	if got := fired(t, other); len(got) != 2 || status(t, other, token.AccessToken) != 401 {
		t.Errorf("the loaded scheduler and tokens: %v", got)
	}
	tokensOf(t, send(t, other, refreshForm(*token.RefreshToken)))
}

func TestLoadedJobEndsWithoutItsSchedule(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, small(), fake.WithRows("backups", Backup{ID: 70, Name: "Loaded", JobID: 80,
		JobStatus:   inProgress,
		StartedDate: wireTime(noon), Duration: "0", OperationType: "Composite Backup"}),
		fake.WithRows("jobs", Job{ID: 80, ConnectionID: 10, BackupID: 70, Steps: []JobStep{{
			Object: Object{Name: "Account", Records: 1000, Size: 2000}, Status: inProgress, StartedAt: noon}}}))
	srv.World.Freeze(noon)
	again := ask{line: "POST /api/v1/connections/10/backups/backup", body: fullBackup}
	check(t, send(t, srv, again), 409, "")
	srv.World.Advance(2 * time.Second)
	if diff := cmp.Diff(listed{"Completed", "2000", 2000, 1000}, backup10(t, srv)); diff != "" {
		t.Errorf("backup (-want +got):\n%s", diff)
	}
	check(t, send(t, srv, again), 201, "")
}
