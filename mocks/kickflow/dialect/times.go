package dialect

import (
	"net/http"
	"time"

	"github.com/afba07b5/mockserver/fake"
)

// Span is a range of times, both ends included (inferred); an empty end is open.
type Span struct{ from, to string }

// ParseSpan parses <name>Start and <name>End.
func ParseSpan(r *fake.Request, name string) (b Span, err error) {
	if b.from, err = moment(r, name+"Start", 0); err == nil {
		b.to, err = moment(r, name+"End", 24*time.Hour-time.Millisecond)
	}
	return b, err
}

// moment parses a date, which means its whole Japanese day, or a date-time, which is Japanese
// unless it has an offset (inferred). A date-time whose plus sign was not escaped is invalid:
// documented in troubles.
func moment(r *fake.Request, name string, whole time.Duration) (string, error) {
	text := r.Query(name)
	if text == "" {
		return "", nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, JST); err == nil {
		return FormatTime(t.Add(whole)), nil
	}
	for _, layout := range Moments {
		if t, err := time.ParseInLocation(layout, text, JST); err == nil {
			return FormatTime(t), nil
		}
	}
	return "", &fake.Error{Status: http.StatusBadRequest,
		Message: "Invalid request: " + name + ": value at root does not match format: date-time", Rule: name +
			" is a date or a date-time", Evidence: fake.Documented, Source: Troubles}
}

var Moments = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05", "2006-01-02T15:04",
	"2006-01-02T15:04Z07:00"}

func (b Span) Has(at string) bool {
	if b == (Span{}) {
		return true
	}
	return at != "" && at >= b.from && (b.to == "" || at <= b.to)
}
