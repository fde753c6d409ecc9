package compare

import (
	"time"

	"github.com/afba07b5/mockserver/contracts/scan"
)

// periods is how many days starts returns.
const periods = 7

// starts returns the first day of the week, month, quarter, year, decade and century of a day, after the day itself.
func starts(day time.Time) []string {
	year, month, _ := day.Date()
	var out []string
	for _, at := range []time.Time{
		day,
		day.AddDate(0, 0, -(int(day.Weekday())+6)%7),
		time.Date(year, month, 1, 0, 0, 0, 0, time.UTC),
		time.Date(year, month-(month-1)%3, 1, 0, 0, 0, 0, time.UTC),
		time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(year-year%10, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(year-(year-1)%100, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		out = append(out, at.Format(time.DateOnly))
	}
	return out
}

// samePeriod reports whether a recorded date begins a period of the recording's day as the target's begins one of the
// replay's, such as the month that records were made in. In some time zones it is the day before or after, so both are
// allowed on either side. Dates that a request or the seed named are compared as they are.
func (b *Binding) samePeriod(rec, got string) bool {
	if len(rec) != len(time.DateOnly) || len(got) != len(time.DateOnly) { // as most texts that differ
		return false
	}
	recorded, err := time.Parse(time.DateOnly, b.Day)
	if err != nil || b.Literals[scan.Token{Shape: scan.Date, Plain: rec}.Key()] {
		return false
	}
	now := around(b.Now.UTC())
	for n, start := range around(recorded) {
		if start != rec {
			continue
		}
		for unit := n % periods; unit < len(now); unit += periods {
			if now[unit] == got {
				return true
			}
		}
	}
	return false
}

// around returns the starts of the day before, of the day itself and of the day after.
func around(day time.Time) (all []string) {
	for d := -1; d <= 1; d++ {
		all = append(all, starts(day.AddDate(0, 0, d))...)
	}
	return all
}
