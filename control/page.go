package control

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/afba07b5/mockserver/control/ui"
)

// sessionCookie holds what a browser got for the token of the control plane.
const sessionCookie = "mockserver-session"

// links are the addresses of the page that sign one browser in, once.
type links struct {
	mu    sync.Mutex
	known map[string]bool
}

// make returns a key for one sign-in.
func (l *links) make() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := rand.Text()
	l.known[key] = true
	return key
}

// use reports whether a key counts, and lets it count no more.
func (l *links) use(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	ok := l.known[key]
	delete(l.known, key)
	return ok
}

// session returns the value of the cookie of a browser that has signed in. It follows from the token, so that all
// nodes with the same token know it.
func (p *Plane) session() string {
	mac := hmac.New(sha256.New, []byte(p.options.Token))
	mac.Write([]byte(sessionCookie))
	return hex.EncodeToString(mac.Sum(nil))
}

// signedIn reports whether a request comes from a browser that has signed in.
func (p *Plane) signedIn(r *http.Request) bool {
	c, err := r.Cookie(sessionCookie)
	return err == nil && p.options.Token != "" && hmac.Equal([]byte(c.Value), []byte(p.session()))
}

// PageURL returns the address of the page under an origin. Where the control plane wants a token it
// signs one browser in.
func (p *Plane) PageURL(origin string) string {
	if p.options.Token == "" {
		return origin + ui.Prefix
	}
	return origin + ui.Prefix + "?once=" + p.links.make()
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
	case once == "" || r.Method != http.MethodGet || !p.links.use(once):
		return false
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: p.session(), Path: "/", HttpOnly: true,
		Secure: r.TLS != nil || strings.HasPrefix(p.srv.Base(r), "https:"), SameSite: http.SameSiteStrictMode})
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
