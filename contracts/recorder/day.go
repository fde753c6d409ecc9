package recorder

import (
	"net/http"
	"time"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/afba07b5/mockserver/contracts/importer"
	"github.com/afba07b5/mockserver/contracts/internal/recording"
)

// DayOf returns the day of a recording, and how it is known: by the Date of an answer, the start of an exchange, the
// times in the answers, or the date of the file. A replay on another day takes times of that day for the server's own.
func DayOf(all []importer.Exchange, file time.Time) (day time.Time, from string) {
	for _, x := range all {
		if at, err := http.ParseTime(x.Answer.Get("Date")); err == nil {
			return at, "the Date header of an answer"
		}
	}
	for _, x := range all {
		if !x.At.IsZero() {
			return x.At, "the start of a request"
		}
	}
	var interactions []*cassette.Interaction
	for _, x := range all {
		interactions = append(interactions, &cassette.Interaction{
			Request:  cassette.Request{Method: x.Method, URL: x.URL, Body: string(x.Body)},
			Response: cassette.Response{Headers: x.Answer, Body: string(x.Result)},
		})
	}
	if day, err := time.Parse(time.DateOnly, recording.Day(interactions)); err == nil {
		return day, "the times in the answers"
	}
	return file, "the date of the file"
}
