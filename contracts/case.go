package contracts

import (
	"cmp"
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

	"github.com/afba07b5/mockserver/contracts/importer"
	"github.com/afba07b5/mockserver/contracts/jsontree"
	"github.com/afba07b5/mockserver/contracts/scan"
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
	interactions   []*interaction
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
	Random     []*relaxation `yaml:"random"`
	Unrecorded []string      `yaml:"unrecorded"` // response headers that the recorder did not keep
	// objects of the recorded workspace that requests name
	Standing   []*Standing `yaml:"standing"`
	Deliveries Receiving   `yaml:"deliveries"`
	// generated values without a shape; if the key is missing, Numbered
	Generated []string `yaml:"minted"`
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

// interaction is a request and its recorded answer.
type interaction struct {
	number  int
	entry   int // index of its entry in the file; an entry may be repeated
	method  string
	url     string // absolute, or a path for hand-written cases
	host    string // hand-written cases: the vendor's host, if relevant
	header  http.Header
	body    string
	status  int
	answer  http.Header
	only    map[string]bool // hand-written cases: the headers to compare; nil for all chosen ones
	result  string
	json    bool   // hand-written cases: the body is JSON whatever the headers say
	advance string // moves the clock instead of sending a request
	write   bool

	deliveries []*Delivery // requests that the server sent because of it
	receives   bool        // hand-written cases: deliveries are compared

	ruled *appliedRules // of a recording, which no variables change
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
		if err := r.compile(); err != nil {
			return err
		}
	}
	return nil
}

// loadTape decodes the case's cassette and rejects what a replay would not honour.
func (c *Case) loadTape(fsys fs.FS, router *fake.Router) error {
	data, err := fs.ReadFile(fsys, c.File)
	if err != nil {
		return err
	}
	t, err := vcr.Decode(data)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, foreign(data, errors.New(oneLine(err.Error()))))
	}
	for n, i := range t.Interactions {
		if err := understood(i); err != nil {
			return fmt.Errorf("%s: interaction %d: %w", c.File, n, err)
		}
		c.interactions = append(c.interactions, &interaction{
			number: n, entry: n, method: i.Request.Method, url: i.Request.URL, header: i.Request.Headers,
			body: i.Request.Body, status: i.Response.Code, answer: i.Response.Headers,
			result: unpack(i.Response.Headers, i.Response.Body), write: writes(i.Request.Method, i.Request.Body),
		})
	}
	nameClient(c.interactions)
	if c.Info.Generated == nil && router != nil {
		c.Info.Generated = Numbered(router, t.Interactions)
	}
	return nil
}

// nameClient sets the User-Agent of Go's client, which go-vcr does not see, if no request of a
// recording has one.
func nameClient(all []*interaction) {
	if slices.ContainsFunc(all, func(i *interaction) bool { return i.header["User-Agent"] != nil }) {
		return
	}
	for _, i := range all {
		if i.header = i.header.Clone(); i.header == nil {
			i.header = http.Header{}
		}
		i.header.Set("User-Agent", "Go-http-client/1.1")
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
	case q.Host != "" && originOf([]*interaction{{url: q.URL}}) != "" &&
		!strings.HasSuffix(originOf([]*interaction{{url: q.URL}}), "://"+q.Host):
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

// dayOf returns the day on which a conversation was recorded: the most frequent day of times with a
// fraction of a second that no request had sent before and nothing else had named. Times in answers
// to writes count first; if no time has a fraction, times precise to the second count. An expiry
// counts for the day of the request that set it. Every answer has one vote for each day, so that a
// long answer does not outvote the others.
func dayOf(all []*interaction, named map[string]bool, rules *Rules) string {
	sent, written, fine, coarse := map[string]bool{}, map[string]int{}, map[string]int{}, map[string]int{}
	for _, i := range all {
		for _, s := range []string{i.url, i.body} {
			for _, t := range scan.Tokens(s) {
				sent[t.Key()] = true
			}
		}
		votes := map[string]*map[string]int{} // of this answer: day → where it counts
		for _, t := range i.times(rules) {
			ms, ok := t.Instant()
			if !ok || t.Shape != scan.Time || sent[t.Key()] || named[t.Key()] {
				continue
			}
			day := utc(ms - t.after.Milliseconds()).Format(time.DateOnly)
			switch {
			case ms%1000 != 0 && i.write:
				votes[day] = &written
			case ms%1000 != 0:
				votes[day] = &fine
			case ms%60_000 != 0 && votes[day] == nil:
				votes[day] = &coarse
			}
		}
		for day, counted := range votes {
			(*counted)[day]++
		}
	}
	return cmp.Or(commonest(written), commonest(fine), commonest(coarse))
}

// agedToken is a token and, for an expiry, the span between the request that set it and the time
// itself.
type agedToken struct {
	scan.Token
	after time.Duration
}

// times returns the times of an answer.
func (i *interaction) times(rules *Rules) (found []agedToken) {
	apply := rules.lifetimesOf(i.request())
	if body, err := jsontree.Parse(i.result); err == nil && len(apply) > 0 {
		body.Each("$", func(n *jsontree.Node, path string) {
			for _, t := range scan.Tokens(n.Text) {
				found = append(found, agedToken{t, spanAt(apply, path)})
			}
		})
		return found
	}
	for _, t := range scan.Tokens(i.result) {
		found = append(found, agedToken{Token: t})
	}
	return found
}

// commonest returns the most frequent day, the earliest of several; "" without any day.
func commonest(days map[string]int) (best string) {
	for _, day := range slices.Sorted(maps.Keys(days)) {
		if best == "" || days[day] > days[best] {
			best = day
		}
	}
	return best
}

// originOf returns scheme and host of the first absolute URL.
func originOf(all []*interaction) string {
	for _, i := range all {
		if scheme, rest, ok := strings.Cut(i.url, "://"); ok {
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
