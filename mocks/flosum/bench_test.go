package flosum

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/fake"
)

func benchmark(b *testing.B, line string) {
	var rows []fake.Option
	rows = append(rows, fake.WithState(func(s *fake.State) error {
		a := fake.Of[api](s)
		for i := range 1000 {
			backup := must(a.backups.Insert(Backup{
				Name:          fmt.Sprint("Backup ", i),
				JobID:         a.NextNumber("jobs"),
				JobStatus:     completed,
				StartedDate:   wireTime(noon),
				Duration:      "1",
				OperationType: "Composite Backup",
			}))
			must(a.jobs.Insert(Job{ID: backup.JobID, ConnectionID: 1, BackupID: backup.ID, Ended: true}))
		}
		return nil
	}))
	srv := NewServer(b, rows...)
	quiet, err := fake.New(fake.Config{}, Def()) // without the validation of answers that tests have
	if err != nil {
		b.Fatal(err)
	}
	world, err := quiet.NewWorld("bench", fake.Settings{}, srv.World)
	if err != nil {
		b.Fatal(err)
	}
	handler := quiet.Handler("flosum")
	req := httptest.NewRequest("GET", line, nil)
	req.Header.Set("Authorization", "Bearer "+AdminToken)
	req.Header.Set("Mockserver-World", world.Name)
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		if w.Code != 200 {
			b.Fatalf("%d %s", w.Code, w.Body)
		}
	}
}

func BenchmarkGetConnection(b *testing.B) { benchmark(b, "/api/v1/connections/1") }

func BenchmarkListOf50Backups(b *testing.B) {
	benchmark(b, "/api/v1/connections/1/backups?page=1&limit=50&"+everyBackup)
}

func BenchmarkListOf50Connections(b *testing.B) {
	benchmark(b, "/api/v1/connections?page=1&limit=50")
}

// BenchmarkTenYears moves the clock over the default seed, whose schedulers start 11,330 backups in that time.
func BenchmarkTenYears(b *testing.B) {
	quiet, err := fake.New(fake.Config{}, Def())
	if err != nil {
		b.Fatal(err)
	}
	world, err := quiet.World("default")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := world.State("flosum"); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		b.StopTimer()
		world.Reset()
		b.StartTimer()
		world.Advance(10 * 365 * 24 * time.Hour)
	}
}
