package flexcrm_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/internal/cpu"
	"github.com/afba07b5/mockserver/mocks/flexcrm"
)

// straight calls a handler without a network connection.
func straight(h http.Handler, path, query string) (int, string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, request(path, query))
	return w.Code, w.Body.String()
}

// send posts a body to a handler.
func send(h http.Handler, path, media, body string) (int, string) {
	r := httptest.NewRequest("POST", base+path, strings.NewReader(body))
	r.Header.Set("User-Agent", "test")
	r.Header.Set("X-FlexCRM-API-KEY", flexcrm.DemoKey)
	r.Header.Set("Content-Type", media)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func request(path, query string) *http.Request {
	r := httptest.NewRequest("GET", base+path, nil)
	r.URL, r.RequestURI = &url.URL{Path: base + path, RawQuery: query}, ""
	r.Header.Set("User-Agent", "test")
	r.Header.Set("X-FlexCRM-API-KEY", flexcrm.DemoKey)
	return r
}

// filled starts a server with n records in the table big.
func filled(b *testing.B, n int) http.Handler {
	table := flexcrm.Table{ID: "big", Name: "big", PrimaryKey: "code", Fields: []flexcrm.Field{
		{ID: "code", Name: "code", Type: flexcrm.OneLine, Required: true, Unique: true},
		{
			ID:   "title",
			Name: "title",
			Type: flexcrm.OneLine,
		}, {ID: "amount", Name: "amount", Type: flexcrm.Number},
		{
			ID:      "stage",
			Name:    "stage",
			Type:    flexcrm.Select,
			Options: []flexcrm.Option{{ID: "1", Label: "引合"}, {ID: "2", Label: "受注"}},
		},
		{ID: "due", Name: "due", Type: flexcrm.Date}, {ID: "address", Name: "address", Type: flexcrm.Address},
		{ID: "memo", Name: "memo", Type: flexcrm.Text},
	}}
	records := make([]map[string]any, n)
	for i := range records {
		records[i] = map[string]any{"code": fmt.Sprintf("C-%06d", i), "title": fmt.Sprintf("案件 %d 号", (i*7919)%n),
			"amount": (i * 31) % 1000, "stage": 1 + i%2,
			"due": fmt.Sprintf("2026-%02d-%02d", 1+i%12, 1+i%28), "address_state": "東京都",
			"address_city": "千代田区丸の内1-9-2", "memo": "年度末に予算を見直す。"}
	}
	options := fake.Config{Settings: fake.Settings{LimitsOff: true}}
	srv, err := fake.New(options, flexcrm.Def())
	if err != nil {
		b.Fatal(err)
	}
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
	b.Cleanup(srv.Close)
	return srv.Handler("flexcrm")
}

func measure(b *testing.B, h http.Handler, path, query string) {
	b.Helper()
	if status, body := straight(h, path, query); status != 200 {
		b.Fatalf("%s?%s: %d %s", path, query, status, body)
	}
	before, n := cpu.Time(), 0
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), request(path, query))
		n++
	}
	b.ReportMetric(float64((cpu.Time()-before).Microseconds())/float64(n), "cpu-µs/op")
}

// BenchmarkFilter100000 applies two conditions and an order that keep a tenth of 100,000 records,
// with pages of 100.
func BenchmarkFilter100000(b *testing.B) {
	h := filled(b, 100_000)
	for name, query := range map[string]string{
		"range+contains": "amount%3C=100&title=%E6%A1%88%E4%BB%B6&order-by=title%20desc%2Camount",
		"select+date":    "stage=1&due%3C=2026-03-16&order-by=amount%20desc",
		"two texts":      "title=1&code=C-01&order-by=due%20asc",
	} {
		b.Run(name, func(b *testing.B) { measure(b, h, "/flexdb/big", query) })
	}
}

func BenchmarkGetOne(b *testing.B)   { measure(b, filled(b, 10_000), "/flexdb/big/5000", "") }
func BenchmarkGetByKey(b *testing.B) { measure(b, filled(b, 10_000), "/flexdb/big/pkey/C-005000", "") }
func BenchmarkPageOf25(b *testing.B) { measure(b, filled(b, 10_000), "/flexdb/big", "limit=25") }
func BenchmarkPageOf25Filtered(b *testing.B) {
	measure(b, filled(b, 10_000), "/flexdb/big", "limit=25&stage=1")
}

func BenchmarkCreate(b *testing.B) {
	h := filled(b, 10_000)
	i := 0
	for b.Loop() {
		i++
		body := fmt.Sprintf("code=N-%d&title=new&amount=5", i)
		if status, answer := send(h, "/flexdb/big", "application/x-www-form-urlencoded", body); status != 201 {
			b.Fatal(answer)
		}
	}
}
