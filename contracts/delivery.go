package contracts

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"slices"

	"github.com/afba07b5/mockserver/contracts/compare"
	"github.com/afba07b5/mockserver/contracts/jsontree"
)

// deliveryLine is a recorded delivery, as a line of JSON in deliveries.jsonl or beside a bare
// cassette.
type deliveryLine struct {
	// the request that caused it; if missing, any up to the last
	Interaction *int              `json:"interaction"`
	Time        json.Number       `json:"t"`      // time of arrival, for people
	Method      string            `json:"method"` // default POST
	Path        string            `json:"path"`
	Headers     map[string]string `json:"headers"`
	Body        string            `json:"rawBody"`
}

// Receiving is the part of case.yaml about the receiver of deliveries.
type Receiving struct {
	Order   string                     `yaml:"order"`   // arrival: in the recorded order; default: any order
	Answers map[string]*ReceiverAnswer `yaml:"answers"` // by path; default: 200 without a body
}

// ReceiverAnswer is the receiver's answer to a delivery.
type ReceiverAnswer struct {
	Status  int               `yaml:"status"`
	Headers map[string]string `yaml:"headers"`
}

func (r *Receiving) check() error {
	if !slices.Contains([]string{"", "arrival"}, r.Order) {
		return fmt.Errorf("deliveries: order %q: expected arrival or nothing", r.Order)
	}
	for path, a := range r.Answers {
		if a == nil || a.Status < 200 || a.Status > 599 {
			return fmt.Errorf("deliveries: answers: %s: a status from 200 to 599 is needed", path)
		}
	}
	return nil
}

// loadDeliveries reads recorded deliveries and gives them to the interactions that caused them.
func (c *Case) loadDeliveries(fsys fs.FS, file string) error {
	data, err := fs.ReadFile(fsys, file)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	for n, line := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
		if err := c.addDelivery(line); err != nil {
			return fmt.Errorf("%s: line %d: %w", file, n+1, err)
		}
	}
	return nil
}

func (c *Case) addDelivery(line []byte) error {
	var d deliveryLine
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return err
	}
	cause := len(c.interactions) - 1
	if d.Interaction != nil {
		cause = *d.Interaction
	} else {
		c.lateDeliveries = true
	}
	host := d.Headers["Host"]
	if cause < 0 || cause >= len(c.interactions) || d.Path == "" || host == "" {
		return fmt.Errorf("interaction %d of %d, path %q, header Host %q: all are needed", cause, len(c.interactions),
			d.Path, host)
	}
	if c.receiver == "" {
		c.receiver = "http://" + host
	}
	if c.receiver != "http://"+host {
		return fmt.Errorf("a second receiver %s beside %s is not supported", host, c.receiver)
	}
	header := http.Header{}
	for name, value := range d.Headers {
		header.Set(name, value)
	}
	i := c.interactions[cause]
	i.Deliveries = append(i.Deliveries,
		&Delivery{Method: cmp.Or(d.Method, http.MethodPost), Path: d.Path, Header: header, Body: d.Body})
	return nil
}

// Event returns the event of a delivery of the case, or else its path.
func (c *Case) Event(d *Delivery) string {
	if body, err := jsontree.Parse(d.Body); err == nil && c.rules.Deliveries.Event != "" {
		if event := body.Get(c.rules.Deliveries.Event); event != nil && event.Kind == jsontree.Text {
			return event.Text
		}
	}
	return d.Path
}

// receives reports whether a case compares deliveries.
func (c *Case) receives() bool {
	return c.receiver != "" ||
		slices.ContainsFunc(c.interactions, func(i *compare.Interaction) bool { return i.Receives })
}
