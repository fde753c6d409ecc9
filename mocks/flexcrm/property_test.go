package flexcrm_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/flexcrm"
)

// chance generates random tables, records and queries.
type chance struct{ *rand.Rand }

func (c chance) pick(from ...string) string { return from[c.IntN(len(from))] }

func (c chance) word() string {
	return c.pick("", "a", "b", "ab", "A", "青", "青葉", "1", "10", "x=y", "a&b", "50%", " ", "a+b", "\"q\"", "\\", "é",
		"2,3", "1行", "<b>", "\u2028")
}

var searchable = []string{flexcrm.OneLine, flexcrm.Text, flexcrm.Number, flexcrm.Select, flexcrm.Date, flexcrm.Address,
	flexcrm.Tel, flexcrm.Mail, flexcrm.UserField}

// options are the options of every generated 選択肢; some labels contain the ids of others.
var options = []flexcrm.Option{{ID: "1", Label: "一"}, {ID: "2", Label: "1番"}, {ID: "3", Label: "青"},
	{ID: "10", Label: "十"}}

// table generates a table of up to eight fields.
func (c chance) table() flexcrm.Table {
	t := flexcrm.Table{ID: "drawn", Name: "drawn"}
	for i := range 1 + c.IntN(8) {
		f := flexcrm.Field{ID: fmt.Sprint(c.pick("f", "F", "f_"), i), Name: "f", Type: c.pick(searchable...)}
		if f.Type == flexcrm.Select {
			f.Form, f.Options = c.pick("checkbox", "checkbox", "radio", "pulldown", "hierarchical"), options
		}
		t.Fields = append(t.Fields, f)
	}
	return t
}

