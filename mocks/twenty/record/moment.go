package record

import (
	"regexp"
	"strconv"
	"time"
)

// The forms of a date-time: a day, or a day with a time, with or without an offset; the American form of a
// day is accepted as well. Evidence: corpus_rest_write_101, observed behaviour of all recordings.
var (
	isoMoment   = regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s?(Z|z|[+-]\d{2}(?::?\d{2})?)?)?$`)
	usMoment    = regexp.MustCompile(`^(\d{1,2})/(\d{1,2})/(\d{4})$`)
	farPast     = regexp.MustCompile(`^-\d{6}-\d{2}-\d{2}T`)
	isoDay      = regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?$`)
	noMoment    = millis(0)
	bcMoment    = millis(-1 << 62) // passes the check of the form, and is refused by the database
	maxDay      = map[int]int{4: 30, 6: 30, 9: 30, 11: 30}
	secondsForm = 59
)

// parseMoment reads a date-time; ok is false if its form is refused.
func parseMoment(s string) (t millis, ok bool) {
	if farPast.MatchString(s) {
		return bcMoment, true
	}
	if m := usMoment.FindStringSubmatch(s); m != nil {
		return momentText{year: m[3], month: m[1], day: m[2]}.millis()
	}
	m := isoMoment.FindStringSubmatch(s)
	if m == nil {
		return noMoment, false
	}
	return momentText{year: m[1], month: m[2], day: m[3], hour: m[4], minute: m[5], second: m[6], fraction: m[7], zone: m[8]}.millis()
}

// momentText holds the parts of a date-time as they are written; what is left out is "".
type momentText struct {
	year, month, day, hour, minute, second, fraction, zone string
}

// millis reads the parts; ok is false if there is no such time.
func (m momentText) millis() (t millis, ok bool) {
	y, mo, d, h, mi, s := atoi(m.year), atoi(m.month), atoi(m.day), atoi(m.hour), atoi(m.minute), atoi(m.second)
	if mo < 1 || mo > 12 || d < 1 || d > daysIn(y, mo) || h > 23 || mi > 59 || s > 60 {
		return noMoment, false
	}
	s = min(s, secondsForm) // a leap second is shown as :59
	offset, ok := parseOffset(m.zone)
	if !ok {
		return noMoment, false
	}
	ms := atoi((m.fraction + "000")[:3])
	at := time.Date(y, time.Month(mo), d, h, mi, s, ms*1e6, time.UTC).Add(-offset)
	return millis(at.UnixMilli()), true
}

func parseOffset(zone string) (time.Duration, bool) {
	if zone == "" || zone == "Z" || zone == "z" {
		return 0, true
	}
	h, m := atoi(zone[1:3]), 0
	if len(zone) > 3 {
		m = atoi(zone[len(zone)-2:])
	}
	if h > 23 || m > 59 {
		return 0, false
	}
	d := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	if zone[0] == '-' {
		d = -d
	}
	return d, true
}

// parseDay reads a DATE: a day, or the day of a date-time.
func parseDay(s string) (string, bool) {
	m := isoDay.FindStringSubmatch(s)
	if m == nil {
		return "", false
	}
	day := momentText{year: m[1], month: m[2], day: m[3]}
	if _, ok := day.millis(); !ok {
		return "", false
	}
	return s[:10], true
}

func daysIn(year, month int) int {
	if month == 2 {
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	if n := maxDay[month]; n != 0 {
		return n
	}
	return 31
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s) // the pattern admits digits only; "" is 0
	return n
}
