package bench_test

import (
	"fmt"
	"net/http/httptest"
	"runtime"
	"testing"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/internal/cpu"
	"github.com/afba07b5/mockserver/mocks"
)

// BenchmarkNewServer measures the start of a server in a Go test, without the first in the process, which decodes
// the seed.
func BenchmarkNewServer(b *testing.B) {
	for _, def := range mocks.All() {
		b.Run(def.Name, func(b *testing.B) {
			fake.NewServer(b, def)
			b.ReportAllocs()
			start := cpu.Time()
			for b.Loop() {
				fake.NewServer(b, def)
			}
			b.ReportMetric(float64((cpu.Time()-start).Microseconds())/float64(b.N), "cpu-us/op")
		})
	}
}

// BenchmarkWorldRequest measures a new world as a client sees it, from the seeds and as a fork, with new credentials
// of every fake, over HTTP.
func BenchmarkWorldRequest(b *testing.B) {
	srv, _ := complete(b)
	plane := control.New(srv, control.Options{})
	web := httptest.NewServer(plane.Wrap(srv.Edge(), ""))
	b.Cleanup(web.Close)
	for name, body := range map[string]string{"seed": `{}`, "fork": `{"fork":"default"}`} {
		b.Run(name, func(b *testing.B) {
			r := request{"POST", always(web.URL + "/__admin/worlds"), "", always(body)}
			r.send(b)
			start := cpu.Time()
			for b.Loop() {
				r.send(b)
			}
			b.ReportMetric(float64((cpu.Time()-start).Microseconds())/float64(b.N), "cpu-us/op")
		})
	}
}

// BenchmarkWorldMemory measures the memory of forks that no request has used; run it with -benchtime 10000x.
func BenchmarkWorldMemory(b *testing.B) {
	srv, home := complete(b)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n := 0
	for b.Loop() {
		n++
		if _, err := srv.NewWorld(fmt.Sprint("world", n), fake.Settings{}, home); err != nil {
			b.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric((float64(after.HeapAlloc)-float64(before.HeapAlloc))/float64(n), "heap-B/world")
	runtime.KeepAlive(srv)
}
