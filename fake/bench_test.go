package fake_test

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

// BenchmarkCore compares the core with a bare handler that writes a body of the same size. The metric to look
// at is cpu-ns/op: the CPU time of client and server together.
func BenchmarkCore(b *testing.B) {
	rows := make([]string, 10_000)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"id":"x%d","title":"Book %d","shelf":"S","tags":["a","b"],"madeAt":"1900"}`, i, i)
	}
	def := toy()
	srv, err := fake.New(fake.Options{}, def)
	if err != nil {
		b.Fatal(err)
	}
	web := httptest.NewServer(srv.Handler("library"))
	defer web.Close()
	one := `{"id":"b2","title":"Dune","shelf":"B","tags":[],"madeAt":"1965"}`
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		io.WriteString(w, one)
	}))
	defer bare.Close()
	n := 0
	b.Run("get/bare", func(b *testing.B) { requests(b, "GET", bare.URL+"/books/b2", nil) })
	b.Run("get/fake", func(b *testing.B) { requests(b, "GET", web.URL+"/books/b2", nil) })
	b.Run("post/bare", func(b *testing.B) { requests(b, "POST", bare.URL+"/books", func() string { return `{"title":"T"}` }) })
	b.Run("post/fake", func(b *testing.B) {
		requests(b, "POST", web.URL+"/books", func() string { n++; return fmt.Sprintf(`{"title":"T%d"}`, n) })
	})
}

func requests(b *testing.B, method, url string, body func() string) {
	start := cpu()
	for b.Loop() {
		var text io.Reader
		if body != nil {
			text = strings.NewReader(body())
		}
		req, err := http.NewRequest(method, url, text)
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if res.StatusCode > 299 {
			b.Fatal(res.Status)
		}
	}
	b.ReportMetric(float64(cpu()-start)/float64(b.N), "cpu-ns/op")
}

// cpu returns the CPU time that the process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
