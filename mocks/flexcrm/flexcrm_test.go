package flexcrm_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	_ "github.com/afba07b5/mockserver/internal/pace"
	"github.com/afba07b5/mockserver/mocks/flexcrm"
)

const base = "/flex/api/v1"

// call sends one request and returns status and body. It adds the demo key and a User-Agent; an
// empty header value removes a header.
type call struct {
	method, path, body, media string
	header                    map[string]string
	host                      string
}

func (c call) send(t testing.TB, srv *fake.TestServer) (int, string) {
	t.Helper()
	req, err := http.NewRequest(c.method, srv.URL, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	req.URL.Opaque = c.path // keep invalid escapes
	if c.media == "" {
		c.media = "application/x-www-form-urlencoded;charset=UTF-8"
	}
	if c.body != "" {
		req.Header.Set("Content-Type", c.media)
	}
	req.Header.Set("X-FlexCRM-API-KEY", flexcrm.DemoKey)
	for name, value := range c.header {
		req.Header.Set(name, value)
	}
	if c.host != "" {
		req.Host = c.host
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func get(path string) call        { return call{method: "GET", path: base + path} }
func post(path, body string) call { return call{method: "POST", path: base + path, body: body} }
func put(path, body string) call  { return call{method: "PUT", path: base + path, body: body} }

// must sends a request that has to succeed and decodes the answer.
func (c call) must(t testing.TB, srv *fake.TestServer, into any) {
	t.Helper()
	status, body := c.send(t, srv)
	if status > 201 {
		t.Fatalf("%s %s: %d %s", c.method, c.path, status, body)
	}
	if into != nil {
		if err := json.Unmarshal([]byte(body), into); err != nil {
			t.Fatalf("%s %s: %v in %s", c.method, c.path, err, body)
		}
	}
}

// list is the envelope of a list of records.
type list struct {
	Limit, Offset, Count, MaxCount int
	Data                           []map[string]any
}

func (l list) ids() []int {
	out := []int{}
	for _, rec := range l.Data {
		out = append(out, int(rec["id"].(float64)))
	}
	return out
}

func record(t testing.TB, srv *fake.TestServer, path string) map[string]any {
	t.Helper()
	var one struct{ Data map[string]any }
	get(path).must(t, srv, &one)
	return one.Data
}

var reasons = map[int]string{400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 405: "Unknown method."}

// rejection returns the vendor's error body for a status.
func rejection(status int) string {
	return fmt.Sprintf(`{"status":"error","error":"%s"}`, reasons[status])
}

// TestRefusals checks that every rejection has the vendor's shape and changes nothing.
func TestRefusals(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("あ", 121)
	form := "multipart/form-data; boundary=b"
	for _, test := range []struct {
		name string
		call call
		want int
	}{
		{"no key", call{method: "GET", path: base + "/user", header: map[string]string{"X-FlexCRM-API-KEY": ""}}, 403},
		{"unknown key", call{method: "GET", path: base + "/user", header: map[string]string{"X-FlexCRM-API-KEY": "x"}},
			403},
		{"revoked key", call{method: "GET", path: base + "/user",
			header: map[string]string{"X-FlexCRM-API-KEY": "FlexDemoRevokedKeyOfLastYear0003"}}, 403},
		{"the key of another site", call{method: "GET", path: "/other/api/v1/user"}, 401},
		{"a table that the key may not use", call{method: "GET", path: base + "/flexdb/tbl_deal",
			header: map[string]string{"X-FlexCRM-API-KEY": "FlexDemoCustomerTableOnlyKey0002"}}, 401},
		{"no User-Agent", call{method: "GET", path: base + "/user", header: map[string]string{"User-Agent": ""}}, 400},
		{"unknown endpoint", get("/nothing"), 405},
		{"unknown endpoint without a key",
			call{method: "GET", path: base + "/nothing", header: map[string]string{"X-FlexCRM-API-KEY": ""}}, 405},
		{"more segments than any path has", get("/flexdb/tbl_customer/1/2/3/4"), 405},
		{"the root", call{method: "GET", path: "/"}, 405},
		{"no site in path or host", call{method: "GET", path: "/api/v1/user"}, 405},
		{"unsupported verb", put("/user", "name=x"), 405},
		{"any DELETE", call{method: "DELETE", path: base + "/user/1"}, 405},
		{"OPTIONS", call{method: "OPTIONS", path: base + "/user"}, 405},
		{"unknown table", get("/flexdb/tbl_none"), 400},
		{"unknown table of fields", get("/flexdbFields/tbl_none"), 400},
		{"unknown record", get("/flexdb/tbl_deal/999"), 400},
		{"a record that is no number", get("/flexdb/tbl_deal/one"), 400},
		{"a record number with zeros in front is no other record", get("/flexdb/tbl_deal/-1"), 400},
		{"a broken escape in the path", get("/flexdb/tbl_deal/%zz"), 400},
		{"unknown primary key", get("/flexdb/tbl_customer/pkey/none"), 400},
		{"a record number is no primary key where a field is", get("/flexdb/tbl_customer/pkey/1"), 400},
		{"negative limit", get("/flexdb/tbl_deal?limit=-1"), 400},
		{"limit that is no number", get("/flexdb/tbl_deal?limit=ten"), 400},
		{"negative offset", get("/user?offset=-5"), 400},
		{"order by an unknown field", get("/flexdb/tbl_deal?order-by=nothing%20asc"), 400},
		{"order in no direction", get("/flexdb/tbl_deal?order-by=title%20up"), 400},
		{"greater than a text", get("/flexdb/tbl_deal?title%3E=a"), 400},
		{"greater than an option", get("/flexdb/tbl_deal?stage%3E=1"), 400},
		{"a number field compared with a text", get("/flexdb/tbl_deal?amount=much"), 400},
		{"a date field compared with a text", get("/flexdb/tbl_deal?close_date%3E=soon"), 400},
		{"121 characters in one line", post("/flexdb/tbl_deal", "title="+long), 400},
		{"a required field is missing", post("/flexdb/tbl_deal", "amount=1"), 400},
		{"a required field is emptied", put("/flexdb/tbl_deal/1", "title="), 400},
		{"an eleventh digit", post("/flexdb/tbl_deal", "title=x&amount=10000000000"), 400},
		{"a number with an exponent", call{method: "POST", path: base + "/flexdb/tbl_deal",
			body: `{"title":"x","amount":1e3}`, media: "application/json"}, 400},
		{"an unknown option", post("/flexdb/tbl_deal", "title=x&stage=9"), 400},
		{"two options of a radio", post("/flexdb/tbl_deal", "title=x&stage=1,2"), 400},
		{"the same option twice", put("/flexdb/tbl_customer/1", "interests=1,1"), 400},
		{"no such day", post("/flexdb/tbl_deal", "title=x&close_date=2026-02-30"), 400},
		{"no such prefecture", put("/flexdb/tbl_customer/1", "address_state=東京"), 400},
		{"no such postal code", put("/flexdb/tbl_customer/1", "address_zip=10000055"), 400},
		{"no such user", post("/flexdb/tbl_deal", "title=x&owner=99"), 400},
		{"no such related record", post("/flexdb/tbl_deal", "title=x&customer=C-9999"), 400},
		{"a taken unique value", post("/flexdb/tbl_customer", "customer_code=C-0001&name=x"), 400},
		{"an update to a taken value", put("/flexdb/tbl_customer/2", "customer_code=C-0001"), 400},
		{"no upsert by primary key", put("/flexdb/tbl_customer/pkey/C-9999", "name=x"), 400},
		{"malformed JSON", call{method: "POST", path: base + "/flexdb/tbl_deal", body: `{"title":`,
			media: "application/json"}, 400},
		{"JSON that is no object",
			call{method: "POST", path: base + "/flexdb/tbl_deal", body: `["title"]`, media: "application/json"}, 400},
		{"a field without its value, which PHP reads as empty", post("/flexdb/tbl_deal", "title"), 400},
		{"a text that is not UTF-8", post("/flexdb/tbl_deal", "title=%ff"), 400},
		{"a body in XML", call{method: "POST", path: base + "/flexdb/tbl_deal", body: "<a/>", media: "text/xml"}, 400},
		{"a body of two megabytes", post("/flexdb/tbl_deal", "title="+strings.Repeat("a", 2<<20)), 400},
		{"a file for a field that holds none", call{method: "POST", path: base + "/flexdbFile/tbl_deal/1/title",
			body: part("a.txt", "x"), media: form}, 400},
		{"an upload without the part file", call{method: "POST", path: base + "/flexdbFile/tbl_deal/1/quotation",
			body: "--b--\r\n", media: form}, 400},
		{"an upload that is no multipart", post("/flexdbFile/tbl_deal/1/quotation", "file=x"), 400},
		{"a process without an actor", put("/flexdbProcess/tbl_deal/3/11", "completion_flg=1"), 400},
		{"a process with an unknown actor", put("/flexdbProcess/tbl_deal/3/11", "userid=99&completion_flg=1"), 400},
		{"a process with a login as actor", put("/flexdbProcess/tbl_deal/3/11", "userid=admin&completion_flg=1"), 400},
		{"an unknown process", put("/flexdbProcess/tbl_deal/3/99", "userid=1&completion_flg=1"), 400},
		{"a completion_flg of 3", put("/flexdbProcess/tbl_deal/3/11", "userid=1&completion_flg=3"), 400},
		{"a needed field is empty and checked",
			put("/flexdbProcess/tbl_deal/3/11", "userid=1&completion_flg=1&validation_flg=2"), 400},
		{"a validation_flg of 2 without a completion",
			put("/flexdbProcess/tbl_deal/3/11", "userid=1&validation_flg=2"), 400},
		{"an approval that is under way", put("/flexdbProcess/tbl_deal/2/12", "userid=1&completion_flg=1"), 400},
		{"an application of another format", get("/workflow/2/1"), 400},
		{"a draft without a format", post("/workflow", "user_id=admin&applicant_date=2026-11-21"), 400},
		{"a draft by record number", post("/workflow", "format_id=1&user_id=1&applicant_date=2026-11-21"), 400},
		{"an application without a title",
			post("/workflowApply", "format_id=1&user_id=admin&applicant_date=2026-11-21"), 400},
		{"malformed approval_routes", post("/workflowApply",
			"format_id=1&user_id=admin&applicant_date=2026-11-21&applicant_title=x&approval_routes=[{"), 400},
		{"approval_routes that is no list", post("/workflowApply",
			"format_id=1&user_id=admin&applicant_date=2026-11-21&applicant_title=x&approval_routes={}"), 400},
		{"an approval step without users",
			post("/workflowApply",
				`format_id=1&user_id=admin&applicant_date=2026-11-21&applicant_title=x&`+
					`approval_routes=[{"rank":1,"name":"a","route_type":"1","approval_type":"0"}]`), 400},
		{"an empty list of steps", post("/workflowApply",
			"format_id=1&user_id=admin&applicant_date=2026-11-21&applicant_title=x&approval_routes=[]"), 400},
		{"re-applying what is not remanded", put("/workflowReapply", "application_id=2&user_id=5"), 400},
		{"re-applying by login", put("/workflowReapply", "application_id=3&user_id=sato"), 400},
		{"approvals of no application", get("/workflowApproval/99"), 400},
		{"a user without a login", post("/user", "name=x"), 400},
		{"a taken login", post("/user", "userid=admin"), 400},
		{"a login of 31 characters", post("/user", "userid="+strings.Repeat("a", 31)), 400},
		{"a login in Japanese", post("/user", "userid=佐藤"), 400},
		{"a status of 3", put("/user/2", "status=3"), 400},
		{"a notification_setting that is no JSON", put("/user/2", "notification_setting=[{"), 400},
		{"a rank that is no number", put("/group/1", "rank=first"), 400},
		{"a department below nothing", post("/department", "name=x&parent=99"), 400},
		{"a department below itself", put("/department/2", "parent=3"), 400},
		{"no group is created", post("/group", "name=x"), 405},
		{"a schedule that ends before it begins",
			post("/schedule", "start_date=2026-11-21 10:00&end_date=2026-11-21 09:00"), 400},
		{"a schedule of an unknown category", post("/schedule", "category_id=99"), 400},
		{"a schedule category by name", post("/schedule", "category_id=会議"), 400},
		{"participants that do not exist", post("/schedule", "participants=1,99"), 400},
		{"malformed participants", post("/schedule", `participants=[{"type":`), 400},
		{"a window that is no date", get("/schedule?start_date=today"), 400},
		{"a participant that is no number", get("/schedule?participant=admin"), 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv := flexcrm.NewServer(t)
			before := dump(t, srv.World)
			status, body := test.call.send(t, srv)
			if diff := cmp.Diff(fmt.Sprint(test.want, rejection(test.want)), fmt.Sprint(status, body)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(before, dump(t, srv.World)); diff != "" {
				t.Errorf("the refused request left: %s", diff)
			}
		})
	}
}

// dump returns everything that a world holds, one entry per table.
func dump(t testing.TB, w *fake.World) map[string]string {
	out := map[string]string{}
	for _, tables := range w.Dump() {
		for name, rows := range tables {
			text, err := json.Marshal(rows)
			if err != nil {
				t.Fatal(err)
			}
			out[name] = string(text)
		}
	}
	return out
}

// part returns a multipart body, with boundary b, of one file.
func part(name, data string) string {
	return "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name +
		"\"\r\nContent-Type: text/plain\r\n\r\n" + data + "\r\n--b--\r\n"
}

// TestBothURLForms checks that the site is in the path on the shared host and in the host name of a
// dedicated contract, that a trailing slash is allowed, and that the inferred paths have aliases.
func TestBothURLForms(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	for _, c := range []call{
		{path: "/flex/api/v1/flexdb/tbl_customer/1"},
		{path: "/flex/api/v1/flexdb/TBL_Customer/1/"},
		{path: "/api/v1/flexdb/tbl_customer/1", host: "flex.flex-crm.com"},
		{path: "/api/v1/flexdb/tbl_customer/pkey/C-0001/", host: "FLEX.flex-crm.com:443"},
		{path: "/flex/api/v1/flexdb/tbl_customer/pkey/C%2D0001", host: "flex-crm.com"},
		{path: "/flex/api/v1/flexdb/tbl_deal/1/process"},
		{path: "/flex/api/v1/workflow/approval/5/"},
		{path: "/flex/api/v1/flexdb/tbl_customer/?limit=5&offset=10"},
	} {
		c.method = "GET"
		if status, body := c.send(t, srv); status != 200 {
			t.Errorf("%s %s: %d %s", c.host, c.path, status, body)
		}
	}
	refused := call{method: "GET", path: "/api/v1/flexdb/tbl_customer/99", host: "other.flex-crm.com"}
	if status, _ := refused.send(t, srv); status != 401 {
		t.Errorf("the key of another site: %d", status)
	}
	srv = flexcrm.NewServer(t, flexcrm.WithKeys(flexcrm.Key{
		Key:       "other",
		Site:      "other",
		UserID:    1,
		Principal: "other",
		State:     "valid",
	}))
	refused.header = map[string]string{"X-FlexCRM-API-KEY": "other"}
	// no such record, but authenticated
	if status, body := refused.send(t, srv); status != 400 || body != rejection(400) {
		t.Errorf("its own site: %d %s", status, body)
	}
}

// TestLiteralPkeyBeatsAliases checks that a record whose key is "process" is not taken for a list
// of processes.
func TestLiteralPkeyBeatsAliases(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t, flexcrm.WithRecords("tbl_customer",
		map[string]any{"customer_code": "process", "name": "工程"}))
	if got := record(t, srv, "/flexdb/tbl_customer/pkey/process")["name"]; got != "工程" {
		t.Errorf("name = %v", got)
	}
}

func TestWorldsOfSeeds(t *testing.T) {
	t.Parallel()
	for _, seed := range []string{"default", "empty"} {
		srv := flexcrm.NewServer(t, fake.WithSeed(seed))
		var users list
		get("/user").must(t, srv, &users)
		if users.Count == 0 {
			t.Errorf("%s has no user", seed)
		}
	}
}

// TestFeatures checks the features of a world.
func TestFeatures(t *testing.T) {
	t.Parallel()
	on := func(name string) *fake.TestServer { return flexcrm.NewServer(t, fake.WithFeature(name, true)) }
	for _, test := range []struct {
		name       string
		srv        *fake.TestServer
		call       call
		want       int
		wantInside string
	}{
		{"201 without", flexcrm.NewServer(t), post("/user", "userid=new"), 201, `{"status":"success"}`},
		{"200 with", on("post-answers-200"), post("/user", "userid=new"), 200, `{"status":"success"}`},
		{"bare user without", flexcrm.NewServer(t), get("/user/1"), 200, `{"id":1,"userid":"admin"`},
		{"user in an envelope with", on("user-envelope"), get("/user/1"), 200, `{"status":"success","data":[{"id":1,`},
		{"both filters without", flexcrm.NewServer(t), get("/flexdb/tbl_customer?name=製&name=信"), 200, `"maxCount":1`},
		{"both filters without, both met", flexcrm.NewServer(t), get("/flexdb/tbl_customer?name=製&name=葉"), 200,
			`"maxCount":1`},
		{"every filter with", on("every-filter"), get("/flexdb/tbl_customer?name=製&name=信"), 200, `"maxCount":0`},
		{"unknown field without", flexcrm.NewServer(t), get("/flexdb/tbl_customer?nothing=1"), 200, `"maxCount":12`},
		{"unknown field with", on("strict-filters"), get("/flexdb/tbl_customer?nothing=1"), 400, `"Bad Request"`},
	} {
		status, body := test.call.send(t, test.srv)
		if status != test.want || !strings.Contains(body, test.wantInside) {
			t.Errorf("%s: %d %s", test.name, status, body)
		}
	}
}

// TestWorldsHaveKeysOfTheirOwn checks that a new world's credentials are new and valid.
func TestWorldsHaveKeysOfTheirOwn(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	def := flexcrm.Def()
	var generated []fake.Credential
	err := srv.State.Change(func() error { generated = def.Credentials(srv.State, "chosen"); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if len(generated) != 3 || generated[0].Value != "chosen" || len(generated[1].Value) != 32 {
		t.Fatalf("credentials: %+v", generated)
	}
	for _, c := range generated {
		req := get("/flexdb/tbl_customer")
		req.header = map[string]string{"X-FlexCRM-API-KEY": c.Value}
		want := map[string]int{"valid": 200, "revoked": 403}[c.State]
		if status, _ := req.send(t, srv); status != want {
			t.Errorf("%s: %d, want %d", c.Principal, status, want)
		}
	}
	if got := len(def.Known(srv.State)); got != 6 {
		t.Errorf("known keys: %d", got)
	}
}

// TestForksAndSavedStates checks that dump and load preserve the content of a world.
func TestForksAndSavedStates(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	if err := flexcrm.Define(srv.State,
		flexcrm.Table{ID: "extra", Fields: []flexcrm.Field{{ID: "a", Name: "A", Type: flexcrm.OneLine}}}); err != nil {
		t.Fatal(err)
	}
	post("/flexdb/extra", "a=1").must(t, srv, nil)
	put("/department/3", "parent=5").must(t, srv, nil)
	before := dump(t, srv.World)
	if err := srv.World.Load(srv.World.Dump()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, dump(t, srv.World)); diff != "" {
		t.Error(diff)
	}
	fork, err := srv.Server.NewWorld("fork", srv.World.Settings(), srv.World)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, dump(t, fork)); diff != "" {
		t.Error(diff)
	}
	post("/flexdb/extra", "a=2").must(t, srv, nil)
	if got := record(t, srv, "/flexdb/extra/2")["a"]; got != "2" {
		t.Errorf("a = %v", got)
	}
}

// TestInferredRoutesAreTagged checks that the list of guessed paths and the document agree.
func TestInferredRoutesAreTagged(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	for _, op := range flexcrm.Def().Spec.Operations() {
		if path, ok := strings.CutPrefix(op.Path, "/{site_id}/api/v1/"); ok && op.Evidence == "inferred" {
			want[op.ID] = path
		}
	}
	if diff := cmp.Diff(want, flexcrm.InferredPaths()); diff != "" {
		t.Errorf("document (-) and list (+) differ:\n%s", diff)
	}
	if documented := len(flexcrm.Def().Spec.Operations()) - len(want) - 4; documented != 7 {
		t.Errorf("%d operations are documented, not 7", documented)
	}
}

func TestNamedFaultsHaveTheVendorsShape(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	for name, want := range map[string]int{"bad-request": 400, "unauthorized": 401, "forbidden": 403,
		"unknown-method": 405, "internal-error": 500} {
		c := get("/flexdb/tbl_customer")
		c.header = map[string]string{"Prefer": "fault=" + name}
		if status, body := c.send(t, srv); status != want || !strings.HasPrefix(body, `{"status":"error","error":"`) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}
