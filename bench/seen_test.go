package bench_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/internal/cpu"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

// BenchmarkSeen measures what it costs a request that it can be seen while nobody looks: with a control plane, its
// metrics and its log of refusals, next to a server without one. Requests to both alternate in blocks, offline,
// and CPU time counts, so the difference is all there is.
func BenchmarkSeen(b *testing.B) {
	alone, unseen := handler(b, false), handler(b, true)
	var with, without time.Duration
	const block = 100
	for b.Loop() {
		without += cpuOf(alone, block)
		with += cpuOf(unseen, block)
	}
	requests := float64(b.N * block)
	b.ReportMetric(float64(without.Nanoseconds())/requests/1000, "alone-us")
	b.ReportMetric(float64(with.Nanoseconds())/requests/1000, "unseen-us")
	b.ReportMetric(100*float64(with-without)/float64(without), "percent-more")
}

// handler answers for kickflow, with a control plane or without one.
func handler(b *testing.B, plane bool) http.Handler {
	srv, err := fake.New(fake.Config{Settings: fake.Settings{LimitsOff: true}}, kickflow.Def())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(srv.Close)
	if plane {
		p := control.New(srv, control.Options{Log: &control.Log{Out: io.Discard, Mode: "refusals"}})
		b.Cleanup(p.Close)
	}
	return srv.Handler("kickflow")
}

// cpuOf returns the CPU time that some requests take.
func cpuOf(h http.Handler, n int) time.Duration {
	req := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/v1/grades", nil)
	req.Header.Set("Authorization", "Bearer "+kickflow.AdminToken)
	before := cpu.Time()
	for range n {
		h.ServeHTTP(httptest.NewRecorder(), req.Clone(req.Context()))
	}
	return cpu.Time() - before
}
