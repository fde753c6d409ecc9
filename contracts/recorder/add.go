package recorder

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/afba07b5/mockserver/contracts/importer"
	"github.com/afba07b5/mockserver/fake"
)

// Add records an exchange made elsewhere as if it had come through the proxy. An exchange that
// cannot be recorded is left out with a note.
func (r *Recorder) Add(from importer.Exchange) {
	place := r.begin()
	u, err := url.Parse(from.URL)
	if err != nil || from.Method == "" {
		r.leaveOut(place, from.Method, "", "its URL cannot be parsed")
		return
	}
	if u.Host == "" {
		u.Scheme, u.Host = r.upstream.Scheme, r.upstream.Host
	}
	x := &exchange{
		location: place, method: from.Method, url: u.String(), proto: "HTTP/1.1", header: from.Header.Clone(),
		status: from.Status, took: from.Took, phrase: fmt.Sprintf("%d %s", from.Status, http.StatusText(from.Status)),
		answer: from.Answer.Clone(),
	}
	if x.header == nil {
		x.header = http.Header{}
	}
	x.header.Del("Host")
	if x.body, err = unpack(from.Header, from.Body); err == nil {
		x.result, err = unpack(from.Answer, from.Result)
	}
	if x.method == http.MethodHead || from.Status == http.StatusNoContent || from.Status == http.StatusNotModified {
		x.result = nil // a journal keeps a body that was not sent
	}
	if err != nil {
		r.leaveOut(place, x.method, u.Path, err.Error())
		return
	}
	r.keep(x)
}

// unpack undoes Content-Encoding. Some tools keep the header after decompressing the body.
func unpack(h http.Header, body []byte) ([]byte, error) {
	if len(body) > Bound {
		return nil, errTooLarge
	}
	plain, err := decompressed(h, body)
	if err != nil && utf8.Valid(body) {
		return body, nil
	}
	return plain, err
}

// Select returns the exchanges with the service that def imitates, and notes about the others. If
// upstream is not empty, it is the origin of the service. Otherwise the origin is one of the
// vendor's hosts or, if none occurs, the origin with the most requests that match an operation of
// the fake's document.
func Select(def *fake.Def, upstream string, all []importer.Exchange) (origin string, kept []importer.Exchange,
	notes []string, err error) {
	s := &selection{def: def, router: fake.NewRouter(def), known: map[string]int{}}
	for i := range all {
		s.count(&all[i])
	}
	if origin = strings.TrimSuffix(upstream, "/"); origin == "" {
		origin = s.best()
	}
	if origin == "" {
		return "", nil, nil, fmt.Errorf(
			"no request is for an operation of %s; hosts: %s; --upstream names the origin of the service", def.Name,
			strings.Join(s.hosts(), ", "))
	}
	others := map[string]int{}
	for _, x := range all {
		if own := originOf(x.URL); own == "" || own == origin || s.ofVendor(own) && s.ofVendor(origin) {
			kept = append(kept, x)
		} else {
			others[own]++
		}
	}
	for _, host := range sortedNames(others) {
		notes = append(notes, fmt.Sprintf("left out: %d requests to another host, %s", others[host], host))
	}
	return origin, kept, notes, nil
}

// selection finds the origin of the service.
type selection struct {
	def    *fake.Def
	router *fake.Router
	known  map[string]int // origin → number of requests with an operation
}

// count counts a request. If its path begins with the fake's name, it came through the edge port
// and count strips that prefix.
func (s *selection) count(x *importer.Exchange) {
	q, err := http.NewRequest(x.Method, x.URL, nil)
	if err != nil {
		return
	}
	own := originOf(x.URL)
	if s.router.Operation(q) != nil {
		s.known[own]++
		return
	}
	s.known[own] += 0
	at := strings.Index(x.URL, "/"+s.def.Name+"/")
	if at < 0 || strings.Contains(x.URL[:at], "?") {
		return
	}
	below := own + x.URL[at+len(s.def.Name)+1:]
	if q, err = http.NewRequest(x.Method, below, nil); err == nil && s.router.Operation(q) != nil {
		x.URL = below
		s.known[own]++
	}
}

func (s *selection) best() (origin string) {
	for _, own := range sortedNames(s.known) {
		switch {
		case s.ofVendor(own):
			return own
		case s.known[own] > s.known[origin]:
			origin = own
		}
	}
	if origin == "" && s.known[""] > 0 { // only paths, no origins
		return "https://" + strings.TrimPrefix(s.def.Hosts[0], "*.")
	}
	return origin
}

// ofVendor reports whether an origin is one of the vendor's hosts.
func (s *selection) ofVendor(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && slices.ContainsFunc(s.def.Hosts, func(host string) bool {
		_, rest, _ := strings.Cut(u.Hostname(), ".")
		return u.Hostname() == host || "*."+rest == host
	})
}

func (s *selection) hosts() []string { return sortedNames(s.known) }

// originOf returns the scheme and host of a URL, "" for a path.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func sortedNames(m map[string]int) (names []string) {
	for name := range m {
		if name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
