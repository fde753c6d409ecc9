// Package control is the control plane of a [fake.Server] over HTTP: everything under /__admin, on
// every port. It knows worlds, clocks, faults and the journal, and no vendor.
//
//	plane := control.New(srv, control.Options{})
//	http.Serve(l, plane.Wrap(srv.Edge(), ""))
//
// Names and shapes follow WireMock's admin API where WireMock has the concept (health, version,
// requests with find, count and unmatched, mappings, scenarios, near misses, files, reset,
// settings), so that its clients can verify requests to a fake and stub single ones. A route for
// one world exists twice: under /__admin/clock for the world in the header Mockserver-World (by
// default the default one), and under /__admin/worlds/{name}/clock. GET /__admin lists all routes.
// Errors are application/problem+json, or WireMock's list of errors on WireMock's routes.
//
// There are no recordings over HTTP; docs/wiremock.md lists what else differs from WireMock.
package control

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/afba07b5/mockserver/audit"
	"github.com/afba07b5/mockserver/control/client"
	"github.com/afba07b5/mockserver/control/events"
	"github.com/afba07b5/mockserver/control/metrics"
	"github.com/afba07b5/mockserver/control/ui"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/story"
)

// Prefix is the path of the control plane.
const Prefix = "/__admin"

// Options of a Plane. The zero value is usable.
type Options struct {
	Token   string   // required bearer token, except for health, ready and version; may be empty
	Hosts   []string // more host names that requests without a token may use
	Version string   // the answer of version
	Edge    string   // origin of the edge port, for URLs of worlds created through a fake's port
	CasesOf CasesOf  // the cases that touch an operation; may be nil
	Case    CaseOf   // makes a case of the journal; may be nil

	Stories  *story.Library  // the stories that can be played; the built-in ones if nil
	Mappings MappingFiles    // keeps the default world's stubs; may be nil
	Log      *Log            // writes a line per request; may be nil
	Gaps     func() []Gap    // the known gaps of the fakes; may be nil
	Silences []audit.Silence // rules of the audit whose findings are left out
	Store    Store           // what else keeps the worlds; may be nil
}

// Gap is a difference between a fake and a recording that is known and accepted.
type Gap struct {
	Case        string `json:"case" yaml:"cassette"` // <fake>/<case>
	Interaction int    `json:"interaction" yaml:"interaction"`
	Path        string `json:"path" yaml:"path"`
	Reason      string `json:"reason" yaml:"reason"`
}

// CasesOf returns the cases that touch an operation of a fake, as folders like
// fixtures/<fake>/<case>, and the date of the newest recording among them, or "". It must be safe
// for concurrent use.
type CasesOf func(fake, operation string) (folders []string, newest string)

// CaseOf makes a case of a fake's requests in a world: its files by name, with secrets redacted.
// Notes say what was left out.
type CaseOf func(w *fake.World, def *fake.Def, entries []*fake.Entry) (
	files map[string]string, notes []string, err error)

// Plane is the control plane of one server. It is safe for concurrent use.
type Plane struct {
	srv       *fake.Server
	options   Options
	mux       *http.ServeMux
	paths     []string
	started   time.Time
	ready     atomic.Bool
	worlds    atomic.Int64   // number of generated names
	making    [64]sync.Mutex // by the hash of a world's name, so that each world is created once
	events    *events.Hub
	metrics   *metrics.Recorder
	log       *logger
	lines     sync.Map // weak pointer to an entry → its Line
	lineCount atomic.Int64
	ui        *ui.UI
	links     links
	plays     plays
	stopped   context.Context
	stop      context.CancelFunc

	storiesOnce sync.Once
	stories     *story.Library // see library
}

// New makes the control plane of a server.
func New(srv *fake.Server, o Options) *Plane {
	p := &Plane{srv: srv, options: o, mux: http.NewServeMux(), started: time.Now(),
		events: events.New(srv.Observe), metrics: metrics.New()}
	p.stopped, p.stop = context.WithCancel(context.Background())
	p.log = newLogger(p, o.Log)
	p.links = links{known: map[string]bool{}}
	p.ui = ui.New(p.inner())
	p.plays = plays{runs: map[string]*story.Run{}, client: client.InProcess(p.inner())}
	srv.OnRequest(p.answered)
	srv.OnRefusedDelivery(p.logRefusedDelivery)
	p.route()
	return p
}

