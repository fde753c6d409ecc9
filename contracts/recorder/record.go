// Package recorder records conversations with a real service as cases that package contracts replays, without
// anything secret in them.
//
//	rec, err := recorder.New(recorder.Options{Fake: kickflow.Def(), Upstream: "https://api.kickflow.com", About: "...", Version: "..."})
//	http.Serve(listener, rec.Proxy("http://127.0.0.1:4100")) // a client talks to it as to the service
//	saved, err := rec.Save("case")                          // case/cassette.yaml and case/case.yaml
//
// or rec.Script plays a hand-written case against the service.
//
// # What is kept
//
// Requests in the order in which they came, with their answers, decompressed, in go-vcr's format. The cassette
// speaks of the upstream's origin, the client of the proxy's. A stream of events is recorded once it has ended. An
// exchange with a body above Bound bytes, with an encoding that cannot be undone or another protocol reaches the client
// and is left out of the cassette; Saved.Notes says so. Add takes exchanges that other tools have recorded.
//
// # What is not
//
// Secrets, as package redact finds them; what the fake's Def.Credential finds and the names of Def.Secrets count as
// well. They are learnt from the whole recording before any of it is written, and replaced wherever they occur in it.
// Names of people, telephone numbers and other free text are not secrets here: record a tenant made for it.
//
// A stand-in is keyed with a random key that is forgotten, is the same for the same secret, and keeps its form: an
// address is one of example.com, a JWT can be decoded, UUIDs, hexadecimal digits and lengths stay. A secret that
// looks like a common word, or is shorter than six characters, is replaced only where a place gives it away.
// Addresses and secrets that the fake's own seed holds are public, and stay. Of a body that is no text only the
// first eight bytes stay.
//
// Before anything is written, the result is read once more as if it were a recording, and every field of it and
// the bytes of the file are searched for every secret. An exchange in which one is found is left out, with its number
// and the reason, and the others are written. So is a request that the service answered well and the fake would refuse
// for want of a credential, if none was found in it: then it is somewhere where nobody looked, and what looks random in
// its headers and its query counts as a secret in the others.
package recorder

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/fake"
)

// Options say what is recorded.
type Options struct {
	Fake       *fake.Def
	Upstream   string             // origin of the real service: scheme and host
	About      string             // one sentence; what the case shows
	Version    string             // of the vendor's service
	Seed       string             // the state that the case starts from; "" for "default"
	Settings   contracts.Settings // of the world it is replayed in
	Principals []string           // who sends the credentials that nothing else names, in the order of their first use
	As         string             // who sent the requests without a credential; "" if nobody took one out
	Rules      fs.FS              // <fake>/rules.yaml, which says how deliveries are signed; may be nil
	Now        func() time.Time   // for the date; nil for time.Now
}

// Recorder records one conversation. It is safe for concurrent use.
type Recorder struct {
	options   Options
	upstream  *url.URL
	transport *http.Transport
	public    *public

	mu      sync.Mutex
	slots   []*exchange // in the order of the requests; nil while one is under way, and if it came to nothing
	notes   []string
	streams []*stream

	deliveries []*delivered
	sender     map[string]holder // what a script sent → who that was
}

// New returns a Recorder. It refuses an upstream that is no origin, a seed that the fake does not have, and
// principals that the seed does not have.
func New(o Options) (*Recorder, error) {
	upstream, err := origin(o.Upstream)
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Seed == "" {
		o.Seed = "default"
	}
	known, err := publicOf(o)
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true
	return &Recorder{options: o, upstream: upstream, transport: transport, public: known, sender: map[string]holder{}}, nil
}

// origin reads scheme and host.
func origin(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, fmt.Errorf("upstream %q: expected an origin like https://api.example.com", text)
	case u.User != nil:
		return nil, errors.New("upstream: give credentials to the client, not in the URL")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("upstream %q: expected scheme and host alone, %s://%s; paths are the client's business", text, u.Scheme, u.Host)
	}
	u.Path = ""
	return u, nil
}

// Reach tries to connect to the upstream and sends nothing. Behind a proxy of the environment it does not try.
// The error wraps contracts.ErrUnreachable.
func (r *Recorder) Reach(ctx context.Context) error {
	if via, err := http.ProxyFromEnvironment(&http.Request{URL: r.upstream}); err == nil && via != nil {
		return nil
	}
	address := r.upstream.Host
	if r.upstream.Port() == "" {
		address = net.JoinHostPort(r.upstream.Hostname(), map[string]string{"http": "80", "https": "443"}[r.upstream.Scheme])
	}
	dialer := net.Dialer{Timeout: 10 * time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("%w: nothing answers at %s: %v", contracts.ErrUnreachable, r.options.Upstream, err)
	}
	return conn.Close()
}

// Len returns how many exchanges were recorded.
func (r *Recorder) Len() int { return len(r.recorded()) }

func (r *Recorder) recorded() (all []*exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, x := range r.slots {
		if x != nil {
			all = append(all, x)
		}
	}
	return all
}

func (r *Recorder) note(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

func (r *Recorder) noted() []string {
	streams := r.unfinished()
	r.mu.Lock()
	defer r.mu.Unlock()
	return append(slices.Clone(r.notes), streams...)
}

// newKey makes the key of one recording's stand-ins.
func newKey() []byte {
	key := make([]byte, 32)
	rand.Read(key) // never fails
	return key
}
