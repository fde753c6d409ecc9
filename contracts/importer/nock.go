package importer

import (
	"encoding/hex"
	"net/http"
	"strings"
)

func recognizeNock(doc value) string {
	list := doc.list()
	if len(list) > 0 && list[0].has("scope") && list[0].has("method") && list[0].has("path") && list[0].has("status") {
		return "nock recording"
	}
	return ""
}

func (r *reader) nock(doc value) {
	for n, i := range doc.list() {
		x := Exchange{Method: i.at("method").text(), Header: i.at("reqheaders").headers(),
			Status: i.at("status").number(), Answer: nockHeaders(i)}
		x.URL = withoutPort(i.at("scope").text()) + i.at("path").text()
		x.Body, x.Result = nockBody(i.at("body"), x.Header), nockResult(i, x.Answer.Get("Content-Encoding") != "")
		r.keep(n, x)
	}
}

// nockHeaders reads rawHeaders: an object, or a list of alternating names and values.
func nockHeaders(i value) http.Header {
	raw := i.first("rawHeaders", "headers")
	if raw.isObject() {
		return raw.headers()
	}
	h, list := http.Header{}, raw.list()
	for n := 0; n+1 < len(list); n += 2 {
		addHeader(h, list[n].text(), list[n+1].text())
	}
	return h
}

// nockBody returns the request's body, which nock decodes if it is JSON.
func nockBody(v value, h http.Header) []byte {
	if v.isObject() || v.isList() {
		if h.Get("Content-Type") == "" {
			h.Set("Content-Type", "application/json")
		}
		return v.encoded()
	}
	return []byte(v.text())
}

// nockResult returns the answer's body: decoded JSON, a string, or hexadecimal chunks if it was
// compressed.
func nockResult(i value, packed bool) (body []byte) {
	v := i.at("response")
	if v.isList() && packed {
		for _, chunk := range v.list() {
			body = append(body, fromHex(chunk.text())...)
		}
		return body
	}
	if v.isObject() || v.isList() {
		return v.encoded()
	}
	if packed || i.at("responseIsBinary").text() == "true" {
		return fromHex(v.text())
	}
	return []byte(v.text())
}

// fromHex decodes hexadecimal digits and returns any other text unchanged.
func fromHex(s string) []byte {
	if data, err := hex.DecodeString(s); err == nil {
		return data
	}
	return []byte(s)
}

// withoutPort removes the default port, which nock always writes, from an origin.
func withoutPort(origin string) string {
	if rest, ok := strings.CutPrefix(origin, "https://"); ok {
		return "https://" + strings.TrimSuffix(rest, ":443")
	}
	return strings.TrimSuffix(origin, ":80")
}
