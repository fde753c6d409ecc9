package flexcrm_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/mocks/flexcrm"
)

var sampleRecords = []map[string]any{
	{"title": "Alpha", "number": "10", "select": "2,3", "date": "2023-04-01", "address_zip": "060-0001",
		"address_state": "北海道", "user": "3", "data": "C-0001", "tel": "03-0000-0001"},
	{"title": "alphabet", "number": "9.5", "select": "1", "date": "2023/04/01 12:00:00", "address_zip": "1000005",
		"address_state": "東京都", "user": "13", "data": "C-0010"},
	{"title": "見積書", "number": "-3", "select": "4", "date": "2023-03-31 23:59:59", "address_state": "京都府", "user": "1"},
	{},
}

var thirteenth = flexcrm.User{ID: 13, UserID: "thirteen", Name: "十三"}

// TestFilters checks the meaning of each operator for each type, section by section.
func TestFilters(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t, flexcrm.WithUsers(thirteenth), flexcrm.WithTable(sample),
		flexcrm.WithRecords("abcde123", sampleRecords...))
	for _, test := range []struct {
		query string
		want  []int
	}{
		{"", []int{1, 2, 3, 4}},
		{"title=lpha", []int{1, 2}},
		{"title=Alpha", []int{1}},
		{"TITLE=Alpha", []int{1}},
		{"title%3D=Alpha", []int{1}},
		{"title%3D=lpha", []int{}},
		{"title%21%3D=lpha", []int{3, 4}},
		{"title==Alpha", []int{}},
		{"title=", []int{1, 2, 3, 4}},
		{"title%3D=", []int{1, 2, 3, 4}},
		{"title=" + url.QueryEscape("見積"), []int{3}},
		{"title=見積", []int{3}},
		{"title=lpha&title=bet", []int{2}},
		{"number=10", []int{1}},
		{"number=10.00", []int{1}},
		{"number=1", []int{}},
		{"number%21%3D=10", []int{2, 3, 4}},
		{"number%3E=9.5", []int{1}},
		{"number%3E%3D=9.5", []int{1, 2}},
		{"number>=9.5", []int{1}}, // not encoded: the key is number>, which is a greater-than
		{"number%3C=0", []int{3}},
		{"number%3C%3D=9.5&number%3E%3D=-3", []int{2, 3}},
		{"select=2", []int{1, 2}}, // by id, or by the label 20歳未満
		{"select=3", []int{1}},
		{"select=BBB", []int{3}},
		{"select=3,2", []int{1}},
		{"select%3D=3,2", []int{1}},
		{"select%3D=2", []int{}},
		{"select%21%3D=3", []int{2, 3, 4}},
		{"date%3E%3D=2023%2F04%2F01+00%3A00%3A00", []int{1, 2}},
		{"date%3E%3D=2023-04-01&date%3C=2023-04-01%2012:00:00", []int{1}},
		{"date=2023-04-01", []int{1}},
		{"address_zip=0600001", []int{1}},
		{"address_zip=060-00", []int{1}},
		{"address_zip%3D=600001", []int{1}},
		{"address_state=13", []int{2}},
		{"address_state=京", []int{2, 3}},
		{"address_state%3D=東京都", []int{2}},
		{"address_state%3D=京", []int{}},
		{"address=京", []int{1, 2, 3, 4}},
		{"user=3", []int{1}},
		{"data=C-001", []int{2}},
		{"data%3D=C-0001", []int{1}},
		{"look=青葉", []int{1}},
		{"computation=19", []int{2}},
		{"serial%3C%3D=2", []int{1, 2}},
		{"id%3E=2", []int{3, 4}},
		{"create_user_id=1&limit=2", []int{1, 2}},
		{"create_date%3E=2020-01-01", []int{1, 2, 3, 4}},
		{"file=x", []int{}},
		{"file_file_list=x", []int{1, 2, 3, 4}},
		{"unknown=1&unknown%3D=2", []int{1, 2, 3, 4}},
		{"title%3D%3D=Alpha", []int{1, 2, 3, 4}},
		{"title%00=Alpha", []int{1, 2, 3, 4}},
		{"%FF%FE=1", []int{1, 2, 3, 4}},
		{"title=%FF", []int{}},
		{"%zz=1&title=lpha", []int{1, 2}},
		{"title=100%", []int{}},
		{"=x&%3D=x&&;", []int{1, 2, 3, 4}},
		{"limit%3D=1", []int{1, 2, 3, 4}},
		{"order-by=title", []int{4, 1, 2, 3}},
		{"order-by=title%20DESC", []int{3, 2, 1, 4}},
		{"order-by=number+asc", []int{4, 3, 2, 1}},
		{"order-by=date%20desc", []int{2, 1, 3, 4}},
		{"order-by=user%20asc", []int{4, 3, 1, 2}},
		{"order-by=text%20asc%2Cnumber%20desc", []int{1, 2, 3, 4}},
		{"order-by=create_user_id%20asc%2Cid%20desc", []int{4, 3, 2, 1}},
		{"order-by=look%20desc", []int{1, 2, 3, 4}},
		{"order-by=", []int{1, 2, 3, 4}},
		{"limit=1&limit=2", []int{1, 2}},
		{"limit=0", []int{}},
		{"offset=3", []int{4}},
		{"offset=99999999999999999999", []int{}},
	} {
		status, body := get("/flexdb/abcde123?"+test.query).send(t, srv)
		var l list
		if err := json.Unmarshal([]byte(body), &l); status != 200 || err != nil {
			t.Errorf("%s: %d %s", test.query, status, body)
			continue
		}
		if diff := cmp.Diff(test.want, l.ids()); diff != "" {
			t.Errorf("%s: %s", test.query, diff)
		}
	}
}

