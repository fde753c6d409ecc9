package flexcrm_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/flexcrm"
)

// sample is a table with a writable field of every type, named as in the vendor's samples.
var sample = flexcrm.Table{ID: "abcde123", Name: "見本", Fields: []flexcrm.Field{
	{ID: "title", Name: "件名", Type: flexcrm.OneLine},
	{ID: "text", Name: "本文", Type: flexcrm.Text},
	{ID: "number", Name: "数", Type: flexcrm.Number},
	{
		ID:   "select",
		Name: "年代",
		Type: flexcrm.Select,
		Form: "checkbox",
		Options: []flexcrm.Option{{ID: "1", Label: "20歳未満"}, {ID: "2", Label: "20代"}, {ID: "3", Label: "30代"},
			{ID: "4", Label: "BBB"}},
	},
	{ID: "date", Name: "日付", Type: flexcrm.Date},
	{ID: "address", Name: "住所", Type: flexcrm.Address},
	{ID: "tel", Name: "電話", Type: flexcrm.Tel},
	{ID: "mail", Name: "メール", Type: flexcrm.Mail},
	{ID: "user", Name: "担当", Type: flexcrm.UserField},
	{ID: "data", Name: "顧客", Type: flexcrm.Relation, Table: "tbl_customer"},
	{ID: "file", Name: "添付", Type: flexcrm.File},
	{ID: "serial", Name: "連番", Type: flexcrm.Number, Auto: true, Unique: true},
	{ID: "look", Name: "顧客名", Type: flexcrm.Reference, Via: "data", Target: "name"},
	{ID: "computation", Name: "計算", Type: flexcrm.Computed, Formula: "{number} * 2"},
}}

// fields removes the system keys that are times.
func fields(rec map[string]any) map[string]any {
	out := map[string]any{}
	for key, value := range rec {
		if !strings.HasPrefix(key, "update_date") && key != "create_date" {
			out[key] = value
		}
	}
	return out
}

// TestReadForm checks that a value of each type is returned in its read form, whatever the encoding
// of the body.
func TestReadForm(t *testing.T) {
	t.Parallel()
	written := map[string]string{"title": "見積 <A&B>", "text": "一行目\n二行目", "number": "1234.1234", "select": "2, 3",
		"date": "2019/01/01", "address_zip": "060-0001",
		"address_state": "東京都", "address_city": "千代田区丸の内1", "address_address": "", "tel": "03-xxxx-xxxx",
		"mail": "a@example.jp", "user": "3", "data": "C-0002",
		"file": "x.txt", "look": "y", "computation": "z", "nothing": "ignored", "id": "99"}
	want := map[string]any{"id": 1.0, "create_user_id": 1.0, "update_user_id": 1.0, "title": "見積 <A&B>",
		"text": "一行目\n二行目", "number": 1234.1234, "select": "2,3",
		"date": "2019-01-01 00:00:00", "address_zip": 600001.0, "address_state": 13.0, "address_city": "千代田区丸の内1",
		"address_address": "", "tel": "03-xxxx-xxxx",
		"mail": "a@example.jp", "user": 3.0, "data": "C-0002", "file": "", "file_list": nil, "serial": 1.0,
		"look": "株式会社はやぶさ物流", "computation": "2468.2468"}
	delete(want, "file_list")
	want["file_file_list"] = []any{}
	values := url.Values{}
	for key, value := range written {
		values.Set(key, value)
	}
	asJSON, _ := json.Marshal(written)
	var parts bytes.Buffer
	w := multipart.NewWriter(&parts)
	for key, value := range written {
		w.WriteField(key, value)
	}
	w.Close()
	for media, body := range map[string]string{"application/x-www-form-urlencoded": values.Encode(),
		"application/json": string(asJSON), w.FormDataContentType(): parts.String()} {
		srv := flexcrm.NewServer(t, flexcrm.WithTable(sample))
		c := post("/flexdb/abcde123", body)
		c.media = media
		status, answer := c.send(t, srv)
		if status != 201 || answer != `{"status":"success","id":1}` {
			t.Fatalf("%s: %d %s", media, status, answer)
		}
		if diff := cmp.Diff(want, fields(record(t, srv, "/flexdb/abcde123/1"))); diff != "" {
			t.Errorf("%s:\n%s", media, diff)
		}
	}
}

