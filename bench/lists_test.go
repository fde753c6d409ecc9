package bench_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/internal/cpu"
	"github.com/afba07b5/mockserver/mocks/flexcrm"
	"github.com/afba07b5/mockserver/mocks/kickflow"
	"github.com/afba07b5/mockserver/mocks/twenty"
)

// BenchmarkLists measures the CPU time that handlers take for pages of 25 from 10,000 rows, without a
// connection or a client. Every list is measured as asked for again and again, and as asked for with a
// condition that no request had before.
func BenchmarkLists(b *testing.B) {
	b.Run("kickflow", kickflowLists)
	b.Run("flexcrm", flexcrmLists)
	b.Run("twenty", twentyLists)
}

func kickflowLists(b *testing.B) {
	h := listHandler(b, kickflow.Def(), func(s *fake.State) error {
		for i := range rows {
			u := kickflow.User{ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), Code: fmt.Sprint("u", i),
				Email: fmt.Sprintf("u%d@example.com", i*7919%rows), LastName: "Bench", FirstName: fmt.Sprint(i),
				Status: []string{"suspended", "invited", "activated", "deactivated"}[i%4]}
			if _, err := fake.TableOf[kickflow.User](s, "users").Insert(u); err != nil {
				return err
			}
		}
		return nil
	})
	for _, query := range []string{"", "status[]=suspended", "sortBy=email-desc", "page=400",
		"status[]=suspended&sortBy=email-desc"} {
		list(b, h, "/v1/users?perPage=25&"+query, "Authorization", "Bearer "+kickflow.AdminToken, 0)
	}
}

func flexcrmLists(b *testing.B) {
	table := flexcrm.Table{ID: "big", Name: "big", Fields: []flexcrm.Field{
		{ID: "code", Name: "code", Type: flexcrm.OneLine, Unique: true},
		{ID: "title", Name: "title", Type: flexcrm.OneLine},
		{ID: "amount", Name: "amount", Type: flexcrm.Number}}}
	records := make([]map[string]any, rows)
	for i := range records {
		records[i] = map[string]any{"code": fmt.Sprint("C", i), "title": fmt.Sprint("t", i*7919%rows),
			"amount": i * 31 % 1000}
	}
	srv, err := fake.New(fake.Config{Settings: fake.Settings{LimitsOff: true}}, flexcrm.Def())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(srv.Close)
	world, _ := srv.World("default")
	state, err := world.State("flexcrm")
	if err != nil {
		b.Fatal(err)
	}
	if err := flexcrm.Define(state, table); err != nil {
		b.Fatal(err)
	}
	if err := flexcrm.Create(state, "big", records...); err != nil {
		b.Fatal(err)
	}
	h := srv.Handler("flexcrm")
	const page, key = "/flex/api/v1/flexdb/big?limit=25&", "X-FlexCRM-API-KEY"
	for _, query := range []string{"amount%3E=200&order-by=title%20desc",
		"amount%3E=200&order-by=title%20desc&offset=7000", "code%3D=C77", "offset=9000"} {
		list(b, h, page+query, key, flexcrm.DemoKey, 0)
	}
	list(b, h, page+"order-by=title%20desc&amount%3E=200.", key, flexcrm.DemoKey, 1)
}

func twentyLists(b *testing.B) {
	h := listHandler(b, twenty.Def(), nil)
	token := "Bearer " + credential(b, twenty.Def())
	for i := 0; i < rows; i += 200 {
		people := make([]string, 200)
		for j := range people {
			people[j] = fmt.Sprintf(`{"id":"c0000000-0000-4000-8000-%012d","name":{"firstName":"F%d"},`+
				`"jobTitle":"J%d","emails":{"primaryEmail":"p%d@example.com"}}`, i+j, (i+j)*7919%rows, (i+j)%10, i+j)
		}
		r := httptest.NewRequest("POST", "/rest/batch/people", strings.NewReader("["+strings.Join(people, ",")+"]"))
		r.Header.Set("Authorization", token)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != 201 {
			b.Fatal(w.Body)
		}
	}
	for _, query := range []string{"", "filter=jobTitle[eq]:J3",
		"filter=emails.primaryEmail[eq]:%22p77@example.com%22", "order_by=name.firstName",
		"starting_after=eyJpZCI6ImMwMDAwMDAwLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwNTAwMCJ9"} {
		list(b, h, "/rest/people?limit=25&"+query, "Authorization", token, 0)
	}
	list(b, h, "/rest/people?limit=25&filter=jobTitle[eq]:J3,name.firstName[neq]:X", "Authorization", token, 1)
}

func listHandler(b *testing.B, def *fake.Def, started func(*fake.State) error) http.Handler {
	srv, err := fake.New(fake.Config{Settings: fake.Settings{LimitsOff: true}, Started: started}, def)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(srv.Close)
	return srv.Handler(def.Name)
}

// list measures a list; if fresh is 1 each request appends another number to its address.
func list(b *testing.B, h http.Handler, address, header, value string, fresh int) {
	name := map[int]string{0: "again", 1: "fresh"}[fresh]
	plain, _ := url.QueryUnescape(address)
	b.Run(strings.ReplaceAll(plain, "/", "_")+"/"+name, func(b *testing.B) {
		n := 0
		ask := func() {
			n++
			at := address
			if fresh == 1 {
				at = fmt.Sprint(address, 1000+n)
			}
			r := httptest.NewRequest("GET", "/", nil)
			u, err := url.Parse(at)
			if err != nil {
				b.Fatal(err)
			}
			r.URL, r.RequestURI = u, at
			r.Header.Set(header, value)
			r.Header.Set("User-Agent", "bench")
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code != 200 {
				b.Fatal(at, w.Code, w.Body)
			}
		}
		ask()
		ask()
		start := cpu.Time()
		for b.Loop() {
			ask()
		}
		b.ReportMetric(float64(cpu.Time()-start)/float64(time.Microsecond)/float64(b.N), "cpu-us/op")
	})
}
