package flosum

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

const jobSettings = `{"isIncludeMetadata":false,"isIncludeBinaryObjects":false,"isIncludeBigObjects":false,` +
	`"isIncludeFeedObjects":false,"isIncludeShareObjects":false,"isIncludeHistoryObjects":false,` +
	`"isIncludeCustomMetadataTypeObjects":false,"isIncludeTagObjects":false}`

func plan(zone, configuration string) string {
	return fmt.Sprintf(
		`{"type":"full backup","timezone":%q,"name":"Planned","description":"d","configuration":%s,"jobSettings":%s}`,
		zone, configuration, jobSettings)
}

// fired returns the start times of the backups of connection 10, oldest first.
func fired(t *testing.T, srv *fake.TestServer) (starts []string) {
	t.Helper()
	var page struct {
		Items []struct{ StartedDate time.Time }
	}
	send(t, srv, ask{line: "GET /api/v1/connections/10/backups?page=1&limit=2000&order=ASC&" + everyBackup}).into(t,
		&page)
	for _, b := range page.Items {
		starts = append(starts, b.StartedDate.Format("01-02 15:04"))
	}
	return starts
}

func TestSchedulersFireWhenTheClockPassesTheirTime(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, zone, configuration string
		from                      time.Time
		advance                   time.Duration
		want                      []string // in UTC
	}{
		{"hourly", "UTC", `{"frequency":"hourly","repeatEvery":5,"runAt":"13:30"}`, noon, 12 * time.Hour,
			[]string{"11-02 13:30", "11-02 18:30", "11-02 23:30"}},
		{"daily in Tokyo", "Asia/Tokyo", `{"frequency":"daily","repeatEvery":2,"runAt":"08:00"}`, noon,
			5 * 24 * time.Hour, []string{"11-03 23:00", "11-05 23:00"}},
		{"weekly, every second week", "UTC",
			`{"frequency":"weekly","repeatEvery":2,"runAt":"09:00","repeatOn":{"type":"weekly","daysOfWeek":[1,3]}}`,
			noon, 22 * 24 * time.Hour,
			[]string{"11-04 09:00", "11-16 09:00", "11-18 09:00"}},
		{"monthly, on the 31st or the last", "UTC",
			`{"frequency":"monthly","repeatEvery":1,"runAt":"00:05","repeatOn":{"type":"monthly",` +
				`"dayOfMonth":31,"weekDayOfMonth":null}}`, noon, 92 * 24 * time.Hour,
			[]string{"11-30 00:05", "12-31 00:05", "01-31 00:05"}},
		{"monthly, first Monday", "UTC",
			`{"frequency":"monthly","repeatEvery":2,"runAt":"00:05","repeatOn":{"type":"monthly",` +
				`"dayOfMonth":null,"weekDayOfMonth":{"firstOrLast":"first","weekDay":1}}}`, noon, 150 * 24 * time.Hour,
			[]string{"01-04 00:05", "03-01 00:05"}},
		{"monthly, last Sunday", "UTC",
			`{"frequency":"monthly","repeatEvery":1,"runAt":"23:55","repeatOn":{"type":"monthly",` +
				`"weekDayOfMonth":{"firstOrLast":"last","weekDay":0}}}`, noon, 60 * 24 * time.Hour,
			[]string{"11-29 23:55", "12-27 23:55"}},
		{"a time that the clocks skip", "Europe/Berlin", `{"frequency":"daily","repeatEvery":1,"runAt":"02:30"}`,
			time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC), 3 * 24 * time.Hour,
			[]string{"03-28 01:30", "03-29 01:00", "03-30 00:30"}},
		{"a time that the clocks show twice", "Europe/Berlin", `{"frequency":"daily","repeatEvery":1,"runAt":"02:30"}`,
			time.Date(2026, 10, 23, 12, 0, 0, 0, time.UTC), 3 * 24 * time.Hour,
			[]string{"10-24 00:30", "10-25 00:30", "10-26 01:30"}},
		{"the same time of day in summer and winter", "America/New_York",
			`{"frequency":"daily","repeatEvery":1,"runAt":"12:00"}`, time.Date(2026, 10, 30, 18, 0, 0, 0, time.UTC),
			3 * 24 * time.Hour,
			[]string{"10-31 16:00", "11-01 17:00", "11-02 17:00"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := NewServer(t, small())
			srv.World.Freeze(tt.from)
			check(t, send(t, srv, ask{
				line: "POST /api/v1/connections/10/schedulers/backup",
				body: plan(tt.zone, tt.configuration),
			}), 201, `{"id":7}`)
			srv.World.Advance(tt.advance)
			if diff := cmp.Diff(tt.want, fired(t, srv)); diff != "" {
				t.Errorf("starts (-want +got):\n%s", diff)
			}
		})
	}
}

