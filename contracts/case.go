package contracts

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/afba07b5/mockserver/contracts/compare"
	"github.com/afba07b5/mockserver/contracts/importer"
	"github.com/afba07b5/mockserver/contracts/internal/recording"
	"github.com/afba07b5/mockserver/contracts/jsontree"
	"github.com/afba07b5/mockserver/contracts/vcr"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/safeyaml"
)

// Case is a conversation with its provenance and the state it starts from.
type Case struct {
	Name  string // the folder below the fixtures, or the file
	Fake  string
	File  string // of the conversation
	Info  Info
	Bare  bool // a cassette file without a case.yaml
	rules *rules

	fsys           fs.FS
	def            *fake.Def    // may be nil
	router         *fake.Router // of the fake's document; may be nil
	interactions   []*compare.Interaction
	receiver       string // recorded origin of the receiver of deliveries; may be ""
	lateDeliveries bool   // the request that caused a delivery is unknown
	handWritten    bool
	host           string // the vendor's host of the requests; "" for the usual one
	origin         string // recorded scheme and host
}

// Info is case.yaml.
type Info struct {
	About       string               `yaml:"about"`
	Source      string               `yaml:"source"` // recorded, documented or inferred
	Version     string               `yaml:"version"`
	Date        string               `yaml:"date"` // of the recording
	Seed        string               `yaml:"seed"`
	Settings    Settings             `yaml:"settings"`
	Credentials map[string]Principal `yaml:"credentials"` // recorded value → its principal
	// principal of requests whose credential was removed from the recording
	Principal string `yaml:"principal"`
	// parts of answers that the real server does not keep stable
	Random     []*compare.Relaxation `yaml:"random"`
	Unrecorded []string              `yaml:"unrecorded"` // response headers that the recorder did not keep
	// rows that a hand-written case adds to its seed: table → rows
	Rows map[string][]map[string]any `yaml:"rows"`
	// objects of the recorded workspace that requests name
	Standing   []*Standing `yaml:"standing"`
	Deliveries Receiving   `yaml:"deliveries"`
	// generated values without a shape; if the key is missing, those that the fake's document marks
	Generated []string `yaml:"minted"`
	// rules of the audit that the client of the case breaks on purpose; a test of package audit compares them
	Findings []string `yaml:"findings"`
}

// Settings of the world that a case starts in.
type Settings struct {
	// on or off; if off, the default, headers that count requests are not compared
	Limits   string          `yaml:"limits"`
	Features map[string]bool `yaml:"features"`
}

// Principal is a principal of a world, in the state that the case needs.
type Principal struct {
	Principal string `yaml:"principal"`
	State     string `yaml:"state"`

	Secret bool `yaml:"secret"` // the value is the secret that belongs to the credential
}

// decodeStrict rejects fields that the type does not have.
func decodeStrict(data []byte, v any, options ...yaml.DecodeOption) error {
	err := safeyaml.Unmarshal(data, v, append(options, yaml.Strict(), yaml.DisallowUnknownField())...)
	if err == nil {
		return nil
	}
	return errors.New(oneLine(yaml.FormatError(err, false, false)))
}

// longestError bounds how much of a file an error repeats, in bytes.
const longestError = 200

// oneLine makes a text safe for one line of a message: a file's content does not reach the terminal
// unescaped.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	if len(s) > longestError {
		s = strings.ToValidUTF8(s[:longestError], "") + "..."
	}
	return s
}

// foreign returns the error for a file that is not a cassette of go-vcr 3.
func foreign(data []byte, err error) error {
	if name := importer.Recognize(data); name != "" && !strings.HasPrefix(name, "go-vcr cassette, format 2") {
		return fmt.Errorf("this is a recording in another format, %s; `mockserver import` makes a case of it", name)
	}
	return err
}

// loadInfo decodes case.yaml.
func loadInfo(fsys fs.FS, file string) (info Info, err error) {
	data, err := fs.ReadFile(fsys, file)
	if err != nil {
		return info, err
	}
	if err := decodeStrict(data, &info); err != nil {
		return info, fmt.Errorf("%s: %w", file, err)
	}
	if err := info.check(); err != nil {
		return info, fmt.Errorf("%s: %w", file, err)
	}
	return info, nil
}

func (i *Info) check() error {
	if i.About == "" {
		return errors.New("about: one sentence is needed")
	}
	if !slices.Contains([]string{"recorded", "documented", "inferred"}, i.Source) {
		return fmt.Errorf("source %q: expected recorded, documented or inferred", i.Source)
	}
	if i.Source == "recorded" && (i.Date == "" || i.Version == "") {
		return errors.New("a recorded case needs date and version")
	}
	if _, err := time.Parse(time.DateOnly, i.Date); i.Date != "" && err != nil {
		return fmt.Errorf("date %q: expected a day like 2026-11-21", i.Date)
	}
	if !slices.Contains([]string{"", "on", "off"}, i.Settings.Limits) {
		return fmt.Errorf("settings: limits %q: expected on or off", i.Settings.Limits)
	}
	for _, s := range i.Standing {
		if err := s.check(); err != nil {
			return err
		}
	}
	if err := i.Deliveries.check(); err != nil {
		return err
	}
	for _, r := range i.Random {
		if err := r.Compile(); err != nil {
			return err
		}
	}
	return nil
}

