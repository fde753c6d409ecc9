package webhook

import (
	"errors"
	"slices"
	"time"
)

// Try is one attempt of a delivery.
type Try struct {
	At      time.Time `json:"at"` // on the world's clock
	Status  int       `json:"status,omitempty"`
	Problem string    `json:"problem,omitempty"`
	Answer  string    `json:"answer,omitempty"` // the beginning of the answer's body
}

// Outcome is what came of one attempt.
type Outcome struct {
	Status int    // 0 if there was no answer
	Answer string // the beginning of the answer's body, at most keptAnswer bytes
	Err    error
}

const keptAnswer = 1024

// keptTries is how many attempts of a delivery the log keeps.
const keptTries = 20

// After returns the delivery as it is after one more attempt. What failed waits for the next
// attempt if the vendor makes one.
func (d Delivery) After(at time.Time, o Outcome) Delivery {
	d.Attempts++
	d.Status, d.Problem, d.State = o.Status, "", "delivered"
	if o.Err != nil {
		d.Problem, d.State = o.Err.Error(), "failed"
	} else if o.Status < 200 || o.Status > 299 {
		d.State = "failed"
	}
	if errors.Is(o.Err, ErrTarget) || errors.Is(o.Err, ErrOwn) {
		d.State = "refused"
	}
	if d.State == "failed" && d.Attempts <= len(d.Retries) {
		d.State = "waiting"
	}
	d.Tries = append(slices.Clone(d.Tries), Try{at, o.Status, d.Problem, o.Answer})
	d.Tries = d.Tries[max(0, len(d.Tries)-keptTries):]
	return d
}

// Held returns the memory that a delivery takes, in bytes.
func (d Delivery) Held() int {
	n := 512 + len(d.Event) + len(d.URL) + len(d.Body) + len(d.Problem)
	for name, value := range d.Header {
		n += 64 + len(name) + len(value)
	}
	for _, try := range d.Tries {
		n += 96 + len(try.Problem) + len(try.Answer)
	}
	return n
}
