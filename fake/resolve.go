package fake

import (
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Handler serves one fake at the root of its origin, as the vendor does. name must be one of the
// Server's fakes.
func (s *Server) Handler(name string) http.Handler {
	f := s.fakes[name]
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		s.resolveWorld(w, hr, f)
	})
}

// Edge serves all fakes on one origin: by path (/<fake>/...) or by the vendor's host name.
func (s *Server) Edge() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) { s.resolveWorld(w, hr, nil) })
}

// resolveWorld resolves world and fake of a request, removes their prefixes from its path and
// serves it.
func (s *Server) resolveWorld(w http.ResponseWriter, hr *http.Request, f *mountedFake) {
	name, path := hr.Header.Get("Mockserver-World"), hr.URL.EscapedPath()
	prefix := ""
	if rest, ok := strings.CutPrefix(path, "/__world/"); ok {
		first, after, _ := strings.Cut(rest, "/")
		prefix, path = "/__world/"+first, "/"+after
		if name == "" {
			name, _ = url.PathUnescape(first)
		}
	}
	host := hostOnly(hr.Host)
	if f == nil {
		f = s.byHost(host)
	}
	if f == nil {
		first, after, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
		if f = s.fakes[first]; f == nil {
			s.serveUnmounted(w, hr, name, prefix, path)
			return
		}
		prefix, path = prefix+"/"+first, "/"+after
	}
	label, vendorHost := f.labels(host)
	if name == "" {
		name = label
	}
	shown := s.publicPrefix(prefix, name, f)
	if first, after, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/"); f.def.Sites[first] != "" {
		prefix, path, vendorHost = prefix+"/"+first, "/"+after, f.def.Sites[first]
		shown += "/" + first
	}
	base := s.Base(hr) + shown
	if prefix != "" || hr.URL.RawPath != "" || f.def.Rewrite != nil || vendorHost != "" {
		hr = strip(hr, path)
	}
	if vendorHost != "" {
		hr.Host = vendorHost
	}
	to, err := s.worldFor(name, f, hr)
	if err != nil {
		noWorld(w, err)
		return
	}
	to.base = base
	s.serve(w, hr, f, to)
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
	if at := strings.LastIndexByte(before, '.'); at > 0 {
		if vendorHost = f.siteHost(before[at+1:]); vendorHost != "" {
			return before[:at], vendorHost
		}
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
		for credential := range strings.FieldsSeq(f.def.Credential(hr)) {
			if to.world, to.gone, err = s.ownerOf(f.def, credential); err != nil {
				return to, err
			}
			if to.world != nil || to.gone != "" {
				break
			}
		}
	}
	if to.world == nil {
		to.world, err = s.World("default")
	}
	return to, err
}

// ownerOf returns the world of a credential, or the name of its dropped world.
func (s *Server) ownerOf(def *Def, credential string) (w *World, gone string, err error) {
	w, gone = s.WorldOf(def.Name, credential)
	if w != nil || gone != "" || def.CredentialWorld == nil {
		return w, gone, nil
	}
	name := def.CredentialWorld(credential)
	if name == "" {
		return nil, "", nil
	}
	if w, err = s.Lookup(name); w != nil || err != nil {
		return w, "", err
	}
	return nil, name, nil
}

// strip returns the request with another path.
func strip(hr *http.Request, path string) *http.Request {
	c := *hr
	u := *hr.URL
	c.URL = &u
	if plain, err := url.PathUnescape(path); err == nil {
		u.Path, u.RawPath = plain, path
		if (&url.URL{Path: plain}).EscapedPath() == path {
			u.RawPath = ""
		}
	}
	return &c
}

// Public returns the public origin of the edge port, or "".
func (s *Server) Public() string { return strings.TrimSuffix(s.options.PublicURL, "/") }

// Base returns the origin of the server as the client sees it.
func (s *Server) Base(hr *http.Request) string {
	if s.options.PublicURL != "" {
		return strings.TrimSuffix(s.options.PublicURL, "/")
	}
	scheme, host := "http", hr.Host
	if hr.TLS != nil {
		scheme = "https"
	}
	for part := range strings.SplitSeq(firstOf(hr.Header.Get("Forwarded")), ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch value = strings.Trim(value, `"`); strings.ToLower(key) {
		case "proto":
			scheme = value
		case "host":
			host = value
		}
	}
	if v := firstOf(hr.Header.Get("X-Forwarded-Proto")); v != "" {
		scheme = v
	}
	if v := firstOf(hr.Header.Get("X-Forwarded-Host")); v != "" {
		host = v
	}
	if port := firstOf(hr.Header.Get("X-Forwarded-Port")); port != "" && strings.Trim(port, "0123456789") == "" {
		host = withPort(scheme, host, port)
	}
	return scheme + "://" + host + strings.TrimSuffix(firstOf(hr.Header.Get("X-Forwarded-Prefix")), "/")
}

// withPort adds a port to a host without one, unless it is the default port of the scheme.
func withPort(scheme, host, port string) string {
	bare := strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if _, _, err := net.SplitHostPort(host); err == nil || scheme+port == "http80" || scheme+port == "https443" {
		return host
	}
	return net.JoinHostPort(bare, port)
}

func firstOf(list string) string {
	first, _, _ := strings.Cut(list, ",")
	return strings.TrimSpace(first)
}

func (s *Server) byHost(host string) *mountedFake {
	for _, name := range slices.Sorted(maps.Keys(s.fakes)) {
		own := []string{name + ".localhost", "*." + name + ".localhost"}
		if s.options.Hosts[host] == name || MatchHost(own, host) || MatchHost(s.fakes[name].def.Hosts, host) {
			return s.fakes[name]
		}
	}
	return nil
}

// MatchHost reports whether a host name, in lower case and without a port, is one of the names. "*.example.com" stands
// for every name below example.com.
func MatchHost(names []string, host string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return host == name || strings.HasPrefix(name, "*.") && strings.HasSuffix(host, name[1:])
	})
}

func hostOnly(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return strings.ToLower(host)
	}
	return strings.ToLower(hostport)
}
