package intercept_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake/listen"
	"github.com/afba07b5/mockserver/intercept"
)

var vendors = intercept.Hosts{"api.example.com", "*.example.net"}

// server is a proxy whose handler tells what it was asked.
type server struct {
	url   *url.URL
	roots *x509.CertPool
	said  chan string // hosts that were refused, and failed handshakes
	l     *intercept.Listener
}

func start(t testing.TB, o intercept.ProxyOptions) *server {
	t.Helper()
	a, err := intercept.NewAuthority(vendors)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{
		url:   &url.URL{Scheme: "http", Host: raw.Addr().String()},
		roots: x509.NewCertPool(),
		said:  make(chan string, 100),
	}
	s.roots.AppendCertsFromPEM(a.PEM())
	l := intercept.Listen(raw, &tls.Config{GetCertificate: a.Certificate}, listen.Stall,
		func(err error) { s.said <- err.Error() })
	s.l = l
	o.Hosts, o.Handle, o.Refused = vendors, l.Handle, func(host string) { s.said <- host }
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		secure := r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
		fmt.Fprintf(
			w,
			"%s %s%s %s tls=%v world=%s %s",
			r.Method,
			r.Host,
			r.URL.EscapedPath(),
			r.Proto,
			secure,
			r.Header.Get("Mockserver-World"),
			body,
		)
	})
	web := &http.Server{
		Handler: intercept.Secure(intercept.NewProxy(o).Wrap(handler)), ConnContext: intercept.ConnContext,
		ReadHeaderTimeout: 10 * time.Second,
	}
	go web.Serve(l) // ends with Close
	t.Cleanup(func() { web.Close() })
	return s
}

// client asks by way of the proxy. It speaks HTTP/2 where the server offers it if two is set.
func (s *server) client(t testing.TB, two bool) *http.Client {
	tr := &http.Transport{
		Proxy:             http.ProxyURL(s.url),
		TLSClientConfig:   &tls.Config{RootCAs: s.roots},
		ForceAttemptHTTP2: two,
	}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 20 * time.Second}
}

func answer(t testing.TB, c *http.Client, method, target, body string) string {
	t.Helper()
	req, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d %s", res.StatusCode, strings.TrimSpace(string(text)))
}

