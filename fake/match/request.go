// Package match compares HTTP requests with request patterns. The patterns are WireMock's, with a few keys for what
// only a fake knows. A pattern is compiled once; the cost of a compiled pattern is bounded.
//
// It does not support custom matchers, which are Java classes, and regular expressions that look around or back, which
// take exponential time.
package match

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"time"
)

// Request is what patterns look at.
type Request struct {
	Method   string
	URL      string // path and query at the root of the fake
	Target   string // path and query as the client asked, with all prefixes
	Scheme   string
	Host     string
	Port     int
	ClientIP string
	Header   http.Header
	Body     []byte
	Now      time.Time // that dates are compared with

	Fake      string
	Operation string
	Evidence  string
	Status    int // of the answer, 0 before there is one

	query, form url.Values
	parts       []part
	body        *subject
}

// part is one part of a multipart body.
type part struct {
	header http.Header
	body   []byte
}

// mostParsed is the largest body that is read as JSON, XML, a form or parts.
const mostParsed = 4 << 20

// Query returns the parameters of the query string.
func (r *Request) Query() url.Values {
	if r.query == nil {
		_, raw, _ := strings.Cut(r.URL, "?")
		r.query, _ = url.ParseQuery(raw) // what can be read of it
	}
	return r.query
}

// Form returns the fields of an urlencoded body.
func (r *Request) Form() url.Values {
	if r.form == nil {
		r.form = url.Values{}
		media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if media == "application/x-www-form-urlencoded" && len(r.Body) <= mostParsed {
			r.form, _ = url.ParseQuery(string(r.Body))
		}
	}
	return r.form
}

// Path returns the path without the query.
func (r *Request) Path() string {
	path, _, _ := strings.Cut(r.URL, "?")
	return path
}

// headers returns the values of a header. net/http keeps the host apart from the others.
func (r *Request) headers(name string) []string {
	if values := r.Header.Values(name); len(values) > 0 || !strings.EqualFold(name, "Host") {
		return values
	}
	return []string{r.Host}
}

// Cookie returns the values of a cookie.
func (r *Request) Cookie(name string) (values []string) {
	for _, cookie := range (&http.Request{Header: r.Header}).CookiesNamed(name) {
		values = append(values, cookie.Value)
	}
	return values
}

func (r *Request) multipart() []part {
	media, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.parts != nil || !strings.HasPrefix(media, "multipart/") || len(r.Body) > mostParsed {
		return r.parts
	}
	reader := multipart.NewReader(bytes.NewReader(r.Body), params["boundary"])
	for {
		p, err := reader.NextRawPart()
		if err != nil {
			return r.parts
		}
		body, _ := io.ReadAll(p) // a part that ends early counts as far as it goes
		r.parts = append(r.parts, part{http.Header(textproto.MIMEHeader(p.Header)), body})
	}
}

// subject returns the body as a value, so that it is parsed once.
func (r *Request) subject() *subject {
	if r.body == nil {
		r.body = &subject{text: string(r.Body), now: r.Now}
	}
	return r.body
}

// FromLogged reads a request as WireMock logs it.
func FromLogged(text []byte) (*Request, error) {
	var logged struct {
		URL         string `json:"url"`
		AbsoluteURL string `json:"absoluteUrl"`
		Method      string `json:"method"`
		ClientIP    string `json:"clientIp"`
		Headers     map[string]any
		Body        string `json:"body"`
		Base64      string `json:"bodyAsBase64"`
	}
	if err := json.Unmarshal(text, &logged); err != nil {
		return nil, &Error{Detail: err.Error()}
	}
	r := &Request{Method: logged.Method, URL: logged.URL, Target: logged.URL, ClientIP: logged.ClientIP,
		Header: http.Header{}, Body: []byte(logged.Body)}
	if body, err := base64.StdEncoding.DecodeString(logged.Base64); err == nil && len(body) > 0 {
		r.Body = body
	}
	r.SetOrigin(logged.AbsoluteURL)
	if r.URL == "" {
		r.URL = r.Target
	}
	for name, value := range logged.Headers {
		list, ok := value.([]any)
		if !ok {
			list = []any{value}
		}
		for _, one := range list {
			if text, ok := one.(string); ok {
				r.Header.Add(name, text)
			}
		}
	}
	return r, nil
}
