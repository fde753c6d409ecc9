package fake

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake/origin"
)

// Handler serves one fake at the root of its origin, as the vendor does. name must be one of the
// Server's fakes.
func (s *Server) Handler(name string) http.Handler {
	f := s.fakes[name]
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		f.serve(w, hr, entranceOf(hr.URL.EscapedPath()))
	})
}

// serve serves a request to the fake.
func (f *mountedFake) serve(w http.ResponseWriter, hr *http.Request, at entrance) {
	f.echo.ServeHTTP(w, f.server.newRequest(hr, at).HTTP)
}

// Edge serves all fakes on one origin: by path (/<fake>/...) or by the vendor's host name.
func (s *Server) Edge() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		at := entranceOf(hr.URL.EscapedPath())
		f := s.byHost(origin.Host(hr.Host))
		if f == nil {
			first, after, _ := strings.Cut(strings.TrimPrefix(at.path, "/"), "/")
			if f = s.fakes[first]; f == nil {
				s.serveUnmounted(w, hr, at)
				return
			}
			at.prefix, at.path = at.prefix+"/"+first, "/"+after
		}
		f.serve(w, hr, at)
	})
}

// enter completes a Request that enters a fake: its world, its base URL and its path. If it cannot, it
// answers the request.
func (f *mountedFake) enter(r *Request, w http.ResponseWriter) (ok bool) {
	hr, at := r.HTTP, r.entrance
	label, vendorHost := f.labels(r.Host)
	at.world = cmp.Or(at.world, label)
	shown := f.server.publicPrefix(at.prefix, at.world, f)
	if first, after, _ := strings.Cut(strings.TrimPrefix(at.path, "/"), "/"); f.def.Sites[first] != "" {
		at.prefix, at.path, vendorHost = at.prefix+"/"+first, "/"+after, f.def.Sites[first]
		shown += "/" + first
	}
	base := f.server.Base(hr) + shown
	if at.prefix != "" || hr.URL.RawPath != "" || f.def.Rewrite != nil || vendorHost != "" {
		hr.URL = withPath(hr.URL, &r.url, at.path)
	}
	if vendorHost != "" {
		hr.Host, r.Host = vendorHost, vendorHost
	}
	to, err := f.server.worldFor(at.world, f, hr)
	if err == nil && to.world.Stored() {
		err = to.world.Open(f.def.Name)
	}
	if _, away := errors.AsType[*StoreError](err); away { // the vendor's shape needs no rows of the world
		r.failed, to.world = unavailable(err), f.server.NewReplica("")
	} else if to.world == nil {
		noWorld(w, err)
		return false
	}
	to.base = base
	state, err := to.world.State(f.def.Name)
	if err != nil {
		Problem(w, http.StatusInternalServerError, err.Error())
		return false
	}
	to.world.Used()
	r.begin(to, state, w.Header())
	return true
}

// labels parses what precedes .<fake>.localhost: [world.]site, [world.]vendor host, or world.
func (f *mountedFake) labels(host string) (world, vendorHost string) {
	before, ok := strings.CutSuffix(host, "."+f.def.Name+".localhost")
	if !ok {
		return "", ""
	}
	if vendorHost = f.siteHost(before); vendorHost != "" {
		return "", vendorHost
	}
	if at := strings.LastIndexByte(before, '.'); at > 0 && f.siteHost(before[at+1:]) != "" {
		return before[:at], f.siteHost(before[at+1:])
	}
	return before, ""
}

// siteHost returns the vendor's host name of a label, or "".
func (f *mountedFake) siteHost(label string) string {
	if host := f.def.Sites[label]; host != "" {
		return host
	}
	for _, host := range f.def.Hosts {
		if first, _, _ := strings.Cut(host, "."); first == label && len(f.def.Sites) > 0 {
			return host
		}
	}
	return ""
}

// publicPrefix returns the path of the fake on the edge port, which the public URL refers to.
// Without a public URL it returns the prefix that the client used.
func (s *Server) publicPrefix(prefix, world string, f *mountedFake) string {
	if s.options.PublicURL == "" || strings.HasSuffix(prefix, "/"+f.def.Name) {
		return prefix
	}
	if prefix == "" && world != "" {
		prefix = "/__world/" + world
	}
	return prefix + "/" + f.def.Name
}

// destination is the target of a request.
type destination struct {
	world *World
	gone  string // the name of the credential's world, if it does not exist
	base  string // Request.Base
}

// worldFor resolves the world of a request: the one it names, the one its credential belongs to, or
// the default one. In a named world, the credential of a dropped world is unknown like any other.
func (s *Server) worldFor(name string, f *mountedFake, hr *http.Request) (to destination, err error) {
	if name != "" {
		to.world, err = s.World(name)
		return to, err
	}
	if f.def.Credential != nil {
		for credential := range strings.SplitSeq(f.def.Credential(hr), " ") {
			if to.world, to.gone, err = s.ownerOf(f.def, credential); err != nil || to.world != nil || to.gone != "" {
				break
			}
		}
	}
	if to.world == nil && err == nil {
		to.world, err = s.World("default")
	}
	return to, err
}

// ownerOf returns the world of a credential, or the name of its dropped world.
func (s *Server) ownerOf(def *Def, credential string) (w *World, gone string, err error) {
	w, gone = s.WorldOf(def.Name, credential)
	if w != nil || gone != "" || def.CredentialWorld == nil || credential == "" {
		return w, gone, nil
	}
	if gone = def.CredentialWorld(credential); gone != "" {
		if w, err = s.Lookup(gone); w != nil || err != nil {
			gone = ""
		}
	}
	return w, gone, err
}

// withPath copies a URL to u, with another path, which is escaped, and returns u.
func withPath(given, u *url.URL, path string) *url.URL {
	*u = *given
	if plain, err := url.PathUnescape(path); err == nil {
		u.Path, u.RawPath = plain, path
		if (&url.URL{Path: plain}).EscapedPath() == path {
			u.RawPath = ""
		}
	}
	return u
}

// Public returns the public origin of the edge port, or "".
func (s *Server) Public() string { return strings.TrimSuffix(s.options.PublicURL, "/") }

// Base returns the origin of the server as the client sees it.
func (s *Server) Base(hr *http.Request) string {
	return cmp.Or(s.Public(), origin.Of(hr))
}

func (s *Server) byHost(host string) *mountedFake {
	for _, name := range slices.Sorted(maps.Keys(s.fakes)) {
		own := []string{name + ".localhost", "*." + name + ".localhost"}
		if s.options.Hosts[host] == name || origin.Match(own, host) || origin.Match(s.fakes[name].def.Hosts, host) {
			return s.fakes[name]
		}
	}
	return nil
}
