package compare

import "testing"

// TestPeriodsOfTheDay compares days that begin a period: the recording is of 2026-11-21, the replay of 2027-03-01.
func TestPeriodsOfTheDay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		seed      string
		rec, got  string
		different bool
	}{
		{"the day after, in the east", "", "2026-11-22", "2027-03-02", false},
		{"the day after, before it has begun", "", "2026-11-22", "2027-03-01", false},
		{"the day before, in the west", "", "2026-11-20", "2027-02-28", false},
		{"the week", "", "2026-11-16", "2027-03-01", false},
		{"the month", "", "2026-11-01", "2027-03-01", false},
		{"the quarter", "", "2026-10-01", "2027-01-01", false},
		{"the year", "", "2026-01-01", "2027-01-01", false},
		{"the century", "", "2001-01-01", "2001-01-01", false},
		{"the same month", "", "2026-11-01", "2026-11-01", false},
		{"two days after", "", "2026-11-23", "2027-03-03", true},
		{"a month for a quarter", "", "2026-10-01", "2027-03-01", true},
		{"the wrong month", "", "2026-11-01", "2027-04-01", true},
		{"a day that the seed has", "2026-11-01", "2026-11-01", "2027-03-01", true},
		{"the last day of the month", "", "2026-11-30", "2027-03-31", true},
	} {
		got := differs(t, &Rules{}, c.seed, []said{{rec: `{"day":"` + c.rec + `"}`, got: `{"day":"` + c.got + `"}`}})
		if (got != "") != c.different {
			t.Errorf("%s: recorded %s, got %s: %q", c.name, c.rec, c.got, got)
		}
	}
}