const everyHour = `{"frequency":"hourly","repeatEvery":1,"runAt":"12:30"}`

func TestSchedulerSkipsWhileAJobRuns(t *testing.T) {
	t.Parallel()
	long := WithConnections(Connection{
		ID:      10,
		Name:    "Long",
		Objects: []Object{{Name: "Account", Records: 90 * 60 * 1000}},
	})
	srv := NewServer(t, long)
	srv.World.Freeze(noon)
	check(t, send(t, srv, ask{
		line: "POST /api/v1/connections/10/schedulers/backup",
		body: plan("UTC", everyHour),
	}), 201, "")
	srv.World.Advance(4 * time.Hour)
	if diff := cmp.Diff([]string{"11-02 12:30", "11-02 14:30"}, fired(t, srv)); diff != "" {
		t.Errorf("starts (-want +got):\n%s", diff)
	}
}

func TestDisabledBackupsDoNotFireAndAreNotPlanned(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, small())
	srv.World.Freeze(noon)
	create := ask{line: "POST /api/v1/connections/10/schedulers/backup", body: plan("UTC", everyHour)}
	check(t, send(t, srv, create), 201, "")
	disable := ask{
		line: "PUT /api/v1/connections/10/settings",
		body: `{"isBackupsDisabled":true,"isArchivesDisabled":false}`,
	}
	check(t, send(t, srv, disable), 200, "")
	srv.World.Advance(2 * time.Hour)
	if got := fired(t, srv); got != nil {
		t.Errorf("disabled backups ran: %v", got)
	}
	create.body = strings.Replace(create.body, "12:30", "12:31", 1)
	check(t, send(t, srv, create), 400, badRequest("scheduled backups are disabled for this connection"))
	disable.body = strings.Replace(disable.body, "true", "false", 1)
	check(t, send(t, srv, disable), 200, "")
	srv.World.Advance(time.Hour)
	if diff := cmp.Diff([]string{"11-02 14:30"}, fired(t, srv)); diff != "" {
		t.Errorf("starts (-want +got):\n%s", diff)
	}
}

func TestSeededSchedulersFire(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	// the seed's time, before or after the present
	srv.World.Freeze(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	srv.World.Advance(7 * 24 * time.Hour)
	var page struct {
		Items []struct{ OperationType, StartedDate, JobStatus string }
	}
	send(t, srv, ask{line: "GET /api/v1/connections/1/backups?page=1&limit=50&order=ASC&startedDate=2026-11-23&" +
		everyBackup}).into(t, &page)
	count := map[string]int{}
	for _, b := range page.Items {
		count[b.OperationType+" "+b.StartedDate[11:16]+" "+b.JobStatus]++
	}
	const secondWeek = "Templated Backup 03:30 Completed" // the weeks count from the day of the test run
	if count[secondWeek] > 1 {
		t.Errorf("a backup of every second week ran %d times in one", count[secondWeek])
	}
	delete(count, secondWeek)
	want := map[string]int{"Composite Backup 04:17 Completed": 7, "Templated Archive 22:05 Completed": 1}
	if diff := cmp.Diff(want, count); diff != "" {
		t.Errorf("backups of a week (-want +got):\n%s", diff)
	}
}

func TestSchedulersArePlannedAgainWhenTheClockIsPutBack(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, small())
	srv.World.Freeze(noon)
	check(t, send(t, srv, ask{
		line: "POST /api/v1/connections/10/schedulers/backup",
		body: plan("UTC", everyHour),
	}), 201, "")
	srv.World.Advance(30 * time.Hour)
	before := len(fired(t, srv))
	srv.World.Freeze(noon.AddDate(-6, 0, 0))
	srv.World.Advance(2 * time.Hour)
	if got := fired(t, srv)[before:]; before != 30 || len(got) != 2 {
		t.Errorf("%d runs before, then %v", before, got)
	}
}

