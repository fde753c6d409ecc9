package kickflow_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

// operations returns lines like "POST /v1/tickets" for the document's operations, in a fixed order.
func operations(t testing.TB) (lines []string) {
	t.Helper()
	text, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	for path, item := range document.Paths {
		for method := range item {
			if method != "parameters" {
				lines = append(lines, strings.ToUpper(method)+" "+path)
			}
		}
	}
	slices.Sort(lines)
	return lines
}

// places maps path parameters to rows of the default seed.
var places = map[string][]string{
	"categoryId": {"e0000000-0000-4000-8000-000000000001"}, "folderId": {buying, "company"},
	"generalMasterId": {vendors, "vendors"}, "itemId": {"aoki"},
	"gradeId": {staff, "director"}, "organizationChartId": {chart, plan}, "teamId": {sales1, hq, finance},
	"roleId": {people, builtIn}, "userId": {suzuki, "tanaka", invited, ito, "watanabe"},
	"ticketId": {"70000000-0000-4000-8000-000000000001", "70000000-0000-4000-8000-000000000002",
		"70000000-0000-4000-8000-000000000003",
		"70000000-0000-4000-8000-000000000004", "70000000-0000-4000-8000-000000000005"},
	"commentId": {"73000000-0000-4000-8000-000000000001"}, "viewerId": {"72000000-0000-4000-8000-000000000001"},
	"routeId": {"purchase-route"}, "workflowId": {"purchase-request", "expense"},
}

// fill replaces each parameter of a path by a row or the given text.
func fill(path, text string, which uint8) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if known := places[strings.Trim(part, "{}")]; strings.HasPrefix(part, "{") {
			parts[i] = text
			if text == "" && len(known) > 0 {
				parts[i] = known[int(which)%len(known)]
			}
		}
	}
	return strings.Join(parts, "/")
}

// rejectionOf returns what is wrong with an error answer, or "" if it has the vendor's shape.
func rejectionOf(w *httptest.ResponseRecorder) string {
	var body struct {
		Code, Message *string
		Errors        map[string][]string
	}
	decoder := json.NewDecoder(w.Body)
	switch err := decoder.Decode(&body); {
	case !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json"):
		return "its content type is " + w.Header().Get("Content-Type")
	case err != nil:
		return err.Error()
	case body.Code == nil || *body.Code == "" || body.Message == nil || *body.Message == "":
		return "it has no code or no message"
	case w.Code == 422 && *body.Code != "validation_failed":
		return "its code is " + *body.Code
	}
	return ""
}