// loadCassette decodes the case's cassette and rejects what a replay would not honour.
func (c *Case) loadCassette(fsys fs.FS, router *fake.Router) error {
	t, err := vcr.Load(fsys, c.File)
	if err != nil {
		if data, unread := fs.ReadFile(fsys, c.File); unread == nil {
			err = foreign(data, errors.New(oneLine(err.Error())))
		}
		return fmt.Errorf("%s: %w", c.File, err)
	}
	for n, i := range t.Interactions {
		if err := understood(i); err != nil {
			return fmt.Errorf("%s: interaction %d: %w", c.File, n, err)
		}
		c.interactions = append(c.interactions, &compare.Interaction{
			Number: n, Entry: n, Method: i.Request.Method, URL: i.Request.URL, Header: i.Request.Headers,
			Body: i.Request.Body, Status: i.Response.Code, Answer: i.Response.Headers,
			Result: recording.Unpack(i.Response.Headers, i.Response.Body),
			Write:  writes(i.Request.Method, i.Request.Body),
		})
	}
	nameClient(c.interactions)
	if c.Info.Generated == nil && router != nil {
		c.Info.Generated = recording.GeneratedIDs(router, t.Interactions)
	}
	return nil
}

// nameClient sets the User-Agent of Go's client, which go-vcr does not see, if no request of a
// recording has one.
func nameClient(all []*compare.Interaction) {
	if slices.ContainsFunc(all, func(i *compare.Interaction) bool { return i.Header["User-Agent"] != nil }) {
		return
	}
	for _, i := range all {
		if i.Header = i.Header.Clone(); i.Header == nil {
			i.Header = http.Header{}
		}
		i.Header.Set("User-Agent", "Go-http-client/1.1")
	}
}

// understood returns an error for what go-vcr can record but a replay neither sends nor compares.
func understood(i *cassette.Interaction) error {
	q, r := &i.Request, &i.Response
	switch {
	case q.Method == "" || q.URL == "" || r.Code == 0:
		return errors.New("method, url and code are needed")
	case len(q.Trailer) > 0 || len(r.Trailer) > 0:
		return errors.New("trailers are not supported")
	case len(q.TransferEncoding) > 0:
		return fmt.Errorf("request: transfer encoding %v is not supported", q.TransferEncoding)
	case q.RequestURI != "" && q.RequestURI != q.URL && !strings.HasSuffix(q.URL, q.RequestURI):
		return fmt.Errorf("request: request_uri %q is not that of the url", q.RequestURI)
	case q.Host != "" && originOf([]*compare.Interaction{{URL: q.URL}}) != "" &&
		!strings.HasSuffix(originOf([]*compare.Interaction{{URL: q.URL}}), "://"+q.Host):
		return fmt.Errorf("request: host %q is not that of the url", q.Host)
	case r.Status != "" && !strings.HasPrefix(r.Status, fmt.Sprint(r.Code)):
		return fmt.Errorf("response: status %q is not code %d", r.Status, r.Code)
	}
	if te := r.TransferEncoding; len(te) > 0 && !slices.Equal(te, []string{"chunked"}) {
		return fmt.Errorf("response: transfer encoding %v is not supported", te)
	}
	return nil
}

// writes reports whether a request may have changed something, as far as HTTP and GraphQL tell.
func writes(method, body string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	if method != http.MethodPost || !strings.Contains(body, `"query"`) {
		return true
	}
	n, err := jsontree.Parse(body)
	if err != nil || n.Get("query") == nil || n.Get("query").Kind != jsontree.Text {
		return true
	}
	query := strings.TrimSpace(n.Get("query").Text)
	return !strings.HasPrefix(query, "query") && !strings.HasPrefix(query, "{") || mutating.MatchString(query)
}

// mutating matches a mutation in a GraphQL document with several operations.
var mutating = regexp.MustCompile(`\bmutation\b`)

// Len returns the number of interactions of a case.
func (c *Case) Len() int { return len(c.interactions) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// originOf returns scheme and host of the first absolute URL.
func originOf(all []*compare.Interaction) string {
	for _, i := range all {
		if scheme, rest, ok := strings.Cut(i.URL, "://"); ok {
			host, _, _ := strings.Cut(rest, "/")
			return scheme + "://" + host
		}
	}
	return ""
}

// nameOf returns a case's name: its folder below fixtures or, elsewhere, the last two names of its
// path.
func nameOf(dir string) string {
	dir = path.Clean(dir)
	if _, below, ok := strings.Cut("/"+dir, "/fixtures/"); ok {
		return below
	}
	return path.Join(path.Base(path.Dir(dir)), path.Base(dir))
}

// recorded reports whether the conversation was recorded from the real service.
func (c *Case) recorded() bool { return c.Info.Source == "recorded" }
