package recorder

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Proxy returns the reverse proxy that records. self is the origin under which clients reach it.
// The proxy replaces the upstream's URLs in answers by URLs of self and does the reverse in
// requests.
func (r *Recorder) Proxy(self string) http.Handler {
	p := &proxy{r, self, r.upstream.Scheme + "://" + r.upstream.Host}
	return &httputil.ReverseProxy{
		Rewrite: p.forward, Transport: p, ModifyResponse: p.back, ErrorHandler: p.failed,
		ErrorLog: log.New(io.Discard, "", 0),
	}
}

type proxy struct {
	*Recorder
	self, origin string
}

// forward addresses a request to the upstream. The proxy negotiates the compression of answers
// itself.
func (p *proxy) forward(pr *httputil.ProxyRequest) {
	pr.SetURL(p.upstream)
	pr.Out.Header.Set("Accept-Encoding", "gzip")
	for _, values := range pr.Out.Header {
		for i := range values {
			values[i] = moved(values[i], p.self, p.origin)
		}
	}
	pr.Out.URL.RawQuery = moved(pr.Out.URL.RawQuery, p.self, p.origin)
}

// RoundTrip sends a request to the upstream and records it with its answer.
func (p *proxy) RoundTrip(q *http.Request) (*http.Response, error) {
	if body, err := takeBody(&q.Body); err == nil && utf8.Valid(body) {
		if now := moved(string(body), p.self, p.origin); now != string(body) {
			q.Body = io.NopCloser(strings.NewReader(now))
			q.ContentLength = int64(len(now))
		}
	}
	return p.capture(q, p.transport.RoundTrip)
}

// back rewrites the upstream's URLs and cookies in an answer so that the client can use them
// through the proxy.
func (p *proxy) back(res *http.Response) error {
	other := strings.Replace(p.origin, "https://", "http://", 1)
	if other == p.origin {
		other = strings.Replace(p.origin, "http://", "https://", 1)
	}
	here := func(s string) string { return moved(moved(s, p.origin, p.self), other, p.self) }
	for name, values := range res.Header {
		for i := range values {
			if values[i] = here(values[i]); name == "Set-Cookie" && p.self != p.origin {
				values[i] = localCookie(values[i])
			}
		}
	}
	if res.StatusCode == http.StatusSwitchingProtocols ||
		strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		return nil
	}
	body, err := takeBody(&res.Body)
	if err != nil || !utf8.Valid(body) {
		return nil // forwarded unchanged
	}
	if now := here(string(body)); now != string(body) {
		setBody(res, []byte(now))
	}
	return nil
}

func (p *proxy) failed(w http.ResponseWriter, q *http.Request, err error) {
	http.Error(w, fmt.Sprintf("mockserver record: %s did not answer %s %s: %v", p.origin, q.Method, q.URL.Path, err),
		http.StatusBadGateway)
}

// localCookie removes the attributes of a cookie that keep it from a local client without TLS.
func localCookie(cookie string) string {
	parts := strings.Split(cookie, ";")
	kept := parts[:1]
	for _, attribute := range parts[1:] {
		name, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(attribute)), "=")
		if name != "domain" && name != "secure" && name != "partitioned" {
			kept = append(kept, attribute)
		}
	}
	return strings.Join(kept, ";")
}

// moved replaces one origin by another, in plain text, in JSON with escaped slashes, and in a
// query.
func moved(s, from, to string) string {
	for _, spell := range []func(string) string{
		func(s string) string { return s },
		func(s string) string { return strings.ReplaceAll(s, "/", `\/`) },
		url.QueryEscape,
		func(s string) string { return strings.ToLower(url.QueryEscape(s)) },
	} {
		s = movedAs(s, spell(from), spell(to))
	}
	return s
}

func movedAs(s, from, to string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, from)
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		rest := s[i+len(from):]
		b.WriteString(s[:i])
		if goesOn(rest) {
			b.WriteString(from)
		} else {
			b.WriteString(to)
		}
		s = rest
	}
}

// goesOn reports whether rest continues the host name, so that it is a different host.
func goesOn(rest string) bool {
	if rest == "" {
		return false
	}
	return isAlnum(rest[0]) || len(rest) > 1 && strings.IndexByte(".-:", rest[0]) >= 0 && isAlnum(rest[1]) ||
		strings.HasPrefix(strings.ToUpper(rest), "%3A") && len(rest) > 3 && isAlnum(rest[3])
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
