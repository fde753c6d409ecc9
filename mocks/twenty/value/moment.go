package value

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// Moment is a moment, in milliseconds since 1970.
type Moment int64

// BeforeYearOne is a moment whose form is valid but that the database rejects.
const BeforeYearOne = Moment(-1 << 62)

// String prints a moment as answers do.
func (m Moment) String() string {
	return time.UnixMilli(int64(m)).UTC().Format("2006-01-02T15:04:05.000Z")
}

// Time returns the moment as a time.
func (m Moment) Time() time.Time { return time.UnixMilli(int64(m)).UTC() }

// The forms of a date-time in data are those of JavaScript's Temporal: a day, or a day with a time,
// with or without an offset; some other forms of a day are accepted as well. Evidence:
// corpus_rest_write_101, and the vendor's public source, which lists the forms.
var (
	isoMoment = regexp.MustCompile(`^(?:\+00)?(\d{4})(?:-(\d{2})-(\d{2})|(\d{2})(\d{2}))` +
		`(?:[Tt ](\d{2})(?::?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?)?(Z|z|` +
		`[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?)?)?(?:\[[^\]]*\])*$`)
	farPast = regexp.MustCompile(`^-\d{6}-\d{2}-\d{2}T`)
	maxDay  = map[int]int{4: 30, 6: 30, 9: 30, 11: 30}
)

const secondsForm = 59

// dayForms are the forms of a day that is not written as ISO has it.
var dayForms = sync.OnceValue(func() []*regexp.Regexp {
	return forms("y.m.d", "y/m/d", "m-d-y", "m/d/y", "m.d.y", "LONG d, y", "SHORT d, y", "d LONG y", "d SHORT y",
		"d-SHORT-y", "y-SHORT-d")
})

// filterMoments are the forms of a date-time in a filter, which are fewer: corpus_rest_groupby_102 #13.
var filterMoments = sync.OnceValue(func() []*regexp.Regexp {
	return append(forms("y-m-dTH:M:S.FZ", "y-m-dTH:M:SZ", "y-m-dTH:M:S.F", "y-m-dTH:M:S", "y-m-d H:M:S.F",
		"y-m-d H:M:S", "y-m-d H:M",
		"y-m-d", "YYYYMMDD"), dayForms()...)
})

// dayTimes are the forms of a DATE: fixtures/twenty/metadata_custom_object_lifecycle has one with a time.
var dayTimes = sync.OnceValue(func() []*regexp.Regexp {
	return append(forms("y-m-d", "YYYYMMDD", "y-m-dTH:M:S.F", "y-m-dTH:M:S", "y-m-d H:M:S", "y-m-d H:M:S.F"),
		dayForms()...)
})

const (
	shortMonths = `(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)`
	longMonths  = `(?i:january|february|march|april|may|june|july|august|september|october|november|december)|` +
		shortMonths
)

// forms compiles forms of date-times: y, m, d, H, M, S are numbers, F the digits behind the point, Z an offset,
// SHORT and LONG the name of a month.
func forms(list ...string) []*regexp.Regexp {
	parts := strings.NewReplacer(".", `\.`, "YYYYMMDD", `(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{1,2})`, "LONG",
		"(?P<m>"+longMonths+")", "SHORT", "(?P<m>"+shortMonths+")",
		"y", `(?P<y>\d{1,4})`, "m", `(?P<m>\d{1,2})`, "d", `(?P<d>\d{1,2})`, "H", `(?P<H>\d{1,2})`, "M",
		`(?P<M>\d{1,2})`, "S", `(?P<S>\d{1,2})`,
		"F", `(?P<F>\d{1,3})`, "Z", `(?P<Z>Z|[+-]\d{2}(?::?\d{2})?)`)
	return js.Map(list, func(form string) *regexp.Regexp { return regexp.MustCompile("^" + parts.Replace(form) + "$") })
}

