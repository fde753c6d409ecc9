// Package events hands what happens in the worlds of a server to any number of readers.
//
//	hub := events.New(srv.Observe)
//	r, missed := hub.Subscribe(0)
//	defer r.Close()
//	e, err := r.Next(ctx)
//
// The newest events are in one ring, bounded in number and bytes, and each reader has a place in it. A reader that the
// ring overtakes is dropped; publishing never waits for one. Without readers nothing is observed. The ring is filled
// for a minute after the last reader has left, so that a reader whose connection broke finds what it missed.
package events

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/afba07b5/mockserver/fake"
)

const (
	mostEvents = 4096
	mostBytes  = 16 << 20
	linger     = time.Minute
)

var (
	// ErrSlow is what a reader gets that the ring has overtaken.
	ErrSlow = errors.New("the reader was too slow: events that it has not read are gone")
	// ErrClosed is the error of a reader whose hub was closed.
	ErrClosed = errors.New("the server stops")
)

// Event is an event with its number. Numbers rise; they start at the time of the hub's start in microseconds, so that
// those of an earlier server are below them.
type Event struct {
	ID uint64
	fake.Event
}

// Hub keeps the newest events for its readers. It is safe for concurrent use.
type Hub struct {
	observe func(func(fake.Event))

	mu      sync.Mutex
	last    uint64
	ring    []Event // its last one has the number last
	bytes   int
	readers int
	left    int           // counts the times that the last reader left
	changed chan struct{} // closed by the next event; nil without a waiting reader
	closed  bool
}

// New returns a Hub that observes while it has readers.
func New(observe func(func(fake.Event))) *Hub {
	return &Hub{observe: observe, last: uint64(time.Now().UnixMicro())}
}

// Reader is one reader's place in the ring. Its methods are for one goroutine.
type Reader struct {
	hub  *Hub
	next uint64
}

// Subscribe returns a reader of what happens from now on or, if after is not 0, of what came after that event. Missed
// says that some of it is not in the ring any more.
func (h *Hub) Subscribe(after uint64) (r *Reader, missed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.readers++; h.readers == 1 {
		h.observe(h.publish)
	}
	first := h.last + 1 - uint64(len(h.ring))
	switch {
	case after == 0:
		return &Reader{h, h.last + 1}, false
	case after > h.last || after+1 < first:
		return &Reader{h, first}, true
	}
	return &Reader{h, after + 1}, false
}

// Close ends the subscription.
func (r *Reader) Close() {
	h := r.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.readers--; h.readers > 0 {
		return
	}
	h.left++
	left := h.left
	time.AfterFunc(linger, func() { h.rest(left) })
}

// rest stops observing if no reader came since the last one left.
func (h *Hub) rest(left int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.readers > 0 || h.left != left {
		return
	}
	h.observe(nil)
	h.ring, h.bytes = nil, 0
	h.last++ // what comes next does not follow what was read
}

// Close ends all subscriptions.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	h.observe(nil)
	h.wake()
}

func (h *Hub) wake() {
	if h.changed != nil {
		close(h.changed)
		h.changed = nil
	}
}

func (h *Hub) publish(e fake.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	h.ring = append(h.ring, Event{h.last, e})
	h.bytes += size(e)
	for len(h.ring) > mostEvents || h.bytes > mostBytes && len(h.ring) > 1 {
		h.bytes -= size(h.ring[0].Event)
		h.ring[0] = Event{}
		h.ring = h.ring[1:]
	}
	h.wake()
}

// size is roughly what an event keeps in memory.
func size(e fake.Event) int {
	const event = 512
	switch data := e.Data.(type) {
	case *fake.Entry:
		return event + len(data.Body) + len(data.Answer)
	case fake.Delivery:
		return event + data.Held()
	case fake.Job:
		return event + len(data.Data)
	}
	return event
}

// Next returns the next event and waits for it if need be. The error is ErrSlow, ErrClosed or that of ctx.
func (r *Reader) Next(ctx context.Context) (Event, error) {
	for {
		e, changed, err := r.take()
		if err != nil || changed == nil {
			return e, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Event{}, ctx.Err()
		}
	}
}

// take returns the next event, or a channel that is closed once there is one.
func (r *Reader) take() (e Event, changed <-chan struct{}, err error) {
	h := r.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	first := h.last + 1 - uint64(len(h.ring))
	switch {
	case r.next < first:
		return e, nil, ErrSlow
	case r.next <= h.last:
		e = h.ring[r.next-first]
		r.next++
		return e, nil, nil
	case h.closed:
		return e, nil, ErrClosed
	}
	if h.changed == nil {
		h.changed = make(chan struct{})
	}
	return e, h.changed, nil
}
