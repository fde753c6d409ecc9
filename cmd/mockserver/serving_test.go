package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/afba07b5/mockserver/internal/samples"
	"github.com/afba07b5/mockserver/mocks"
)

// running is a server in this process.
type running struct {
	t    *testing.T
	url  string
	app  *app
	stop func() // interrupts the server and fails the test if that is an error

	interrupt context.CancelFunc
	ended     chan error
}

// serve starts a server on free ports with the given flags, until stop is called.
func serve(t *testing.T, args ...string) *running {
	t.Helper()
	var s settings
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	s.register(flags, mocks.All(), 0)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	h, err := s.open(mocks.All())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	started, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- h.run(ctx, func() { close(started) }) }()
	<-started
	return &running{t, h.ears.url(""), h, func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}, cancel, ended}
}

// ask sends a request that has to succeed and returns the body of the answer.
func (s *running) ask(what, body string, headers ...string) string {
	s.t.Helper()
	method, path, _ := strings.Cut(what, " ")
	req, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		s.t.Fatalf("%s answered %d %s %v", what, res.StatusCode, text, err)
	}
	return string(text)
}

// halfSent is a request of which the server has the head and half of the body.
type halfSent struct {
	net.Conn
	fake string
	rest string
}

// sendHalves begins the write of each fake, each on a connection of its own.
func (s *running) sendHalves() (all []halfSent) {
	s.t.Helper()
	for _, w := range samples.All {
		address := strings.TrimPrefix(s.app.ears.url(w.Fake), "http://")
		conn, err := net.Dial("tcp", address)
		if err != nil {
			s.t.Fatal(err)
		}
		s.t.Cleanup(func() { conn.Close() })
		body := w.BodyOf("half")
		half := len(body) / 2
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: tests\r\n%s\r\nContent-Type: "+
			"application/json\r\nContent-Length: %d\r\n\r\n%s", w.Write, address,
			w.CredentialHeader(s.app.credential(find(s.app.defs, w.Fake)).Value), len(body), body[:half])
		all = append(all, halfSent{conn, w.Fake, body[half:]})
	}
	return all
}

// awaitInFlight waits until the server counts so many requests as in flight.
func (s *running) awaitInFlight(n int) {
	for s.app.drain.inFlight() < n {
		runtime.Gosched()
	}
}

// answer reads the answer to a request, and reports whether the connection ends after it.
func (h halfSent) answer(t *testing.T) (res *http.Response, body string, last bool) {
	t.Helper()
	r := bufio.NewReader(h)
	res, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatalf("%s: %v", h.fake, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s: %v", h.fake, err)
	}
	_, err = r.ReadByte()
	return res, string(text), err == io.EOF
}
