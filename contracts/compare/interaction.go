package compare

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Interaction is a request and its recorded answer.
type Interaction struct {
	Number  int
	Entry   int // index of its entry in the file; an entry may be repeated
	Method  string
	URL     string // absolute, or a path for hand-written cases
	Host    string // hand-written cases: the vendor's host, if relevant
	Header  http.Header
	Body    string
	Status  int
	Answer  http.Header
	Only    map[string]bool // hand-written cases: the headers to compare; nil for all chosen ones
	Result  string
	JSON    bool   // hand-written cases: the body is JSON whatever the headers say
	Encoded bool   // hand-written cases: the request's body is JSON without blanks
	Advance string // moves the clock instead of sending a request
	Write   bool

	Deliveries []*Delivery // requests that the server sent because of it
	Receives   bool        // hand-written cases: deliveries are compared

	Ruled *AppliedRules // of a recording, which no variables change
}

// Answer is an answer of a target.
type Answer struct {
	Status int
	Header http.Header
	Body   string

	Deliveries []*Delivery // what the target sent because of the request
}

// CompareResponse compares an answer with the recorded one.
func (c *Comparison) CompareResponse(i *Interaction, got *Answer) []Difference {
	if i.Status != got.Status {
		c.Differ("status", fmt.Sprint(i.Status), fmt.Sprint(got.Status), "")
	}
	media := strings.Join(ValuesOf(got.Header, "Content-Type"), " | ")
	c.compareAlways(i, got)
	if i.Only != nil {
		got = &Answer{got.Status, OnlyHeaders(got.Header, i.Only), got.Body, got.Deliveries}
	}
	c.sameBody = i.Result == got.Body
	c.CompareHeaders(i.Answer, got.Header)
	if i.JSON && !i.Only["Content-Type"] && !strings.Contains(media, "json") {
		c.Differ("header Content-Type", "application/json", media, "the body is JSON")
	}
	kind := strings.Join(ValuesOf(i.Answer, "Content-Type"), " ")
	if i.JSON {
		kind = "json"
	}
	if !c.done() {
		c.CompareBody(kind, i.Result, got.Body)
	}
	if c.Receiver != "" && !c.done() {
		c.CompareDeliveries(i.Deliveries, got.Deliveries, c.Ordered)
	}
	return c.Found
}

// Request returns the text that rules about lists match.
func (i *Interaction) Request() string {
	path := i.URL
	if _, rest, ok := strings.Cut(path, "://"); ok {
		_, path, _ = strings.Cut(rest, "/")
		path = "/" + path
	}
	if plain, err := url.QueryUnescape(path); err == nil {
		path = plain
	}
	return i.Method + " " + path + " " + i.Body
}

// OnlyHeaders returns the headers with some names.
func OnlyHeaders(h http.Header, names map[string]bool) http.Header {
	out := http.Header{}
	for name, values := range h {
		if names[http.CanonicalHeaderKey(name)] {
			out[name] = values
		}
	}
	return out
}
