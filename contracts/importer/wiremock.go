package importer

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

func recognizeWireMock(doc value) string {
	if doc.at("mappings").isList() || isStub(doc) {
		return "WireMock mappings"
	}
	return ""
}

func isStub(v value) bool {
	q := v.at("request")
	return q.isObject() && v.at("response").isObject() &&
		(q.has("urlPath") || q.has("urlPattern") || q.has("urlPathPattern") || q.has("url") || q.has("urlPathTemplate"))
}

func (r *reader) wireMock(doc value) {
	stubs := []value{doc}
	if list := doc.at("mappings"); list.isList() {
		stubs = list.list()
	}
	if newestFirst(stubs) {
		slices.Reverse(stubs)
	}
	for n, stub := range stubs {
		q, a := stub.at("request"), stub.at("response")
		s := &stubbed{header: http.Header{}}
		x := Exchange{Method: q.at("method").text(), URL: s.address(q), Header: s.headers(q),
			Status: a.at("status").number(), Answer: unpacked(a.at("headers").headers())}
		x.Body = s.body(q.at("bodyPatterns"))
		if x.Status == 0 {
			x.Status = http.StatusOK // WireMock's default
		}
		if x.Method == "ANY" {
			s.pattern = "any method"
		}
		why := ""
		switch {
		case s.pattern != "":
			why = "it matches by " + s.pattern + " and is not one request"
		case a.at("fault").exists() || a.at("proxyBaseUrl").exists():
			why = "it has no answer of its own"
		default:
			x.Result, why = r.stubBody(a)
		}
		if why != "" {
			r.leaveOut(n, x.Method+" "+x.URL, "%s", why)
			continue
		}
		r.keep(n, x)
	}
}

// stubbed reads the request that a stub expects. pattern is its first matcher that accepts many
// requests.
type stubbed struct {
	header  http.Header
	pattern string
}

func (s *stubbed) address(q value) string {
	for _, key := range []string{"urlPattern", "urlPathPattern", "urlPathTemplate"} {
		if q.has(key) {
			s.pattern = key
			return q.at(key).text()
		}
	}
	address := q.first("url", "urlPath").text()
	var pairs []string
	for _, name := range q.at("queryParameters").keys() {
		for _, value := range s.values(q.at("queryParameters", name)) {
			pairs = append(pairs, url.QueryEscape(name)+"="+url.QueryEscape(value))
		}
	}
	if len(pairs) > 0 && !strings.Contains(address, "?") {
		address += "?" + strings.Join(pairs, "&")
	}
	return address
}

// values returns the only texts that a matcher of a parameter accepts.
func (s *stubbed) values(matcher value) (all []string) {
	exactly := matcher.at("hasExactly")
	if !exactly.isList() {
		return []string{s.exact(matcher)}
	}
	for _, one := range exactly.list() {
		all = append(all, s.exact(one))
	}
	return all
}

// newestFirst reports whether WireMock has written the stubs, as its recorder and GET
// /__admin/mappings do: each has both of its identifiers then, and the latest comes first.
func newestFirst(stubs []value) bool {
	return !slices.ContainsFunc(stubs, func(s value) bool { return !s.has("id") || !s.has("uuid") })
}

// exact returns the only text that a matcher accepts.
func (s *stubbed) exact(matcher value) string {
	for _, key := range matcher.keys() {
		switch key {
		case "equalTo":
			return matcher.at(key).text()
		case "caseInsensitive":
		default:
			s.pattern = printable(key)
		}
	}
	return ""
}

func (s *stubbed) headers(q value) http.Header {
	for _, name := range q.at("headers").keys() {
		addHeader(s.header, name, s.exact(q.at("headers", name)))
	}
	if basic := q.at("basicAuthCredentials"); basic.exists() {
		r := http.Request{Header: s.header}
		r.SetBasicAuth(basic.at("username").text(), basic.at("password").text())
	}
	return s.header
}

func (s *stubbed) body(patterns value) []byte {
	for _, p := range patterns.list() {
		if p.has("equalToJson") && s.header.Get("Content-Type") == "" {
			s.header.Set("Content-Type", "application/json") // the recorder keeps the headers that it is asked to keep
		}
		switch one := p.first("equalTo", "equalToJson", "equalToXml", "binaryEqualTo"); {
		case p.has("binaryEqualTo"):
			return decodeBase64(one.text())
		case one.isObject() || one.isList():
			return one.encoded()
		case one.exists():
			return []byte(one.text())
		}
		for _, key := range p.keys() {
			s.pattern = printable(key)
		}
	}
	return nil
}

// stubBody reads the body of an answer, if necessary from its separate file.
func (r *reader) stubBody(a value) (body []byte, why string) {
	switch {
	case a.has("jsonBody"):
		return a.at("jsonBody").encoded(), ""
	case a.has("base64Body"):
		return decodeBase64(a.at("base64Body").text()), ""
	case a.has("bodyFileName"):
		name := a.at("bodyFileName").text()
		if r.open != nil {
			if data, err := r.open("__files/" + name); err == nil {
				return data, ""
			}
		}
		return nil, "the body of its answer is in " + printable("__files/"+name) + ", which cannot be read"
	}
	return []byte(a.at("body").text()), ""
}
