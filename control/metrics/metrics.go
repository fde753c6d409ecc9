// Package metrics counts requests and writes what a server does in the text format of Prometheus.
//
//	recorder := metrics.New()
//	srv.OnRequest(func(_ *fake.World, e *fake.Entry) { recorder.Request(e) })
//	recorder.Write(w, srv)
package metrics

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/VictoriaMetrics/metrics"

	"github.com/afba07b5/mockserver/fake"
)

// series is one combination of labels.
type series struct {
	fake, operation, evidence string
	status                    int
}

type counted struct {
	requests atomic.Uint64
	seconds  *metrics.PrometheusHistogram // of the fake and operation
}

// Recorder counts the requests to all worlds. It is safe for concurrent use.
type Recorder struct {
	set    *metrics.Set
	mu     sync.RWMutex
	series map[series]*counted
}

// New returns a Recorder that has counted nothing.
func New() *Recorder { return &Recorder{set: metrics.NewSet(), series: map[series]*counted{}} }

var buckets = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// Request counts a request by fake, operation, status and the evidence of what decided the answer.
func (r *Recorder) Request(e *fake.Entry) {
	s := series{e.Fake, e.Operation, e.Evidence, e.Status}
	if e.Rejection != nil {
		s.evidence = e.Rejection.Evidence
	}
	r.mu.RLock()
	c := r.series[s]
	r.mu.RUnlock()
	if c == nil {
		c = r.add(s)
	}
	c.requests.Add(1)
	c.seconds.Update(e.Took.Seconds())
}

func (r *Recorder) add(s series) *counted {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := r.series[s]; c != nil {
		return c
	}
	name := fmt.Sprintf(`mockserver_request_duration_seconds{fake=%q,operation=%q}`, s.fake, s.operation)
	c := &counted{seconds: r.set.GetOrCreatePrometheusHistogramExt(name, buckets)}
	r.series[s] = c
	return c
}

// Uses returns how many requests each operation of the fakes got in all worlds.
func (r *Recorder) Uses() map[fake.Use]int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	uses := map[fake.Use]int{}
	for s, c := range r.series {
		if s.operation != "" {
			uses[fake.Use{Fake: s.fake, Operation: s.operation}] += int(c.requests.Load())
		}
	}
	return uses
}

// Write writes all metrics.
func (r *Recorder) Write(w io.Writer, srv *fake.Server) {
	r.writeRequests(w)
	fmt.Fprintln(w, "# TYPE mockserver_request_duration_seconds histogram")
	r.set.WritePrometheus(w)
	gauges := gaugesOf(srv)
	family := ""
	for _, name := range slices.Sorted(maps.Keys(gauges)) {
		kind := "gauge"
		bare, _, _ := strings.Cut(name, "{")
		if strings.HasSuffix(bare, "_total") {
			kind = "counter"
		}
		if bare != family {
			family = bare
			fmt.Fprintf(w, "# TYPE %s %s\n", bare, kind)
		}
		metrics.WriteGaugeFloat64(w, name, gauges[name])
	}
	metrics.WriteProcessMetrics(w)
}

func (r *Recorder) writeRequests(w io.Writer) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	lines := map[string]uint64{}
	for s, c := range r.series {
		lines[fmt.Sprintf(`mockserver_requests_total{fake=%q,operation=%q,status="%d",evidence=%q}`, s.fake,
			s.operation, s.status, s.evidence)] = c.requests.Load()
	}
	fmt.Fprintln(w, "# TYPE mockserver_requests_total counter")
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		metrics.WriteCounterUint64(w, name, lines[name])
	}
}

// gaugesOf counts what the worlds of a server have.
func gaugesOf(srv *fake.Server) map[string]float64 {
	g := map[string]float64{"mockserver_bugs_total": float64(srv.Bugs())}
	for _, name := range []string{"mockserver_worlds", "mockserver_journal_entries", "mockserver_journal_bytes",
		"mockserver_journal_dropped"} {
		g[name] = 0
	}
	for _, w := range srv.List() {
		g["mockserver_worlds"]++
		entries, bytes, dropped := w.Journal.Size()
		g["mockserver_journal_entries"] += float64(entries)
		g["mockserver_journal_bytes"] += float64(bytes)
		g["mockserver_journal_dropped"] += float64(dropped)
		census := w.Census()
		for name, n := range census.Rows {
			g[fmt.Sprintf("mockserver_rows{fake=%q}", name)] += float64(n)
		}
		for name, byState := range census.Deliveries {
			for state, n := range byState {
				g[fmt.Sprintf("mockserver_deliveries{fake=%q,state=%q}", name, state)] += float64(n)
			}
		}
	}
	return g
}
