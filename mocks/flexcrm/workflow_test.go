package flexcrm_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/flexcrm"
)

type application struct {
	Status, Count string
	Data          map[string]string
	BasicData     map[string]any
}

func (a application) at(keys ...string) []any {
	var out []any
	for _, key := range keys {
		out = append(out, a.BasicData[key])
	}
	return out
}

func applicationOf(t *testing.T, srv *fake.TestServer, format, id int) application {
	t.Helper()
	var a application
	get(fmt.Sprintf("/workflow/%d/%d", format, id)).must(t, srv, &a)
	return a
}

// TestApplication checks that count is a text, that the id is in data too, and that the rest is in
// basicdata.
func TestApplication(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	srv.World.Freeze(time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC))
	for _, test := range []struct {
		path   string
		status float64
		name   string
		times  float64
	}{{"/workflow", 1, "下書き", 0}, {"/workflowApply", 2, "申請中", 1}, {"/workflow/apply/", 2, "申請中", 1}} {
		var made struct {
			Status string
			ID     int
		}
		form := "format_id=1&user_id=yamada&applicant_date=2026-11-21" +
			"&applicant_deadline=2026/11/30&applicant_title=値引き"
		post(test.path, form).must(t, srv, &made)
		got := applicationOf(t, srv, 1, made.ID)
		want := []any{float64(made.ID), 1.0, 5.0, "2026-11-21 00:00:00", "2026-11-30 00:00:00", "値引き", nil,
			test.status, test.name, 0.0, test.times, "営業標準ルート", "山田 健"}
		if diff := cmp.Diff(want,
			got.at("id", "workflow_setting_id", "applicant", "application_date", "deadline", "subject", "supplier_id",
				"status", "status_name", "progress", "times", "approval_name", "create_user_name")); diff != "" {
			t.Errorf("%s: %s", test.path, diff)
		}
		if got.Count != "1" || got.Data["id"] != fmt.Sprint(made.ID) {
			t.Errorf("count %q, data %v", got.Count, got.Data)
		}
		var routes []flexcrm.Route
		if err := json.Unmarshal([]byte(got.BasicData["approval_routes"].(string)), &routes); err != nil ||
			len(routes) != 3 {
			t.Errorf("approval_routes: %v %v", routes, err)
		}
	}
}

// TestOwnRoute checks that approval_routes may be sent, that the steps are sorted and that org_rank
// is filled in.
func TestOwnRoute(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	routes := `[{"rank":2,"org_rank":"2","name":"承認者2","route_type":"1","approval_type":"0","users":["2"]},` +
		`{"rank":1,"name":"承認者1","route_type":"1","approval_type":"0","users":["1734"]}]`
	asText, _ := json.Marshal(map[string]any{"format_id": 1, "user_id": "admin", "applicant_date": "2026-11-21",
		"applicant_title": "x", "approval_routes": routes})
	asList := fmt.Sprintf(
		`{"format_id":"1","user_id":"admin","applicant_date":"2026-11-21","applicant_title":"x","approval_routes":%s}`,
		routes)
	for i, c := range []call{
		post("/workflowApply",
			"format_id=1&user_id=admin&applicant_date=2026-11-21&applicant_title=x&approval_routes="+url.QueryEscape(
				routes)),
		{method: "POST", path: base + "/workflowApply", body: string(asText), media: "application/json"},
		{method: "POST", path: base + "/workflowApply", body: asList, media: "application/json; charset=utf-8"},
	} {
		c.must(t, srv, nil)
		want := `[{"rank":1,"org_rank":"1","name":"承認者1","route_type":"1","approval_type":"0","userIds":[],` +
			`"groupIds":[],"departmentIds":[],"approver_unchangeable":null,"users":["1734"]},` +
			`{"rank":2,"org_rank":"2","name":"承認者2","route_type":"1","approval_type":"0","userIds":[],` +
			`"groupIds":[],"departmentIds":[],"approver_unchangeable":null,"users":["2"]}]`
		if diff := cmp.Diff(want, applicationOf(t, srv, 1, 7+i).BasicData["approval_routes"]); diff != "" {
			t.Error(diff)
		}
	}
}