// ParseMoment parses a date-time of data; ok is false if its form is invalid.
func ParseMoment(s string) (t Moment, ok bool) {
	if usualMoment(s) && s[:4] != "0000" {
		return momentText{year: s[:4], month: s[5:7], day: s[8:10], hour: s[11:13], minute: s[14:16], second: s[17:19],
			fraction: s[20:23], leap: true}.moment()
	}
	if farPast.MatchString(s) {
		return BeforeYearOne, true
	}
	if m := isoMoment.FindStringSubmatch(s); m != nil {
		if m[1] == "0000" {
			return BeforeYearOne, true // assumed alike
		}
		return momentText{year: m[1], month: m[2] + m[4], day: m[3] + m[5], hour: m[6], minute: m[7], second: m[8],
			fraction: m[9], zone: m[10], leap: true}.moment()
	}
	return parseForms(s, dayForms())
}

// usualMoment reports whether a date-time is written as answers have it.
func usualMoment(s string) bool {
	const form = "0000-00-00T00:00:00.000Z"
	if len(s) != len(form) {
		return false
	}
	for i := range len(form) {
		if digit := form[i] == '0'; digit && (s[i] < '0' || s[i] > '9') || !digit && s[i] != form[i] {
			return false
		}
	}
	return true
}

// ParseFilterMoment parses a date-time of a filter.
func ParseFilterMoment(s string) (t Moment, ok bool) { return parseForms(s, filterMoments()) }

// parseForms reads a date-time in the first form that fits.
func parseForms(s string, list []*regexp.Regexp) (t Moment, ok bool) {
	for _, form := range list {
		m := form.FindStringSubmatch(s)
		if m == nil {
			continue
		}
		part := func(name string) string {
			if i := form.SubexpIndex(name); i >= 0 {
				return m[i]
			}
			return ""
		}
		if t, ok := (momentText{year: part("y"), month: part("m"), day: part("d"), hour: part("H"), minute: part("M"),
			second: part("S"), fraction: part("F"), zone: part("Z")}).moment(); ok {
			return t, true
		}
	}
	return 0, false
}

// momentText holds the parts of a date-time as written; missing parts are "".
type momentText struct {
	year, month, day, hour, minute, second, fraction, zone string
	leap                                                   bool // the second 60 passes
}

// moment reads the parts; ok is false if there is no such time.
func (m momentText) moment() (t Moment, ok bool) {
	y, mo, d, h, mi, s := atoi(m.year), m.monthNumber(), atoi(m.day), atoi(m.hour), atoi(m.minute), atoi(m.second)
	if mo < 1 || mo > 12 || d < 1 || d > daysIn(y, mo) || h > 23 || mi > 59 || s > 60 || s == 60 && !m.leap || y == 0 {
		return 0, false
	}
	s = min(s, secondsForm) // a leap second is shown as :59
	offset, ok := parseOffset(m.zone)
	if !ok {
		return 0, false
	}
	ms := atoi((m.fraction + "000")[:3])
	at := time.Date(y, time.Month(mo), d, h, mi, s, ms*1e6, time.UTC).Add(-offset)
	return Moment(at.UnixMilli()), true
}

// monthNumber reads a month, which may be written by its name.
func (m momentText) monthNumber() int {
	if m.month == "" || m.month[0] <= '9' {
		return atoi(m.month)
	}
	const names = "jan feb mar apr may jun jul aug sep oct nov dec"
	return strings.Index(names, strings.ToLower(m.month[:3]))/4 + 1
}

func parseOffset(zone string) (time.Duration, bool) {
	if zone == "" || zone == "Z" || zone == "z" {
		return 0, true
	}
	digits := strings.ReplaceAll(zone[1:], ":", "") + "0000"
	h, m, s := atoi(digits[:2]), atoi(digits[2:4]), atoi(digits[4:6])
	if h > 23 || m > 59 || s > 59 {
		return 0, false
	}
	d := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second
	if zone[0] == '-' {
		d = -d
	}
	return d, true
}

// ParseDay parses a DATE: a day, or the day of a date-time as written, whatever its offset.
func ParseDay(s string) (string, bool) {
	day := s
	if m := dayWithZone.FindStringSubmatch(s); m != nil {
		day = m[1]
		if _, ok := parseOffset(m[2]); !ok {
			return "", false
		}
	}
	t, ok := parseForms(day, dayTimes())
	if !ok {
		return "", false
	}
	return t.Time().Format("2006-01-02"), true
}

// dayWithZone parts a date-time from its offset.
var dayWithZone = regexp.MustCompile(`^(.*T.*)(Z|[+-]\d{2}(?:\d{2})?)$`)

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
