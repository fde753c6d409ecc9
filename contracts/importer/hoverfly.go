package importer

import (
	"net/http"
	"net/url"
	"strings"
)

func recognizeHoverfly(doc value) string {
	if !doc.at("data", "pairs").isList() {
		return ""
	}
	if version := doc.at("meta", "schemaVersion").text(); version != "" {
		return "Hoverfly simulation " + printable(version)
	}
	return "Hoverfly simulation"
}

func (r *reader) hoverfly(doc value) {
	for n, pair := range doc.at("data", "pairs").list() {
		q, a := pair.at("request"), pair.at("response")
		m := &matched{}
		x := Exchange{Method: m.text(q.at("method")), Status: a.at("status").number(),
			Answer: a.at("headers").headers()}
		x.Answer.Del("Hoverfly") // added to every answer
		x.URL = m.text(q.at("scheme")) + "://" + m.text(q.at("destination")) + escapedPath(m.text(q.at("path")))
		if query := m.query(q.first("query", "deprecatedQuery")); query != "" {
			x.URL += "?" + query
		}
		x.Header = m.headers(q.at("headers"))
		var media string
		if x.Body, media = m.body(q.at("body")); media != "" && x.Header.Get("Content-Type") == "" && len(x.Body) > 0 {
			x.Header.Set("Content-Type", media)
		}
		x.Result = []byte(a.at("body").text())
		if a.at("encodedBody").text() == "true" {
			x.Result = decodeBase64(a.at("body").text())
		}
		switch what := x.Method + " " + x.URL; {
		case m.pattern != "":
			r.leaveOut(n, what, "it matches requests by %s and is not one", m.pattern)
		case a.at("templated").text() == "true":
			r.leaveOut(n, what, "its answer is a template")
		case a.at("bodyFile").text() != "" && a.at("body").text() == "":
			r.leaveOut(n, what, "its answer is in another file, %s", a.at("bodyFile").text())
		default:
			r.keep(n, x)
		}
	}
}

// escapedPath escapes a path, of which Hoverfly keeps the spelling only if it is an unusual one.
func escapedPath(path string) string {
	plain, err := url.PathUnescape(path)
	if err == nil && (&url.URL{Path: plain, RawPath: path}).EscapedPath() == path {
		return path
	}
	return (&url.URL{Path: path}).EscapedPath()
}

// matched reads the values of matchers. pattern is the first kind of matcher without a single
// value.
type matched struct{ pattern string }

// exactly lists the kinds of matchers whose value is what was sent.
var exactly = map[string]bool{"": true, "exact": true, "json": true, "xml": true}

// text reads a field: a string (schema 1), an object with exactMatch (2 to 4), or a list of
// matchers (5).
func (m *matched) text(field value) string {
	if field.isObject() {
		for _, key := range field.keys() {
			if key != "exactMatch" && key != "jsonMatch" && key != "xmlMatch" && field.at(key).exists() {
				m.pattern = key
			}
		}
		return field.first("exactMatch", "jsonMatch", "xmlMatch").text()
	}
	if !field.isList() {
		return field.text()
	}
	matchers := field.list()
	if len(matchers) == 0 {
		return ""
	}
	if kind := matchers[0].at("matcher").text(); !exactly[kind] {
		m.pattern = printable(kind)
	}
	return matchers[0].at("value").text()
}

// bodyMedia is the media type of a captured body by the kind of its matcher, which Hoverfly chooses by the request's
// Content-Type. The header itself is captured only if it is asked for.
var bodyMedia = map[string]string{"json": "application/json", "xml": "application/xml",
	"form": "application/x-www-form-urlencoded", "jsonMatch": "application/json", "xmlMatch": "application/xml"}

// body reads a body and the media type that its matcher shows, or "". Of a form, Hoverfly keeps the values by name.
func (m *matched) body(field value) (body []byte, media string) {
	kind := ""
	for _, key := range field.keys() { // schema 2 to 4
		kind = key
	}
	if matchers := field.list(); len(matchers) > 0 {
		kind = matchers[0].first("matcher", "Matcher").text()
		if form := matchers[0].first("value", "Value"); kind == "form" && form.isObject() {
			return []byte(m.query(form)), bodyMedia[kind]
		}
	}
	return []byte(m.text(field)), bodyMedia[kind]
}

// texts reads a field that may have several values.
func (m *matched) texts(field value) (all []string) {
	for _, one := range field.list() {
		wanted := one.first("value", "Value")
		switch kind := one.first("matcher", "Matcher").text(); {
		case one.text() != "": // schema 1 to 4: the values themselves
			all = append(all, one.text())
		case wanted.isList():
			for _, v := range wanted.list() {
				all = append(all, v.text())
			}
		case exactly[kind]:
			all = append(all, wanted.text())
		default:
			m.pattern = printable(kind)
		}
	}
	return all
}

func (m *matched) query(field value) string {
	if !field.isObject() || field.has("exactMatch") {
		return m.text(field)
	}
	var pairs []string
	for _, name := range field.keys() {
		for _, v := range m.texts(field.at(name)) {
			pairs = append(pairs, url.QueryEscape(name)+"="+url.QueryEscape(v))
		}
	}
	return strings.Join(pairs, "&")
}

func (m *matched) headers(field value) http.Header {
	h := http.Header{}
	for _, name := range field.keys() {
		if all := m.texts(field.at(name)); len(all) > 0 {
			addHeader(h, name, all...)
		}
	}
	return h
}
