package bench_test

import (
	"testing"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/internal/cpu"
	"github.com/afba07b5/mockserver/mocks"
)

// BenchmarkTenYears moves the clock of a world with all fakes and their default seeds by ten years, in which some
// 22,000 jobs fall due.
func BenchmarkTenYears(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		srv, err := fake.New(fake.Config{}, mocks.All()...)
		if err != nil {
			b.Fatal(err)
		}
		home, _ := srv.World("default")
		if err := home.Build(); err != nil {
			b.Fatal(err)
		}
		before := cpu.Time()
		b.StartTimer()
		ran := home.Advance(87_600 * time.Hour)
		b.StopTimer()
		b.ReportMetric(float64(cpu.Time()-before)/float64(time.Millisecond), "cpu-ms")
		b.ReportMetric(float64(len(ran)), "jobs")
		srv.Close()
		b.StartTimer()
	}
}
