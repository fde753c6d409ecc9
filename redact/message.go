package redact

import (
	"bytes"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// readPath treats a path segment that follows one with the name of a secret as a secret.
func (b *Secrets) readPath(address string) {
	u, err := url.Parse(address)
	if err != nil {
		return
	}
	segments := strings.Split(u.Path, "/")
	for i := 1; i < len(segments); i++ {
		if b.named(segments[i-1]) != nothing {
			b.observe(segments[i], maybe)
		}
	}
}

func (b *Secrets) readHeader(h http.Header) {
	for name, values := range h {
		b.words[strings.ToLower(name)] = true
		for _, value := range values {
			b.readHeaderValue(name, value)
		}
	}
}

func (b *Secrets) readHeaderValue(name, value string) {
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
		b.observe(value, b.named(name))
	}
	b.read(value, 0)
}

func (b *Secrets) readCookie(value string) {
	value = strings.Trim(strings.TrimSpace(value), `"`)
	b.observe(unescaped(value), private)
	b.read(value, 0)
}

// readAuthorization adds the user and the password of Basic, the parameters of schemes that have
// parameters, and otherwise everything after the scheme.
func (b *Secrets) readAuthorization(value string) {
	scheme, rest, more := strings.Cut(strings.TrimSpace(value), " ")
	if !more {
		b.observe(value, certain)
		return
	}
	rest = strings.TrimSpace(rest)
	if pair, _, ok := decodeBasic(rest); ok && strings.EqualFold(scheme, "basic") {
		user, password, _ := strings.Cut(pair, ":")
		b.observe(password, certain)
		if password == "" {
			b.observe(user, certain)
		}
		b.observe(user, private)
		if b.all[rest] == nil && !b.given[rest] {
			b.add(&secret{value: rest, kind: basic, sure: certain})
		}
		return
	}
	if !strings.ContainsAny(rest, "=, ") || strings.Trim(rest[strings.Index(rest+"=", "="):], "=") == "" {
		b.observe(rest, certain)
		return
	}
	for _, parameter := range strings.Split(rest, ",") {
		_, v, _ := strings.Cut(parameter, "=")
		b.observe(strings.Trim(strings.TrimSpace(v), `"`), private)
	}
}

func (b *Secrets) replacePath(address string) string {
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

func (b *Secrets) header(h http.Header) http.Header {
	out := http.Header{}
	for name, values := range h {
		for _, value := range values {
			out[name] = append(out[name], b.headerValue(name, value))
		}
	}
	return out
}

func (b *Secrets) headerValue(name, value string) string {
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

func (b *Secrets) cookie(pair string) string {
	name, value, _ := strings.Cut(pair, "=")
	bare := strings.Trim(value, `"`)
	return name + "=" + strings.Replace(value, bare, b.placed(bare), 1)
}

func (b *Secrets) authorization(value string) string {
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

// readableParts returns the readable parts of a body: the whole body, or the text parts of a multipart
// body.
func readableParts(h http.Header, body []byte) (all []string) {
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

// partsOf splits a multipart body before each boundary. Any other body is one part.
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

// body returns the body as it is written to a recording. Binary data cannot be searched because it
// may be compressed, so it is replaced except for its first bytes, which identify the format.
func (b *Secrets) body(h http.Header, body []byte) string {
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

// cutHeader splits the header off a part, if the part has a readable one.
func cutHeader(part []byte) (head, data []byte) {
	if i := bytes.Index(part, []byte("\r\n\r\n")); i >= 0 && utf8.Valid(part[:i]) &&
		bytes.HasPrefix(part, []byte("\r\n")) {
		return part[:i+4], part[i+4:]
	}
	return nil, part
}

// magic is the number of bytes that identify the usual file formats.
const magic = 8

func (b *Secrets) bytes(data []byte) string {
	if len(data) <= magic {
		return string(b.stream(string(data), 0, len(data)))
	}
	return b.inBytes(string(data[:magic])) + string(b.stream(string(data), 0, len(data)-magic))
}
