package explain

import (
	"bytes"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// message is a request to the root of a fake, taken apart. A message does not change; edits return changed copies.
type message struct {
	method   string
	segments []string // of the path, as they were written
	query    []pair
	rawQuery string // the query as it was written, "" once an edit has changed it
	header   http.Header
	raw      []byte // the body as it was written, until an edit changes it
	edited   bool   // the body
	json     any    // of object, []any, string, number, bool and nil
	form     []pair
	kind     bodyKind
}

// bodyKind says which field of a message has the body.
type bodyKind int

const (
	rawBody bodyKind = iota
	jsonBody
	formBody
)

// pair is a parameter of a query or a form; name and value are decoded.
type pair struct{ name, value string }

// messageOf takes the request of a journal entry apart.
func messageOf(e *fake.Entry) *message {
	path, query, _ := strings.Cut(strings.TrimPrefix(e.URL, e.Base), "?")
	m := &message{method: e.Method, segments: strings.Split(strings.TrimPrefix(path, "/"), "/"),
		query: parsePairs(query), rawQuery: query, header: e.Header.Clone()}
	if m.header == nil {
		m.header = http.Header{}
	}
	for _, name := range []string{"Content-Length", "Accept-Encoding", "Connection", "Mockserver-World",
		"If-None-Match"} {
		m.header.Del(name)
	}
	if strings.HasPrefix(m.header.Get("Prefer"), "fault=") {
		m.header.Del("Prefer")
	}
	return m.withBody(e.Body)
}

// withBody reads a body as its content type has it.
func (m *message) withBody(body []byte) *message {
	c := m.clone()
	c.raw, c.kind, c.edited = body, rawBody, false
	switch media := c.mediaType(); {
	case len(body) == 0:
	case media == "application/x-www-form-urlencoded":
		c.form, c.kind = parsePairs(string(body)), formBody
	case strings.HasSuffix(media, "json"):
		if v, ok := parseJSON(body); ok {
			c.json, c.kind = v, jsonBody
		}
	}
	return c
}

func (m *message) mediaType() string {
	media, _, _ := mime.ParseMediaType(m.header.Get("Content-Type"))
	return media
}

func (m *message) clone() *message {
	c := *m
	c.segments, c.query, c.form = slices.Clone(m.segments), slices.Clone(m.query), slices.Clone(m.form)
	c.header = m.header.Clone()
	return &c
}

func parsePairs(text string) (out []pair) {
	for part := range strings.SplitSeq(text, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		out = append(out, pair{unescape(name), unescape(value)})
	}
	return out
}

func unescape(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

func formatPairs(pairs []pair) string {
	parts := make([]string, len(pairs))
	for i, p := range pairs {
		parts[i] = url.QueryEscape(p.name) + "=" + url.QueryEscape(p.value)
	}
	return strings.Join(parts, "&")
}

// body returns the body as it is sent.
func (m *message) body() []byte {
	switch {
	case m.edited && m.kind == jsonBody:
		return encodeJSON(m.json)
	case m.edited && m.kind == formBody:
		return []byte(formatPairs(m.form))
	}
	return m.raw
}

// target is the path with the query.
func (m *message) target() string {
	target := "/" + strings.Join(m.segments, "/")
	switch {
	case m.rawQuery != "":
		target += "?" + m.rawQuery
	case len(m.query) > 0:
		target += "?" + formatPairs(m.query)
	}
	return target
}

// key is equal for equal messages.
func (m *message) key() string {
	return fmt.Sprint(m.method, m.target(), m.header.Get("Content-Type"), m.header, string(m.body()))
}

// request returns the message as an HTTP request, or nil if its target cannot be parsed.
func (m *message) request(host, remote string) *http.Request {
	body := m.body()
	r, err := http.NewRequest(m.method, m.target(), bytes.NewReader(body))
	if err != nil {
		return nil
	}
	r.RequestURI = m.target()
	r.Host, r.RemoteAddr, r.Header = host, remote, m.header.Clone()
	return r
}

// place is where a value stands in a message.
type place struct {
	in   string   // method, path, query, header or body
	path []string // the number of a segment, a name, or the way to the value in the body
}

func (p place) field() string { return strings.Join(p.path, ".") }

func (p place) equal(other place) bool {
	return p.in == other.in && slices.Equal(p.path, other.path) ||
		p.in == "query" && other.in == "query" && len(other.path) == 1 && p.path[0] == other.path[0]+"[]"
}

// part is a value of a message with its place.
type part struct {
	place
	name  string // the last name on the way
	value any
}

// parts returns every value of a message that an edit may change, credentials aside.
func (m *message) parts() (all []part) {
	for i, s := range m.segments {
		text, err := url.PathUnescape(s)
		if err != nil {
			text = s
		}
		all = append(all, part{place{"path", []string{strconv.Itoa(i)}}, text, text})
	}
	for _, p := range m.query {
		all = append(all, part{place{"query", []string{p.name}}, p.name, p.value})
	}
	for _, name := range slices.Sorted(maps.Keys(m.header)) {
		if name != "Host" && name != "User-Agent" {
			all = append(all, part{place{"header", []string{name}}, name, m.header.Get(name)})
		}
	}
	for _, p := range m.form {
		all = append(all, part{place{"body", []string{p.name}}, p.name, p.value})
	}
	if m.kind == jsonBody {
		all = appendJSONParts(all, nil, m.json)
	}
	return all
}

// maxParts bounds how many values of a body are looked at.
const maxParts = 200

func appendJSONParts(all []part, path []string, v any) []part {
	if len(all) > maxParts {
		return all
	}
	if len(path) > 0 {
		all = append(all, part{place{"body", slices.Clone(path)}, path[len(path)-1], v})
	}
	switch v := v.(type) {
	case object:
		for _, m := range v {
			all = appendJSONParts(all, append(path, m.key), m.value)
		}
	case []any:
		for i, item := range v {
			all = appendJSONParts(all, append(path, strconv.Itoa(i)), item)
		}
	}
	return all
}

// get returns the value at a place; ok is false if the place is empty.
func (m *message) get(p place) (v any, ok bool) {
	for _, part := range m.parts() {
		if part.equal(p) {
			return part.value, true
		}
	}
	if p.in == "body" && len(p.path) == 0 {
		return string(m.body()), len(m.body()) > 0
	}
	return nil, false
}

// set returns the message with another value at a place, which need not be there before.
func (m *message) set(p place, v any) *message {
	c := m.clone()
	text := plainText(v)
	switch p.in {
	case "method":
		c.method = text
	case "path":
		if i, err := strconv.Atoi(p.path[0]); err == nil && i < len(c.segments) {
			c.segments[i] = url.PathEscape(text)
		} else if len(p.path[0]) > 0 && p.path[0][0] == '/' {
			c.segments = strings.Split(strings.TrimPrefix(text, "/"), "/")
		}
	case "query":
		c.query, c.rawQuery = setPair(c.query, p.path[0], v), ""
	case "header":
		c.header.Set(p.path[0], text)
	case "body":
		c.setBody(p.path, v)
	}
	return c
}

func (m *message) setBody(path []string, v any) {
	m.edited = true
	switch {
	case len(path) == 0:
		m.raw, m.json, m.kind = nil, v, jsonBody
		if m.header.Get("Content-Type") == "" {
			m.header.Set("Content-Type", "application/json")
		}
	case m.kind == formBody:
		m.form = setPair(m.form, path[0], v)
	case m.kind == jsonBody:
		m.json = setJSON(m.json, path, v)
	case len(m.raw) == 0 && m.mediaType() == "application/x-www-form-urlencoded":
		m.form, m.kind = setPair(nil, path[0], v), formBody
	case len(m.raw) == 0:
		m.json, m.kind = setJSON(object{}, path, v), jsonBody
		m.header.Set("Content-Type", "application/json")
	}
}

// setPair gives a parameter one value, or several for a list.
func setPair(pairs []pair, name string, v any) (out []pair) {
	values := []any{v}
	if slices.ContainsFunc(pairs, func(p pair) bool { return p.name == name+"[]" }) {
		name += "[]"
	}
	if list, ok := v.([]any); ok {
		values = list
	}
	done := false
	add := func() {
		for _, v := range values {
			out = append(out, pair{name, plainText(v)})
		}
		done = true
	}
	for _, p := range pairs {
		switch {
		case p.name != name:
			out = append(out, p)
		case !done:
			add()
		}
	}
	if !done {
		add()
	}
	return out
}

// drop returns the message without the value at a place.
func (m *message) drop(p place) *message {
	c := m.clone()
	if p.in == "query" {
		c.rawQuery = ""
	}
	c.edited = c.edited || p.in == "body"
	same := func(q pair) bool { return q.name == p.path[0] || q.name == p.path[0]+"[]" }
	switch {
	case p.in == "query":
		c.query = slices.DeleteFunc(c.query, same)
	case p.in == "header":
		c.header.Del(p.path[0])
	case p.in == "body" && len(p.path) == 0:
		c.raw, c.kind, c.json, c.form = nil, rawBody, nil, nil
		c.header.Del("Content-Type")
	case p.in == "body" && c.kind == formBody:
		c.form = slices.DeleteFunc(c.form, same)
	case p.in == "body" && c.kind == jsonBody:
		c.json = dropJSON(c.json, p.path)
	}
	return c
}

// rename returns the message with another name for the value at a place.
func (m *message) rename(p place, name string) *message {
	c := m.clone()
	if p.in == "query" {
		c.rawQuery = ""
	}
	c.edited = c.edited || p.in == "body"
	relabel := func(pairs []pair) {
		for i := range pairs {
			if pairs[i].name == p.path[0] {
				pairs[i].name = name
			}
		}
	}
	switch {
	case p.in == "query":
		relabel(c.query)
	case p.in == "body" && c.kind == formBody:
		relabel(c.form)
	case p.in == "body" && c.kind == jsonBody:
		c.json = renameJSON(c.json, p.path, name)
	}
	return c
}

// command returns a request as a command of curl.
func command(method, url string, header http.Header, body string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "curl -X %s %s", method, quote(url))
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			if name == "Accept" && value == "*/*" || name == "User-Agent" && strings.HasPrefix(value, "curl/") {
				continue // curl sends it
			}
			fmt.Fprintf(&out, " -H %s", quote(name+": "+value))
		}
	}
	if len(body) > 0 {
		fmt.Fprintf(&out, " --data-binary %s", quote(body))
	}
	return out.String()
}

// quote quotes a word for the shell.
func quote(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }
