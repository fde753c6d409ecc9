package record

import (
	"bytes"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"
)

// exchange is a request and its answer as they were on the wire to the upstream, compression aside. It is in
// memory only.
type exchange struct {
	method string
	url    string
	proto  string
	header http.Header
	body   []byte

	status int
	phrase string // like "200 OK"
	answer http.Header
	result []byte
	took   time.Duration
}

// carried are headers that say how a message travelled, or that no longer hold for what is written.
var carried = map[string]bool{
	"Connection": true, "Proxy-Connection": true, "Keep-Alive": true, "Te": true, "Trailer": true, "Transfer-Encoding": true,
	"Upgrade": true, "Content-Length": true, "Content-Encoding": true, "Accept-Encoding": true, "Content-Md5": true, "Digest": true,
}

// read takes down the secrets of an exchange.
func (x *exchange) read(b *book) {
	b.read(x.url, 0)
	b.readPath(x.url)
	b.readHeader(x.header)
	b.readHeader(x.answer)
	for _, part := range append(texts(x.header, x.body), texts(x.answer, x.result)...) {
		b.read(part, 0)
	}
}

// readPath takes a segment that follows one named like a secret for one.
func (b *book) readPath(address string) {
	u, err := url.Parse(address)
	if err != nil {
		return
	}
	segments := strings.Split(u.Path, "/")
	for i := 1; i < len(segments); i++ {
		if b.named(segments[i-1]) != nothing {
			b.see(segments[i], maybe)
		}
	}
}

func (b *book) readHeader(h http.Header) {
	for name, values := range h {
		b.words[strings.ToLower(name)] = true
		for _, value := range values {
			b.readHeaderValue(name, value)
		}
	}
}

func (b *book) readHeaderValue(name, value string) {
	switch http.CanonicalHeaderKey(name) {
	case "Authorization", "Proxy-Authorization":
		b.readAuthorization(value)
	case "Cookie":
		for _, pair := range strings.Split(value, ";") {
			_, v, _ := strings.Cut(pair, "=")
			b.readCookie(v)
		}
		return
	case "Set-Cookie":
		pair, _, _ := strings.Cut(value, ";")
		_, v, _ := strings.Cut(pair, "=")
		b.readCookie(v)
		return
	default:
		b.see(value, b.named(name))
	}
	b.read(value, 0)
}

func (b *book) readCookie(value string) {
	value = strings.Trim(strings.TrimSpace(value), `"`)
	b.see(unescaped(value), private)
	b.read(value, 0)
}

// readAuthorization takes down the user and the password of Basic, the parameters of schemes that have some,
// and otherwise all that follows the scheme.
func (b *book) readAuthorization(value string) {
	scheme, rest, more := strings.Cut(strings.TrimSpace(value), " ")
	if !more {
		b.see(value, certain)
		return
	}
	rest = strings.TrimSpace(rest)
	if pair, _, ok := decodeBasic(rest); ok && strings.EqualFold(scheme, "basic") {
		user, password, _ := strings.Cut(pair, ":")
		b.see(password, certain)
		if password == "" {
			b.see(user, certain)
		}
		b.see(user, private)
		if b.all[rest] == nil && !b.given[rest] {
			b.add(&secret{value: rest, kind: basic, sure: certain})
		}
		return
	}
	if !strings.ContainsAny(rest, "=, ") || strings.Trim(rest[strings.Index(rest+"=", "="):], "=") == "" {
		b.see(rest, certain)
		return
	}
	for _, parameter := range strings.Split(rest, ",") {
		_, v, _ := strings.Cut(parameter, "=")
		b.see(strings.Trim(strings.TrimSpace(v), `"`), private)
	}
}

// scrubbed returns the exchange as go-vcr writes it, with stand-ins in place of all secrets.
func (x *exchange) scrubbed(b *book, id int) *cassette.Interaction {
	address := b.replacePath(b.replace(x.url, 0))
	body, result := b.body(x.header, x.body), b.body(x.answer, x.result)
	i := &cassette.Interaction{ID: id}
	i.Request = cassette.Request{
		Proto: x.proto, ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(body)), Body: body,
		Headers: b.header(x.header), URL: address, Method: x.method, Form: url.Values{}, Trailer: http.Header{}, TransferEncoding: []string{},
	}
	if u, err := url.Parse(address); err == nil {
		i.Request.Host = u.Host
	}
	if i.Request.Headers["User-Agent"] == nil {
		i.Request.Headers["User-Agent"] = []string{""} // a recording that says nothing of it is one of Go's client
	}
	i.Response = cassette.Response{
		Proto: x.proto, ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(result)), Body: result,
		Headers: b.header(x.answer), Status: b.replace(x.phrase, 0), Code: x.status, Duration: x.took.Round(time.Millisecond),
		Trailer: http.Header{}, TransferEncoding: []string{},
	}
	return i
}