// FuzzOperations sends random requests to each operation and checks that each one succeeds or fails
// in the vendor's shape, and that a failed one changes nothing.
func FuzzOperations(f *testing.F) {
	lines := operations(f)
	seed := func(line, query, body string) {
		f.Add(uint8(slices.Index(lines, line)), uint8(0), "", query, body)
	}
	seed("POST /v1/tickets", "", purchaseForm("in_progress", "120000"))
	seed("POST /v1/tickets", "", expenseForm("draft", "交通費", "1.5", "null"))
	seed("PATCH /v1/tickets/{ticketId}", "",
		`{"status":"rejected","inputs":[{"formFieldCode":"memo","value":[1]}],"slipItems":[]}`)
	seed("PATCH /v1/tickets/{ticketId}/form", "",
		`{"inputs":[{"formFieldId":null,"formFieldCode":"memo","value":{"a":[]}}],`+
			`"slipItems":[{"slipSectionCode":"x","inputs":[{}]}]}`)
	seed("POST /v1/tickets/{ticketId}/reject", "", `{"to":-1,"comment":"\u0000"}`)
	seed("POST /v1/tickets/{ticketId}/viewers", "", `{"userId":["`+suzuki+`",1],"descendants":null}`)
	seed("GET /v1/tickets",
		"status=draft&status[]=denied&createdAtStart=2026-02-30&createdAtEnd=2026-01-01T00:00 "+
			"09:00&assigneeStatus=all&page=-1&perPage=1e9", "")
	seed("GET /v1/tickets/tasks", "pending=maybe&assignedToMeAtStart=%zz&stepTitle=&sortBy=createdAt-", "")
	seed("POST /v1/users", "",
		`{"email":"a@b.c","code":"x","firstName":" ","lastName":"y","memberships":[{"teamCode":"sales",`+
			`"gradeCodes":["staff","staff"],"leader":false}],"customFields":[{"code":"desk","value":[1e400]}]}`)
	seed("PATCH /v1/users/{userId}", "", `{"code":null,"email":"","customFields":[{"code":"","value":null}]}`)
	seed("POST /v1/generalMasters", "",
		`{"name":"m","fields":[{"title":"t","code":"c","required":true,"fieldType":"checkbox","options":[]}]}`)
	seed("PATCH /v1/generalMasters/{generalMasterId}/items/{itemId}", "",
		`{"inputs":[{"code":"x","value":["a"]}],"startsOn":"2026-13-01","endsOn":null}`)
	seed("POST /v1/organizationCharts/{organizationChartId}/activate", "", `{"dueOn":"0000-01-01"}`)
	seed("DELETE /v1/organizationCharts/{organizationChartId}/teams/{teamId}/memberships", "",
		`{"userIds":["`+suzuki+`","`+strings.ToUpper(suzuki)+`"]}`)
	seed("PATCH /v1/organizationCharts/{organizationChartId}/teams/{teamId}", "", `{"parentId":"`+sales1+`"}`)
	seed("POST /v1/roles", "", `{"name":"r","permissionList":[{"permission":"team","restricted":true,"teamIds":["`+hq+
		`"]}]}`)
	seed("POST /v1/proxyApprovers", "", `{"userId":"`+suzuki+`","proxyUserId":"`+tanaka+
		`","startsOn":null,"endsOn":"2026-01-01","workflowIds":[]}`)
	seed("POST /v1/files", "",
		"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--b--\r\n")
	f.Add(uint8(3), uint8(9), "..%2F\x00", "a=%&page[]=1", "null")
	for op := range lines {
		f.Add(uint8(op), uint8(0), "", "", "{}")
		f.Add(uint8(op), uint8(1), "", "", "")
	}
	srv := newServer(f)
	srv.World.SetBaseline()
	handler := srv.Server.Handler("kickflow")
	callers := []string{"", kickflow.MemberToken, kickflow.ApproverToken, sato, yamada, hoshino}
	var before map[string]string
	again := func() {
		srv.World.Reset()
		srv.World.Freeze(time.Date(2026, 8, 25, 0, 0, 0, 0, time.UTC))
		before = dumpOf(srv)
	}
	again()
	f.Fuzz(func(t *testing.T, op, who uint8, text, query, body string) {
		method, path, _ := strings.Cut(lines[int(op)%len(lines)], " ")
		r := httptest.NewRequest(method, "/", strings.NewReader(body))
		path = fill(path, text, who/uint8(len(callers)))
		r.URL, r.RequestURI = &url.URL{Path: path, RawQuery: query}, ""
		authorize(r, callers[int(who)%len(callers)])
		r.Header.Set("Content-Type", "application/json")
		if path == "/v1/files" {
			r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		switch {
		case w.Code == http.StatusOK:
			if w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) {
				t.Fatalf("%s %s: %s", method, r.URL, w.Body)
			}
			if method != http.MethodGet {
				again()
			}
			return
		case w.Code < 400 || w.Code >= 500:
			t.Fatalf("%s %s %q: %d %s", method, r.URL, body, w.Code, w.Body)
		}
		if wrong := rejectionOf(w); wrong != "" {
			t.Fatalf("%s %s %q: %d %s", method, r.URL, body, w.Code, wrong)
		}
		if after := dumpOf(srv); !maps.Equal(before, after) {
			t.Fatalf("%s %s %q: %d (-before +after)\n%.2000s", method, r.URL, body, w.Code, cmp.Diff(before, after))
		}
	})
}

// dumpOf returns all rows as text, without the counter of identifiers, which rejected requests may
// change.
func dumpOf(srv *fake.TestServer) map[string]string { return player{srv: srv}.dump() }
