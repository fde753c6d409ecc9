package twenty

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

// BenchmarkFilter looks at 100,000 companies: two conditions that keep a tenth, in the order of their names. The
// filter is another one each time in "ordered", and the same in "again".
func BenchmarkFilter(b *testing.B) {
	web := benchServer(b, 100_000)
	const query = `/rest/companies?limit=60&order_by=name&filter=address.addressCity[eq]:"City%203",position[gte]:-`
	b.Run("ordered", func(b *testing.B) {
		for n := 0; b.Loop(); n++ {
			benchBody(b, web.URL, benchCall{"GET", fmt.Sprint(query, n), ""})
		}
	})
	b.Run("again", func(b *testing.B) { benchCalls(b, web.URL, benchCall{"GET", query + "0", ""}) })
	b.Run("first", func(b *testing.B) { benchCalls(b, web.URL, benchCall{"GET", "/rest/companies?limit=60", ""}) })
}

type benchCall struct{ method, path, body string }

func benchServer(b *testing.B, n int) *httptest.Server {
	srv, err := fake.New(
		fake.Config{Settings: fake.Settings{LimitsOff: true, Seeds: map[string]string{"twenty": "empty"}}}, Def())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(srv.Close)
	web := httptest.NewServer(srv.Handler("twenty"))
	b.Cleanup(web.Close)
	for from := 0; from < n; from += 200 {
		var rows []string
		for i := from; i < from+200; i++ {
			rows = append(rows,
				fmt.Sprintf(`{"id":"c0000000-0000-4000-8000-%012d","name":"Company %d",`+
					`"position":%d,"address":{"addressCity":"City %d"},`+
					`"annualRevenue":{"amountMicros":%d,"currencyCode":"EUR"}}`,
					i, (i*7919)%n, i, i%10, i*1000))
		}
		benchBody(b, web.URL, benchCall{"POST", "/rest/batch/companies", "[" + strings.Join(rows, ",") + "]"})
	}
	return web
}

func benchBody(b *testing.B, base string, c benchCall) string {
	req, err := http.NewRequest(c.method, base+c.path, strings.NewReader(c.body))
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+Key)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode > 299 {
		b.Fatal(err, res.Status, string(text))
	}
	return string(text)
}

func benchCalls(b *testing.B, base string, c benchCall) {
	for b.Loop() {
		benchBody(b, base, c)
	}
}