func TestVendorsHostsAreAnswered(t *testing.T) {
	t.Parallel()
	s := start(t, intercept.ProxyOptions{World: "usual"})
	user := *s.url
	user.User = url.UserPassword("w 1", "ignored")
	named := &server{url: &user, roots: s.roots}
	for _, tt := range []struct {
		name         string
		client       *http.Client
		method, url  string
		body, wanted string
	}{
		{"HTTPS, HTTP/2", s.client(t, true), "GET", "https://api.example.com/v1/users", "",
			"200 GET api.example.com/v1/users HTTP/2.0 tls=true world=usual"},
		{"HTTPS, HTTP/1.1", s.client(t, false), "GET", "https://api.example.com/v1/users", "",
			"200 GET api.example.com/v1/users HTTP/1.1 tls=true world=usual"},
		{"a wildcard", s.client(t, true), "POST", "https://eu.example.net/x", "hello",
			"200 POST eu.example.net/x HTTP/2.0 tls=true world=usual hello"},
		{"another port", s.client(t, false), "GET", "https://api.example.com:8443/", "",
			"200 GET api.example.com:8443/ HTTP/1.1 tls=true world=usual"},
		{"plain HTTP", s.client(t, false), "PUT", "http://api.example.com/x", "hello",
			"200 PUT api.example.com/x HTTP/1.1 tls=false world=usual hello"},
		{"the proxy's user is a world", named.client(t, true), "GET", "https://api.example.com/", "",
			"200 GET api.example.com/ HTTP/2.0 tls=true world=w 1"},
		{"also over plain HTTP", named.client(t, true), "GET", "http://api.example.com/", "",
			"200 GET api.example.com/ HTTP/1.1 tls=false world=w 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.wanted, answer(t, tt.client, tt.method, tt.url, tt.body)); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

// A large body in both directions, broken escapes, and many requests at once, as without a proxy.
func TestTunnelsCarryWhatServersTake(t *testing.T) {
	t.Parallel()
	s := start(t, intercept.ProxyOptions{})
	for _, two := range []bool{true, false} {
		client := s.client(t, two)
		var all sync.WaitGroup
		for i := range 32 {
			all.Go(func() {
				body := strings.Repeat(fmt.Sprint(i%10), 100_000)
				if got := answer(t, client, "POST", "https://api.example.com/up", body); !strings.HasSuffix(
					got,
					"world= "+body,
				) {
					t.Errorf("request %d: got %.80s...", i, got)
				}
			})
		}
		all.Wait()
	}
	conn := s.tunnel(t, "api.example.com:443")
	secure := tls.Client(conn, &tls.Config{RootCAs: s.roots, ServerName: "api.example.com"})
	fmt.Fprint(secure, "GET /a%zz HTTP/1.1\r\nHost: api.example.com\r\n\r\n")
	res, err := http.ReadResponse(bufio.NewReader(secure), nil)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(res.Body)
	if want := "GET api.example.com/a%25zz HTTP/1.1 tls=true world= "; string(text) != want {
		t.Errorf("got %q, want %q", text, want)
	}
}

// tunnel opens a tunnel. The first bytes of what goes through it are sent with the CONNECT request.
func (s *server) tunnel(t *testing.T, to string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.url.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", to, to)
	res, err := http.ReadResponse(bufio.NewReaderSize(conn, 16), &http.Request{Method: "CONNECT"})
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("CONNECT: %v %v", res, err)
	}
	return conn
}

// Some clients send an absolute-form request for an https URL to the proxy instead of opening a tunnel.
func TestAbsoluteFormOfHTTPS(t *testing.T) {
	t.Parallel()
	s := start(t, intercept.ProxyOptions{})
	conn, err := net.Dial("tcp", s.url.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(
		conn,
		"GET https://api.example.com/v1?x=1 HTTP/1.1\r\nHost: api.example.com\r\nConnection: close\r\n\r\n",
	)
	text, err := io.ReadAll(conn)
	if want := "GET api.example.com/v1 HTTP/1.1 tls=true"; err != nil || !strings.Contains(string(text), want) {
		t.Errorf("got %s %v, want %s", text, err, want)
	}
}

func TestAClientWithoutTheAuthorityIsTold(t *testing.T) {
	t.Parallel()
	s := start(t, intercept.ProxyOptions{})
	s.roots = x509.NewCertPool()
	_, err := s.client(t, true).Get("https://api.example.com/")
	if err == nil || !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("the client says %v", err)
	}
	select {
	case said := <-s.said:
		if !strings.Contains(said, "certificate") {
			t.Errorf("the server says %q", said)
		}
	case <-time.After(10 * time.Second):
		t.Error("the server says nothing")
	}
}

// corked is a connection that sends what was written when its side reads, and so packs several records together.
type corked struct {
	net.Conn
	held []byte
}

func (c *corked) Write(p []byte) (int, error) {
	c.held = append(c.held, p...)
	return len(p), nil
}

func (c *corked) Read(p []byte) (int, error) {
	if len(c.held) > 0 {
		if _, err := c.Conn.Write(c.held); err != nil {
			return 0, err
		}
		c.held = nil
	}
	return c.Conn.Read(p)
}

// Clients that close their connection after or during the handshake are told of. Those are not whose request came in
// the same packet as the end of the handshake, nor those that opened more connections than they needed.
func TestClientsThatAskForNothingAreNoticed(t *testing.T) {
	t.Parallel()
	unused := intercept.ErrNoRequest.Error()
	config := func(s *server, protocol string) *tls.Config {
		return &tls.Config{RootCAs: s.roots, ServerName: "api.example.com", NextProtos: []string{protocol}}
	}
	for _, tt := range []struct {
		name string
		do   func(*testing.T, *server)
		want string
	}{
		{name: "closed after the handshake", want: unused, do: func(t *testing.T, s *server) {
			secure := tls.Client(s.tunnel(t, "api.example.com:443"), config(s, "http/1.1"))
			if err := secure.Handshake(); err != nil {
				t.Fatal(err)
			}
			secure.Close()
		}},
		{name: "closed after the handshake, HTTP/2", want: unused, do: func(t *testing.T, s *server) {
			secure := tls.Client(s.tunnel(t, "api.example.com:443"), config(s, "h2"))
			if err := secure.Handshake(); err != nil {
				t.Fatal(err)
			}
			secure.Close()
		}},
		{name: "closed in the handshake", want: unused, do: func(t *testing.T, s *server) {
			conn := s.tunnel(t, "api.example.com:443")
			refusing := config(s, "http/1.1")
			refusing.VerifyPeerCertificate = func([][]byte, [][]*x509.Certificate) error {
				conn.Close() // before an alert can be sent
				return io.EOF
			}
			tls.Client(conn, refusing).Handshake()
		}},
		{name: "a request with the end of the handshake", do: func(t *testing.T, s *server) {
			secure := tls.Client(&corked{Conn: s.tunnel(t, "api.example.com:443")}, config(s, "http/1.1"))
			fmt.Fprint(secure, "GET / HTTP/1.1\r\nHost: api.example.com\r\n\r\n")
			if _, err := http.ReadResponse(bufio.NewReader(secure), nil); err != nil {
				t.Fatal(err)
			}
			secure.NetConn().(*corked).Conn.Close()
		}},
		{name: "HTTP/2", do: func(t *testing.T, s *server) {
			client := s.client(t, true)
			answer(t, client, "GET", "https://api.example.com/", "")
			client.CloseIdleConnections()
		}},
		{name: "more connections than requests", do: func(t *testing.T, s *server) {
			secure := tls.Client(s.tunnel(t, "api.example.com:443"), config(s, "h2"))
			if err := secure.Handshake(); err != nil {
				t.Fatal(err)
			}
			answer(t, s.client(t, true), "GET", "https://api.example.com/", "")
			secure.Close()
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, intercept.ProxyOptions{})
			tt.do(t, s)
			s.l.Settle(20 * time.Second)
			said := ""
			if len(s.said) > 0 {
				said = <-s.said
			}
			if said != tt.want {
				t.Errorf("the server says %q, want %q", said, tt.want)
			}
		})
	}
}

func TestWebSocketsAreRefusedInWords(t *testing.T) {
	t.Parallel()
	s := start(t, intercept.ProxyOptions{})
	req, err := http.NewRequest("GET", "https://api.example.com/socket", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "websocket")
	res, err := s.client(t, false).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	if res.StatusCode != 501 || !strings.Contains(string(text), "WebSocket") {
		t.Errorf("got %d %s", res.StatusCode, text)
	}
}

// Other hosts are answered by a server of this test; reached tells whether a request came to it.
func TestOtherHosts(t *testing.T) {
	t.Parallel()
	for _, pass := range []bool{false, true} {
		for _, scheme := range []string{"http", "https"} {
			t.Run(fmt.Sprint(scheme, " pass=", pass), func(t *testing.T) {
				t.Parallel()
				other := httptest.NewUnstartedServer(
					http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "reached") }),
				)
				if other.Start(); scheme == "https" {
					other.Close()
					other = httptest.NewTLSServer(other.Config.Handler)
				}
				defer other.Close()
				s := start(t, intercept.ProxyOptions{Pass: pass})
				s.roots.AddCert(certificateOf(other))
				client := s.client(t, false)
				res, err := client.Get(other.URL)
				text := ""
				if err == nil {
					body, _ := io.ReadAll(res.Body)
					res.Body.Close()
					text = fmt.Sprint(res.StatusCode, " ", string(body))
				} else {
					text = err.Error()
				}
				switch {
				case pass && text != "200 reached":
					t.Errorf("got %s, want what the host answers", text)
				case !pass && scheme == "http" && (!strings.HasPrefix(text, "403 ") ||
					!strings.Contains(text, "--intercept-others pass")):
					t.Errorf("got %s, want a refusal that names the flag", text)
				case !pass && scheme == "https" && !strings.Contains(text, "Forbidden"):
					t.Errorf("got %s, want a refused tunnel", text)
				}
				if said := len(s.said); (said == 1) == pass {
					t.Errorf("refusals told: %d", said)
				}
			})
		}
	}
}

