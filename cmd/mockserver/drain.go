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

// quiet is how long a stop waits for the next request of connections that are open, so that its answer can say that
// it is the last one.
const quiet = 500 * time.Millisecond

// drain ends servers without losing requests: it takes no new connection, answers what is in flight and what comes on open
// connections with Connection: close, and cuts what is left when its time is over.
type drain struct {
	draining atomic.Bool
	mu       sync.Mutex
	active   map[net.Conn]bool // connections with a request in flight
}

func newDrain() *drain { return &drain{active: map[net.Conn]bool{}} }

// track is an http.Server's ConnState.
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

// wrap makes a handler's answers close their connections once the drain has begun.
func (d *drain) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&lastAnswer{w, d}, r)
	})
}

// lastAnswer is an http.ResponseWriter that says Connection: close during a drain.
type lastAnswer struct {
	http.ResponseWriter
	drain *drain
}

// Unwrap serves http.ResponseController.
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

// stop ends servers within a time, and returns an error that says how many requests were cut.
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
		return &exitError{exitFailed, fmt.Errorf("%d requests were not answered within %v and were cut; --drain gives them longer", cut, most)}
	}
	return nil
}

// shutDown lets a server's running requests end, for three seconds.
func shutDown(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		server.Close()
	}
}
