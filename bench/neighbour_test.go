package bench_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkNeighbour measures how long one client waits for a record while others use the same world: nobody, two
// that read sorted pages, and those with two that write. The load is the same for all, so compare the rows.
func BenchmarkNeighbour(all *testing.B) {
	served := sync.OnceValue(func() *child { return startFake(all, buildProgram(all), "twenty", 10_000) })
	get := work{line: "GET /rest/people/" + personID(77)}
	sorted := work{line: "GET /rest/people?limit=25&order_by=name.firstName&filter=jobTitle[neq]:X#"}
	post := work{line: "POST /rest/companies", body: `{"name":"New #"}`}
	for _, others := range []struct {
		name  string
		works []work
	}{{"alone", nil}, {"readers", []work{sorted, sorted}},
		{"readers and writers", []work{sorted, sorted, post, post}}} {
		all.Run(others.name, func(b *testing.B) {
			c := served()
			conns := dial(b, c)
			var done atomic.Bool
			var group sync.WaitGroup
			for i, w := range others.works {
				group.Go(func() {
					for !done.Load() {
						conns[i+1].send(b, w.request("twenty", c))
					}
				})
			}
			var waits []time.Duration
			for range b.N {
				start := time.Now()
				conns[0].send(b, get.request("twenty", c))
				waits = append(waits, time.Since(start))
			}
			done.Store(true)
			group.Wait()
			slices.Sort(waits)
			b.ReportMetric(float64(waits[len(waits)/2].Microseconds()), "p50-us")
			b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds()), "p99-us")
		})
	}
}