// TestPaging checks the default page of 100, the maximum of 1,000, that both are echoed, and that
// the total counts the filtered records.
func TestPaging(t *testing.T) {
	t.Parallel()
	var many []map[string]any
	for i := range 1100 {
		many = append(many, map[string]any{"title": fmt.Sprint(i % 2), "number": i})
	}
	srv := flexcrm.NewServer(t, flexcrm.WithTable(sample), flexcrm.WithRecords("abcde123", many...))
	for query, want := range map[string]list{
		"":                           {Limit: 100, Count: 100, MaxCount: 1100},
		"limit=5&offset=10":          {Limit: 5, Offset: 10, Count: 5, MaxCount: 1100},
		"limit=1001":                 {Limit: 1000, Count: 1000, MaxCount: 1100},
		"limit=99999999999999999999": {Limit: 1000, Count: 1000, MaxCount: 1100},
		"offset=1095":                {Limit: 100, Offset: 1095, Count: 5, MaxCount: 1100},
		"title=1&offset=500":         {Limit: 100, Offset: 500, Count: 50, MaxCount: 550},
		"offset=2000":                {Limit: 100, Offset: 2000, MaxCount: 1100},
	} {
		var got list
		get("/flexdb/abcde123?"+query).must(t, srv, &got)
		if got.Data = nil; !cmp.Equal(want, got) {
			t.Errorf("%s: %s", query, cmp.Diff(want, got))
		}
	}
}

// TestTotals checks the key of the total, which differs between lists.
func TestTotals(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	for path, want := range map[string]string{
		"/user?limit=2&offset=1": `{"status":"success","limit":2,"offset":1,"count":2,"maxCount":8,"data":[{"id":2,`,
		"/group":                 `{"status":"success","limit":100,"offset":0,"count":3,"maxCount":3,"data":[{"id":1,`,
		"/position?limit=1":      `{"status":"success","limit":1,"offset":0,"count":1,"maxCount":4,"data":[{"id":1,`,
		"/department?limit=1":    `{"status":"success","limit":1,"offset":0,"count":1,"maxcount":6,"data":[{"id":1,`,
		"/schedule?limit=1":      `{"status":"success","scheduleList":[{"id":1,`,
	} {
		if status, body := get(path).send(t, srv); status != 200 || !strings.HasPrefix(body, want) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

// TestRawOperatorsAreNoted checks that the journal names conditions whose operator was not percent-encoded.
func TestRawOperatorsAreNoted(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	for query, want := range map[string]string{
		"amount>=5": `the operator of "amount>=5" is not percent-encoded: ` +
			`it is read as the key "amount>" with the value "5"`,
		"title==x": `the operator of "title==x" is not percent-encoded: ` +
			`it is read as the key "title" with the value "=x"`,
		"amount%3E%3D=5": "",
	} {
		get("/flexdb/tbl_deal?"+query).must(t, srv, nil)
		entries, _ := srv.Journal.Entries()
		if got := strings.Join(entries[len(entries)-1].Notes, "; "); got != want {
			t.Errorf("%s: noted %q, want %q", query, got, want)
		}
	}
}
