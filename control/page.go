package control

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/afba07b5/mockserver/control/ui"
)

// sessionCookie holds what a browser got for the token of the control plane.
const sessionCookie = "mockserver-session"

// sessions are the browsers that have signed in. A link of the start counts once.
type sessions struct {
	mu    sync.Mutex
	known map[string]bool
	links map[string]bool
}

// mostSessions bounds the sessions of one server; the oldest ones are not remembered, so all go.
const mostSessions = 1000

// newLink returns a key for one sign-in.
func (s *sessions) newLink() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := rand.Text()
	s.links[key] = true
	return key
}

// useLink reports whether a key counts, and lets it count no more.
func (s *sessions) useLink(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	ok := s.links[key]
	delete(s.links, key)
	return ok
}

// open starts a session and sets its cookie.
func (s *sessions) open(w http.ResponseWriter, secure bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) >= mostSessions {
		clear(s.known)
	}
	key := rand.Text()
	s.known[key] = true
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: key, Path: "/", HttpOnly: true, Secure: secure,
		SameSite: http.SameSiteStrictMode})
}

// has reports whether a request comes from a browser that has signed in.
func (s *sessions) has(r *http.Request) bool {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[c.Value]
}

// PageURL returns the address of the page under an origin. Where the control plane wants a token it
// signs one browser in.
func (p *Plane) PageURL(origin string) string {
	if p.options.Token == "" {
		return origin + ui.Prefix
	}
	return origin + ui.Prefix + "?once=" + p.sessions.newLink()
}

// page answers for the page: below its prefix, and at the root of the edge for browsers. It reports whether it did.
func (p *Plane) page(w http.ResponseWriter, r *http.Request, own string) bool {
	path := r.URL.Path
	home := own == "" && path == "/" && r.Method == http.MethodGet && wantsPage(r) && p.srv.FakeAt(r.Host) == ""
	if !home && path != ui.Prefix && !strings.HasPrefix(path, ui.Prefix+"/") {
		return false
	}
	if p.signIn(w, r) {
		return true
	}
	if err := p.admit(r); err != nil {
		problem, _ := err.(*problem)
		if problem != nil && problem.status == http.StatusUnauthorized && r.Method == http.MethodGet && wantsPage(r) {
			p.ui.SignIn(w, r, problem.detail)
			return true
		}
		ui.Guard(w)
		(&call{plane: p, w: w, r: r}).write(nil, err)
		return true
	}
	if home {
		p.ui.Home(w, r)
		return true
	}
	p.ui.ServeHTTP(w, r)
	return true
}

// signIn lets a browser in that has the link of the start, or sends the token with the form. It reports whether it
// answered. Style and script of the page are open.
func (p *Plane) signIn(w http.ResponseWriter, r *http.Request) bool {
	if p.options.Token == "" {
		return false
	}
	once := r.URL.Query().Get("once")
	switch {
	case strings.HasPrefix(r.URL.Path, ui.Prefix+"/static/"):
		p.ui.ServeHTTP(w, r)
		return true
	case r.URL.Path == ui.Prefix+"/signin" && r.Method == http.MethodPost:
		if err := p.refusePages(r); err != nil {
			(&call{plane: p, w: w, r: r}).write(nil, err)
			return true
		}
		r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
		if subtle.ConstantTimeCompare([]byte(r.PostFormValue("token")), []byte(p.options.Token)) != 1 {
			p.ui.SignIn(w, r, "this is not the token; it was given at start, or printed there")
			return true
		}
	case once == "" || r.Method != http.MethodGet || !p.sessions.useLink(once):
		return false
	}
	p.sessions.open(w, r.TLS != nil || strings.HasPrefix(p.srv.Base(r), "https:"))
	ui.Guard(w)
	http.Redirect(w, r, ui.Prefix+"/requests", http.StatusSeeOther)
	return true
}

// inner answers requests that the page makes in process; who asks was checked when the page was asked for.
func (p *Plane) inner() http.Handler {
	edge := p.srv.Edge()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == Prefix || strings.HasPrefix(r.URL.Path, Prefix+"/") {
			c := &call{plane: p, w: w}
			inner := *r
			inner.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
			p.mux.ServeHTTP(w, inner.WithContext(withCall(r.Context(), c)))
			return
		}
		name, path := p.locate(r, "")
		if !p.document(w, r, name, path) {
			edge.ServeHTTP(w, r)
		}
	})
}
