package intercept

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/afba07b5/mockserver/fake/listen"
)

// handshake bounds how long a client may take until its connection can be served.
const handshake = 10 * time.Second

// Listener accepts plain HTTP and TLS on the same port: a connection whose first byte is that of a TLS record is
// decrypted. It also serves connections that come from elsewhere, such as tunnels. Serve it with an http.Server whose
// ConnContext is ConnContext and whose handler is wrapped by Secure.
type Listener struct {
	net.Listener
	config *tls.Config
	stall  time.Duration
	failed func(error)
	conns  chan net.Conn
	ended  chan struct{}
	end    func()
	opened sync.WaitGroup // connections that are being opened
}

// Listen returns a listener on l that decrypts with config. It offers HTTP/2 and HTTP/1.1 unless config names protocols.
// Silence in the middle of a body ends it after stall, as listen.Wrap says.
// failed is called for every handshake that fails, by many goroutines; nil stands for nothing.
func Listen(l net.Listener, config *tls.Config, stall time.Duration, failed func(error)) *Listener {
	config = config.Clone()
	if config.NextProtos == nil {
		config.NextProtos = []string{"h2", "http/1.1"}
	}
	t := &Listener{Listener: l, stall: stall, config: config, failed: failed, conns: make(chan net.Conn), ended: make(chan struct{})}
	t.end = sync.OnceFunc(func() { close(t.ended) })
	go t.acceptAll()
	return t
}

func (t *Listener) acceptAll() {
	defer t.end()
	for {
		c, err := t.Listener.Accept()
		if ne, ok := errors.AsType[net.Error](err); ok && ne.Timeout() {
			continue
		}
		if err != nil {
			return
		}
		t.Handle(c)
	}
}

// Handle serves a connection as if the listener had accepted it.
func (t *Listener) Handle(c net.Conn) {
	t.opened.Add(1)
	go func() {
		ready, err := t.open(c)
		if t.opened.Done(); err != nil {
			c.Close()
			return
		}
		select {
		case t.conns <- ready:
		case <-t.ended:
			c.Close()
		}
	}()
}

// Settle waits until every connection that came has been decrypted or given up, at most for d.
func (t *Listener) Settle(d time.Duration) {
	settled := make(chan struct{})
	go func() {
		t.opened.Wait()
		close(settled)
	}()
	select {
	case <-settled:
	case <-time.After(d):
	}
}

// open looks at the first byte of a connection and decrypts it if the client speaks TLS.
func (t *Listener) open(c net.Conn) (net.Conn, error) {
	first := make([]byte, 1)
	c.SetDeadline(time.Now().Add(handshake))
	if _, err := c.Read(first); err != nil {
		return nil, err
	}
	begun := &peeked{Conn: c, first: first}
	if first[0] != tlsHandshake {
		return listen.Conn(begun, t.stall), c.SetDeadline(time.Time{})
	}
	secure := tls.Server(begun, t.config)
	if err := secure.HandshakeContext(context.Background()); err != nil {
		if t.failed != nil {
			t.failed(err)
		}
		return nil, err
	}
	begun.failed, begun.came = t.failed, 0
	state := secure.ConnectionState()
	if err := c.SetDeadline(time.Time{}); err != nil || state.NegotiatedProtocol == "h2" {
		return secure, err // net/http speaks HTTP/2 on a *tls.Conn only
	}
	return &decrypted{listen.Conn(secure, t.stall), &state}, nil
}

const tlsHandshake = 0x16 // the type of a record

// Accept returns the next connection that can be served.
func (t *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-t.conns:
		return c, nil
	case <-t.ended:
		return nil, net.ErrClosed
	}
}

// Close stops accepting connections.
func (t *Listener) Close() error {
	err := t.Listener.Close()
	t.end()
	return err
}

// ErrNoRequest is reported for a client that closes its connection after the handshake without a request. Node does that
// if it does not trust the certificate.
var ErrNoRequest = errors.New("it closed the connection without a request")

// leastRequest is less than any request takes, and more than the record with which a client closes a connection.
const leastRequest = 40

// peeked is a connection whose first byte was read.
type peeked struct {
	net.Conn
	first  []byte
	failed func(error) // set once the handshake is over, until a request has come
	came   int         // bytes since then
}

func (c *peeked) Read(p []byte) (int, error) {
	if len(c.first) == 0 || len(p) == 0 {
		n, err := c.Conn.Read(p)
		if c.came += n; c.failed != nil && (err != nil || c.came >= leastRequest) {
			if c.came < leastRequest {
				c.failed(ErrNoRequest)
			}
			c.failed = nil
		}
		return n, err
	}
	n := copy(p, c.first)
	c.first = nil
	return n, nil
}

// NetConn returns the connection below.
func (c *peeked) NetConn() net.Conn { return c.Conn }

// decrypted is a connection of HTTP/1.1 over TLS.
type decrypted struct {
	net.Conn
	state *tls.ConnectionState
}

// NetConn returns the connection below.
func (c *decrypted) NetConn() net.Conn { return c.Conn }

// CloseWrite ends the server's side first, as [net.TCPConn.CloseWrite] does.
func (c *decrypted) CloseWrite() error {
	secure, _ := listen.Below[*tls.Conn](c.Conn)
	return secure.CloseWrite()
}

// SetLinger serves faults that reset a connection.
func (c *decrypted) SetLinger(seconds int) error {
	tcp, ok := listen.Below[*net.TCPConn](c.Conn)
	if !ok {
		return nil
	}
	return tcp.SetLinger(seconds)
}

type connKey struct{}

// ConnContext lets Secure and a Proxy find a request's connection. It is an http.Server's ConnContext.
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// connOf returns the connection of a request, nil if its server does not use ConnContext.
func connOf(r *http.Request) net.Conn {
	c, _ := r.Context().Value(connKey{}).(net.Conn)
	return c
}

// Secure sets Request.TLS for requests of HTTP/1.1 that came over TLS, as net/http does for connections of its own.
func Secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, ok := connOf(r).(*decrypted); ok {
			r.TLS = c.state
		}
		next.ServeHTTP(w, r)
	})
}
