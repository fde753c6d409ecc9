// Package importer decodes recordings that other tools wrote.
//
//	rec, err := importer.Decode("session.har", data, nil)
//	for _, x := range rec.Exchanges { ... }
//
// It reads HAR 1.2 (browsers, proxies, Polly, `mockserver`), cassettes of go-vcr 1 to 4, of vcrpy
// and of Ruby's VCR, simulations of Hoverfly, Postman collections with saved responses, stub
// mappings of WireMock, and the output of nock's recorder. It recognises a format by content, not
// by file name.
//
// Exchanges contain what was recorded, secrets included; package recorder redacts them before they
// are written. Recording.LeftOut lists entries that are not exchanges, such as a stub for a URL
// pattern, with the reason.
package importer

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Exchange is a recorded request with its answer.
type Exchange struct {
	Method string
	URL    string // a path if the format does not know the origin
	Header http.Header
	Body   []byte
	Status int
	Answer http.Header
	Result []byte // compressed if Answer has a Content-Encoding
	At     time.Time
	Took   time.Duration
}

// Recording is the content of one file.
type Recording struct {
	Format    string // the usual name, like "HAR 1.2"
	Exchanges []Exchange
	LeftOut   []string // entries that are not in Exchanges, with the reason
}

// format is one kind of file.
type format struct {
	family string // for the list of all formats
	// returns the name with its version, or "" if doc is of another format
	recognize func(doc value) string
	decode    func(r *reader, doc value) // adds to r.rec
}

// formats, in the order in which they are tried.
var formats = []format{
	{"HAR 1.2", recognizeHAR, (*reader).har},
	{"go-vcr 1 to 4", recognizeGoVCR, (*reader).goVCR},
	{"vcrpy", recognizeVCRPy, (*reader).vcrPy},
	{"VCR (Ruby)", recognizeRubyVCR, (*reader).rubyVCR},
	{"Hoverfly", recognizeHoverfly, (*reader).hoverfly},
	{"Postman collection", recognizePostman, (*reader).postman},
	{"WireMock", recognizeWireMock, (*reader).wireMock},
	{"nock", recognizeNock, (*reader).nock},
}

// Formats returns the names of the formats that Decode reads.
func Formats() (names []string) {
	for _, f := range formats {
		names = append(names, f.family)
	}
	return names
}

var userInformation = regexp.MustCompile(`://[^/@]*@`)

// reader decodes one file.
type reader struct {
	rec  *Recording
	open func(name string) ([]byte, error)
}

func (r *reader) add(x Exchange) { r.rec.Exchanges = append(r.rec.Exchanges, x) }

// leaveOut lists an entry of the file that is not an exchange. It omits queries and user
// information, which may hold secrets.
func (r *reader) leaveOut(number int, what, format string, args ...any) {
	what, _, _ = strings.Cut(what, "?")
	what = userInformation.ReplaceAllString(what, "://")
	r.rec.LeftOut = append(r.rec.LeftOut,
		fmt.Sprintf("%d: %s: ", number, printable(what))+printable(fmt.Sprintf(format, args...)))
}

// Decode decodes a file. It calls open, which may be nil, for bodies that a format keeps in
// separate files. The error is one line that names the file and, if known, the format.
func Decode(file string, data []byte, open func(name string) ([]byte, error)) (*Recording, error) {
	doc, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %v; formats: %s", file, err, strings.Join(Formats(), ", "))
	}
	for _, f := range formats {
		name := f.recognize(doc)
		if name == "" {
			continue
		}
		r := &reader{rec: &Recording{Format: name}, open: open}
		f.decode(r, doc)
		if len(r.rec.Exchanges) == 0 && len(r.rec.LeftOut) == 0 {
			return nil, fmt.Errorf("%s: %s without any exchange", file, name)
		}
		return r.rec, nil
	}
	return nil, fmt.Errorf("%s: not a recording of a known format; formats: %s", file, strings.Join(Formats(), ", "))
}

// Recognize returns the format of a file, or "" if it is not among Formats.
func Recognize(data []byte) string {
	doc, err := parse(data)
	if err != nil {
		return ""
	}
	for _, f := range formats {
		if name := f.recognize(doc); name != "" {
			return name
		}
	}
	return ""
}

// sortByTime sorts exchanges by start time if all of them have one.
func (r *reader) sortByTime() {
	if !slices.ContainsFunc(r.rec.Exchanges, func(x Exchange) bool { return x.At.IsZero() }) {
		slices.SortStableFunc(r.rec.Exchanges, func(a, b Exchange) int { return a.At.Compare(b.At) })
	}
}

// unpacked removes the headers that no longer match a decoded body.
func unpacked(h http.Header) http.Header {
	h.Del("Content-Encoding")
	h.Del("Content-Length")
	return h
}

// addHeader adds a header in canonical form. It skips the pseudo-headers of HTTP/2.
func addHeader(h http.Header, name string, values ...string) {
	if name == "" || strings.HasPrefix(name, ":") {
		return
	}
	for _, v := range values {
		h.Add(name, v)
	}
}

// decodeBase64 decodes a body and returns text that is not base64 unchanged.
func decodeBase64(text string) []byte {
	clean := strings.NewReplacer("\n", "", "\r", "", " ", "").Replace(text)
	if data, err := base64.StdEncoding.DecodeString(clean); err == nil {
		return data
	}
	return []byte(text)
}

// longestName bounds how much of a file a note repeats, in bytes.
const longestName = 120

// printable makes a text of a file safe for a one-line message.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return ' '
		}
		return r
	}, s)
	if len(s) > longestName {
		s = strings.ToValidUTF8(s[:longestName], "") + "..."
	}
	return s
}