// With a proxy of their own in the environment, commands reach other hosts through it; it must not
// see the vendors' hosts.
func TestOtherHostsGoThroughTheProxyOfTheEnvironment(t *testing.T) {
	asked := make(chan string, 10)
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.RequestURI
		w.WriteHeader(http.StatusTeapot)
	}))
	defer upstream.Close()
	t.Setenv("HTTPS_PROXY", upstream.URL) // read once by a transport, so nothing else in this package sets it
	s := start(t, intercept.ProxyOptions{Pass: true})
	if got := answer(t, s.client(t, true), "GET", "https://api.example.com/", ""); !strings.HasPrefix(got, "200 ") {
		t.Errorf("a vendor's host: %s", got)
	}
	if res, err := s.client(t, true).Get("https://other.example.org/"); err == nil {
		res.Body.Close()
		t.Errorf("a tunnel that the upstream proxy refuses is open: %s", res.Status)
	}
	if diff := cmp.Diff("CONNECT other.example.org:443", <-asked); diff != "" {
		t.Errorf("the upstream proxy was asked (-want +got):\n%s", diff)
	}
	if len(asked) > 0 {
		t.Errorf("the upstream proxy was also asked %s", <-asked)
	}
}

func certificateOf(s *httptest.Server) *x509.Certificate {
	if c := s.Certificate(); c != nil {
		return c
	}
	return &x509.Certificate{}
}

// FuzzConnect sends CONNECT requests with any target: the proxy answers each in HTTP or closes the connection, and
// connects to nothing but its own listener.
func FuzzConnect(f *testing.F) {
	for _, target := range []string{"api.example.com:443", "api.example.com", "", ":", "[::1",
		"example.org:443", "a b", "api.example.com:443:1", "%zz:1", "*.example.net:99999"} {
		f.Add(target, "Proxy-Authorization: Basic dzE6eA==", "GET / HTTP/1.1\r\nHost: api.example.com\r\n\r\n")
	}
	f.Add("api.example.com:443", "Host:", "\x16\x03\x01\x00\x05hello")
	s := start(f, intercept.ProxyOptions{})
	f.Fuzz(func(t *testing.T, target, header, rest string) {
		conn, err := net.Dial("tcp", s.url.Host)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(20 * time.Second))
		fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\n%s\r\n\r\n%s", target, header, rest)
		conn.(*net.TCPConn).CloseWrite()
		got, err := io.ReadAll(conn)
		if ne, ok := err.(net.Error); ok && ne.Timeout() {
			t.Fatalf("CONNECT %q hangs", target)
		}
		if len(got) > 0 && !strings.HasPrefix(string(got), "HTTP/1.") {
			t.Errorf("CONNECT %q: %.80q is no HTTP", target, got)
		}
		for len(s.said) > 0 {
			<-s.said
		}
	})
}
