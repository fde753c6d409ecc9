package flexcrm_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/mocks/flexcrm"
)

// TestUsers checks that create does not return the number, that the list does, and that passwords
// are never returned.
func TestUsers(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	srv.World.Freeze(time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC))
	settings := `[{"menu":"flexdb","email":"0","browser":"1","appli":"0"}]`
	status, body := post("/user",
		"userid=new@example.jp&password=secret&name=新人&employee_no=E009&status=0&group=[9]&notification_setting="+
			url.QueryEscape(settings)).send(t, srv)
	if status != 201 || body != `{"status":"success"}` {
		t.Fatalf("%d %s", status, body)
	}
	put("/user/9", "kana=シンジン&userid=new@example.jp").must(t, srv, nil)
	var got map[string]any
	get("/user/9").must(t, srv, &got)
	want := map[string]any{"id": 9.0, "userid": "new@example.jp", "name": "新人", "kana": "シンジン", "employee_no": "E009",
		"mail": "", "status": 0.0, "del_flg": 0.0,
		"login_date": "", "last_login_date": "", "access_time": "", "create_user_id": 1.0, "update_user_id": 1.0,
		"update_date_for_user": "2026-11-21 12:00:00",
		"update_date":          "2026-11-21 12:00:00", "create_date": "2026-11-21 12:00:00", "group": "[]",
		"department": "[]",
		"position":   "[]", "notification_setting": settings}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	put("/user/9", "del_flg=1").must(t, srv, nil)
	var all list
	get("/user?offset=8").must(t, srv, &all)
	if len(all.Data) != 1 || all.Data[0]["del_flg"] != 1.0 {
		t.Errorf("a deleted user is listed: %v", all.Data)
	}
	if _, body := get("/user/1").send(t, srv); !strings.Contains(body, `"group":"[\"1\"]"`) ||
		strings.Contains(body, "status\":\"success") {
		t.Error(body)
	}
}

// TestDepartmentTree checks that a department has the path from the root and that moving it moves
// its descendants.
func TestDepartmentTree(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	post("/department", "name=新宿営業所&code=D111&rank=1&parent=3").must(t, srv, nil)
	put("/department/3", "id=99&parent=5&memo=x").must(t, srv, nil)
	want := map[string]string{"2": "/1/2/", "3": "/1/5/3/", "4": "/1/2/4/", "6": "/1/5/6/", "7": "/1/5/3/7/"}
	for id, hierarchy := range want {
		if _, body := get("/department/"+id).send(t, srv); !strings.Contains(body, `"hierarchy":"`+hierarchy+`"`) ||
			!strings.HasSuffix(body, `,"status":"success"}`) {
			t.Errorf("department %s: %s", id, body)
		}
	}
	put("/department/3", "parent=0").must(t, srv, nil)
	if _, body := get("/department/7").send(t, srv); !strings.Contains(body, `"hierarchy":"/3/7/"`) {
		t.Error(body)
	}
}

// TestGroupsAndPositions checks that answers are bare objects and that only groups can be changed.
func TestGroupsAndPositions(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	put("/group/2", "memo=新&rank=9&manager_user_id=1").must(t, srv, nil)
	var group map[string]any
	get("/group/2").must(t, srv, &group)
	if group["memo"] != "新" || group["rank"] != 9.0 || group["name"] != "法人営業チーム" || group["manager_user_id"] != 3.0 ||
		group["status"] != nil {
		t.Errorf("group: %v", group)
	}
	if _, body := get("/position/3").send(t, srv); !strings.HasPrefix(body,
		`{"id":3,"name":"課長","rank":3,"manager_user_id":3,"create_user_id":1,`) {
		t.Error(body)
	}
	if status, _ := put("/position/3", "name=x").send(t, srv); status != 405 {
		t.Errorf("a position was changed: %d", status)
	}
}

// TestSchedules checks that the category is written as a number and read as its name, that dates
// have no seconds, and that participants have three spellings.
func TestSchedules(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]call{
		"keys": post("/schedule",
			"user_id=3&start_date=2026-12-02 14:00&end_date=2026-12-02 "+
				"15:00&category_id=2&title=訪問&private=0&participants[1][user_id]=4&participants[0][user_id]=3&"+
				"participants[0][type]=0"),
		"text": post("/schedule",
			"user_id=3&start_date=2026/12/02 14:00&end_date=2026-12-02 15:00:00&category_id=2&title=訪問&participants="+
				url.QueryEscape(`[{"type":0,"user_id":3},{"type":0,"user_id":4}]`)),
		"ids": post("/schedule",
			"user_id=3&start_date=2026-12-02 14:00&end_date=2026-12-02 15:00&category_id=2&title=訪問&participants=3,4"),
		"JSON": {
			method: "POST",
			path:   base + "/schedule",
			media:  "application/json",
			body: `{"user_id":3,"start_date":"2026-12-02 14:00","end_date":"2026-12-02 15:00",` +
				`"category_id":2,"title":"訪問","allday_flg":0,"private":"0","participants":[{"type":0,"user_id":3},` +
				`{"type":0,"user_id":4}]}`,
		},
		"JSON2": {
			method: "POST",
			path:   base + "/schedule",
			media:  "application/json",
			body: `{"user_id":"3","start_date":"2026-12-02 14:00","end_date":"2026-12-02 15:00","category_id":"2",` +
				`"title":"訪問","participants":[3,4]}`,
		},
	} {
		srv := flexcrm.NewServer(t)
		if status, body := c.send(t, srv); status != 201 || body != `{"status":"success","id":6}` {
			t.Fatalf("%s: %d %s", name, status, body)
		}
		var one struct{ ScheduleInfo map[string]any }
		get("/schedule/6").must(t, srv, &one)
		want := map[string]any{"id": 6.0, "start_date": "2026-12-02 14:00:00", "end_date": "2026-12-02 15:00:00",
			"category_id": "訪問", "allday_flg": 0.0, "title": "訪問", "remarks": "",
			"private": 0.0, "create_user_id": 3.0, "update_user_id": 3.0, "participants": []any{
				map[string]any{"id": 152.0, "type": 0.0, "user_id": 3.0},
				map[string]any{"id": 153.0, "type": 0.0, "user_id": 4.0}}}
		if diff := cmp.Diff(want, fields(one.ScheduleInfo)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		put("/schedule/6", "participants=4,1&title=変更").must(t, srv, nil)
		get("/schedule/6").must(t, srv, &one)
		if diff := cmp.Diff([]any{map[string]any{"id": 153.0, "type": 0.0, "user_id": 4.0},
			map[string]any{"id": 154.0, "type": 0.0, "user_id": 1.0}}, one.ScheduleInfo["participants"]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestScheduleWindow checks the filter by window and participant.
func TestScheduleWindow(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	for query, want := range map[string][]int{
		"":                            {1, 2, 3, 4, 5},
		"start_date=2026-11-25":       {3, 4, 5},
		"end_date=2026-11-24":         {1, 2},
		"end_date=2026-11-24%2012:00": {1},
		"start_date=2026-11-27&end_date=2026-11-27": {4},
		"participant=4":                    {1, 2, 4},
		"participant=7,3&limit=2":          {1, 2},
		"participant=7,3&limit=2&offset=2": {5},
		"start_date=2027-01-01":            {},
	} {
		var got struct{ ScheduleList []map[string]any }
		get("/schedule?"+query).must(t, srv, &got)
		if diff := cmp.Diff(want, list{Data: got.ScheduleList}.ids()); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
}
