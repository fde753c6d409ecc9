package control

import (
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake/webhook"
)

// open lists routes that need no token, because a health check has none.
var open = []string{Prefix + "/health", Prefix + "/ready", Prefix + "/version"}

// pages lists routes that browsers open without a token.
var pages = []string{"/__consent"}

// admit rejects clients that must not control the server. With a token configured, every client
// that sends it is admitted. Without one only local programs are: a request for a foreign host name
// comes from a page after DNS rebinding, one with a foreign Origin from another site. The server
// never sends CORS headers.
func (p *Plane) admit(r *http.Request) error {
	if err := p.refusePages(r); err != nil {
		return err
	}
	if slices.Contains(open, r.URL.Path) {
		return nil
	}
	if p.signedIn(r) {
		return nil
	}
	if p.options.Token != "" {
		return p.checkToken(r)
	}
	if host := hostName(r.Host); !local(host) && !slices.Contains(p.options.Hosts, host) {
		return newProblem(http.StatusForbidden,
			"the controls do not answer for host %q; ask 127.0.0.1 or localhost, or listen with a token", host)
	}
	return nil
}

// admitControl does what admit does for the control hooks of the fakes under /__.
func (p *Plane) admitControl(r *http.Request, path string) error {
	if !strings.HasPrefix(path, "/__") || slices.Contains(pages, path) {
		return nil
	}
	return p.admit(r)
}

// refusePages rejects requests that a web page of another origin can send, and webhook deliveries,
// whose URL a page may have set.
func (p *Plane) refusePages(r *http.Request) error {
	if r.Header.Get(webhook.Mark) != "" {
		return newProblem(http.StatusForbidden, "a webhook delivery may not use the controls")
	}
	origin := r.Header.Get("Origin")
	if origin != "" && !p.ownOrigin(origin, r.Host) {
		return newProblem(http.StatusForbidden,
			"a page of %s may not use the controls; they answer their own origin only", origin)
	}
	if site := r.Header.Get("Sec-Fetch-Site"); origin == "" && site != "" && site != "same-origin" && site != "none" {
		return newProblem(http.StatusForbidden,
			"a page of another origin may not use the controls (Sec-Fetch-Site: %s)", site)
	}
	return nil
}

// ownOrigin reports whether an origin is that of the request. Without a token, a name below
// localhost is not accepted, because another program may serve such a page.
func (p *Plane) ownOrigin(origin, host string) bool {
	u, err := url.Parse(origin)
	if err != nil || !strings.EqualFold(u.Host, host) {
		return false
	}
	return p.options.Token != "" || !strings.HasSuffix(strings.ToLower(u.Hostname()), ".localhost")
}

// checkToken requires the token as a bearer token or, if a fake uses that header itself, in a
// separate header.
func (p *Plane) checkToken(r *http.Request) error {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if own := r.Header.Get("Mockserver-Admin-Token"); own != "" {
		scheme, token = "Bearer", own
	}
	if strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare([]byte(token), []byte(p.options.Token)) == 1 {
		return nil
	}
	what := "a wrong one"
	if token == "" {
		what = "none"
	}
	return newProblem(http.StatusUnauthorized,
		"the controls need the header Authorization: Bearer <MOCKSERVER_ADMIN_TOKEN>, and got %s; "+
			"the token was given at start, or printed there", what)
}

func local(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func hostName(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return strings.ToLower(host)
	}
	return strings.ToLower(strings.Trim(hostport, "[]"))
}

// Guard returns a handler that passes on the requests of clients which the control plane of these options admits, and
// answers the others as it does.
func Guard(o Options, next http.Handler) http.Handler {
	p := &Plane{options: o}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := p.admit(r); err != nil {
			(&call{plane: p, w: w, r: r}).write(nil, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}