// value generates a value as a client writes it and as an answer shows it.
func (c chance) value(f flexcrm.Field) (written string, read any) {
	switch f.Type {
	case flexcrm.Number:
		if c.IntN(4) == 0 {
			return "", nil
		}
		text := c.pick("0", "1", "10", "-1", "2.5", "2.50", "007", "9999999999", "0.1", "-0")
		n, _ := strconv.ParseFloat(text, 64)
		return text, n + 0
	case flexcrm.Select:
		ids := []string{"1", "2", "3", "10"}
		c.Shuffle(4, func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
		n := c.IntN(2)
		if f.Form == "checkbox" {
			n = c.IntN(4)
		}
		return strings.Join(ids[:n], ","), strings.Join(ids[:n], ",")
	case flexcrm.Date:
		return c.date()
	case flexcrm.UserField:
		n := c.IntN(9)
		if n == 0 {
			return "", nil
		}
		return fmt.Sprint(n), float64(n)
	}
	w := c.word()
	return w, w
}

func (c chance) date() (written string, read any) {
	if c.IntN(4) == 0 {
		return "", ""
	}
	day := fmt.Sprintf("2026-11-%02d", 1+c.IntN(3))
	written, read = day, day+" 00:00:00"
	if c.IntN(2) == 0 {
		written, read = day+" 12:00:00", day+" 12:00:00"
	}
	if c.IntN(2) == 0 {
		written = strings.ReplaceAll(written, "-", "/")
	}
	return written, read
}

var states = []string{"北海道", "青森県", "岩手県", "宮城県"}

// record generates a body and the record that it creates.
func (c chance) record(t flexcrm.Table) (body url.Values, want map[string]any) {
	body, want = url.Values{}, map[string]any{}
	for _, f := range t.Fields {
		if f.Type != flexcrm.Address {
			written, read := c.value(f)
			body.Set(f.ID, written)
			want[f.ID] = read
			continue
		}
		want[f.ID+"_zip"], want[f.ID+"_state"] = nil, nil
		if n := c.IntN(5); n > 0 {
			body.Set(f.ID+"_state", states[n-1])
			want[f.ID+"_state"] = float64(n)
		}
		if zip := c.pick("", "060-0001", "1000005"); zip != "" {
			body.Set(f.ID+"_zip", zip)
			want[f.ID+"_zip"] = map[string]float64{"060-0001": 600001, "1000005": 1000005}[zip]
		}
		city := c.word()
		body.Set(f.ID+"_city", city)
		want[f.ID+"_city"], want[f.ID+"_address"] = city, ""
	}
	return body, want
}

// clause is one generated filter.
type clause struct{ key, op, value, kind string }

func (c chance) clause(t flexcrm.Table) clause {
	f := t.Fields[c.IntN(len(t.Fields))]
	cl := clause{f.ID, c.pick("", "=", "!="), "", f.Type}
	switch f.Type {
	case flexcrm.Number:
		cl.op = c.pick("", "=", "!=", ">", ">=", "<", "<=")
		cl.value = c.pick("", "0", "1", "1.0", "2.5", "-1", "9999999999")
	case flexcrm.Date:
		cl.op = c.pick("", "=", "!=", ">", ">=", "<", "<=")
		cl.value, _ = c.date()
	case flexcrm.UserField:
		cl.value = c.pick("", "1", "2", "3", "8", "99")
	case flexcrm.Select:
		cl.value = c.pick("", "1", "2", "3", "10", "2,3", "3,2", "青", "一", "番", "9")
	case flexcrm.Address:
		part := c.pick("_zip", "_state", "_city")
		cl.key, cl.kind = f.ID+part, part
		cl.value = map[string]string{"_zip": c.pick("", "060-0001", "0600001", "1000005", "00", "5"),
			"_state": c.pick("", "1", "2", "北海道", "県", "青"), "_city": c.word()}[part]
	default:
		cl.value = c.word()
	}
	if c.IntN(3) == 0 {
		cl.key = strings.ToUpper(cl.key)
	}
	return cl
}

// holds evaluates the filter naively on a record as the API shows it.
func (cl clause) holds(rec map[string]any) bool {
	var value any
	for key := range rec {
		if strings.EqualFold(key, cl.key) {
			value = rec[key]
		}
	}
	if cl.value == "" {
		return true
	}
	if value == nil || value == "" {
		return cl.op == "!="
	}
	if strings.ContainsAny(cl.op, "<>") {
		d := 0
		if n, ok := value.(float64); ok {
			want, _ := strconv.ParseFloat(cl.value, 64)
			d = cmp.Compare(n, want)
		} else {
			d = strings.Compare(value.(string), longDate(cl.value))
		}
		return d > 0 && cl.op[0] == '>' || d < 0 && cl.op[0] == '<' || d == 0 && strings.HasSuffix(cl.op, "=")
	}
	return cl.hits(value, cl.op == "=") != (cl.op == "!=")
}

func longDate(text string) string {
	text = strings.ReplaceAll(text, "/", "-")
	if len(text) == 10 {
		text += " 00:00:00"
	}
	return text
}

func (cl clause) hits(value any, exactly bool) bool {
	text, _ := value.(string)
	switch cl.kind {
	case flexcrm.Number, flexcrm.UserField:
		want, _ := strconv.ParseFloat(cl.value, 64)
		return value == want
	case flexcrm.Date:
		return text == longDate(cl.value)
	case flexcrm.Select:
		have, want := strings.Split(text, ","), strings.Split(cl.value, ",")
		if exactly {
			slices.Sort(have)
			slices.Sort(want)
			return slices.Equal(have, want)
		}
		for _, id := range have {
			for _, o := range options {
				if o.ID == id && strings.Contains(o.Label, cl.value) {
					return true
				}
			}
		}
		return !slices.ContainsFunc(want, func(id string) bool { return !slices.Contains(have, id) })
	case "_zip":
		seven, want := fmt.Sprintf("%07.0f", value), strings.ReplaceAll(cl.value, "-", "")
		return seven == want || strings.TrimLeft(seven, "0") == want || !exactly && strings.Contains(seven, want)
	case "_state":
		name, number := states[int(value.(float64))-1], fmt.Sprint(value)
		return number == cl.value || name == cl.value ||
			!exactly && strings.Contains(name, cl.value) && !strings.ContainsAny(cl.value, "0123456789")
	}
	return text == cl.value || !exactly && strings.Contains(text, cl.value)
}

// sorted sorts records naively: empty first, numbers by value, texts by code point, then by id.
func sorted(all []map[string]any, key string, down bool) {
	slices.SortStableFunc(all, func(a, b map[string]any) int {
		d := 0
		x, y := a[key], b[key]
		switch xEmpty, yEmpty := x == nil || x == "", y == nil || y == ""; {
		case xEmpty && yEmpty:
		case xEmpty:
			d = -1
		case yEmpty:
			d = 1
		default:
			if n, ok := x.(float64); ok {
				d = cmp.Compare(n, y.(float64))
			} else {
				d = strings.Compare(x.(string), y.(string))
			}
		}
		if down {
			return -d
		}
		return d
	})
}

// TestRandomTablesAndFilters checks that created records are read back in their read form and that
// each generated query gives the result of a naive evaluation over all records.
func TestRandomTablesAndFilters(t *testing.T) {
	t.Parallel()
	for seed := range uint64(25) {
		c := chance{rand.New(rand.NewPCG(seed, 6))}
		table := c.table()
		srv := flexcrm.NewServer(t, flexcrm.WithTable(table), fake.WithFeature("every-filter", true))
		var all []map[string]any
		records := 30
		if seed%5 == 0 {
			records = 130 // enough for indexes
		}
		for i := range records {
			body, want := c.record(table)
			post("/flexdb/drawn", body.Encode()).must(t, srv, nil)
			got := record(t, srv, fmt.Sprint("/flexdb/drawn/", i+1))
			all = append(all, got)
			for key, value := range want {
				if !gocmp.Equal(value, got[key]) {
					t.Fatalf("seed %d: %s was written as %q and is read as %v, not %v", seed, key, body.Get(key),
						got[key], value)
				}
			}
		}
		for range 60 {
			c.query(t, srv, table, all)
		}
	}
}

// query generates a query and compares its answer.
func (c chance) query(t *testing.T, srv *fake.TestServer, table flexcrm.Table, all []map[string]any) {
	t.Helper()
	var pairs []string
	want := slices.Clone(all)
	for range c.IntN(4) {
		cl := c.clause(table)
		pairs = append(pairs, url.QueryEscape(cl.key+cl.op)+"="+url.QueryEscape(cl.value))
		want = slices.DeleteFunc(want, func(rec map[string]any) bool { return !cl.holds(rec) })
	}
	if f := table.Fields[c.IntN(len(table.Fields))]; c.IntN(2) == 0 && f.Type != flexcrm.Address {
		down := c.IntN(2) == 0
		pairs = append(pairs, "order-by="+f.ID+map[bool]string{true: "%20desc", false: "+asc"}[down])
		sorted(want, f.ID, down)
	}
	limit, offset := 1+c.IntN(40), c.IntN(10)
	pairs = append(pairs, fmt.Sprint("limit=", limit), fmt.Sprint("offset=", offset))
	query := strings.Join(pairs, "&")
	page := want[min(offset, len(want)):]
	page = page[:min(limit, len(page))]
	for range 2 { // the second time by an index
		status, body := get("/flexdb/drawn?"+query).send(t, srv)
		var got list
		if err := json.Unmarshal([]byte(body), &got); err != nil || status != 200 {
			t.Fatalf("%s: %d %s", query, status, body)
		}
		if got.MaxCount != len(want) || !gocmp.Equal(list{Data: page}.ids(), got.ids()) {
			t.Fatalf("%s: %d of %v; naively %d of %v\nfields %+v\nrecords %v", query, got.MaxCount, got.ids(),
				len(want),
				list{Data: page}.ids(), table.Fields, all)
		}
	}
}

// TestRefusedWritesLeaveNothing checks that a body with one invalid value is rejected as a whole.
func TestRefusedWritesLeaveNothing(t *testing.T) {
	t.Parallel()
	bad := map[string]string{flexcrm.Number: "many", flexcrm.Select: "77", flexcrm.Date: "2026-13-01",
		flexcrm.UserField: "99", flexcrm.OneLine: strings.Repeat("長", 121), flexcrm.Text: strings.Repeat("長", 10_001)}
	for seed := range uint64(20) {
		c := chance{rand.New(rand.NewPCG(seed, 7))}
		table := c.table()
		srv := flexcrm.NewServer(t, flexcrm.WithTable(table), fake.WithFeature("every-filter", true))
		first, _ := c.record(table)
		post("/flexdb/drawn", first.Encode()).must(t, srv, nil)
		before := dump(t, srv.World)
		for _, f := range table.Fields {
			if bad[f.Type] == "" {
				continue
			}
			body, _ := c.record(table)
			body.Set(f.ID, bad[f.Type])
			for _, req := range []call{post("/flexdb/drawn", body.Encode()), put("/flexdb/drawn/1", body.Encode())} {
				if status, answer := req.send(t, srv); status != 400 || answer != rejection(400) {
					t.Errorf("%s = %.20s: %d %s", f.Type, bad[f.Type], status, answer)
				}
			}
		}
		if diff := gocmp.Diff(before, dump(t, srv.World)); diff != "" {
			t.Errorf("seed %d: %s", seed, diff)
		}
	}
}

// FuzzFilterKeys checks that every query gives a list without duplicates or an error in the
// vendor's shape.
func FuzzFilterKeys(f *testing.F) {
	for _, query := range []string{"title%3D=text", "date%3E%3D=2023%2F04%2F01+00%3A00%3A00", "%21%3D=x",
		"title==text", "date>=2023", "%zz=%", "order-by=id%20desc%2Ctitle", "limit=1&offset=2",
		"address_state%3D=13", "select=2,3", "=&&=", "\x00%00=%FF", "number%3C=1e5", "computation=1", "look=x",
		"limit=99999999999999999999", "address_zip=-", "title!==x"} {
		f.Add(query)
	}
	srv := flexcrm.NewServer(f, flexcrm.WithUsers(thirteenth), flexcrm.WithTable(sample),
		flexcrm.WithRecords("abcde123", sampleRecords...))
	handler := srv.Server.Handler("flexcrm")
	f.Fuzz(func(t *testing.T, query string) {
		status, body := straight(handler, "/flexdb/abcde123", query)
		if status == 400 && body == rejection(400) {
			return
		}
		var got list
		if err := json.Unmarshal([]byte(body), &got); err != nil || status != 200 {
			t.Fatalf("%q: %d %s", query, status, body)
		}
		ids := got.ids()
		if slices.Sort(ids); len(slices.Compact(ids)) != got.Count || got.MaxCount > len(sampleRecords) {
			t.Fatalf("%q: %s", query, body)
		}
	})
}

// FuzzBodies checks that every write succeeds or fails in the vendor's shape, and that a failed
// write changes nothing.
func FuzzBodies(f *testing.F) {
	paths := []string{"/flexdb/abcde123", "/workflowApply", "/schedule", "/user", "/department"}
	media := []string{"application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=b",
		"multipart/form-data"}
	for i, body := range []string{"title=a&select=1,2&address_zip=060-0001",
		`{"title":"a","number":1e400,"date":[1,2],"select":{}}`, part("a", "b"), "--b",
		"participants[0][user_id]=1&participants=[", `{"participants":[[]]}`,
		`{"format_id":1,"user_id":"admin","applicant_date":"2026-11-21","applicant_title":"x",` +
			`"approval_routes":[{"rank":1e9,"name":null,"users":[{}]}]}`, "userid=\x00", "parent=-1&name=x", "null",
		"{}{}", "\xff"} {
		f.Add(uint8(i), uint8(i), body)
	}
	srv := flexcrm.NewServer(f, flexcrm.WithUsers(thirteenth), flexcrm.WithTable(sample),
		flexcrm.WithRecords("abcde123", sampleRecords...))
	handler := srv.Server.Handler("flexcrm")
	f.Fuzz(func(t *testing.T, path, kind uint8, body string) {
		before := dump(t, srv.World)
		status, answer := send(handler, paths[int(path)%len(paths)], media[int(kind)%len(media)], body)
		if status == 201 && strings.HasPrefix(answer, `{"status":"success"`) {
			return
		}
		if status != 400 || answer != rejection(400) {
			t.Fatalf("%d %s", status, answer)
		}
		if diff := gocmp.Diff(before, dump(t, srv.World)); diff != "" {
			t.Fatal(diff)
		}
	})
}
