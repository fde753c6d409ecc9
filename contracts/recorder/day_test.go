package recorder_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/contracts/importer"
	"github.com/afba07b5/mockserver/contracts/recorder"
)

// TestDayOf finds the day of a recording, the best evidence first.
func TestDayOf(t *testing.T) {
	t.Parallel()
	file := time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)
	body := []byte(`{"createdAt":"2026-11-26T23:30:00.123Z","expiresAt":"2026-11-29T00:00:00.000Z"}`)
	start := time.Date(2026, 11, 28, 1, 0, 0, 0, time.FixedZone("", 9*3600))
	dated := http.Header{"Date": {"Sat, 28 Nov 2026 13:47:43 GMT"}}
	for _, test := range []struct {
		name string
		x    importer.Exchange
		day  string
		from string
	}{
		{"a header", importer.Exchange{Answer: dated, At: start, Result: body}, "2026-11-28",
			"the Date header of an answer"},
		{"a start in another zone", importer.Exchange{At: start, Result: body}, "2026-11-27", "the start of a request"},
		{"times", importer.Exchange{Method: "POST", Result: body}, "2026-11-26", "the times in the answers"},
		{"times that were sent", importer.Exchange{Method: "POST", Body: body, Result: body}, "2026-11-29",
			"the date of the file"},
		{"nothing", importer.Exchange{Result: []byte("ok")}, "2026-11-29", "the date of the file"},
	} {
		day, from := recorder.DayOf([]importer.Exchange{test.x}, file)
		if got := day.UTC().Format(time.DateOnly); got != test.day || from != test.from {
			t.Errorf("%s: %s by %s, want %s by %s", test.name, got, from, test.day, test.from)
		}
	}
}
