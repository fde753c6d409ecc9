// Package webhook sends webhook requests off the request path: a bounded queue, four workers, loopback
// targets only unless told otherwise.
package webhook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Delivery is one webhook request: what goes out, and what came of it.
type Delivery struct {
	ID       string            `json:"id"`
	Event    string            `json:"event"`
	URL      string            `json:"url"`
	Header   map[string]string `json:"header"`
	Body     string            `json:"body"`
	Timeout  time.Duration     `json:"timeout"`
	Retries  []time.Duration   `json:"retries,omitempty"` // waits before further attempts, on the world's clock
	Made     time.Time         `json:"made"`
	Attempts int               `json:"attempts"`
	Status   int               `json:"status,omitempty"` // of the last answer
	Problem  string            `json:"problem,omitempty"`
	State    string            `json:"state"` // queued, delivered, waiting, failed or refused
}

// queued bounds how many deliveries wait for a worker.
const queued = 1024

// ErrTarget is the outcome of a delivery to an address that is not allowed.
var ErrTarget = errors.New("webhooks go to loopback addresses only; allow more with --webhook-targets")

// Sender sends deliveries. It is safe for concurrent use; its workers start with the first delivery.
type Sender struct {
	targets []string
	client  *http.Client
	queue   chan queuedDelivery
	ctx     context.Context
	stop    context.CancelFunc
	start   sync.Once
	workers sync.WaitGroup
	open    sync.WaitGroup // deliveries under way
}

// queuedDelivery is a delivery and whoever wants to know what came of it.
type queuedDelivery struct {
	d    Delivery
	done func(status int, err error)
}

// New makes a Sender. targets are host names that may be reached besides loopback; "*" stands for all.
func New(targets []string) *Sender {
	s := &Sender{targets: targets, queue: make(chan queuedDelivery, queued)}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.client = &http.Client{
		Transport:     s.transport(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return s
}

func (s *Sender) transport() http.RoundTripper {
	guarded := &http.Transport{DialContext: (&net.Dialer{Timeout: 10 * time.Second, Control: onlyLoopback}).DialContext}
	open := &http.Transport{}
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		if slices.Contains(s.targets, "*") || slices.Contains(s.targets, r.URL.Hostname()) {
			return open.RoundTrip(r)
		}
		return guarded.RoundTrip(r)
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func onlyLoopback(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return ErrTarget
	}
	return nil
}

// Send queues a delivery; done hears of its outcome, from another goroutine. A full queue is an outcome too.
func (s *Sender) Send(d Delivery, done func(status int, err error)) {
	s.start.Do(func() {
		for range 4 {
			s.workers.Go(s.work)
		}
	})
	s.open.Add(1)
	select {
	case s.queue <- queuedDelivery{d, done}:
	default:
		go func() {
			defer s.open.Done()
			done(0, fmt.Errorf("the queue of %d deliveries is full", queued))
		}()
	}
}

func (s *Sender) work() {
	for {
		select {
		case <-s.ctx.Done():
			return
		case l := <-s.queue:
			l.done(s.try(l.d))
			s.open.Done()
		}
	}
}

func (s *Sender) try(d Delivery) (int, error) {
	timeout := d.Timeout
	if timeout == 0 {
		timeout = 5 * time.Second
	}
	ctx, cancel := context.WithTimeout(s.ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, strings.NewReader(d.Body))
	if err != nil {
		return 0, err
	}
	for name, value := range d.Header {
		req.Header.Set(name, value)
	}
	res, err := s.client.Do(req)
	if err != nil {
		if inner, ok := errors.AsType[*url.Error](err); ok {
			err = inner.Err
		}
		return 0, err
	}
	defer res.Body.Close()
	io.Copy(io.Discard, io.LimitReader(res.Body, 1<<20))
	return res.StatusCode, nil
}

// Settle waits until no delivery is under way, or ctx ends.
func (s *Sender) Settle(ctx context.Context) error {
	idle := make(chan struct{})
	go func() { s.open.Wait(); close(idle) }()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close ends what is under way and waits for the workers.
func (s *Sender) Close() {
	s.stop()
	s.workers.Wait()
}
