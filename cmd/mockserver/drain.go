package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// quiet is how long a stop waits for the next request on idle connections, so that its answer can
// close the connection.
const quiet = 500 * time.Millisecond

// drain stops servers without losing requests: it accepts no new connection, answers requests in
// flight and those that arrive on open connections with Connection: close, and closes the rest when
// its time is over.
type drain struct {
	draining atomic.Bool
	mu       sync.Mutex
	active   map[net.Conn]bool // connections with a request in flight
}

func newDrain() *drain { return &drain{active: map[net.Conn]bool{}} }

// track implements http.Server.ConnState.
func (d *drain) track(c net.Conn, state http.ConnState) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if delete(d.active, c); state == http.StateActive {
		d.active[c] = true
	}
}

func (d *drain) inFlight() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.active)
}

// wrap makes answers close their connections once the drain has begun.
func (d *drain) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&lastAnswer{w, d}, r)
	})
}

// lastAnswer is an http.ResponseWriter that sets Connection: close during a drain.
type lastAnswer struct {
	http.ResponseWriter
	drain *drain
}

// Unwrap supports http.ResponseController.
func (w *lastAnswer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *lastAnswer) WriteHeader(status int) {
	if w.drain.draining.Load() {
		w.Header().Set("Connection", "close")
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *lastAnswer) Write(p []byte) (int, error) {
	if w.drain.draining.Load() {
		w.Header().Set("Connection", "close")
	}
	return w.ResponseWriter.Write(p)
}

// stop stops servers within most. The error says how many requests were not answered.
func (d *drain) stop(servers []*http.Server, ears listeners, most time.Duration) error {
	d.draining.Store(true)
	ears.close()
	ctx, cancel := context.WithTimeout(context.Background(), most)
	defer cancel()
	if d.inFlight() > 0 {
		select {
		case <-time.After(min(quiet, most)):
		case <-ctx.Done():
		}
	}
	var all sync.WaitGroup
	var late atomic.Bool
	for _, server := range servers {
		all.Go(func() {
			if server.Shutdown(ctx) != nil {
				late.Store(true)
			}
		})
	}
	all.Wait()
	cut := d.inFlight()
	for _, server := range servers {
		server.Close()
	}
	if late.Load() && cut > 0 {
		return &exitError{exitFailed,
			fmt.Errorf("not answered within %v: %s; --drain waits longer", most, counted(cut, "request"))}
	}
	return nil
}

// shutDown lets a server's running requests end, for up to three seconds.
func shutDown(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		server.Close()
	}
}
