package flosum

import (
	"slices"
	"time"
)

// Calendar says when a scheduler runs.
type Calendar struct {
	Frequency   string    `json:"frequency"` // hourly, daily, weekly or monthly
	RepeatOn    *RepeatOn `json:"repeatOn,omitempty"`
	RepeatEvery int       `json:"repeatEvery"`
	RunAt       string    `json:"runAt"` // HH:mm in the scheduler's time zone
}

// RepeatOn says on which days of a week or of a month.
type RepeatOn struct {
	Type           string          `json:"type"` // weekly or monthly
	DaysOfWeek     []int           `json:"daysOfWeek,omitempty"`
	DayOfMonth     *int            `json:"dayOfMonth,omitempty"`
	WeekDayOfMonth *WeekDayOfMonth `json:"weekDayOfMonth,omitempty"`
}

// WeekDayOfMonth is the first or last such day of a month; 0 is Sunday (inferred).
type WeekDayOfMonth struct {
	FirstOrLast string `json:"firstOrLast"`
	WeekDay     int    `json:"weekDay"`
}

// contradictions lists the missing parts of a calendar. The vendor's prose says which part belongs
// to which frequency; that a missing part is an error is assumed.
func (c Calendar) contradictions() (texts []string) {
	on := c.RepeatOn
	switch c.Frequency {
	case "weekly", "monthly":
		if on == nil {
			return []string{"configuration.repeatOn must be an object"}
		}
		if on.Type != c.Frequency {
			texts = append(texts, "configuration.repeatOn.type must be "+c.Frequency)
		}
		if c.Frequency == "weekly" && len(on.DaysOfWeek) == 0 {
			texts = append(texts, "configuration.repeatOn.daysOfWeek must contain at least 1 elements")
		}
		if c.Frequency == "monthly" && on.DayOfMonth == nil && on.WeekDayOfMonth == nil {
			texts = append(texts,
				"configuration.repeatOn.dayOfMonth must be a number conforming to the specified constraints")
		}
	}
	return texts
}

// next returns the first run after a time. Repetitions count from the anchor: its hour, day, week
// (from Sunday) or month in the zone. All of this is assumed; the vendor says "every N" and no
// more.
func (c Calendar) next(zone *time.Location, anchor, after time.Time) time.Time {
	runAt, err := time.Parse("15:04", c.RunAt)
	if err != nil {
		runAt = time.Time{} // a seed may have an invalid time: use midnight
	}
	every := max(c.RepeatEvery, 1)
	if c.Frequency == "hourly" {
		return nextHour(zone, runAt, anchor, after, every)
	}
	start := anchor.In(zone)
	// noon represents a date in every zone
	day := time.Date(start.Year(), start.Month(), start.Day(), 12, 0, 0, 0, time.UTC)
	first := day
	if now := after.In(zone); now.After(start) {
		first = time.Date(now.Year(), now.Month(), now.Day(), 12, 0, 0, 0, time.UTC)
	}
	date := first
	for range farthest {
		if c.falls(day, date, every) {
			if at := wallClock(zone, date, runAt); at.After(after) {
				return at
			}
		}
		date = date.AddDate(0, 0, 1)
	}
	return date
}

// farthest is the maximum number of days to search ahead: over a thousand months, for calendars of
// seeds whose day does not exist.
const farthest = 40_000

// nextHour counts elapsed hours from the first runAt after the anchor, across clock changes.
func nextHour(zone *time.Location, runAt, anchor, after time.Time, every int) time.Time {
	start := anchor.In(zone)
	at := wallClock(zone, start, runAt)
	if at.Before(anchor) {
		at = wallClock(zone, start.AddDate(0, 0, 1), runAt)
	}
	if at.After(after) {
		return at
	}
	step := time.Duration(every) * time.Hour
	return at.Add(step * (after.Sub(at)/step + 1))
}

// falls reports whether a date is one of the calendar's, counted from the anchor's date. A month
// without such a day runs on its last day (assumed).
func (c Calendar) falls(anchor, date time.Time, every int) bool {
	on := c.RepeatOn
	days := int(date.Sub(anchor) / (24 * time.Hour))
	switch {
	case c.Frequency == "weekly" && on != nil:
		week := (days + int(anchor.Weekday())) / 7
		return week%every == 0 && slices.Contains(on.DaysOfWeek, int(date.Weekday())) ||
			len(on.DaysOfWeek) == 0 && days%(7*every) == 0
	case c.Frequency == "monthly":
		months := (date.Year()-anchor.Year())*12 + int(date.Month()-anchor.Month())
		return months%every == 0 && on.inMonth(date)
	}
	return days%every == 0
}

func (on *RepeatOn) inMonth(date time.Time) bool {
	last := time.Date(date.Year(), date.Month()+1, 0, 12, 0, 0, 0, time.UTC).Day()
	switch {
	case on != nil && on.WeekDayOfMonth != nil && on.DayOfMonth == nil:
		week := on.WeekDayOfMonth
		return int(date.Weekday()) == week.WeekDay && (week.FirstOrLast == "first" && date.Day() <= 7 ||
			week.FirstOrLast == "last" && date.Day() > last-7)
	case on != nil && on.DayOfMonth != nil:
		return date.Day() == min(*on.DayOfMonth, last)
	}
	return date.Day() == 1
}

// wallClock returns when a zone's clocks show a time of day on a date. A skipped time becomes the
// first instant after the gap; of a repeated time it is the first (assumed).
func wallClock(zone *time.Location, date, clock time.Time) time.Time {
	t := time.Date(date.Year(), date.Month(), date.Day(), clock.Hour(), clock.Minute(), 0, 0, zone)
	begin, end := t.ZoneBounds()
	if t.Hour() != clock.Hour() || t.Minute() != clock.Minute() {
		shown := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC)
		if shown.Before(time.Date(date.Year(), date.Month(), date.Day(), clock.Hour(), clock.Minute(), 0, 0,
			time.UTC)) {
			return end // the library used the offset after the gap
		}
		return begin
	}
	if !begin.IsZero() {
		_, now := t.Zone()
		_, before := begin.Add(-time.Second).Zone()
		if earlier := t.Add(time.Duration(now-before) * time.Second); earlier.Before(begin) && earlier.Before(t) {
			return earlier
		}
	}
	return t
}
