package recorder

import (
	"net/http"
	"net/url"
	"time"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/afba07b5/mockserver/redact"
)

// exchange is a request and its answer as they were on the wire to the upstream, but decompressed.
// It is kept in memory only.
type exchange struct {
	location int // position among the requests of the session
	method   string
	url      string
	proto    string
	header   http.Header
	body     []byte

	status int
	phrase string // like "200 OK"
	answer http.Header
	result []byte
	took   time.Duration
}

// carried lists headers that describe the transport or no longer match what is written.
var carried = map[string]bool{
	"Connection": true, "Proxy-Connection": true, "Keep-Alive": true, "Te": true, "Trailer": true,
	"Transfer-Encoding": true, "Upgrade": true, "Content-Length": true, "Content-Encoding": true,
	"Accept-Encoding": true, "Content-Md5": true, "Digest": true,
}

// learn adds the secrets of an exchange.
func (x *exchange) learn(b *redact.Secrets) {
	b.LearnURL(x.url)
	b.LearnMessage(x.header, x.body)
	b.LearnMessage(x.answer, x.result)
}

// lasting returns a copy of a header without the carried headers.
func lasting(h http.Header) http.Header {
	h = h.Clone()
	for name := range h {
		if carried[http.CanonicalHeaderKey(name)] {
			delete(h, name)
		}
	}
	return h
}

// scrubbed returns the exchange in go-vcr's form, with pseudonyms for all secrets.
func (x *exchange) scrubbed(b *redact.Secrets, id int) *cassette.Interaction {
	address := b.ReplaceURL(x.url)
	body, result := b.ReplaceBody(x.header, x.body), b.ReplaceBody(x.answer, x.result)
	i := &cassette.Interaction{ID: id}
	i.Request = cassette.Request{
		Proto: x.proto, ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(body)), Body: body,
		Headers: b.ReplaceHeader(lasting(x.header)), URL: address, Method: x.method, Form: url.Values{},
		Trailer: http.Header{}, TransferEncoding: []string{},
	}
	if u, err := url.Parse(address); err == nil {
		i.Request.Host = u.Host
	}
	if i.Request.Headers["User-Agent"] == nil {
		// without the header, go-vcr would use that of Go's client
		i.Request.Headers["User-Agent"] = []string{""}
	}
	i.Response = cassette.Response{
		Proto: x.proto, ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(result)), Body: result,
		Headers: b.ReplaceHeader(lasting(x.answer)), Status: b.Replace(x.phrase), Code: x.status,
		Duration: x.took.Round(time.Millisecond), Trailer: http.Header{}, TransferEncoding: []string{},
	}
	if result != string(x.result) {
		i.Response.Headers.Del("Etag") // it describes the original body
	}
	return i
}
