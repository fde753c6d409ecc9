// Package listen lets requests with broken percent escapes in their path reach the handlers. net/http
// answers such a request itself, in plain text; the vendors answer it in their own error shape. A listener
// made by Wrap writes the stray percent sign of a request line as %25, so that the handler sees the path as
// the client wrote it.
//
//	server := &http.Server{Handler: h, ConnState: listen.Mark}
//	server.Serve(listen.Wrap(listener))
package listen

import (
	"bytes"
	"net"
	"net/http"
	"sync/atomic"
)

// maxRequestLine is how much of a request line is looked at; net/http refuses longer ones by its own limits.
const maxRequestLine = 64 << 10

// Wrap returns a listener whose connections mend request lines. It needs Mark as the server's ConnState.
func Wrap(l net.Listener) net.Listener { return listener{l} }

// Mark tells a connection of a wrapped listener that a request line comes next. Other connections pass.
func Mark(c net.Conn, state http.ConnState) {
	if c, ok := c.(*conn); ok && (state == http.StateNew || state == http.StateIdle) {
		c.atLine.Store(true)
	}
}

type listener struct{ net.Listener }

// Accept implements net.Listener.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c}, nil
}

// conn is read by one goroutine at a time, as net/http does.
type conn struct {
	net.Conn
	atLine atomic.Bool
	line   []byte // of a request line that has not ended yet
	ready  []byte // mended, not yet read
}

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	for len(c.ready) == 0 {
		if !c.atLine.Load() {
			return c.Conn.Read(p)
		}
		n, err := c.Conn.Read(p)
		c.line = append(c.line, p[:n]...)
		end := bytes.IndexByte(c.line, '\n')
		if end < 0 && len(c.line) < maxRequestLine {
			if err != nil {
				return 0, err // a deadline may be moved and the line read on
			}
			continue
		}
		c.atLine.Store(false)
		c.ready, c.line = escapeStrayPercents(c.line, end), nil
	}
	n := copy(p, c.ready)
	c.ready = c.ready[n:]
	return n, nil
}

// SetLinger lets a fault reset the connection.
func (c *conn) SetLinger(seconds int) error {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		return tcp.SetLinger(seconds)
	}
	return nil
}

// escapeStrayPercents writes stray percent signs before the query of the request line as %25.
func escapeStrayPercents(text []byte, end int) []byte {
	if end < 0 {
		return text
	}
	path := text[:end]
	if q := bytes.IndexByte(path, '?'); q >= 0 {
		path = path[:q]
	}
	if !stray(path) {
		return text
	}
	out := make([]byte, 0, len(text)+16)
	for i, b := range path {
		out = append(out, b)
		if b == '%' && !escape(path[i:]) {
			out = append(out, "25"...)
		}
	}
	return append(out, text[len(path):]...)
}

func stray(path []byte) bool {
	for i, b := range path {
		if b == '%' && !escape(path[i:]) {
			return true
		}
	}
	return false
}

func escape(text []byte) bool { return len(text) > 2 && hex(text[1]) && hex(text[2]) }

func hex(b byte) bool { return '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'f' }