// TestKeysStandInDisplayOrder checks the order of keys in lists and single records: system keys
// first, then the fields of the table.
func TestKeysStandInDisplayOrder(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t, flexcrm.WithTable(sample),
		flexcrm.WithRecords("abcde123", map[string]any{"title": "a"}))
	want := []string{"id", "create_user_id", "update_user_id", "update_date_for_user", "update_date", "create_date",
		"title", "text", "number", "select", "date",
		"address_zip", "address_state", "address_city", "address_address", "tel", "mail", "user", "data", "file",
		"file_file_list", "serial", "look", "computation"}
	_, one := get("/flexdb/abcde123/1").send(t, srv)
	_, all := get("/flexdb/abcde123").send(t, srv)
	_, defs := get("/flexdbFields/abcde123").send(t, srv)
	for name, text := range map[string]string{"one": one, "list": all} {
		if diff := cmp.Diff(want, keysIn(text, want)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	want = slices.DeleteFunc(want, func(key string) bool { return key == "file_file_list" })
	if diff := cmp.Diff(want, keysIn(defs, want)); diff != "" {
		t.Errorf("definitions: %s", diff)
	}
	for _, part := range []string{`"id":{"displayName":"レコード番号"}`,
		`"select":{"displayName":"年代","inputType":"選択肢","option":{"1":"20歳未満","2":"20代","3":"30代","4":"BBB"}}`,
		`"address_zip":{"displayName":"住所(郵便番号)","inputType":"住所"}`} {
		if !strings.Contains(defs, part) {
			t.Errorf("definitions lack %s: %s", part, defs)
		}
	}
}

// keysIn returns the keys in the order of their occurrence in a text.
func keysIn(text string, keys []string) []string {
	text = text[strings.Index(text, `{"id"`):]
	out := slices.Clone(keys)
	slices.SortFunc(out, func(a, b string) int {
		return strings.Index(text, `"`+a+`":`) - strings.Index(text, `"`+b+`":`)
	})
	return slices.DeleteFunc(out, func(key string) bool { return !strings.Contains(text, `"`+key+`":`) })
}

// TestLimitsCountCharacters checks the limits of 120 and 10,000 characters, counted in characters
// and not in bytes, and of ten digits.
func TestLimitsCountCharacters(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		key, value string
		want       int
	}{
		{"title", strings.Repeat("漢", 120), 201}, {"title", strings.Repeat("漢", 121), 400},
		{"title", strings.Repeat("😀", 120), 201},
		{"text", strings.Repeat("漢", 10_000), 201}, {"text", strings.Repeat("漢", 10_001), 400},
		{"number", "9999999999", 201}, {"number", "9999999999.5", 400}, {"number", "-9999999999", 201},
		{"number", "-10000000000", 400}, {"number", "0000000000001", 201}, {"number", "1,000", 400},
		{"number", "１２", 400}, {"number", "NaN", 400}, {"date", "2026-11-21 23:59:59", 201},
		{"date", "2026/11/21 23:59:60", 400}, {"date", "21/11/2026", 400}, {"select", "2,3", 201},
		{"select", "2;3", 400}, {"address_state", "13", 201}, {"address_state", "48", 400},
		{"address_zip", "100-0005", 201}, {"address_zip", "1-2-3", 400},
	} {
		srv := flexcrm.NewServer(t, flexcrm.WithTable(sample))
		if status, body := post("/flexdb/abcde123", test.key+"="+url.QueryEscape(test.value)).send(t,
			srv); status != test.want {
			t.Errorf("%s of %d characters (%.20s): %d %s", test.key, len([]rune(test.value)), test.value, status, body)
		}
	}
}

// TestUpdateKeepsWhatIsLeftOut checks that omitted keys keep their values, that empty ones are
// cleared, and that the dates of change are updated.
func TestUpdateKeepsWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	srv.World.Freeze(time.Date(2026, 11, 30, 15, 0, 0, 0, time.UTC))
	before := record(t, srv, "/flexdb/tbl_customer/1")
	if status, body := put("/flexdb/tbl_customer/pkey/C-0001", "memo=&kana=X").send(t, srv); status != 200 ||
		body != `{"status":"success"}` {
		t.Fatalf("%d %s", status, body)
	}
	after := record(t, srv, "/flexdb/tbl_customer/1")
	before["memo"], before["kana"], before["update_user_id"] = "", "X", 1.0
	// Japan is nine hours ahead
	before["update_date"], before["update_date_for_user"] = "2026-12-01 00:00:00", "2026-12-01 00:00:00"
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
}

