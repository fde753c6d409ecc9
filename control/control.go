// Package control is the control plane of a [fake.Server] over HTTP: everything under /__admin, on every
// port. It knows worlds, clocks, faults and the journal, and no vendor.
//
//	plane := control.New(srv, control.Options{})
//	http.Serve(l, plane.Wrap(srv.Edge(), ""))
//
// Names and shapes follow WireMock's admin API where WireMock has the idea (health, version, requests and
// their find, count and unmatched, reset, settings), so that its clients can verify against a fake. What
// concerns one world stands twice: under /__admin/clock for the world that the header Mockserver-World
// names (without it the default one), and under /__admin/worlds/{name}/clock. GET /__admin lists all.
// Errors are application/problem+json.
//
// What it does not do: stub mappings, scenarios and near misses between stubs, for a fake has no stubs.
package control

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/afba07b5/mockserver/fake"
)

// Prefix is the path under which the control plane answers.
const Prefix = "/__admin"

// Options of a Plane; the zero value works.
type Options struct {
	Token   string   // demanded as a bearer token of every request but health, ready and version; "" for none
	Hosts   []string // host names, beside those of this machine itself, that requests without token may be for
	Version string   // what version answers
	Edge    string   // origin of the edge port, for the URLs of worlds made over a fake's own port
	CasesOf CasesOf  // which cases touch an operation; nil if nobody knows
	Case    CaseOf   // makes a case of the journal; nil if nothing can
}

// CasesOf returns the cases that touch an operation of a fake, as folders like fixtures/<fake>/<case>, and the
// date of the newest recording among them, "" if there is none. It may be called by many at the same time.
type CasesOf func(fake, operation string) (folders []string, newest string)

// CaseOf makes a case of what a fake was asked in a world: its files by name, secrets replaced. Notes say what could not
// be kept.
type CaseOf func(w *fake.World, def *fake.Def, entries []*fake.Entry) (files map[string]string, notes []string, err error)

// Plane is the control plane of one server. It is safe for concurrent use.
type Plane struct {
	srv     *fake.Server
	options Options
	mux     *http.ServeMux
	paths   []string
	started time.Time
	ready   atomic.Bool
	worlds  atomic.Int64   // names that were made up
	making  [64]sync.Mutex // by the hash of a world's name: it is made once
}

// New makes the control plane of a server.
func New(srv *fake.Server, o Options) *Plane {
	p := &Plane{srv: srv, options: o, mux: http.NewServeMux(), started: time.Now()}
	p.route()
	return p
}

// Ready makes the plane answer that the server is ready; until then GET /__admin/ready is refused.
func (p *Plane) Ready() { p.ready.Store(true) }

// Wrap answers what is under the prefix and hands everything else to next, which answers for the fake of
// that name, or for all of them if it is empty. Paths of the fakes' own that start with /__ are controls as
// well: they need the token too, except the pages that a browser is sent to. At the root of each fake its
// document is served, as openapi.yaml and openapi.json.
func (p *Plane) Wrap(next http.Handler, own string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = ofWorld(r)
		if r.URL.Path == Prefix || strings.HasPrefix(r.URL.Path, Prefix+"/") {
			p.serve(w, r, own)
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

// ofWorld reads a control below a world's prefix, /__world/{name}/__admin/..., as one that names the world in its
// header. Other requests stay as they are.
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

// locate returns the fake that a request is for, if its path or port tells, and the path at the fake's root.
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

// belowSite takes the site of a fake off a path: /jp/v1/users is /v1/users.
func (p *Plane) belowSite(name, path string) string {
	site, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if def := p.srv.Def(name); def != nil && def.Sites[site] != "" {
		return "/" + rest
	}
	return path
}

// document answers with the document of a fake, if that is what the request asks for.
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
