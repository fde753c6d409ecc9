// Package recorder records conversations with a real service as cases that package contracts
// replays. The cases contain no secrets.
//
//	rec, err := recorder.New(recorder.Options{
//		Fake: kickflow.Def(), Upstream: "https://api.kickflow.com", About: "...", Version: "...",
//	})
//	http.Serve(listener, rec.Proxy("http://127.0.0.1:4100")) // clients use the proxy like the service
//	saved, err := rec.Save("case")                          // case/cassette.yaml and case/case.yaml
//
// Recorder.Script plays a hand-written case against the service and records it.
//
// # What is recorded
//
// The recorder keeps requests in the order of their arrival, with their answers, decompressed, in
// go-vcr's format. The cassette names the upstream's origin, not the proxy's. A stream of events is
// recorded once it has ended. An exchange with a body above Bound bytes, with an unknown content
// encoding or with another protocol is forwarded to the client but left out of the cassette;
// Saved.Notes says so. Add takes exchanges that other tools have recorded.
//
// # What is not recorded
//
// The cassette contains no secrets. A secret is what package redact finds, what the fake's
// Def.Credential finds, and the values under the names of Def.Secrets. All secrets of the recording
// are learned before any of it is written, and replaced wherever they occur. Names of people,
// telephone numbers and other free text are not secrets here: record with a tenant made for that
// purpose.
//
// A pseudonym is derived from a random key that is then forgotten. It is the same for the same
// secret and keeps the secret's form: an address becomes one of example.com, a JWT can be decoded,
// and UUIDs, hexadecimal digits and lengths are kept. A secret that looks like a common word, or is
// shorter than six characters, is replaced only in locations that mark it as a secret. Addresses
// and secrets that the fake's own seed contains are public and are kept. Of a body that is not text
// only the first eight bytes are kept.
//
// Before anything is written, the recorder reads the result again as if it were a recording, and
// searches every field of it and the bytes of the file for every secret. It leaves out an exchange
// in which it finds one, with a note of its number and the reason, and writes the others. It also
// leaves out a request without a visible credential that the service accepted and the fake would
// reject. Such a request carries its credential in an unknown location, so random-looking values of
// its headers and its query count as secrets in the other exchanges.
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

// Options configure a Recorder.
type Options struct {
	Fake       *fake.Def
	Upstream   string             // origin of the real service: scheme and host
	About      string             // one sentence that says what the case shows
	Version    string             // of the vendor's service
	Seed       string             // the seed that the case starts from; "" means "default"
	Settings   contracts.Settings // of the world in which the case is replayed
	Principals []string           // holders of credentials of unknown holder, in order of first use
	As         string             // holder of requests without a credential; "" if none was removed
	Rules      fs.FS              // <fake>/rules.yaml for the signatures of deliveries; may be nil
	Now        func() time.Time   // for the date; nil for time.Now
}

// Recorder records one conversation. It is safe for concurrent use.
type Recorder struct {
	options   Options
	upstream  *url.URL
	transport *http.Transport
	public    *public

	mu      sync.Mutex
	slots   []*exchange // by request; nil while one is in flight or if it failed
	notes   []string
	streams []*stream

	deliveries []*delivered
	sender     map[string]holder // credential sent by a script → its holder
}

// New returns a Recorder. It returns an error if the upstream is not an origin, if the fake has no
// such seed, or if the seed has no such principal.
func New(o Options) (*Recorder, error) {
	if o.Fake == nil {
		return nil, errNoFake
	}
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
	return &Recorder{options: o, upstream: upstream, transport: transport, public: known, sender: map[string]holder{}},
		nil
}

var errNoFake = errors.New("Options.Fake is nil; set it to the fake of the vendor, such as Fake: kickflow.Def()")

// origin parses an origin: scheme and host.
func origin(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, fmt.Errorf("upstream %q: expected an origin like https://api.example.com", text)
	case u.User != nil:
		return nil, errors.New("upstream: give credentials to the client, not in the URL")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("upstream %q: expected scheme and host alone, %s://%s; paths are the client's business",
			text, u.Scheme, u.Host)
	}
	u.Path = ""
	return u, nil
}

// Reach tries to connect to the upstream without sending anything. It does not try if the
// environment sets a proxy. The error wraps contracts.ErrUnreachable.
func (r *Recorder) Reach(ctx context.Context) error {
	if via, err := http.ProxyFromEnvironment(&http.Request{URL: r.upstream}); err == nil && via != nil {
		return nil
	}
	address := r.upstream.Host
	if r.upstream.Port() == "" {
		address = net.JoinHostPort(r.upstream.Hostname(),
			map[string]string{"http": "80", "https": "443"}[r.upstream.Scheme])
	}
	dialer := net.Dialer{Timeout: 10 * time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("%w: nothing answers at %s: %v", contracts.ErrUnreachable, r.options.Upstream, err)
	}
	return conn.Close()
}

// Len returns the number of recorded exchanges.
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

// newKey returns a random key for the pseudonyms of one recording.
func newKey() []byte {
	key := make([]byte, 32)
	rand.Read(key) // never fails
	return key
}