// Ready marks the server as ready. Until then GET /__admin/ready fails.
func (p *Plane) Ready() { p.ready.Store(true) }

// Stop ends the streams of events and the waits for requests, so that a server that stops need not wait for them.
func (p *Plane) Stop() {
	p.stop()
	p.events.Close()
}

// Close does what Stop does and writes what waits for the log. No request may come afterwards.
func (p *Plane) Close() {
	p.Stop()
	p.plays.hooks.Close()
	p.log.close()
}

// answered counts and logs a request once its answer is known.
func (p *Plane) answered(w *fake.World, e *fake.Entry) {
	p.metrics.Request(e)
	if p.log != nil {
		p.log.add(w, e)
	}
}

// Wrap handles the paths under the prefix and passes other requests to next, which serves the fake
// with the name own, or all fakes if own is empty. The fakes' own paths that start with /__ are
// controls as well: they require the token, except for pages that a browser opens. The document of
// each fake is served at its root, as openapi.yaml and openapi.json.
func (p *Plane) Wrap(next http.Handler, own string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = ofWorld(r)
		if p.page(w, r, own) {
			return
		}
		if r.URL.Path == Prefix || strings.HasPrefix(r.URL.Path, Prefix+"/") {
			p.serve(w, r, own)
			return
		}
		if p.atEdge(w, r, own) {
			return
		}
		name, path := p.locate(r, own)
		if err := p.admitControl(r, path); err != nil {
			(&call{plane: p, w: w, r: r}).write(nil, err)
			return
		}
		if !p.document(w, r, name, path) {
			next.ServeHTTP(w, r)
		}
	})
}

// ofWorld rewrites a request for a control below a world's prefix, /__world/{name}/__admin/..., to
// one with the world in its header. It returns other requests unchanged.
func ofWorld(r *http.Request) *http.Request {
	rest, ok := strings.CutPrefix(r.URL.Path, "/__world/")
	name, path, _ := strings.Cut(rest, "/")
	if path = "/" + path; !ok || path != Prefix && !strings.HasPrefix(path, Prefix+"/") {
		return r
	}
	r = r.Clone(r.Context())
	r.URL.Path, r.URL.RawPath = path, ""
	r.Header.Set("Mockserver-World", name)
	return r
}

// locate returns the fake of a request, if its path or port selects one, and the path relative to
// the fake's root.
func (p *Plane) locate(r *http.Request, own string) (name, path string) {
	path = r.URL.Path
	if rest, ok := strings.CutPrefix(path, "/__world/"); ok {
		_, path, _ = strings.Cut(rest, "/")
		path = "/" + path
	}
	name = own
	if own == "" && !strings.HasPrefix(path, "/__") {
		name, path, _ = strings.Cut(strings.TrimPrefix(path, "/"), "/")
		path = "/" + path
	}
	return name, p.belowSite(name, path)
}

// belowSite removes the site of a fake from a path: /jp/v1/users becomes /v1/users.
func (p *Plane) belowSite(name, path string) string {
	site, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if def := p.srv.Def(name); def != nil && def.Sites[site] != "" {
		return "/" + rest
	}
	return path
}

// document answers with the document of a fake, if the request is for it.
func (p *Plane) document(w http.ResponseWriter, r *http.Request, name, path string) bool {
	if path != "/openapi.yaml" && path != "/openapi.json" || r.Method != http.MethodGet {
		return false
	}
	def := p.srv.Def(name)
	if def == nil {
		return false
	}
	out := &reply{media: "application/json", text: def.Spec.JSON()}
	if path == "/openapi.yaml" {
		text, err := yaml.JSONToYAML(out.text)
		if err != nil {
			text = out.text // JSON is YAML
		}
		out = &reply{media: yamlMedia, text: text}
	}
	(&call{plane: p, w: w, r: r}).write(out, nil)
	return true
}

func (p *Plane) serve(w http.ResponseWriter, r *http.Request, own string) {
	path := strings.TrimSuffix(r.URL.EscapedPath(), "/")
	inner := *r
	inner.URL = &url.URL{Path: strings.TrimSuffix(r.URL.Path, "/"), RawPath: path, RawQuery: r.URL.RawQuery}
	c := &call{plane: p, own: own, w: w}
	if err := p.admit(r); err != nil {
		c.write(nil, err)
		return
	}
	p.mux.ServeHTTP(w, inner.WithContext(withCall(r.Context(), c)))
}
