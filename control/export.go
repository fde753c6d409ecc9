package control

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/afba07b5/mockserver/fake"
)

// exports are the export formats of the journal, with secrets redacted.
var exports = map[string]func(*call, []*fake.Entry) (any, error){
	"har": (*call).har, "curl": (*call).curl,
}

func (c *call) exportRequests() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	format := c.r.FormValue("format")
	if format == "case" {
		return c.exportCase(w)
	}
	make := exports[format]
	if make == nil {
		names := append(slices.Sorted(maps.Keys(exports)), "case")
		return nil, badRequest("format=%s%s; formats: %s", format, fake.Hint(format, names), strings.Join(names, ", "))
	}
	kept, dropped := w.Journal.Entries()
	name := c.r.FormValue("fake")
	if err := c.checkFakes(name); err != nil {
		return nil, err
	}
	if name != "" {
		kept = slices.DeleteFunc(slices.Clone(kept), func(e *fake.Entry) bool { return e.Fake != name })
	}
	c.w.Header().Set("Mockserver-Dropped", fmt.Sprint(dropped))
	return make(c, kept)
}

type pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func pairs(values map[string][]string) []pair {
	out := []pair{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			out = append(out, pair{name, value})
		}
	}
	return out
}

// har returns an HTTP archive of version 1.2.
func (c *call) har(entries []*fake.Entry) (any, error) {
	archived := []map[string]any{}
	for _, e := range entries {
		m := c.maskOf(e)
		asked, sent, got := m.url(e.URL), m.headers(e.Header), m.headers(e.Answered)
		query := url.Values{}
		if u, err := url.Parse(asked); err == nil {
			query = u.Query()
		}
		request := map[string]any{"method": e.Method, "url": asked, "httpVersion": "HTTP/1.1", "cookies": []pair{},
			"headers":     pairs(sent),
			"queryString": pairs(query), "headersSize": -1, "bodySize": len(e.Body)}
		if len(e.Body) > 0 {
			plain, base64ed := bodyText(m.body(e.Header, e.Body))
			post := map[string]string{"mimeType": sent.Get("Content-Type"), "text": plain}
			if base64ed != "" {
				// as for an answer; HAR 1.2 defines no such key
				post["text"], post["encoding"] = base64ed, "base64"
			}
			request["postData"] = post
		}
		content := map[string]any{"size": len(e.Answer), "mimeType": got.Get("Content-Type")}
		if plain, base64ed := bodyText(m.body(e.Answered, e.Answer)); base64ed != "" {
			content["text"], content["encoding"] = base64ed, "base64"
		} else {
			content["text"] = plain
		}
		took := float64(e.Took) / float64(time.Millisecond)
		archived = append(archived, map[string]any{
			"startedDateTime": e.At.UTC().Format(time.RFC3339Nano), "time": took, "request": request,
			"cache": map[string]any{},
			"response": map[string]any{"status": e.Status, "statusText": http.StatusText(e.Status),
				"httpVersion": "HTTP/1.1", "cookies": []pair{},
				"headers": pairs(got), "content": content, "redirectURL": got.Get("Location"), "headersSize": -1,
				"bodySize": len(e.Answer)},
			"timings": map[string]float64{"send": 0, "wait": took, "receive": 0},
		})
	}
	log := map[string]any{"version": "1.2",
		"creator": map[string]string{"name": "mockserver", "version": c.plane.options.Version}, "entries": archived}
	return map[string]any{"log": log}, nil
}

// curl returns a shell script with one command per request.
func (c *call) curl(entries []*fake.Entry) (any, error) {
	var out strings.Builder
	out.WriteString("#!/bin/sh\n")
	for _, e := range entries {
		m := c.maskOf(e)
		fmt.Fprintf(&out, "\n# request %s, answered %d\ncurl -X %s %s", e.ID, e.Status, e.Method, quote(m.url(e.URL)))
		for _, header := range pairs(m.headers(e.Header)) {
			if !sentByClients[header.Name] {
				fmt.Fprintf(&out, " \\\n  -H %s", quote(header.Name+": "+header.Value))
			}
		}
		if body := m.body(e.Header, e.Body); len(body) > 0 && utf8.Valid(body) {
			fmt.Fprintf(&out, " \\\n  --data-binary %s", quote(string(body)))
		} else if len(body) > 0 {
			fmt.Fprintf(&out, " \\\n  --data-binary @body-%s # %d bytes that are no text", e.ID, len(body))
		}
		out.WriteString("\n")
	}
	return &reply{media: "text/x-shellscript; charset=utf-8", text: []byte(out.String())}, nil
}

// quote quotes a word for the shell.
func quote(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }
