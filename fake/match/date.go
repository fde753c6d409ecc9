package match

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// dateSpec is the expected side of a comparison: a point in time, or an offset from now.
type dateSpec struct {
	at                  time.Time
	relative            bool
	amount              int
	unit                string
	truncate, actual    string // truncations of the expected and of the actual date
	format              string // of the actual date, as Java writes formats
	truncateAfterOffset bool
}

var offset = regexp.MustCompile(`^(?i:now)?\s*(?:([-+]?[0-9]{1,9})\s+([a-zA-Z]+))?$`)

// ParseOffset reads an offset like "3 days" or "now -2 hours".
func ParseOffset(text string) (amount int, unit string, err error) {
	m := offset.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return 0, "", fmt.Errorf("%q is not an offset like \"now +3 days\"", text)
	}
	if m[1] == "" {
		return 0, "seconds", nil
	}
	amount, err = strconv.Atoi(m[1])
	unit = strings.TrimSuffix(strings.ToLower(m[2]), "s") + "s"
	if _, known := units[unit]; !known {
		return 0, "", fmt.Errorf("%q is not a unit: seconds, minutes, hours, days, weeks, months or years", m[2])
	}
	return amount, unit, err
}

// units are what offsets count in.
var units = map[string]struct {
	years, months, days int
	exact               time.Duration
}{
	"years": {years: 1}, "months": {months: 1}, "weeks": {days: 7}, "days": {days: 1}, "hours": {exact: time.Hour},
	"minutes": {exact: time.Minute}, "seconds": {exact: time.Second},
}

// Shift moves a time by an amount of a unit.
func Shift(t time.Time, amount int, unit string) time.Time {
	u := units[unit]
	return t.AddDate(amount*u.years, amount*u.months, amount*u.days).Add(time.Duration(amount) * u.exact)
}

var truncations = map[string]func(t time.Time) time.Time{
	"first second of minute": func(t time.Time) time.Time { return t.Truncate(time.Minute) },
	"first minute of hour": func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), 0, 0, 0, t.Location())
	},
	"first hour of day":       func(t time.Time) time.Time { return day(t, t.Year(), t.Month(), t.Day()) },
	"first day of month":      func(t time.Time) time.Time { return day(t, t.Year(), t.Month(), 1) },
	"first day of next month": func(t time.Time) time.Time { return day(t, t.Year(), t.Month()+1, 1) },
	"last day of month":       func(t time.Time) time.Time { return day(t, t.Year(), t.Month()+1, 0) },
	"first day of year":       func(t time.Time) time.Time { return day(t, t.Year(), 1, 1) },
	"first day of next year":  func(t time.Time) time.Time { return day(t, t.Year()+1, 1, 1) },
	"last day of year":        func(t time.Time) time.Time { return day(t, t.Year(), 12, 31) },
}

func day(t time.Time, year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, t.Location())
}

// Truncate cuts a time as WireMock's truncations do. An unknown one leaves it.
func Truncate(t time.Time, how string) time.Time {
	if cut := truncations[strings.ToLower(how)]; cut != nil {
		return cut(t)
	}
	return t
}

var layouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", time.DateOnly,
	time.RFC1123, time.RFC1123Z, time.RFC850, time.ANSIC,
}

// ParseDate reads a date in a format of Java's or, without one, in those that HTTP and ISO 8601 have.
func ParseDate(text, format string) (time.Time, error) {
	switch format {
	case "":
		for _, layout := range layouts {
			if t, err := time.Parse(layout, text); err == nil {
				return t, nil
			}
		}
		return time.Time{}, fmt.Errorf("%q is not a date", text)
	case "unix", "epoch":
		n, err := strconv.ParseInt(text, 10, 64)
		if format == "epoch" {
			return time.UnixMilli(n).UTC(), err
		}
		return time.Unix(n, 0).UTC(), err
	}
	layout, err := Layout(format)
	if err != nil {
		return time.Time{}, err
	}
	return time.Parse(layout, text)
}