func TestSchedulersSurviveForks(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, small())
	srv.World.Freeze(noon)
	check(t, send(t, srv, ask{
		line: "POST /api/v1/connections/10/schedulers/backup",
		body: plan("UTC", everyHour),
	}), 201, "")
	fork, err := srv.Server.NewWorld("fork", fake.Settings{}, srv.World)
	if err != nil {
		t.Fatal(err)
	}
	fork.Advance(time.Hour)
	if got := fired(t, srv); got != nil {
		t.Errorf("the fork's clock moved this world's jobs: %v", got)
	}
	var page struct{ Total int }
	send(t, srv, ask{
		line:   "GET /api/v1/connections/10/backups?page=1&limit=1&" + everyBackup,
		header: map[string]string{"Mockserver-World": "fork"},
	}).into(t, &page)
	if page.Total != 1 {
		t.Errorf("%d backups in the fork", page.Total)
	}
}

func TestSchedulersAreShown(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	check(t, send(t, srv, ask{line: "GET /api/v1/connections/1/schedulers?templateId=1"}), 200,
		`[{"type":"templated backup","timezone":"Europe/Berlin","isDefault":false,"id":2,
 "name":"Customers on Sundays","templateName":"Accounts and below","templateId":1,
		"configuration":{"frequency":"weekly","repeatEvery":2,"runAt":"04:30","repeatOn":{"type":"weekly",
		 "daysOfWeek":[0]}}}]`)
	check(t, send(t, srv, ask{line: "GET /api/v1/connections/2/schedulers"}), 200,
		`[{"type":"full backup","timezone":"America/New_York","isDefault":true,"id":5,"name":"Nightly",`+
			`"configuration":{"frequency":"daily","repeatEvery":1,"runAt":"23:47"}}]`)
	check(t, send(t, srv, ask{line: "GET /api/v1/connections/3/schedulers"}), 200, `[]`)
	check(t, send(t, srv, ask{line: "GET /api/v1/connections/2/schedulers/backup/5"}), 200,
		`{"connectionId":2,"type":"full backup","timezone":"America/New_York","isDefault":true,"id":5,`+
			`"name":"Nightly","description":"Made with the connection",
		"configuration":{"frequency":"daily","repeatEvery":1,"runAt":"23:47"},"jobSettings":`+jobSettings+`}`)
	check(t, send(t, srv, ask{line: "GET /api/v1/connections/1/schedulers/backup/5"}), 404,
		notFound("Scheduler with id 5 not found"))
	check(t, send(t, srv, ask{line: "GET /api/v1/connections/1/schedulers/backup/99"}), 404,
		notFound("Scheduler with id 99 not found"))
	for _, id := range []string{"3", "4"} {
		check(t, send(t, srv, ask{line: "GET /api/v1/connections/1/schedulers/backup/" + id}), 409,
			`{"message":"Scheduler with id `+id+` is not accessible","error":"Conflict","statusCode":409}`)
	}
}

// TestFullBackupsIgnoreATemplate plans a full backup with a template, which the vendor allows for
// templated backups only: it is a scheduler of no template and copies all objects.
func TestFullBackupsIgnoreATemplate(t *testing.T) {
	t.Parallel()
	for _, template := range []string{"1", "99"} { // 99 does not exist
		srv := NewServer(t)
		srv.World.Freeze(noon)
		body := strings.Replace(plan("UTC", everyHour), `"isIncludeTagObjects":false`,
			`"isIncludeTagObjects":false,"templateId":`+template, 1)
		check(t, send(t, srv, ask{line: "POST /api/v1/connections/1/schedulers/backup", body: body}), 201, `{"id":7}`)
		check(t, send(t, srv, ask{line: "GET /api/v1/connections/1/schedulers/backup/7"}), 200,
			`{"connectionId":1,"type":"full backup","timezone":"UTC","isDefault":false,"id":7,"name":"Planned",`+
				`"description":"d","configuration":`+everyHour+`,"jobSettings":`+jobSettings+`}`)
		srv.World.Advance(time.Hour)
		var page struct {
			Items []struct{ JobID int }
		}
		list := ask{line: "GET /api/v1/connections/1/backups?page=1&limit=1&search=Planned&" + everyBackup}
		send(t, srv, list).into(t, &page)
		var steps []struct{ ObjectName string }
		progress := fmt.Sprintf("GET /api/v1/connections/1/jobs/%d/logs/progress", page.Items[0].JobID)
		send(t, srv, ask{line: progress}).into(t, &steps)
		want := []struct{ ObjectName string }{{"Account"}, {"Contact"}, {"Opportunity"}, {"Case"}}
		if diff := cmp.Diff(want, steps); diff != "" {
			t.Errorf("objects of a full backup with template %s (-want +got):\n%s", template, diff)
		}
	}
}

