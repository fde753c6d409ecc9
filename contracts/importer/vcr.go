package importer

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

func recognizeGoVCR(doc value) string {
	if !doc.at("interactions").isList() || doc.at("interactions").isVCRPy() || doc.has("http_interactions") {
		return ""
	}
	switch doc.at("version").text() {
	case "1":
		return "go-vcr cassette, format 1 (go-vcr 1 and 2)"
	case "2":
		return "go-vcr cassette, format 2 (go-vcr 3 and 4)"
	}
	return ""
}

func (r *reader) goVCR(doc value) {
	for n, i := range doc.at("interactions").list() {
		q, a := i.at("request"), i.at("response")
		x := Exchange{
			Method: q.at("method").text(), URL: q.at("url").text(), Header: q.at("headers").headers(),
			Body: []byte(q.at("body").text()), Status: a.at("code").number(), Answer: a.at("headers").headers(),
			Result: []byte(a.at("body").text()),
		}
		if x.Method == "" {
			x.Method = http.MethodGet // go-vcr 1 keeps an empty method
		}
		if x.Status == 0 { // format 1 may have only the status line
			x.Status, _ = strconv.Atoi(strings.SplitN(a.at("status").text(), " ", 2)[0])
		}
		if took, err := time.ParseDuration(a.at("duration").text()); err == nil {
			x.Took = took
		}
		r.keep(n, x)
	}
}

// keep adds an exchange if it has everything that a replay needs.
func (r *reader) keep(number int, x Exchange) {
	what := x.Method + " " + x.URL
	switch {
	case x.URL == "":
		r.leaveOut(number, what, "it has no URL")
	case x.Status < 100 || x.Status > 599:
		r.leaveOut(number, what, "it has no answer")
	default:
		r.add(x)
	}
}

// isVCRPy reports whether interactions are from vcrpy, which writes uri where go-vcr writes url.
func (v value) isVCRPy() bool {
	for _, i := range v.list() {
		return i.at("request").has("uri")
	}
	return false
}

func recognizeVCRPy(doc value) string {
	if doc.at("interactions").isVCRPy() {
		return "vcrpy cassette"
	}
	return ""
}

func (r *reader) vcrPy(doc value) {
	for n, i := range doc.at("interactions").list() {
		q, a := i.at("request"), i.at("response")
		r.keep(n, Exchange{
			Method: q.at("method").text(), URL: q.at("uri").text(), Header: q.at("headers").headers(),
			Body: bodyOf(q.at("body")), Status: a.first("status", "status_code").code(),
			Answer: a.at("headers").headers(), Result: bodyOf(a.first("body", "content")),
		})
	}
}

// code reads a status: a number, or an object with one.
func (v value) code() int {
	if v.isObject() {
		return v.at("code").number()
	}
	return v.number()
}

// bodyOf reads a body: a string, or an object with the string in it.
func bodyOf(v value) []byte {
	switch {
	case v.has("base64_string"):
		return decodeBase64(v.at("base64_string").text())
	case v.isObject() && !v.has("string"):
		return v.encoded() // a hook decoded the JSON
	case v.isObject():
		return []byte(v.at("string").text())
	}
	return []byte(v.text())
}

func recognizeRubyVCR(doc value) string {
	if !doc.at("http_interactions").isList() {
		return ""
	}
	if with := doc.at("recorded_with").text(); with != "" {
		return printable(with) + " cassette (Ruby)"
	}
	return "VCR cassette (Ruby)"
}

func (r *reader) rubyVCR(doc value) {
	for n, i := range doc.at("http_interactions").list() {
		q, a := i.at("request"), i.at("response")
		r.keep(n, Exchange{
			Method: strings.ToUpper(q.at("method").text()), URL: q.at("uri").text(), Header: q.at("headers").headers(),
			Body: bodyOf(q.at("body")), Status: a.at("status").code(), Answer: a.at("headers").headers(),
			Result: bodyOf(a.at("body")),
		})
	}
}
