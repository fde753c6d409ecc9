package intercept

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/elazarl/goproxy"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/listen"
)

// ProxyOptions say what a proxy does.
type ProxyOptions struct {
	Hosts Hosts // that are intercepted
	// Pass lets requests for other hosts through, by the proxies that this process's environment names. Otherwise
	// they are refused.
	Pass bool
	// World takes intercepted requests that name no world, neither in a header nor as the user of the proxy's URL.
	World string
	// Handle serves the connection inside a tunnel to an intercepted host.
	Handle func(net.Conn)
	// Refused is called once for each other host that is refused. nil stands for nothing.
	Refused func(host string)
}

// Proxy is an HTTP proxy. It is safe for concurrent use.
type Proxy struct {
	options ProxyOptions
	other   *goproxy.ProxyHttpServer
	mu      sync.Mutex
	refused map[string]int // how often, by host
}

// mostRefused bounds how many refused hosts are counted apart.
const mostRefused = 1000

// NewProxy returns a proxy.
func NewProxy(o ProxyOptions) *Proxy {
	p := &Proxy{options: o, other: goproxy.NewProxyHttpServer(), refused: map[string]int{}}
	p.other.Logger = silent{}
	p.other.Tr = &http.Transport{Proxy: http.ProxyFromEnvironment}
	p.other.OnRequest().HandleConnectFunc(p.connect)
	return p
}

type silent struct{}

func (silent) Printf(string, ...any) {}

// tunnel is a connection inside a tunnel.
type tunnel struct {
	net.Conn
	world string
}

// NetConn returns the connection below.
func (t *tunnel) NetConn() net.Conn { return t.Conn }

// Wrap returns a handler that answers what is meant for a proxy, and gives next the rest and what was intercepted.
func (p *Proxy) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodConnect:
			p.other.ServeHTTP(w, r)
		case r.URL.IsAbs() && p.options.Hosts.Has(r.URL.Host):
			p.intercepted(w, direct(r), next, worldOf(r, p.options.World))
		case r.URL.IsAbs() && ours(r):
			next.ServeHTTP(w, direct(r))
		case r.URL.IsAbs():
			p.forward(w, r)
		case p.options.Hosts.Has(r.Host):
			p.intercepted(w, r, next, p.tunnelWorld(r))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// direct returns an absolute-form request as a server gets it.
func direct(r *http.Request) *http.Request {
	c := r.Clone(r.Context())
	if c.Host = r.URL.Host; r.URL.Scheme == "https" && c.TLS == nil {
		c.Header.Set("X-Forwarded-Proto", "https")
	}
	c.URL.Scheme, c.URL.Host, c.RequestURI = "", "", c.URL.RequestURI()
	for _, name := range []string{"Proxy-Authorization", "Proxy-Connection"} {
		c.Header.Del(name)
	}
	return c
}

func (p *Proxy) intercepted(w http.ResponseWriter, r *http.Request, next http.Handler, world string) {
	if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		fake.Problem(w, http.StatusNotImplemented, "the fakes have no WebSocket; "+r.Host+" is answered by mockserver")
		return
	}
	if world != "" && r.Header.Get("Mockserver-World") == "" {
		r.Header.Set("Mockserver-World", world)
	}
	next.ServeHTTP(w, r)
}

// tunnelWorld returns the world of a request inside a tunnel.
func (p *Proxy) tunnelWorld(r *http.Request) string {
	if t, ok := listen.Below[*tunnel](connOf(r)); ok {
		return t.world
	}
	return p.options.World
}

// worldOf returns the user name that a client gives the proxy, which stands for a world.
func worldOf(r *http.Request, usual string) string {
	scheme, packed, _ := strings.Cut(r.Header.Get("Proxy-Authorization"), " ")
	text, err := base64.StdEncoding.DecodeString(strings.TrimSpace(packed))
	if !strings.EqualFold(scheme, "Basic") || err != nil {
		return usual
	}
	user, _, _ := strings.Cut(string(text), ":")
	if name, err := url.PathUnescape(user); err == nil && name != "" {
		return name
	}
	return usual
}

// connect decides what becomes of a CONNECT request.
func (p *Proxy) connect(host string, ctx *goproxy.ProxyCtx) (*goproxy.ConnectAction, string) {
	switch {
	case p.options.Hosts.Has(host):
		world := worldOf(ctx.Req, p.options.World)
		return &goproxy.ConnectAction{
			Action: goproxy.ConnectHijack,
			Hijack: func(_ *http.Request, c net.Conn, _ *goproxy.ProxyCtx) {
				if _, err := c.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
					c.Close()
					return
				}
				p.options.Handle(&tunnel{Conn: c, world: world})
			},
		}, host
	case p.options.Pass:
		return goproxy.OkConnect, host
	}
	ctx.Resp = goproxy.NewResponse(ctx.Req, "application/problem+json", http.StatusForbidden, p.refuse(host))
	ctx.Resp.ContentLength = -1 // the connection ends with it
	return goproxy.RejectConnect, host
}

// forward sends a plain HTTP request to another host, or refuses it.
func (p *Proxy) forward(w http.ResponseWriter, r *http.Request) {
	if p.options.Pass {
		p.other.ServeHTTP(w, r)
		return
	}
	p.refuse(r.URL.Host)
	fake.Problem(w, http.StatusForbidden, unknownHost(r.URL.Host, p.options.Hosts))
}

// refuse counts a refused host, and returns the body that says why.
func (p *Proxy) refuse(host string) string {
	name := bare(host)
	p.mu.Lock()
	first := p.refused[name] == 0
	if !first || len(p.refused) < mostRefused {
		p.refused[name]++
	}
	p.mu.Unlock()
	if first && p.options.Refused != nil {
		p.options.Refused(name)
	}
	body, _ := json.Marshal(
		map[string]any{"status": 403, "title": "Forbidden", "detail": unknownHost(host, p.options.Hosts)},
	)
	return string(body) + "\n"
}

// unknownHost explains why a host is not reached.
func unknownHost(host string, hosts Hosts) string {
	name := bare(host)
	return fmt.Sprintf("%s is no host of a fake%s, and other hosts are refused; --intercept-others pass lets them "+
		"through, --map %s=FAKE answers for this one", name, fake.Hint(name, hosts), name)
}

// Refused returns how often each other host was refused, as "host: n", sorted.
func (p *Proxy) Refused() (lines []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, host := range slices.Sorted(maps.Keys(p.refused)) {
		lines = append(lines, fmt.Sprintf("%s: %d", host, p.refused[host]))
	}
	return lines
}

// ours reports whether an absolute-form request is meant for the server that it came to.
func ours(r *http.Request) bool {
	_, port, _ := net.SplitHostPort(r.URL.Host)
	to, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ok && port == strconv.Itoa(to.Port) && local(r.URL.Host)
}

// local reports whether a host is this machine under a name that is never intercepted.
func local(host string) bool {
	name := bare(host)
	ip := net.ParseIP(name)
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || ip != nil && ip.IsLoopback()
}