// TestDerivedFieldsFollow checks that a reference follows its relation and that a computed field
// follows its operands.
func TestDerivedFieldsFollow(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	put("/flexdb/tbl_customer/1", "name=新社名").must(t, srv, nil)
	put("/flexdb/tbl_deal/1", "amount=100&probability=25").must(t, srv, nil)
	got := record(t, srv, "/flexdb/tbl_deal/1")
	want := map[string]any{"customer_name": "新社名", "customer_state": 4.0, "expected": "25",
		"follow_up": "2027/01/14 00:00:00"}
	for key, value := range want {
		if got[key] != value {
			t.Errorf("%s = %v, want %v", key, got[key], value)
		}
	}
	if got := record(t, srv, "/flexdb/tbl_inquiry/1")["deal_customer"]; got != "新社名" {
		t.Errorf("a reference to a reference shows %v", got)
	}
	if got := record(t, srv, "/flexdb/tbl_deal/7"); got["expected"] != "" || got["follow_up"] != "" {
		t.Errorf("computations over empty fields: %v, %v", got["expected"], got["follow_up"])
	}
}

// TestDeepReferencesShowBlank checks that a chain of more than five references is blank and that a
// cycle ends.
func TestDeepReferencesShowBlank(t *testing.T) {
	t.Parallel()
	var opts []fake.Option
	for i := range 7 {
		table := flexcrm.Table{
			ID:     fmt.Sprint("t", i),
			Fields: []flexcrm.Field{{ID: "v", Name: "v", Type: flexcrm.OneLine}},
		}
		values := map[string]any{"v": "end"}
		if i > 0 {
			table.Fields = []flexcrm.Field{{
				ID:    "up",
				Name:  "up",
				Type:  flexcrm.Relation,
				Table: fmt.Sprint("t", i-1),
			}, {ID: "v", Name: "v", Type: flexcrm.Reference, Via: "up", Target: "v"},
				{ID: "me", Name: "me", Type: flexcrm.Computed, Formula: "{me} + 1"}}
			values = map[string]any{"up": "1"}
		}
		opts = append(opts, flexcrm.WithTable(table), flexcrm.WithRecords(table.ID, values))
	}
	srv := flexcrm.NewServer(t, opts...)
	for i, want := range []string{"end", "end", "end", "end", "end", "end", ""} {
		if got := record(t, srv, fmt.Sprintf("/flexdb/t%d/1", i)); got["v"] != want || i > 0 && got["me"] != "" {
			t.Errorf("after %d steps: %v", i, got)
		}
	}
}

func TestFormulas(t *testing.T) {
	t.Parallel()
	for formula, want := range map[string]string{
		"1 + 2 * 3": "7", "(1 + 2) * 3": "9", "{number} / 4": "2.5", "10 / 0": "", "0.1 + 0.2": "0.3",
		`{title} & " 様"`: "佐藤 様", "{date} + 1": "2026/03/01 12:00:00", "{date} - {date}": "0", "{text} + 1": "",
		`{text} & "x"`: "x", "{title} * 2": "", "7 - 2 - 1": "4",
	} {
		table := sample
		table.Fields = append(slices.Clone(sample.Fields[:5]), flexcrm.Field{
			ID:      "c",
			Name:    "c",
			Type:    flexcrm.Computed,
			Formula: formula,
		})
		srv := flexcrm.NewServer(t, flexcrm.WithTable(table),
			flexcrm.WithRecords("abcde123", map[string]any{"number": 10, "title": "佐藤", "date": "2026-02-28 12:00:00"}))
		if got := record(t, srv, "/flexdb/abcde123/1")["c"]; got != want {
			t.Errorf("%s = %v, want %s", formula, got, want)
		}
	}
}

