package fake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
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

const (
	deliverJob     = "_deliver"
	deliveryQueue  = 1024
	keptDeliveries = 1000
)

// Deliver queues a webhook request; it leaves once the current write is committed. The newest thousand stay
// in the log. An answer from 200 to 299 is a success.
func (s *State) Deliver(d Delivery) {
	d.ID, d.Made, d.State = s.NewID(), s.Now(), "queued"
	if _, err := s.mail.Insert(d); err != nil {
		panic(err) // identifiers are unique
	}
	for s.mail.Len() > keptDeliveries {
		for oldest := range s.mail.All() {
			s.mail.Delete(oldest.ID)
			break
		}
	}
	s.After(func() { s.world.server.post.send(s, d) })
}

// Deliveries returns the log of webhook deliveries, oldest first.
func (s *State) Deliveries() (all []Delivery) {
	s.View(func() { all = slices.Collect(s.mail.All()) })
	return all
}

func (s *State) redeliver(data json.RawMessage) error {
	var id string
	if err := json.Unmarshal(data, &id); err != nil {
		return err
	}
	if d, ok := s.mail.Find(id); ok {
		s.After(func() { s.world.server.post.send(s, d) })
	}
	return nil
}

// post sends deliveries off the request path.
type post struct {
	server *Server
	client *http.Client
	queue  chan letter
	stop   context.CancelFunc
	ctx    context.Context
	start  sync.Once
	wg     sync.WaitGroup // the workers
	open   sync.WaitGroup // letters under way
}

type letter struct {
	state *State
	d     Delivery
}

var errTarget = errors.New("webhooks go to loopback addresses only; allow more with --webhook-targets")

func newPost(s *Server) *post {
	p := &post{server: s, queue: make(chan letter, deliveryQueue)}
	p.ctx, p.stop = context.WithCancel(context.Background())
	guarded := &http.Transport{DialContext: (&net.Dialer{Timeout: 10 * time.Second, Control: onlyLoopback}).DialContext}
	open := &http.Transport{}
	p.client = &http.Client{
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if slices.Contains(s.options.WebhookTargets, "*") || slices.Contains(s.options.WebhookTargets, r.URL.Hostname()) {
				return open.RoundTrip(r)
			}
			return guarded.RoundTrip(r)
		}),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return p
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func onlyLoopback(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return errTarget
	}
	return nil
}

func (p *post) send(s *State, d Delivery) {
	p.start.Do(func() {
		for range 4 {
			p.wg.Go(p.work)
		}
	})
	p.open.Add(1)
	select {
	case p.queue <- letter{s, d}:
	default:
		go func() {
			defer p.open.Done()
			p.note(s, d.ID, 0, fmt.Errorf("the queue of %d deliveries is full", deliveryQueue))
		}()
	}
}

func (p *post) work() {
	for {
		select {
		case <-p.ctx.Done():
			return
		case l := <-p.queue:
			status, err := p.try(l.d)
			p.note(l.state, l.d.ID, status, err)
			p.open.Done()
		}
	}
}

func (p *post) try(d Delivery) (int, error) {
	timeout := d.Timeout
	if timeout == 0 {
		timeout = 5 * time.Second
	}
	ctx, cancel := context.WithTimeout(p.ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, bytes.NewReader([]byte(d.Body)))
	if err != nil {
		return 0, err
	}
	for name, value := range d.Header {
		req.Header.Set(name, value)
	}
	res, err := p.client.Do(req)
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

// note writes the outcome into the log and, where the vendor tries again, plans the next attempt.
func (p *post) note(s *State, id string, status int, problem error) {
	err := s.Change(func() error {
		if _, ok := s.mail.Find(id); !ok {
			return nil // the log or the world has moved on
		}
		_, err := s.mail.Update(id, func(d Delivery) (Delivery, error) {
			d.Attempts++
			d.Status, d.Problem, d.State = status, "", "delivered"
			if problem != nil {
				d.Problem, d.State = problem.Error(), "failed"
			} else if status < 200 || status > 299 {
				d.State = "failed"
			}
			if errors.Is(problem, errTarget) {
				d.State = "refused"
			}
			if d.State == "failed" && d.Attempts <= len(d.Retries) {
				d.State = "waiting"
				s.At(s.Now().Add(d.Retries[d.Attempts-1]), deliverJob, id)
			}
			return d, nil
		})
		return err
	})
	if err != nil {
		p.server.bug(err)
	}
}

// Settle waits until no webhook request is under way, or ctx ends. Retries that wait for the clock do not count.
func (s *Server) Settle(ctx context.Context) error {
	idle := make(chan struct{})
	go func() { s.post.open.Wait(); close(idle) }()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *post) close() {
	p.stop()
	p.wg.Wait()
}
