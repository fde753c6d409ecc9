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

	"github.com/afba07b5/mockserver/fake"
)

// logged is a request as WireMock shows it.
type logged struct {
	URL              string            `json:"url"`         // path and query as the fake sees them
	AbsoluteURL      string            `json:"absoluteUrl"` // as the client asked
	Method           string            `json:"method"`
	ClientIP         string            `json:"clientIp"`
	Headers          map[string]any    `json:"headers"` // a string, or a list of them
	Cookies          map[string]string `json:"cookies"`
	BrowserProxy     bool              `json:"browserProxyRequest"`
	LoggedDate       int64             `json:"loggedDate"`
	Body             string            `json:"body"`
	BodyAsBase64     string            `json:"bodyAsBase64"`
	Scheme           string            `json:"scheme"`
	Host             string            `json:"host"`
	Port             int               `json:"port"`
	LoggedDateString string            `json:"loggedDateString"`
	QueryParams      map[string]any    `json:"queryParams"`
}

// answer is an answer as WireMock shows it.
type answer struct {
	Status       int            `json:"status"`
	Headers      map[string]any `json:"headers"`
	Body         string         `json:"body"`
	BodyAsBase64 string         `json:"bodyAsBase64,omitempty"`
}

// ours is what this server knows of a request besides.
type ours struct {
	World     string        `json:"world"`
	Fake      string        `json:"fake"`
	Operation string        `json:"operation,omitempty"`
	Evidence  string        `json:"evidence,omitempty"`
	Fault     string        `json:"fault,omitempty"`
	Refusal   *fake.Refusal `json:"refusal,omitempty"`
	GoneWorld string        `json:"goneWorld,omitempty"` // the world of the credential, if there is none of that name any more
	Notes     []string      `json:"notes,omitempty"`     // what the fake passed over in the request
	Nearest   *near         `json:"nearest,omitempty"`   // of a request that no operation has
	Hint      string        `json:"hint,omitempty"`
}

// event is an entry of the journal as GET /requests shows it.
type event struct {
	ID                 string         `json:"id"`
	Request            logged         `json:"request"`
	ResponseDefinition answer         `json:"responseDefinition"`
	Response           answer         `json:"response"`
	WasMatched         bool           `json:"wasMatched"`
	Timing             map[string]int `json:"timing"`
	ours
}

// found is an entry as POST /requests/find shows it.
type found struct {
	ID string `json:"id"`
	logged
	ours
	Status int `json:"status"`
}

const limitsHint = "a rate limit of the vendor's; --limits off, or limitsOff in the settings of a world, switches them off"

func (c *call) event(w *fake.World, e *fake.Entry) event {
	m := c.maskOf(e)
	answered := answer{Status: e.Status, Headers: flat(m.headers(e.Answered))}
	answered.Body, answered.BodyAsBase64 = text(m.body(e.Answered, e.Answer))
	return event{
		ID: e.ID, Request: c.logged(e), ResponseDefinition: answered, Response: answered,
		WasMatched: e.Operation != "", Timing: map[string]int{"serveTime": int(e.Took.Milliseconds()), "totalTime": int(e.Took.Milliseconds())},
		ours: c.ours(w, e),
	}
}

func (c *call) found(w *fake.World, e *fake.Entry) found {
	return found{ID: e.ID, logged: c.logged(e), ours: c.ours(w, e), Status: e.Status}
}

func (c *call) ours(w *fake.World, e *fake.Entry) ours {
	o := ours{World: w.Name, Fake: e.Fake, Operation: e.Operation, Evidence: e.Evidence, Fault: e.Fault, Refusal: e.Refusal, GoneWorld: e.Gone, Notes: e.Notes}
	if e.Operation == "" {
		o.Nearest = c.nearestOperation(e)
	}
	if e.Status == http.StatusTooManyRequests && e.Fault == "" {
		o.Hint = limitsHint
	}
	return o
}

func (c *call) logged(e *fake.Entry) logged {
	m := c.maskOf(e)
	asked := m.url(e.URL)
	u, err := url.Parse(asked)
	if err != nil {
		u = &url.URL{}
	}
	l := logged{
		URL: rooted(e.Fake, asked), AbsoluteURL: asked, Method: e.Method, ClientIP: clientAddress(e.Remote),
		Headers: flat(m.headers(e.Header)), Cookies: cookies(e.Header), LoggedDate: e.At.UnixMilli(),
		LoggedDateString: e.At.UTC().Format(time.RFC3339), Scheme: u.Scheme, Host: u.Hostname(), QueryParams: map[string]any{},
	}
	l.Port, _ = strconv.Atoi(u.Port())
	for name, values := range u.Query() {
		l.QueryParams[name] = map[string]any{"key": name, "values": values}
	}
	body := m.body(e.Header, e.Body)
	l.Body, _ = text(body)
	l.BodyAsBase64 = base64.StdEncoding.EncodeToString(body)
	return l
}

// rooted cuts an absolute URL to path and query at the root of the fake: without a world's prefix, and
// without the fake's on the edge port.
func rooted(name, absolute string) string {
	_, rest, ok := strings.Cut(absolute, "://")
	if !ok {
		return absolute
	}
	_, rest, _ = strings.Cut(rest, "/")
	if after, ok := strings.CutPrefix(rest, "__world/"); ok {
		_, rest, _ = strings.Cut(after, "/")
	}
	if after, ok := strings.CutPrefix(rest, name); ok && (after == "" || strings.HasPrefix(after, "/") || strings.HasPrefix(after, "?")) {
		rest = strings.TrimPrefix(after, "/")
	}
	return "/" + rest
}

func flat(h http.Header) map[string]any {
	out := make(map[string]any, len(h))
	for name, values := range h {
		switch len(values) {
		case 0:
		case 1:
			out[name] = values[0]
		default:
			out[name] = values
		}
	}
	return out
}

// cookies names the cookies of a request; their values are secrets.
func cookies(h http.Header) map[string]string {
	out := map[string]string{}
	for _, cookie := range (&http.Request{Header: h}).Cookies() {
		out[cookie.Name] = redacted
	}
	return out
}

// text returns a body as text or, where it is none, in Base64.
func text(body []byte) (plain, base64ed string) {
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