// TestUpload checks that only names are returned, joined and as a list, and that a file of the same
// name replaces the old one.
func TestUpload(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	for _, file := range [][2]string{{"見積.pdf", "1"}, {"図面.png", "2"}, {"見積.pdf", "three"}} {
		c := call{
			method: "POST",
			path:   base + "/flexdbFile/TBL_DEAL/1/Quotation",
			body:   part(file[0], file[1]),
			media:  "multipart/form-data; boundary=b",
		}
		if file[0] == "図面.png" {
			c.path = base + "/flexdb/tbl_deal/1/file/quotation/"
		}
		if status, body := c.send(t, srv); status != 200 || body != `{"status":"success"}` {
			t.Fatalf("%d %s", status, body)
		}
	}
	got := record(t, srv, "/flexdb/tbl_deal/1")
	if diff := cmp.Diff([]any{"見積.pdf,図面.png", []any{"見積.pdf", "図面.png"}},
		[]any{got["quotation"], got["quotation_file_list"]}); diff != "" {
		t.Error(diff)
	}
	kept := map[string]string{}
	for _, f := range flexcrm.Files(srv.State, "tbl_deal", 1, "quotation") {
		kept[f.Name] = string(f.Data)
	}
	if diff := cmp.Diff(map[string]string{"見積.pdf": "three", "図面.png": "2"}, kept); diff != "" {
		t.Error(diff)
	}
	var files []flexcrm.Upload
	call{method: "GET", path: "/__flexcrm/files/tbl_deal/1/quotation"}.must(t, srv, &files)
	if len(files) != 2 || files[0].Size != 1 {
		t.Errorf("the hook lists %+v", files)
	}
}

// TestNumbersCountUp checks that an automatic number follows the highest one and that a rejected
// write uses none.
func TestNumbersCountUp(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	post("/flexdb/tbl_deal", "title=a").must(t, srv, nil)
	post("/flexdb/tbl_deal", "amount=1").send(t, srv)
	post("/flexdb/tbl_deal", "title=c").must(t, srv, nil)
	for id, want := range map[int]float64{13: 13, 14: 14} {
		if got := record(t, srv, fmt.Sprintf("/flexdb/tbl_deal/%d", id))["deal_no"]; got != want {
			t.Errorf("record %d has the number %v", id, got)
		}
	}
}

// TestRedefinedTable checks that records keep the values that still fit and that a text which
// becomes one line is truncated to 120 characters.
func TestRedefinedTable(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("長", 200)
	table := flexcrm.Table{
		ID:     "notes",
		Name:   "メモ",
		Fields: []flexcrm.Field{{ID: "a", Name: "a", Type: flexcrm.Text}, {ID: "b", Name: "b", Type: flexcrm.OneLine}},
	}
	srv := flexcrm.NewServer(t, flexcrm.WithTable(table),
		flexcrm.WithRecords("notes", map[string]any{"a": long, "b": "x"}))
	hook := call{method: "PUT", path: "/__flexcrm/tables/notes", media: "application/json",
		body: `{"name":"メモ","primary_key":"a","fields":[{"id":"c","name":"c","type":"数値"},` +
			`{"id":"a","name":"a","type":"1行テキスト","required":true,"unique":true}]}`}
	hook.must(t, srv, nil)
	want := map[string]any{"id": 1.0, "create_user_id": 1.0, "update_user_id": 1.0, "a": strings.Repeat("長", 120),
		"c": nil}
	if diff := cmp.Diff(want,
		fields(record(t, srv, "/flexdb/notes/pkey/"+url.PathEscape(strings.Repeat("長", 120))))); diff != "" {
		t.Error(diff)
	}
	post("/flexdb/notes", "a=second").must(t, srv, nil)
	if got := record(t, srv, "/flexdb/notes/pkey/second")["id"]; got != 2.0 {
		t.Errorf("the next record is %v", got)
	}
}