func TestSchedulerIsRefused(t *testing.T) {
	t.Parallel()
	daily := `{"frequency":"daily","repeatEvery":1,"runAt":"12:00"}`
	templated := func(settings string) string {
		return strings.Replace(strings.Replace(plan("UTC", daily), "full backup", "templated backup", 1),
			`"isIncludeTagObjects":false`, `"isIncludeTagObjects":false`+settings, 1)
	}
	for _, tt := range []struct {
		name, path, body string
		status           int
		want             string
	}{
		{"an empty object", "1", `{}`, 400,
			badRequest("configuration must be an object", "description must be a string", "name must be a string",
				"timezone must be a string",
				"type must be one of the following values: full backup, templated backup")},
		{"all at once", "1", plan("Mars/Olympus",
			`{"frequency":"weekly","repeatEvery":0,"runAt":"24:00","repeatOn":{"type":"monthly","daysOfWeek":[7],`+
				`"dayOfMonth":32}}`), 400, badRequest(
			"configuration.repeatEvery must not be less than 1",
			"configuration.repeatOn.dayOfMonth must not be greater than 31",
			"configuration.repeatOn.each value in daysOfWeek must be one of the following values: 0, 1, 2, 3, 4, 5, 6",
			"configuration.runAt must be a time of day as HH:mm", "timezone must be a valid IANA time-zone",
			"configuration.repeatOn.type must be weekly")},
		{"weekly on no day", "1",
			plan("UTC", `{"frequency":"weekly","repeatEvery":1,"runAt":"12:00","repeatOn":{"type":"weekly"}}`), 400,
			badRequest("configuration.repeatOn.daysOfWeek must contain at least 1 elements")},
		{"monthly without a day", "1", plan("UTC", `{"frequency":"monthly","repeatEvery":1,"runAt":"12:00"}`), 400,
			badRequest("configuration.repeatOn must be an object")},
		{"monthly on no day", "1",
			plan("UTC",
				`{"frequency":"monthly","repeatEvery":1,"runAt":"12:00","repeatOn":{"type":"monthly",`+
					`"dayOfMonth":null}}`), 400,
			badRequest("configuration.repeatOn.dayOfMonth must be a number conforming to the specified constraints")},
		{"the zone of the machine", "1", plan("Local", daily), 400,
			badRequest("timezone must be a valid IANA time-zone")},
		{"no zone", "1", plan("", daily), 400, badRequest("timezone must be a valid IANA time-zone")},
		{"no job settings", "1", strings.Replace(plan("UTC", daily), `,"jobSettings":`+jobSettings, "", 1), 400,
			badRequest("jobSettings must be an object")},
		{"a taken time", "1", plan("UTC", `{"frequency":"daily","repeatEvery":1,"runAt":"23:17"}`), 400,
			badRequest("configuration.runAt must be unique: Nightly runs at the same time")},
		{"templated without a template", "1", templated(""), 400,
			badRequest("jobSettings.templateId is needed for a template backup")},
		{"templated with a template for archives", "1", templated(`,"templateId":2`), 400,
			badRequest("jobSettings.templateId must be a template of type backup")},
		{"templated with an unknown template", "1", templated(`,"templateId":99`), 404,
			notFound("Template with id 99 not found")},
		{"a negative template", "1", templated(`,"templateId":-1`), 400,
			badRequest("jobSettings.templateId must not be less than 1")},
		{"where schedules are disabled", "3", plan("UTC", daily), 400,
			badRequest("scheduled backups are disabled for this connection")},
		{"an unknown connection", "99", plan("UTC", daily), 404, notFound("Connection with id 99 not found")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := NewServer(t)
			check(t, send(t, srv, ask{
				line: "POST /api/v1/connections/" + tt.path + "/schedulers/backup",
				body: tt.body,
			}), tt.status, tt.want)
			if n := len(srv.Rows("schedulers")); n != 6 {
				t.Errorf("%d schedulers after a refusal, want 6", n)
			}
		})
	}
}
