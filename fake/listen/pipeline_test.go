package listen_test

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake/listen"
)

var pipelines = flag.Int("pipelines", 5_000, "how many random pipelines are compared with net/http")

// TestPipelinesAreReadAsNetHTTPReadsThem sends random pipelines in random pieces to net/http alone
// and through this package. Both must answer the same bytes. For net/http alone the test repairs
// the request lines.
//
//	go test ./fake/listen -run Pipelines -pipelines 1000000 -timeout 2h
func TestPipelinesAreReadAsNetHTTPReadsThem(t *testing.T) {
	t.Parallel()
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = nil
		if r.URL.RawQuery == "unread" {
			return
		}
		body, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s %q %v", r.Method, r.URL.Path, r.URL.RawQuery, body, err)
	})
	alone, wrapped := newPipes(), newPipes()
	go http.Serve(alone, echo)
	go http.Serve(listen.Wrap(wrapped, listen.Stall), echo)
	t.Cleanup(func() { alone.Close(); wrapped.Close() })
	for seed := range *pipelines {
		sent, repaired := pipeline(rand.New(rand.NewPCG(uint64(seed), 7)))
		want := alone.answers(pieces(repaired, seed))
		got := wrapped.answers(pieces(sent, seed))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("pipeline %d:\n%q\n%s", seed, sent, diff)
		}
	}
}

// pipeline returns random valid and invalid requests, as sent and with all escapes repaired.
func pipeline(r *rand.Rand) (sent, repaired string) {
	pick := func(all ...string) string { return all[r.IntN(len(all))] }
	for range 1 + r.IntN(5) {
		method := pick("GET", "POST", "POST", "PUT", "OPTIONS", "G T")
		path := pick("/", "/a", "/a%41", "/a%zz", "/%", "/%%30", "/a?q=%zz", "/a?unread", "*", "")
		version := pick("HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/9")
		line, repairedLine := method+" "+path+" "+version, method+" "+escaped(path)+" "+version
		end := pick("\r\n", "\r\n", "\r\n", "\n")
		rest := end + pick("Host: x", "Host: x", "Host: x", "Host : x", "X: y") + end
		rest += pick("", "", "X-A: 1\r\n  %zz\r\n", "Connection: close\r\n", "Expect: 100-continue\r\n",
			"Upgrade: x\r\n")
		rest += message(r, pick) + pick("", "", "", "\r\n", "\r\n\r\n", "%zz\r\n")
		sent, repaired = sent+line+rest, repaired+repairedLine+rest
		if strings.Contains(rest, "5000") {
			break // the rest is a body
		}
	}
	return sent, repaired
}

// message returns the length header of a body, the end of the head, and the body.
func message(r *rand.Rand, pick func(...string) string) string {
	body := strings.Repeat(pick("100%zz", "GET /a HTTP/1.1\r\n\r\n", "x", "\r\n"), r.IntN(6)*r.IntN(200)/100)
	length := fmt.Sprint("Content-Length: ", len(body), "\r\n")
	switch r.IntN(8) {
	case 0:
		return "\r\n"
	case 1:
		return length + length + "\r\n" + body
	case 2:
		return pick("Content-Length: -1\r\n", "content-length: 0x4\r\n", "Content-Length: 5000\r\n",
			"Transfer-Encoding: gzip\r\n", "Content-Length : 4\r\n", " Content-Length: 4\r\n") + "\r\n" + body
	case 3, 4, 5:
		return pick("", "", length) + "transfer-encoding: chunked\r\n\r\n" + chunked(r, pick, body)
	}
	return length + "\r\n" + body
}

func chunked(r *rand.Rand, pick func(...string) string, body string) (out string) {
	for len(body) > 0 {
		n := 1 + r.IntN(len(body))
		out += fmt.Sprintf(pick("%x", "%X", "%03x", "%x  ", "%x;a=%%zz", "%xz")+pick("\r\n", "\r\n", "\r\n", "\r\n",
			"\r\n", "\n"), n) + body[:n] + pick("\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n", "")
		body = body[n:]
	}
	return out + "0\r\n" + pick("", "", "X-T: %zz\r\n", "bad\r\n") + "\r\n"
}

func escaped(path string) string {
	before, query, asked := strings.Cut(path, "?")
	before = strings.NewReplacer("%41", "%41", "%30", "%30", "%", "%25").Replace(before)
	if asked {
		before += "?" + query
	}
	return before
}

// pieces splits a text at random.
func pieces(text string, seed int) (all []string) {
	r := rand.New(rand.NewPCG(uint64(seed), 8))
	for most := 1 + r.IntN(400); len(text) > 0; {
		n := min(len(text), 1+r.IntN(most))
		all, text = append(all, text[:n]), text[n:]
	}
	return all
}

// pipes is a listener of in-memory connections.
type pipes struct {
	next   chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{next: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.next:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// answers returns everything that a server writes to a client that sends these pieces and closes.
func (p *pipes) answers(sent []string) string {
	c := &script{pieces: sent, done: make(chan struct{})}
	p.next <- c
	<-c.done
	c.mu.Lock()
	defer c.mu.Unlock()
	return date.ReplaceAllString(c.written.String(), "")
}

// date is the header of answers that net/http gives without the handler: two servers may give them in two seconds.
var date = regexp.MustCompile("Date: [^\r]*\r\n")

// script is a connection that reads from a list of pieces.
type script struct {
	mu      sync.Mutex
	pieces  []string
	written strings.Builder
	done    chan struct{}
	once    sync.Once
}

func (c *script) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.pieces[0])
	if c.pieces[0] = c.pieces[0][n:]; c.pieces[0] == "" {
		c.pieces = c.pieces[1:]
	}
	return n, nil
}

func (c *script) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.written.Write(p)
}

func (c *script) end() error                       { c.once.Do(func() { close(c.done) }); return nil }
func (c *script) CloseWrite() error                { return c.end() }
func (c *script) Close() error                     { return c.end() }
func (c *script) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c *script) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (c *script) SetDeadline(time.Time) error      { return nil }
func (c *script) SetReadDeadline(time.Time) error  { return nil }
func (c *script) SetWriteDeadline(time.Time) error { return nil }
