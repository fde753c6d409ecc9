package contracts

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/afba07b5/mockserver/contracts/compare"
	"github.com/afba07b5/mockserver/fake/webhook"
)

// receiver is a server on a loopback port that stores the deliveries it gets.
type receiver struct {
	URL     string
	server  *http.Server
	answers map[string]*ReceiverAnswer

	mu   sync.Mutex
	kept []*Delivery
	sign chan struct{} // signals an arrival
}

func newReceiver(answers map[string]*ReceiverAnswer) (*receiver, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("a receiver of deliveries: %w", err)
	}
	r := &receiver{URL: "http://" + l.Addr().String(), answers: answers, sign: make(chan struct{}, 1)}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second}
	go r.server.Serve(l)
	return r, nil
}

func (r *receiver) close() error { return r.server.Close() }

// ServeHTTP stores a request before it answers, so that it is stored when the sender is done.
func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	q.Header.Del(webhook.Mark) // added by the server, not by the vendor
	r.kept = append(r.kept,
		&Delivery{Method: q.Method, Path: q.URL.RequestURI(), Header: q.Header, Body: string(body)})
	r.mu.Unlock()
	select {
	case r.sign <- struct{}{}:
	default:
	}
	if a := r.answers[q.URL.Path]; a != nil {
		for name, value := range a.Headers {
			w.Header().Set(name, strings.ReplaceAll(value, "{{receiver}}", r.URL))
		}
		w.WriteHeader(a.Status)
	}
}

// take returns what has arrived since the last call.
func (r *receiver) take() []*Delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.kept
	r.kept = nil
	return out
}

func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.kept)
}

// deliveryPatience is the timeout for deliveries of a target that cannot report when it is done.
const deliveryPatience = 10 * time.Second

// await waits until n deliveries have arrived, or until the timeout.
func (r *receiver) await(ctx context.Context, n int) error {
	ctx, cancel := context.WithTimeout(ctx, deliveryPatience)
	defer cancel()
	for r.count() < n {
		select {
		case <-r.sign:
		case <-ctx.Done():
			return nil // a missing delivery is a difference
		}
	}
	return nil
}

// courier is a World that knows when its deliveries are done.
type courier interface {
	settle(context.Context) error
}

// collect returns the target's deliveries for an interaction.
func (p *replayer) collect(ctx context.Context, i *compare.Interaction) ([]*Delivery, error) {
	if p.receiver == nil {
		return nil, nil
	}
	if p.c.lateDeliveries && i.Number != len(p.c.interactions)-1 {
		return nil, nil
	}
	var err error
	if w, ok := p.world.(courier); ok {
		err = w.settle(ctx)
	} else {
		err = p.receiver.await(ctx, len(i.Deliveries))
	}
	return p.receiver.take(), err
}

// loopback reports whether the host of a URL is a loopback address.
func loopback(base string) bool {
	u, err := url.Parse(base)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
