package importer

import (
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
		x := Exchange{Method: m.text(q.at("method")), Body: []byte(m.text(q.at("body"))),
			Status: a.at("status").number(), Answer: a.at("headers").headers()}
		x.URL = m.text(q.at("scheme")) + "://" + m.text(q.at("destination")) + m.text(q.at("path"))
		if query := m.query(q.at("query")); query != "" {
			x.URL += "?" + query
		}
		x.Header = m.headers(q.at("headers"))
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

// texts reads a field that may have several values.
func (m *matched) texts(field value) (all []string) {
	for _, one := range field.list() {
		switch kind := one.at("matcher").text(); {
		case one.text() != "": // schema 1 to 4: the values themselves
			all = append(all, one.text())
		case one.at("value").isList():
			for _, v := range one.at("value").list() {
				all = append(all, v.text())
			}
		case exactly[kind]:
			all = append(all, one.at("value").text())
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

func (m *matched) headers(field value) map[string][]string {
	h := map[string][]string{}
	for _, name := range field.keys() {
		if all := m.texts(field.at(name)); len(all) > 0 {
			addHeader(h, name, all...)
		}
	}
	return h
}