// letters are the parts of Java's formats in Go's words.
var letters = map[string]string{
	"yyyy": "2006", "uuuu": "2006", "yy": "06", "MMMM": "January", "MMM": "Jan", "MM": "01", "M": "1",
	"dd": "02", "d": "2", "EEEE": "Monday", "EEE": "Mon", "EE": "Mon", "E": "Mon",
	"HH": "15", "H": "15", "hh": "03", "h": "3", "mm": "04", "m": "4", "ss": "05", "s": "5",
	"SSS": "000", "SSSSSS": "000000", "SSSSSSSSS": "000000000", "S": "0", "a": "PM",
	"z": "MST", "zzz": "MST", "VV": "MST", "Z": "-0700", "X": "Z07", "XX": "Z0700", "X" + "XX": "Z07:00",
}

// Layout turns a format of Java's DateTimeFormatter into one of package time.
func Layout(format string) (string, error) {
	var out strings.Builder
	for at := 0; at < len(format); {
		switch ch := format[at]; {
		case ch == '\'':
			end := strings.IndexByte(format[at+1:], '\'')
			if end < 0 {
				return "", fmt.Errorf("the format %q has an open quote", format)
			}
			out.WriteString(format[at+1 : at+1+end])
			at += end + 2
		case ch >= 'a' && ch <= 'z' || ch >= 'A' && ch <= 'Z':
			n := len(format[at:]) - len(strings.TrimLeft(format[at:], string(ch)))
			to, ok := letters[format[at:at+n]]
			if !ok {
				return "", fmt.Errorf("the format %q: %q is not supported here", format, format[at:at+n])
			}
			out.WriteString(to)
			at += n
		default:
			out.WriteByte(ch)
			at++
		}
	}
	return out.String(), nil
}

func (d *dateSpec) read(o object, name string) error {
	texts := map[string]*string{"truncateExpected": &d.truncate, "truncateActual": &d.actual,
		"actualFormat": &d.format, "expectedOffsetUnit": &d.unit}
	for option, to := range texts {
		var err error
		if *to, err = o.text(option); err != nil {
			return err
		}
	}
	for _, how := range []string{d.truncate, d.actual} {
		if how != "" && truncations[strings.ToLower(how)] == nil {
			return fmt.Errorf("%q is not a truncation", how)
		}
	}
	if d.format != "" && d.format != "unix" && d.format != "epoch" {
		if _, err := Layout(d.format); err != nil {
			return err
		}
	}
	d.truncateAfterOffset = o.flag("applyTruncationLast")
	text, err := o.text(name)
	if err != nil {
		return err
	}
	return d.readExpected(o, text)
}

func (d *dateSpec) readExpected(o object, text string) (err error) {
	if raw := o["expectedOffset"]; raw != nil && string(raw) != "null" {
		text = "now " + strings.Trim(string(raw), `"`) + " " + cmp.Or(d.unit, "DAYS")
	}
	if d.at, err = ParseDate(text, ""); err == nil {
		return nil
	}
	d.relative = true
	if d.amount, d.unit, err = ParseOffset(text); err != nil {
		return errors.New(text + " is neither a date nor an offset like \"now +3 days\"")
	}
	return nil
}

// expected returns the point in time that the actual date is compared with.
func (d *dateSpec) expected(now time.Time) time.Time {
	if !d.relative {
		return d.at
	}
	if d.truncateAfterOffset {
		return Truncate(Shift(now, d.amount, d.unit), d.truncate)
	}
	return Shift(Truncate(now, d.truncate), d.amount, d.unit)
}

func dateTest(holds func(actual, expected time.Time) bool) operator {
	return func(_ *compiler, o object, name, _ string) (value, error) {
		var d dateSpec
		if err := d.read(o, name); err != nil {
			return nil, err
		}
		return test(func(s *subject) bool {
			actual, err := ParseDate(s.text, d.format)
			return err == nil && holds(Truncate(actual, d.actual), d.expected(s.now))
		}), nil
	}
}
