package intercept

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"syscall"
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
	begun  attempts
	conns  chan net.Conn
	ended  chan struct{}
	end    func()
}

// Listen returns a listener on l that decrypts with config. It offers HTTP/2 and HTTP/1.1 unless
// config names protocols. Silence in the middle of a body ends it after stall, as listen.Wrap says.
// failed is called for every handshake that fails, and with ErrNoRequest, by many goroutines; nil stands for nothing.
func Listen(l net.Listener, config *tls.Config, stall time.Duration, failed func(error)) *Listener {
	config = config.Clone()
	if config.NextProtos == nil {
		config.NextProtos = []string{"h2", "http/1.1"}
	}
	t := &Listener{Listener: l, stall: stall, config: config, conns: make(chan net.Conn), ended: make(chan struct{})}
	t.begun.failed = failed
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
	begun := t.begun.begin()
	go func() {
		ready, err := t.open(c, begun)
		if err != nil {
			begun.fail(err)
			c.Close()
			return
		}
		select {
		case t.conns <- ready:
		case <-t.ended:
			begun.plain()
			c.Close()
		}
	}()
}

// Settle waits until every connection that came was used or given up, at most for d.
func (t *Listener) Settle(d time.Duration) { t.begun.settle(d) }

// open looks at the first byte of a connection and decrypts it if the client speaks TLS.
func (t *Listener) open(c net.Conn, begun *attempt) (net.Conn, error) {
	first := make([]byte, 1)
	c.SetDeadline(time.Now().Add(handshake))
	if _, err := c.Read(first); err != nil {
		begun.plain()
		return nil, err
	}
	under := &peeked{Conn: c, first: first}
	if first[0] != tlsHandshake {
		begun.plain()
		return listen.Conn(under, t.stall), c.SetDeadline(time.Time{})
	}
	secure := tls.Server(under, t.config)
	if err := secure.HandshakeContext(context.Background()); err != nil {
		return nil, handshakeError(err)
	}
	under.begun = begun
	state := secure.ConnectionState()
	if err := c.SetDeadline(time.Time{}); err != nil || state.NegotiatedProtocol == "h2" {
		return secure, err // net/http speaks HTTP/2 on a *tls.Conn only
	}
	return &decrypted{listen.Conn(secure, t.stall), &state, begun}, nil
}

// handshakeError returns ErrNoRequest for a client that closed its connection in the middle of a handshake, as Node and
// Java may do, and other errors as they are.
func handshakeError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE) {
		return ErrNoRequest
	}
	return err
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

// peeked is a connection whose first byte was read.
type peeked struct {
	net.Conn
	first []byte
	begun *attempt // set once the handshake is over
}

func (c *peeked) Read(p []byte) (int, error) {
	if len(c.first) == 0 || len(p) == 0 {
		n, err := c.Conn.Read(p)
		if err != nil && c.begun != nil {
			c.begun.fail(ErrNoRequest)
		}
		return n, err
	}
	n := copy(p, c.first)
	c.first = nil
	return n, nil
}

// Close ends the attempt as well: a client may end TLS in order, and the connection is closed here.
func (c *peeked) Close() error {
	if c.begun != nil {
		c.begun.fail(ErrNoRequest)
	}
	return c.Conn.Close()
}

// NetConn returns the connection below.
func (c *peeked) NetConn() net.Conn { return c.Conn }

// decrypted is a connection of HTTP/1.1 over TLS.
type decrypted struct {
	net.Conn
	state *tls.ConnectionState
	begun *attempt
}

func (c *decrypted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.begun.used()
	}
	return n, err
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

// Secure sets Request.TLS for requests of HTTP/1.1 that came over TLS, as net/http does for its own connections.
func Secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch c := connOf(r).(type) {
		case *decrypted:
			r.TLS = c.state
		case *tls.Conn: // HTTP/2
			if under, ok := listen.Below[*peeked](c); ok {
				under.begun.used()
			}
		}
		next.ServeHTTP(w, r)
	})
}
