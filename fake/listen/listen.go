// Package listen lets requests with invalid percent escapes in their path reach the handlers.
// net/http answers such a request itself, in plain text; the vendors answer it with their JSON
// errors. A listener made by Wrap writes a stray percent sign of a request line as %25, so that the
// handler sees the path as the client wrote it. The listener tracks where messages end, as net/http
// does, and forwards every other byte unchanged.
//
//	http.Serve(listen.Wrap(listener, listen.Stall), handler)
package listen

import (
	"bytes"
	"errors"
	"net"
	"net/url"
	"os"
	"sync"
	"time"
)

// Wrap returns a listener whose connections repair request lines. If a client is silent for the
// duration stall in the middle of a body, or sends the body in more than that and a second for each
// minRate bytes, reading the body fails with os.ErrDeadlineExceeded.
func Wrap(l net.Listener, stall time.Duration) net.Listener { return listener{l, stall} }

// Stall is the usual duration for Wrap.
const Stall = 30 * time.Second

// minRate is how many bytes of a body gain the client another second, as with Apache's
// mod_reqtimeout.
const minRate = 500

type listener struct {
	net.Listener
	stall time.Duration
}

// Accept implements net.Listener.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return Conn(c, l.stall), nil
}

// conn must be read by one goroutine at a time, as net/http does.
type conn struct {
	net.Conn
	framer
	stall   time.Duration // see Wrap
	ready   []byte        // bytes to be read next
	stalled error         // error of a stalled body

	chunk [512]byte // received by reads for less, such as the one byte by which net/http sees a client go

	mu    sync.Mutex
	outer time.Time // the deadline that net/http has set

	body  int       // number of the body that the next two fields describe
	began time.Time // when the first read of that body began
	got   int       // bytes received since then
	now   func() time.Time
}

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	for len(c.ready) == 0 {
		if c.passes(len(p)) { // a body, or the rest after an error
			n, err := c.readBody(p)
			c.left -= int64(n) // which matters in a body only
			return n, err
		}
		buffer := p
		if len(p) < len(c.chunk) {
			buffer = c.chunk[:]
		}
		n, err := c.readBody(buffer)
		c.ready = c.feed(buffer[:n])
		if err == nil || len(c.ready) > 0 {
			continue
		}
		if timeout, ok := err.(net.Error); !ok || !timeout.Timeout() {
			c.ready = c.flush()
		}
		if len(c.ready) == 0 {
			return 0, err // the deadline may be moved and reading resumed
		}
	}
	n := copy(p, c.ready)
	c.ready = c.ready[n:]
	return n, nil
}

// readBody reads, with a deadline of its own if the connection is in the middle of a body.
func (c *conn) readBody(p []byte) (int, error) {
	if c.stalled != nil {
		return 0, c.stalled
	}
	if c.state == atHead || c.state == lost {
		return c.Conn.Read(p)
	}
	stalls := c.deadline()
	c.setDeadline(stalls)
	n, err := c.Conn.Read(p)
	c.got += n
	if errors.Is(err, os.ErrDeadlineExceeded) && !c.now().Before(stalls) {
		c.stalled = err
	}
	c.setDeadline(time.Time{})
	return n, err
}

// SetReadDeadline implements net.Conn. net/http ends by it a read that waits for a client to go away.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.outer = t
	return c.Conn.SetReadDeadline(t)
}

// setDeadline sets a deadline, unless net/http has set an earlier one.
func (c *conn) setDeadline(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.IsZero() || !c.outer.IsZero() && c.outer.Before(t) {
		t = c.outer
	}
	c.Conn.SetReadDeadline(t)
}

// deadline returns when the next read of a body fails: after a silence, or when the whole body is
// too slow.
func (c *conn) deadline() time.Time {
	now := c.now()
	if c.body != c.bodies {
		c.body, c.began, c.got = c.bodies, now, 0
	}
	slow := c.began.Add(c.stall + time.Duration(c.got/minRate)*time.Second)
	return now.Add(min(c.stall, slow.Sub(now)))
}

// Conn wraps one connection as Wrap wraps those of a listener.
func Conn(c net.Conn, stall time.Duration) net.Conn {
	return &conn{Conn: c, stall: stall, now: time.Now}
}

// NetConn returns the connection below.
func (c *conn) NetConn() net.Conn { return c.Conn }

// Below returns the first connection of type T at or below c. Wrappers say by NetConn what is below.
func Below[T net.Conn](c net.Conn) (found T, ok bool) {
	for c != nil {
		if found, ok = c.(T); ok {
			return found, true
		}
		wrapped, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		c = wrapped.NetConn()
	}
	return found, false
}

// SetLinger lets a fault reset the connection.
func (c *conn) SetLinger(seconds int) error {
	if tcp, ok := Below[*net.TCPConn](c.Conn); ok {
		return tcp.SetLinger(seconds)
	}
	return nil
}

// CloseWrite lets net/http close its side first, so that an answer reaches a client that is still
// sending.
func (c *conn) CloseWrite() error {
	if tcp, ok := Below[*net.TCPConn](c.Conn); ok {
		return tcp.CloseWrite()
	}
	return nil
}

// repair writes stray percent signs between the method and the query of a request line as %25.
func repair(line []byte) []byte {
	from := bytes.IndexByte(line, ' ') + 1
	to := bytes.IndexByte(line, '?')
	if to < 0 {
		to = len(line)
	}
	if from >= to || !stray(line[from:to]) {
		return line
	}
	out := append(make([]byte, 0, len(line)+16), line[:from]...)
	for i, b := range line[from:to] {
		out = append(out, b)
		if b == '%' && stray(line[from+i:min(from+i+3, to)]) {
			out = append(out, "25"...)
		}
	}
	return append(out, line[to:]...)
}

func stray(path []byte) bool {
	_, err := url.PathUnescape(string(path))
	return err != nil
}
