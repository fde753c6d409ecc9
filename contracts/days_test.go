package contracts

import (
	"flag"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/afba07b5/mockserver/internal/race"
	"github.com/afba07b5/mockserver/mocks"
)

var days = flag.Int("days", 1, "replay each case on so many of the days at the edges of the calendar")

// edgesOfTheCalendar are moments at which a date in an answer is easily a period off.
var edgesOfTheCalendar = []time.Time{
	time.Date(2026, 12, 31, 23, 59, 50, 0, time.UTC), // the last seconds of a year, in its first ISO week's year
	time.Date(2027, 1, 1, 0, 0, 10, 0, time.UTC),     // a Friday, in the last ISO week of the year before
	time.Date(2027, 2, 28, 12, 0, 0, 0, time.UTC),    // a Sunday and the end of a month
	time.Date(2028, 2, 29, 12, 0, 0, 0, time.UTC),    // a month later or a year ago has no such day
	time.Date(2029, 10, 31, 12, 0, 0, 0, time.UTC),   // a month ago had no such day
	time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC),     // a decade begins
}

// TestReplayOnOtherDays checks that cases pass whatever the day is. The clocks of a bubble start in the year 2000 and
// stand still while something runs.
func TestReplayOnOtherDays(t *testing.T) {
	t.Parallel()
	suite := allCases(t)
	for n, now := range edgesOfTheCalendar {
		var cases []*Case
		for i, c := range suite.Cases {
			if race.Enabled && i/len(edgesOfTheCalendar)%4 > 0 {
				continue // a separate step in CI takes all
			}
			if on := n + len(edgesOfTheCalendar) - i%len(edgesOfTheCalendar); on%len(edgesOfTheCalendar) < *days {
				cases = append(cases, c)
			}
		}
		if len(cases) == 0 {
			t.Fatalf("no case is replayed at %v", now)
		}
		t.Run(now.Format(time.RFC3339), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(now))
				replayAll(t, &Suite{Cases: cases, Gaps: suite.Gaps, routers: suite.routers})
			})
		})
	}
}

// replayAll replays the cases of a suite against fakes of this process and reports what is not equal.
func replayAll(t *testing.T, suite *Suite) {
	target, err := InProcess(mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	defer target.(*inProcess).srv.Close()
	for _, out := range suite.Replay(t.Context(), target, nil).Outcomes {
		if out.Err != nil || out.Skipped != "" {
			t.Errorf("%s was not compared: %v %s", out.Case.Name, out.Err, out.Skipped)
		}
		for _, r := range out.Results {
			for _, d := range slices.DeleteFunc(r.Differences, func(d Difference) bool {
				return suite.accepted(out.Case, r.Number, d)
			}) {
				t.Errorf("%s #%d %s: %s", out.Case.Name, r.Number, r.Request, d)
			}
		}
	}
}
