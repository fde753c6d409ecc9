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

	"github.com/goccy/go-yaml"

	"github.com/afba07b5/mockserver/fake"
)

// exports are the forms in which the journal leaves, secrets masked.
var exports = map[string]func(*call, []*fake.Entry) (any, error){
	"har": (*call).har, "curl": (*call).curl, "cassette": (*call).cassette,
}

func (c *call) exportRequests() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	format := c.r.FormValue("format")
	make := exports[format]
	if make == nil {
		names := slices.Sorted(maps.Keys(exports))
		return nil, badRequest("format=%s%s; formats: %s", format, fake.Hint(format, names), strings.Join(names, ", "))
	}
	kept, dropped := w.Journal.Entries()
	if name := c.r.FormValue("fake"); name != "" {
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

// har is the HTTP archive of version 1.2.
func (c *call) har(entries []*fake.Entry) (any, error) {
	archived := []map[string]any{}
	for _, e := range entries {
		m := c.mask(e.Fake)
		asked, sent, got := m.url(e.URL), m.headers(e.Header), m.headers(e.Answered)
		query := url.Values{}
		if u, err := url.Parse(asked); err == nil {
			query = u.Query()
		}
		request := map[string]any{"method": e.Method, "url": asked, "httpVersion": "HTTP/1.1", "cookies": []pair{}, "headers": pairs(sent),
			"queryString": pairs(query), "headersSize": -1, "bodySize": len(e.Body)}
		if len(e.Body) > 0 {
			plain, _ := text(m.body(e.Header, e.Body))
			request["postData"] = map[string]string{"mimeType": sent.Get("Content-Type"), "text": plain}
		}
		content := map[string]any{"size": len(e.Answer), "mimeType": got.Get("Content-Type")}
		if plain, base64ed := text(m.body(e.Answered, e.Answer)); base64ed != "" {
			content["text"], content["encoding"] = base64ed, "base64"
		} else {
			content["text"] = plain
		}
		took := float64(e.Took) / float64(time.Millisecond)
		archived = append(archived, map[string]any{
			"startedDateTime": e.At.UTC().Format(time.RFC3339Nano), "time": took, "request": request, "cache": map[string]any{},
			"response": map[string]any{"status": e.Status, "statusText": http.StatusText(e.Status), "httpVersion": "HTTP/1.1", "cookies": []pair{},
				"headers": pairs(got), "content": content, "redirectURL": got.Get("Location"), "headersSize": -1, "bodySize": len(e.Answer)},
			"timings": map[string]float64{"send": 0, "wait": took, "receive": 0},
		})
	}
	log := map[string]any{"version": "1.2", "creator": map[string]string{"name": "mockserver", "version": c.plane.options.Version}, "entries": archived}
	return map[string]any{"log": log}, nil
}

// curl is a shell script with one command a request.
func (c *call) curl(entries []*fake.Entry) (any, error) {
	var out strings.Builder
	out.WriteString("#!/bin/sh\n")
	for _, e := range entries {
		m := c.mask(e.Fake)
		fmt.Fprintf(&out, "\n# request %s, answered %d\ncurl -X %s %s", e.ID, e.Status, e.Method, quote(m.url(e.URL)))
		for _, header := range pairs(m.headers(e.Header)) {
			if header.Name != "Content-Length" && header.Name != "Accept-Encoding" {
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

// cassette is a recorded conversation as go-vcr v3 writes it.
func (c *call) cassette(entries []*fake.Entry) (any, error) {
	type message struct {
		Method        string              `yaml:"method,omitempty"`
		URL           string              `yaml:"url,omitempty"`
		Proto         string              `yaml:"proto"`
		ProtoMajor    int                 `yaml:"proto_major"`
		ProtoMinor    int                 `yaml:"proto_minor"`
		ContentLength int                 `yaml:"content_length"`
		Host          string              `yaml:"host,omitempty"`
		Body          string              `yaml:"body"`
		Headers       map[string][]string `yaml:"headers"`
		Status        string              `yaml:"status,omitempty"`
		Code          int                 `yaml:"code,omitempty"`
		Duration      string              `yaml:"duration,omitempty"`
	}
	type interaction struct {
		ID       int     `yaml:"id"`
		Request  message `yaml:"request"`
		Response message `yaml:"response"`
	}
	tape := struct {
		Version      int           `yaml:"version"`
		Interactions []interaction `yaml:"interactions"`
	}{Version: 2, Interactions: []interaction{}}
	for i, e := range entries {
		m := c.mask(e.Fake)
		asked := m.url(e.URL)
		host := ""
		if u, err := url.Parse(asked); err == nil {
			host = u.Host
		}
		tape.Interactions = append(tape.Interactions, interaction{ID: i,
			Request: message{Method: e.Method, URL: asked, Host: host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: len(e.Body),
				Body: string(m.body(e.Header, e.Body)), Headers: m.headers(e.Header)},
			Response: message{Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: len(e.Answer), Body: string(m.body(e.Answered, e.Answer)),
				Headers: m.headers(e.Answered), Status: fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status)), Code: e.Status, Duration: e.Took.String()}})
	}
	text, err := yaml.Marshal(tape)
	return &reply{media: yamlMedia, text: text}, err
}
