package importer

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

func recognizeHAR(doc value) string {
	if !doc.at("log", "entries").isList() {
		return ""
	}
	version := doc.at("log", "version").text()
	if version == "" {
		version = "1.2"
	}
	return "HAR " + version
}

func (r *reader) har(doc value) {
	for n, entry := range doc.at("log", "entries").list() {
		q, a := entry.at("request"), entry.at("response")
		what := q.at("method").text() + " " + q.at("url").text()
		x := Exchange{
			Method: strings.ToUpper(q.at("method").text()), URL: q.at("url").text(),
			Header: unpacked(headersOf(q.at("headers").pairs("name"))), Status: a.at("status").number(),
			Answer: headersOf(a.at("headers").pairs("name")), At: entry.at("startedDateTime").time(),
			Took: milliseconds(entry.at("time")),
		}
		why := ""
		if x.Body, why = harBody(q, x.Header); why == "" {
			x.Result, why = harContent(a, x.Answer)
		}
		if x.Status == 0 {
			why = "it has no answer" // aborted, or blocked by the browser
		}
		if why != "" {
			r.leaveOut(n, what, "%s", why)
			continue
		}
		r.add(x)
	}
	r.sortByTime()
}

func milliseconds(v value) time.Duration {
	ms, err := strconv.ParseFloat(v.text(), 64)
	if err != nil || ms < 0 || ms > float64(time.Hour.Milliseconds()) {
		return 0
	}
	return time.Duration(ms * float64(time.Millisecond))
}

// harBody reads postData. Browsers write its text; some tools write only the parameters of a form.
func harBody(request value, h http.Header) ([]byte, string) {
	post := request.at("postData")
	if kind := post.at("mimeType").text(); kind != "" && h.Get("Content-Type") == "" {
		h.Set("Content-Type", kind)
	}
	text, params := post.at("text").text(), post.at("params").list()
	switch {
	case text != "" && post.at("encoding").text() == "base64":
		return decodeBase64(text), ""
	case text == "" && len(params) == 0 && request.at("bodySize").number() > 0:
		return nil, "the body of its request is not in the file"
	case text != "" || len(params) == 0:
		return []byte(text), ""
	case strings.HasPrefix(h.Get("Content-Type"), "multipart/"):
		return nil, "the parts of its form are not in the file"
	}
	var form []string
	for _, p := range post.at("params").pairs("name") {
		form = append(form, url.QueryEscape(p[0])+"="+url.QueryEscape(p[1]))
	}
	return []byte(strings.Join(form, "&")), ""
}

// harContent reads the body of an answer. It is decoded, except where Polly kept the compressed
// chunks.
func harContent(answer value, h http.Header) ([]byte, string) {
	content := answer.at("content")
	text := content.at("text").text()
	if content.at("encoding").text() == "base64" {
		if chunks := pollyChunks(text); chunks != nil {
			return chunks, "" // still compressed, as Content-Encoding says
		}
		unpacked(h)
		return decodeBase64(text), ""
	}
	unpacked(h)
	if text == "" && content.at("size").number() > 0 && answer.at("status").number() != http.StatusNotModified {
		return nil, "the body of its answer is not in the file; export the archive with content"
	}
	return []byte(text), ""
}

// pollyChunks joins the base64 chunks that Polly keeps of an answer with a Content-Encoding.
func pollyChunks(text string) (all []byte) {
	var chunks []string
	if !strings.HasPrefix(text, "[") || json.Unmarshal([]byte(text), &chunks) != nil {
		return nil
	}
	all = []byte{}
	for _, chunk := range chunks {
		all = append(all, decodeBase64(chunk)...)
	}
	return all
}
