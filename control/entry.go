package control

import (
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/afba07b5/mockserver/control/wiremock"
	"github.com/afba07b5/mockserver/explain"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/journal"
)

// ours is what this server knows of a request besides.
type ours struct {
	Entry      string          `json:"entry"`          // the position in the journal, which identifies it as well
	Node       string          `json:"node,omitempty"` // that served it; the position is one of its journal
	World      string          `json:"world"`
	Fake       string          `json:"fake"`
	Operation  string          `json:"operation,omitempty"`
	Evidence   string          `json:"evidence,omitempty"`
	Fault      string          `json:"fault,omitempty"`
	Unfriendly []string        `json:"unfriendly,omitempty"` // the variations of the answer
	Stub       *stubbed        `json:"stub,omitempty"`       // that answered, or changed the answer
	Rejection  *fake.Rejection `json:"refusal,omitempty"`
	GoneWorld  string          `json:"goneWorld,omitempty"` // the world of the credential, if it no longer exists
	Notes      []string        `json:"notes,omitempty"`     // what the fake passed over in the request
	Plan       string          `json:"plan,omitempty"`      // how the rows of a list were found
	Nearest    *explain.Near   `json:"nearest,omitempty"`   // of a request that no operation has
	Hint       string          `json:"hint,omitempty"`
}

// found is an entry as the routes under /journal show it: WireMock's request and what this server knows besides.
type found struct {
	wiremock.LoggedRequest
	ours
	Status int `json:"status"`
}

// stubbed names a stub.
type stubbed struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// factsEvent is the type of the sub-event that holds ours.
const factsEvent = "MOCKSERVER"

func (c *call) event(w *fake.World, e *fake.Entry) wiremock.ServeEvent {
	m := c.maskOf(e)
	response := wiremock.Response{Status: e.Status, Headers: wiremock.Headers(m.headers(e.Answered))}
	response.Body, response.BodyAsBase64 = wiremock.Text(m.body(e.Answered, e.Answer))
	took := e.Took.Milliseconds()
	matched := e.Operation != "" || e.Stub != nil
	event := wiremock.ServeEvent{
		ID: wiremock.EventID(w.Name, c.plane.node(), e.Position), Request: c.logged(w, e, m), Response: response,
		WasMatched:         matched,
		ResponseDefinition: wiremock.ResponseDefinition(response, matched),
		Timing: wiremock.Timing{AddedDelay: e.Delay.Milliseconds(), ProcessTime: took,
			ServeTime: took, TotalTime: took},
		SubEvents: []wiremock.SubEvent{{Type: factsEvent, Data: c.ours(w, e)}},
	}
	if e.Stub != nil {
		event.StubMapping, event.ResponseDefinition = e.Stub.Mapping, e.Stub.Definition
	}
	return event
}

func (c *call) found(w *fake.World, e *fake.Entry) found {
	return found{LoggedRequest: c.logged(w, e, c.maskOf(e)), ours: c.ours(w, e), Status: e.Status}
}

func (c *call) ours(w *fake.World, e *fake.Entry) ours {
	o := ours{Entry: e.ID, Node: c.plane.node(), World: w.Name, Fake: e.Fake, Operation: e.Operation,
		Evidence: e.Evidence, Fault: e.Fault, Rejection: e.Rejection, GoneWorld: e.Gone, Notes: e.Notes,
		Unfriendly: e.Unfriendly}
	o.Plan = e.Plan
	if e.Stub != nil {
		o.Stub = &stubbed{e.Stub.ID, e.Stub.Name}
	} else {
		o.Nearest = c.nearest(e)
	}
	if e.Status == http.StatusTooManyRequests && e.Fault == "" {
		o.Hint = explain.LimitsHint
	}
	return o
}

// logged is a request as WireMock logs it. m is the mask of that request.
func (c *call) logged(w *fake.World, e *fake.Entry, m mask) wiremock.LoggedRequest {
	asked := m.url(e.URL)
	u, err := url.Parse(asked)
	if err != nil {
		u = &url.URL{}
	}
	l := wiremock.LoggedRequest{
		ID:  wiremock.EventID(w.Name, c.plane.node(), e.Position),
		URL: journal.Rooted(e.Fake, asked), AbsoluteURL: asked, Method: e.Method,
		ClientIP: clientAddress(e.Remote), Headers: wiremock.Headers(m.headers(e.Header)), Cookies: cookies(e.Header),
		LoggedDate: e.At.UnixMilli(), LoggedDateString: e.At.UTC().Format(time.RFC3339Nano), Protocol: "HTTP/1.1",
		Scheme: u.Scheme, Host: u.Hostname(), Port: port(u),
		QueryParams: wiremock.Params(u.Query()), FormParams: map[string]wiremock.Values{},
	}
	l.Headers["Host"] = u.Host
	body := m.body(e.Header, e.Body)
	l.Body, l.BodyAsBase64 = wiremock.Text(body)
	if strings.HasPrefix(e.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		if form, err := url.ParseQuery(string(body)); err == nil {
			l.FormParams = wiremock.Params(form)
		}
	}
	return l
}

// port returns the port of a URL, or that of its scheme.
func port(u *url.URL) int {
	if n, err := strconv.Atoi(u.Port()); err == nil {
		return n
	}
	if u.Scheme == "https" {
		return 443
	}
	return 80
}

// cookies names the cookies of a request; their values are secrets.
func cookies(h http.Header) map[string]string {
	out := map[string]string{}
	for _, cookie := range (&http.Request{Header: h}).Cookies() {
		out[cookie.Name] = redacted
	}
	return out
}

// bodyText returns a body as text or, if it is not valid UTF-8, in Base64.
func bodyText(body []byte) (plain, base64ed string) {
	if utf8.Valid(body) {
		return string(body), ""
	}
	return "", base64.StdEncoding.EncodeToString(body)
}

func clientAddress(remote string) string {
	if host, _, err := net.SplitHostPort(remote); err == nil {
		return host
	}
	return remote
}