func (b *book) replacePath(address string) string {
	path, query, more := strings.Cut(address, "?")
	segments := strings.Split(path, "/")
	for i := 1; i < len(segments); i++ {
		if s := b.all[unescaped(segments[i])]; s != nil && b.named(segments[i-1]) != nothing {
			segments[i] = b.of(s)
		}
	}
	if path = strings.Join(segments, "/"); more {
		path += "?" + query
	}
	return path
}

func (b *book) header(h http.Header) http.Header {
	out := http.Header{}
	for name, values := range h {
		if carried[http.CanonicalHeaderKey(name)] {
			continue
		}
		for _, value := range values {
			out[name] = append(out[name], b.headerValue(name, value))
		}
	}
	return out
}

func (b *book) headerValue(name, value string) string {
	switch http.CanonicalHeaderKey(name) {
	case "Authorization", "Proxy-Authorization":
		return b.authorization(value)
	case "Cookie":
		pairs := strings.Split(value, ";")
		for i, pair := range pairs {
			pairs[i] = b.cookie(pair)
		}
		return strings.Join(pairs, ";")
	case "Set-Cookie":
		pair, attributes, more := strings.Cut(value, ";")
		if pair = b.cookie(pair); more {
			pair += ";" + b.replace(attributes, 0)
		}
		return pair
	}
	if b.named(name) != nothing {
		return b.placed(value)
	}
	return b.replace(value, 0)
}

func (b *book) cookie(pair string) string {
	name, value, _ := strings.Cut(pair, "=")
	bare := strings.Trim(value, `"`)
	return name + "=" + strings.Replace(value, bare, b.placed(bare), 1)
}

func (b *book) authorization(value string) string {
	scheme, rest, more := strings.Cut(value, " ")
	if !more {
		return b.placed(value)
	}
	if now := b.placed(strings.TrimSpace(rest)); now != rest {
		return scheme + " " + now
	}
	parameters := strings.Split(rest, ",")
	for i, parameter := range parameters {
		if name, v, ok := strings.Cut(parameter, "="); ok && v != "" {
			bare := strings.Trim(strings.TrimSpace(v), `"`)
			parameters[i] = name + "=" + strings.Replace(v, bare, b.placed(bare), 1)
		}
	}
	return scheme + " " + strings.Join(parameters, ",")
}

// texts are the parts of a body that can be read: all of it, or those of a multipart body that are text.
func texts(h http.Header, body []byte) (all []string) {
	if utf8.Valid(body) {
		return []string{string(body)}
	}
	for _, part := range partsOf(h, body) {
		if utf8.Valid(part) {
			all = append(all, string(part))
		}
	}
	return all
}

// partsOf cuts a multipart body before each boundary; another body is one part.
func partsOf(h http.Header, body []byte) [][]byte {
	kind, parameters, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "multipart/") || parameters["boundary"] == "" {
		return [][]byte{body}
	}
	mark := []byte("\r\n--" + parameters["boundary"])
	parts := bytes.SplitAfter(append([]byte("\r\n"), body...), mark)
	parts[0] = bytes.TrimPrefix(parts[0], []byte("\r\n"))
	return parts
}

// body returns what is written of a body. Bytes that are no text cannot be searched, as they may be packed;
// they become others, of which only the first, which tell the format, are kept.
func (b *book) body(h http.Header, body []byte) string {
	if utf8.Valid(body) {
		return b.replace(string(body), 0)
	}
	var out strings.Builder
	for _, part := range partsOf(h, body) {
		if utf8.Valid(part) {
			out.WriteString(b.replace(string(part), 0))
			continue
		}
		head, data := cutHeader(part)
		tail := ""
		if i := bytes.LastIndex(data, []byte("\r\n--")); i >= 0 {
			data, tail = data[:i], string(data[i:])
		}
		out.WriteString(b.replace(string(head), 0) + b.bytes(data) + tail)
	}
	return out.String()
}

// cutHeader cuts the header of a part off, if it has one that can be read.
func cutHeader(part []byte) (head, data []byte) {
	if i := bytes.Index(part, []byte("\r\n\r\n")); i >= 0 && utf8.Valid(part[:i]) && bytes.HasPrefix(part, []byte("\r\n")) {
		return part[:i+4], part[i+4:]
	}
	return nil, part
}

// magic is how many bytes tell the usual formats.
const magic = 8

func (b *book) bytes(data []byte) string {
	if len(data) <= magic {
		return string(b.stream(string(data), 0, len(data)))
	}
	return b.inBytes(string(data[:magic])) + string(b.stream(string(data), 0, len(data)-magic))
}