func decide(t *testing.T, srv *fake.TestServer, d flexcrm.Decision) {
	t.Helper()
	if err := flexcrm.Decide(srv.State, d); err != nil {
		t.Fatal(err)
	}
}

// TestLifeOfAnApplication approves one step, returns the application to it, returns it to the
// applicant, applies again, and approves to the end.
func TestLifeOfAnApplication(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	state := func(want ...any) {
		t.Helper()
		if diff := cmp.Diff(want, applicationOf(t, srv, 1, 2).at("status_name", "progress", "times",
			"intermediate_reject_times")); diff != "" {
			t.Error(diff)
		}
	}
	state("申請中", 1.0, 1.0, 0.0)
	decide(t, srv, flexcrm.Decision{Application: 2, User: 2, Issue: flexcrm.Remand, Rank: 1, Comment: "課長へ"})
	state("申請中", 0.0, 1.0, 1.0)
	decide(t, srv, flexcrm.Decision{Application: 2, User: 3, Issue: flexcrm.Remand})
	state("差し戻し", 0.0, 1.0, 1.0)
	if status, body := put("/workflowReapply", "application_id=2&user_id=5&applicant_title=値引き 4%25").send(t,
		srv); status != 200 || body != `{"status":"success","id":2}` {
		t.Fatalf("%d %s", status, body)
	}
	state("申請中", 0.0, 2.0, 1.0)
	if got := applicationOf(t, srv, 1, 2).BasicData["subject"]; got != "値引き 4%" {
		t.Errorf("subject = %v", got)
	}
	for i, user := range []int64{3, 2, 1} {
		decide(t, srv, flexcrm.Decision{Application: 2, User: user, Issue: flexcrm.Approve})
		if i < 2 {
			state("申請中", float64(i+1), 2.0, 1.0)
		}
	}
	state("完了", 3.0, 2.0, 1.0)
	var history struct{ ApprovalList []map[string]any }
	get("/workflowApproval/2").must(t, srv, &history)
	var got []string
	for _, a := range history.ApprovalList {
		got = append(got, fmt.Sprintf("%v %v %v →%v%v #%v", a["approval_route_rank"], a["authorizer"], a["issue_name"],
			a["remand_route"], a["remand_route_name"], a["times"]))
	}
	want := []string{"1 3 承認 →0 #1", "2 2 差し戻し →1課長承認 #1", "1 3 差し戻し →0営業標準ルート #1", "1 3 承認 →0 #2", "2 2 承認 →0 #2",
		"3 1 承認 →0 #2"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if err := flexcrm.Decide(srv.State, flexcrm.Decision{Application: 2, User: 1, Issue: flexcrm.Reject}); err == nil {
		t.Error("a completed application was rejected")
	}
}

// TestRejectionIsFinal rejects through the HTTP hook.
func TestRejectionIsFinal(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	hook := func(path, body string) (int, string) {
		return call{method: "POST", path: "/__flexcrm/applications/" + path, body: body}.send(t, srv)
	}
	if status, body := hook("2/approve", "user_id=5"); status != 400 || !strings.Contains(body, "no approver") {
		t.Errorf("%d %s", status, body)
	}
	if status, body := hook("2/reject", "user_id=2&comment=粗利不足"); status != 200 {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := put("/workflowReapply", "application_id=2&user_id=5").send(t, srv); status != 400 {
		t.Errorf("re-applying after a rejection: %d", status)
	}
	_, body := get("/workflowApproval/2").send(t, srv)
	if !strings.HasPrefix(body, `{"approvalList":[{"application_id":2,`) ||
		!strings.HasSuffix(body, `],"status":"success"}`) || !strings.Contains(body, `"comment":"粗利不足"`) {
		t.Error(body)
	}
}

// TestAllHaveToApprove checks that a step of type "1" completes when its last approver agrees and
// that groups count by member.
func TestAllHaveToApprove(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	decide(t, srv, flexcrm.Decision{Application: 6, User: 3, Issue: flexcrm.Approve})
	if got := applicationOf(t, srv, 2, 6).BasicData["progress"]; got != 0.0 {
		t.Errorf("progress after one of two: %v", got)
	}
	if err := flexcrm.Decide(srv.State, flexcrm.Decision{Application: 6, User: 3, Issue: flexcrm.Approve}); err == nil {
		t.Error("one user approved a step twice")
	}
	decide(t, srv, flexcrm.Decision{Application: 6, User: 2, Issue: flexcrm.Approve})
	decide(t, srv, flexcrm.Decision{Application: 6, User: 7, Issue: flexcrm.Approve}) // of group 3
	if got := applicationOf(t, srv, 2, 6).BasicData["status_name"]; got != "完了" {
		t.Errorf("status: %v", got)
	}
	var steps []map[string]any
	get("/flexdbProcess/tbl_deal/2").must(t, srv, &steps)
	if steps[1]["completion_flg"] != 1.0 || steps[1]["completion_date"] == "" {
		t.Errorf("the process that waited: %v", steps[1])
	}
}

// TestProcesses checks bare arrays and that completion starts an approval if the step has one.
func TestProcesses(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	post("/flexdb/tbl_deal", "title=新規").must(t, srv, nil)
	flags := func(want ...any) {
		t.Helper()
		var steps []map[string]any
		get("/flexdb/tbl_deal/13/process").must(t, srv, &steps)
		var got []any
		for _, s := range steps {
			got = append(got, s["process_id"], s["type"], s["completion_flg"])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	flags("11", 2.0, 2.0, "12", 2.0, 2.0, "13", 2.0, 2.0)
	for _, test := range []struct {
		step, body string
		want       int
	}{
		{"11", "userid=3&completion_flg=1&validation_flg=1", 400}, // requires an amount
		{"11", "userid=3&completion_flg=1&validation_flg=0", 200},
		{"11", "userid=3&completion_flg=2", 200},
		{"11", "employee_no=E003&completion_flg=1&completion_date=2026-11-20", 200},
		{"12", "userid=3&completion_flg=1&validation_flg=1", 400},
		{"12", "userid=3&completion_flg=1", 200}, // starts an application
		{"12", "userid=3&completion_flg=1", 400}, // in progress
		{"12", "userid=3&limit_date=2026-12-31&target_user=4&notice_user=5", 200},
		{"12", "userid=3&target_user=99", 400},
		{"13", "employee_no=E001&completion_flg=1", 200},
		{"13", "userid=1&completion_flg=2", 400}, // stays completed
		{"13", "employee_no=E999&completion_flg=1", 400},
	} {
		status, body := put("/flexdbProcess/tbl_deal/13/"+test.step, test.body).send(t, srv)
		if status != test.want || status == 200 && body != `[{"status":"success"}]` {
			t.Errorf("%s %s: %d %s", test.step, test.body, status, body)
		}
	}
	flags("11", 2.0, 1.0, "12", 2.0, 2.0, "13", 2.0, 1.0)
	if got := applicationOf(t, srv, 2, 7).at("applicant", "status_name", "subject"); !cmp.Equal(got,
		[]any{3.0, "申請中", "案件 13 契約承認"}) {
		t.Errorf("the approval: %v", got)
	}
	decide(t, srv, flexcrm.Decision{Application: 7, User: 2, Issue: flexcrm.Reject})
	put("/flexdb/tbl_deal/13/process/12", "userid=3&completion_flg=1").must(t, srv, nil)
	if got := applicationOf(t, srv, 2, 8).BasicData["status_name"]; got != "申請中" {
		t.Errorf("after a rejection a new application: %v", got)
	}
}