// TestBadDefinitions checks that the control hook rejects what the vendor's screen would, and says
// why.
func TestBadDefinitions(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	before := dump(t, srv.World)
	for _, test := range []struct{ id, body, want string }{
		{"a-b", `{"fields":[]}`, "letters, digits and underscores"},
		{"t", `{"fields":[{"id":"a","name":"a","type":"文字"}]}`, "no type"},
		{"t", `{"fields":[{"id":"a","name":"a","type":"数値"},{"id":"A","name":"a","type":"数値"}]}`,
			"two fields have the key"},
		{"t", `{"fields":[{"id":"create_date","name":"a","type":"数値"}]}`, "two fields have the key"},
		{"t", `{"fields":[{"id":"a","name":"a","type":"住所"},{"id":"a_zip","name":"a","type":"数値"}]}`,
			"two fields have the key"},
		{"t", `{"primary_key":"a","fields":[{"id":"a","name":"a","type":"1行テキスト"}]}`, "required and unique"},
		{"t",
			`{"fields":[{"id":"a","name":"a","type":"選択肢","options":[{"id":"1","label":"x"},` +
				`{"id":"1","label":"y"}]}]}`, "options have ids"},
		{"t", `{"fields":[{"id":"a","name":"a","type":"参照","via":"b","target":"name"}]}`, "looks through"},
		{"t", `{"fields":[{"id":"a","name":"a","type":"計算結果","formula":"1 +"}]}`, "formula"},
		{"t", `{"fields":[{"id":"a","name":"a","type":"計算結果","formula":"{b}"}]}`, "no field"},
		{"t", `{"fields":[{"id":"a b","name":"a","type":"数値"}]}`, "letters, digits and underscores"},
		{"t", `{"fields":[{"id":"a","name":"` + strings.Repeat("名", 61) + `","type":"数値"}]}`, "up to 60 characters"},
		{"t", `{"fields":[{"id":"a","name":"a","type":"選択肢","form":"slider","options":[]}]}`, "no form"},
		{"t", `{"fields":[{"id":"a","name":"a","type":"テキスト","auto":true}]}`, "counts up"},
		{"t", `{"fields":[{"id":"a","name":"a","type":"リレーション"}]}`, "table it leads to"},
		{"t", `{"fields":[{"id":"a","name":"a","type":"ファイル","unique":true}]}`, "cannot be unique"},
		{"t", `{"kind":"callcentre","fields":[{"id":"calledno","name":"a","type":"数値"}]}`, "two fields have the key"},
	} {
		status, body := call{
			method: "PUT",
			path:   "/__flexcrm/tables/" + test.id,
			body:   test.body,
			media:  "application/json",
		}.send(t, srv)
		if status != 400 || !strings.Contains(body, test.want) {
			t.Errorf("%s: %d %s", test.body, status, body)
		}
	}
	if diff := cmp.Diff(before, dump(t, srv.World)); diff != "" {
		t.Error(diff)
	}
}

// TestCallCentreHistory checks the same routes with the fixed fields before the table's own.
func TestCallCentreHistory(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	var calls list
	get("/flexdb/call_history?complete_status%3D=%E5%AE%8C%E4%BA%86&incidence_date%3E=2026-11-10&"+
		"order-by=incidence_date%20desc").must(t, srv, &calls)
	if diff := cmp.Diff([]int{6, 3}, calls.ids()); diff != "" {
		t.Error(diff)
	}
	want := map[string]any{"id": 1.0, "create_user_id": 6.0, "update_user_id": 6.0, "hasshin_no": "022-000-0101",
		"incidence_date": "2026-11-02 09:12:00", "calledno": "03-0000-0001",
		"session_profile_id": "C1102-0912", "complete_status": "完了", "kokyaku_table_meta_id": "tbl_customer",
		"kokyaku_id": 1.0, "incident_table_meta_id": "tbl_inquiry",
		"incident_table": 1.0, "memo": "", "operator": 7.0}
	if diff := cmp.Diff(want, fields(record(t, srv, "/flexdb/call_history/1"))); diff != "" {
		t.Error(diff)
	}
}

// TestSameDefinitionChangesNothing checks that the hook accepts the seed's tables and that defining
// them again changes no record.
func TestSameDefinitionChangesNothing(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	before := dump(t, srv.World)
	var tables []flexcrm.Table
	call{method: "GET", path: "/__flexcrm/tables"}.must(t, srv, &tables)
	for _, table := range tables {
		if err := flexcrm.Define(srv.State, table); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff(before, dump(t, srv.World)); diff != "" || len(tables) != 4 {
		t.Errorf("%d tables: %s", len(tables), diff)
	}
}
