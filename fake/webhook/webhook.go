// Package webhook sends webhook requests off the request path. Each world has a bounded queue and
// four workers. Targets are loopback addresses unless more hosts are allowed.
package webhook

import (
	"cmp"
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
	"sync/atomic"
	"syscall"
	"time"
)

// Delivery is one webhook request with its outcome.
type Delivery struct {
	ID         string            `json:"id"`
	Event      string            `json:"event"`
	URL        string            `json:"url"`
	Header     map[string]string `json:"header"`
	Body       string            `json:"body"`
	Timeout    time.Duration     `json:"timeout"`
	Follow     bool              `json:"follow,omitempty"`  // follow redirects, with a GET without a body
	Retries    []time.Duration   `json:"retries,omitempty"` // delays before further attempts, on the world's clock
	Made       time.Time         `json:"made"`
	Entry      int               `json:"entry,omitempty"` // of the journal: the request that caused it
	Node       string            `json:"node,omitempty"`  // the process that sends it, if several serve the world
	Attempts   int               `json:"attempts"`
	Status     int               `json:"status,omitempty"` // of the last response
	Problem    string            `json:"problem,omitempty"`
	State      string            `json:"state"` // queued, delivered, waiting, failed, refused or cancelled
	Tries      []Try             `json:"tries,omitempty"`
	Unfriendly []string          `json:"unfriendly,omitempty"` // how it was sent otherwise
	Probe      string            `json:"probe,omitempty"`      // what is wrong with it on purpose
}

// queued bounds how many deliveries of a world wait for a worker.
const queued = 1024

// Sender sends deliveries. It is safe for concurrent use.
type Sender struct {
	own       atomic.Pointer[[]net.Addr]
	targets   []string
	client    *http.Client
	following *http.Client // follows redirects
	ctx       context.Context
	stop      context.CancelFunc
	workers   sync.WaitGroup
	open      underway // deliveries in flight
}

// queuedDelivery is a delivery with the functions of its sender.
type queuedDelivery struct {
	d      Delivery
	wanted func() bool
	done   func(Outcome)
}

// New makes a Sender. targets are host names that may be reached besides loopback; "private" allows private networks
// (RFC 1918, RFC 4193), "*" allows all.
func New(targets []string) *Sender {
	s := &Sender{targets: targets}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.client = &http.Client{Transport: s.transport(), CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	s.following = &http.Client{Transport: s.client.Transport, CheckRedirect: followAsGet}
	return s
}

// mostRedirects bounds the redirects that one delivery follows.
const mostRedirects = 5

// followAsGet drops the headers that describe the body, which a redirected request no longer has,
// and the Referer, which the clients that vendors deliver with do not send.
func followAsGet(r *http.Request, via []*http.Request) error {
	if len(via) > mostRedirects {
		return http.ErrUseLastResponse
	}
	r.Header.Del("Referer")
	if r.Method == http.MethodGet {
		r.Header.Del("Content-Type")
	}
	return nil
}

func (s *Sender) transport() http.RoundTripper {
	dial := func(allow func(net.IP) bool) *http.Transport {
		control := func(_, to string, _ syscall.RawConn) error { return s.check(to, allow) }
		d := net.Dialer{Timeout: 10 * time.Second, Control: control}
		return &http.Transport{DialContext: d.DialContext}
	}
	private := slices.Contains(s.targets, "private")
	guarded := dial(func(ip net.IP) bool { return ip.IsLoopback() || private && ip.IsPrivate() })
	open := dial(func(net.IP) bool { return true })
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		if slices.Contains(s.targets, "*") || slices.Contains(s.targets, r.URL.Hostname()) {
			return open.RoundTrip(r)
		}
		return guarded.RoundTrip(r)
	})
}

// Queue holds the deliveries of one world. Its workers start when a delivery is queued and stop
// when the queue is empty. It is safe for concurrent use.
type Queue struct {
	sender  *Sender
	mu      sync.Mutex
	waiting []queuedDelivery
	status  QueueStatus
}

// QueueStatus is the observable state of a queue.
type QueueStatus struct {
	Waiting  int `json:"waiting"`  // for a worker
	Sending  int `json:"sending"`  // one per worker
	Limit    int `json:"limit"`    // maximum of Waiting
	Rejected int `json:"rejected"` // because the queue was full
}

// workers is the number of concurrent deliveries of one world.
const workers = 4

// NewQueue returns an empty queue.
func (s *Sender) NewQueue() *Queue { return &Queue{sender: s, status: QueueStatus{Limit: queued}} }

// Status returns the state of the queue.
func (q *Queue) Status() QueueStatus {
	q.mu.Lock()
	defer q.mu.Unlock()
	status := q.status
	status.Waiting = len(q.waiting)
	return status
}

// Send queues a delivery. It calls wanted right before the request leaves and drops the delivery if
// that returns false. Otherwise it calls done with the outcome, from another goroutine. A full
// queue is an outcome, too.
func (q *Queue) Send(d Delivery, wanted func() bool, done func(Outcome)) {
	s := q.sender
	s.open.Add(1)
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) >= queued {
		q.status.Rejected++
		go func() {
			defer s.open.Done()
			done(Outcome{Err: fmt.Errorf("the queue of %d deliveries is full", queued)})
		}()
		return
	}
	if s.ctx.Err() != nil {
		s.open.Done() // closed
		return
	}
	q.waiting = append(q.waiting, queuedDelivery{d, wanted, done})
	if q.status.Sending < workers {
		q.status.Sending++
		s.workers.Go(q.work)
	}
}

// next returns the oldest queued delivery. If the queue is empty, ok is false and the worker stops.
func (q *Queue) next() (l queuedDelivery, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.status.Sending--
		return l, false
	}
	l, q.waiting = q.waiting[0], q.waiting[1:]
	return l, true
}

func (q *Queue) work() {
	for {
		l, ok := q.next()
		if !ok {
			return
		}
		if q.sender.ctx.Err() == nil && l.wanted() {
			l.done(q.sender.try(l.d))
		}
		q.sender.open.Done()
	}
}

func (s *Sender) try(d Delivery) Outcome {
	ctx, cancel := context.WithTimeout(s.ctx, cmp.Or(d.Timeout, 5*time.Second))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, strings.NewReader(d.Body))
	if err != nil {
		return Outcome{Err: err}
	}
	for name, value := range d.Header {
		req.Header.Set(name, value)
	}
	req.Header.Set(Mark, d.ID)
	client := s.client
	if d.Follow {
		client = s.following
	}
	res, err := client.Do(req)
	if err != nil {
		if inner, ok := errors.AsType[*url.Error](err); ok {
			err = inner.Err
		}
		return Outcome{Err: err}
	}
	defer res.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(res.Body, keptAnswer)) // an answer that breaks off has a status all the same
	io.Copy(io.Discard, io.LimitReader(res.Body, 1<<20))
	return Outcome{Status: res.StatusCode, Answer: strings.ToValidUTF8(string(answer), "\uFFFD")}
}

// Settle waits until no delivery is in flight or ctx is done.
func (s *Sender) Settle(ctx context.Context) error {
	select {
	case <-s.open.none():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close cancels the deliveries in flight and waits for the workers.
func (s *Sender) Close() {
	s.stop()
	s.workers.Wait()
}
