package twenty

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/fake"
)

// BenchmarkRecords compares REST with a bare handler that writes a body of the same size, over loopback and
// with 10,000 companies. The metric to look at is cpu-ns/op: the CPU time of client and server together.
func BenchmarkRecords(b *testing.B) {
	web := benchServer(b, 10_000)
	id := fmt.Sprintf("c0000000-0000-4000-8000-%012d", 5000)
	page := `/rest/companies?limit=25&filter=name[startsWith]:"Company%201"`
	for name, call := range map[string]benchCall{
		"get":    {"GET", "/rest/companies/" + id, ""},
		"page":   {"GET", page, ""},
		"first":  {"GET", "/rest/companies?limit=25", ""},
		"create": {"POST", "/rest/companies", `{"name":"Posted","address":{"addressCity":"Lyon"}}`},
	} {
		body := benchBody(b, web.URL, call)
		bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			io.WriteString(w, body)
		}))
		b.Run(name+"/bare", func(b *testing.B) { benchCalls(b, bare.URL, call) })
		b.Run(name+"/fake", func(b *testing.B) { benchCalls(b, web.URL, call) })
		bare.Close()
	}
}

// BenchmarkFilter looks at 100,000 companies: two conditions that keep a tenth, in the order of their names.
func BenchmarkFilter(b *testing.B) {
	web := benchServer(b, 100_000)
	call := benchCall{"GET", `/rest/companies?limit=60&order_by=name&filter=position[gte]:0,address.addressCity[eq]:"City%203"`, ""}
	b.Run("ordered", func(b *testing.B) { benchCalls(b, web.URL, call) })
	b.Run("first", func(b *testing.B) { benchCalls(b, web.URL, benchCall{"GET", "/rest/companies?limit=60", ""}) })
}

type benchCall struct{ method, path, body string }

func benchServer(b *testing.B, n int) *httptest.Server {
	srv, err := fake.New(fake.Options{Settings: fake.Settings{LimitsOff: true, Seeds: map[string]string{"twenty": "empty"}}}, Def())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(srv.Close)
	web := httptest.NewServer(srv.Handler("twenty"))
	b.Cleanup(web.Close)
	for from := 0; from < n; from += 200 {
		var rows []string
		for i := from; i < from+200; i++ {
			rows = append(rows, fmt.Sprintf(`{"id":"c0000000-0000-4000-8000-%012d","name":"Company %d","position":%d,"address":{"addressCity":"City %d"},"annualRevenue":{"amountMicros":%d,"currencyCode":"EUR"}}`,
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
	start := usedCPU()
	for b.Loop() {
		benchBody(b, base, c)
	}
	b.ReportMetric(float64(usedCPU()-start)/float64(b.N), "cpu-ns/op")
}

// usedCPU returns the CPU time that the process has used.
func usedCPU() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
