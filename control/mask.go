package control

import (
	"bytes"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/redact"
)

// redacted replaces a secret.
const redacted = "REDACTED"

// secretParts are the parts of a name that mark a header, parameter or key as secret, in any
// spelling.
var secretParts = []string{"token", "secret", "password", "passwd", "apikey", "authorization", "codeverifier",
	"clientassertion"}

// harmless are names with such a part that hold no secret.
var harmless = map[string]bool{"tokentype": true, "pagetoken": true, "nextpagetoken": true, "tokenexpiresat": true,
	"tokenendpoint": true}

// mask redacts the secrets of one request: values under secret names, and whatever the recorder
// would redact.
type mask struct {
	own     map[string]bool
	secrets *redact.Secrets
}

// maskOf returns the mask for a request in the journal.
func (c *call) maskOf(e *fake.Entry) mask {
	m := c.mask(e.Fake)
	m.secrets.LearnURL(e.URL)
	m.secrets.LearnMessage(e.Header, e.Body)
	m.secrets.LearnMessage(e.Answered, e.Answer)
	return m
}

// seeds caches the texts of default seeds by Def; their content is public.
var seeds sync.Map

func seedOf(def *fake.Def) string {
	if text, ok := seeds.Load(def); ok {
		return text.(string)
	}
	text, _ := fs.ReadFile(def.Seeds, "seeds/default.json") // without the file nothing is public
	seeds.Store(def, string(text))
	return string(text)
}

// mask returns the mask for a fake: the usual names and those of its Def.
func (c *call) mask(name string) mask {
	m := mask{own: map[string]bool{}, secrets: redact.New(nil, nil)}
	if def := c.plane.srv.Def(name); def != nil {
		for _, secret := range def.Secrets {
			m.own[plainName(secret)] = true
		}
		m.secrets = redact.New(nil, def.Secrets)
		m.secrets.SetPublic(seedOf(def))
	}
	m.secrets.SetMark(redacted)
	return m
}

var punctuation = strings.NewReplacer("-", "", "_", "", "[", "", "]", "", ".", "")

func plainName(name string) string { return strings.ToLower(punctuation.Replace(name)) }

func (m mask) hides(name string) bool {
	name = plainName(name)
	if m.own[name] {
		return true
	}
	if harmless[name] {
		return false
	}
	for _, part := range secretParts {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// headers redacts headers. It keeps the scheme of Authorization and the names of cookies.
func (m mask) headers(h http.Header) http.Header {
	out := make(http.Header, len(h))
	for name, values := range h {
		for _, value := range values {
			out[name] = append(out[name], m.secrets.Replace(m.header(name, value)))
		}
	}
	return out
}

func (m mask) header(name, value string) string {
	switch http.CanonicalHeaderKey(name) {
	case "Authorization", "Proxy-Authorization":
		if scheme, _, ok := strings.Cut(value, " "); ok {
			return scheme + " " + redacted
		}
		return redacted
	case "Cookie":
		parts := strings.Split(value, ";")
		for i, part := range parts {
			key, _, _ := strings.Cut(part, "=")
			parts[i] = key + "=" + redacted
		}
		return strings.Join(parts, ";")
	case "Set-Cookie":
		pair, attributes, more := strings.Cut(value, ";")
		key, _, _ := strings.Cut(pair, "=")
		if more {
			attributes = ";" + attributes
		}
		return key + "=" + redacted + attributes
	case "Location", "Referer", "Content-Location":
		return m.url(value)
	}
	if m.hides(name) {
		return redacted
	}
	return value
}

// url redacts a URL.
func (m mask) url(address string) string { return m.secrets.ReplaceURL(m.query(address)) }

func (m mask) query(address string) string {
	path, query, ok := strings.Cut(address, "?")
	if !ok {
		return address
	}
	return path + "?" + m.form(query)
}

// form redacts name=value pairs and keeps everything else unchanged.
func (m mask) form(text string) string {
	pairs := strings.Split(text, "&")
	for i, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(key)
		if err != nil {
			name = key
		}
		if ok && value != "" && m.hides(name) {
			pairs[i] = key + "=" + redacted
		}
	}
	return strings.Join(pairs, "&")
}

var (
	jsonString = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"(\s*:\s*)"((?:[^"\\]|\\.)*)("|$)`)
	// an argument in a GraphQL query
	inlineString = regexp.MustCompile(`(\w+)(\s*:\s*)\\"((?:[^"\\]|\\[^"])*)\\"`)
	formPart     = regexp.MustCompile(`(name="([^"]*)"(?:\r\n|[^\r\n])*?\r\n\r\n)([^\r\n]*)`)
)

// body redacts a body. It works on text, so that truncated and invalid bodies are redacted as well
// and nothing else changes. Of a binary body, which may be compressed, it keeps only the first
// bytes.
func (m mask) body(h http.Header, body []byte) []byte {
	return []byte(m.secrets.ReplaceBody(h, m.named(h, body)))
}

// named redacts values under secret names in JSON, forms and multipart bodies.
func (m mask) named(h http.Header, body []byte) []byte {
	kind := h.Get("Content-Type")
	switch first := bytes.TrimLeft(body, " \t\r\n"); {
	case len(first) == 0:
		return body
	case strings.Contains(kind, "x-www-form-urlencoded"):
		return []byte(m.form(string(body)))
	case strings.Contains(kind, "multipart/"):
		return m.replace(formPart, body,
			func(p [][]byte) (name, text []byte) { return p[2], append(p[1], redacted...) })
	case first[0] == '{' || first[0] == '[':
		body = m.replace(jsonString, body, func(p [][]byte) (name, text []byte) {
			return p[1], bytes.Join([][]byte{[]byte(`"`), p[1], []byte(`"`), p[2], []byte(`"` + redacted), p[4]}, nil)
		})
		return m.replace(inlineString, body, func(p [][]byte) (name, text []byte) {
			return p[1], bytes.Join([][]byte{p[1], p[2], []byte(`\"` + redacted + `\"`)}, nil)
		})
	}
	return body
}

// replace replaces each match by the text that part returns, if part's name is secret.
func (m mask) replace(pattern *regexp.Regexp, body []byte, part func(match [][]byte) (name, text []byte)) []byte {
	return pattern.ReplaceAllFunc(body, func(match []byte) []byte {
		groups := pattern.FindSubmatch(match)
		for i := range groups {
			groups[i] = bytes.Clone(groups[i])
		}
		if name, text := part(groups); m.hides(string(name)) {
			return text
		}
		return match
	})
}
