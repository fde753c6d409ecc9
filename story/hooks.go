package story

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Hooks receives the webhooks of all runs of one server on a port of the loopback interface. The zero value is ready to
// use; it listens from the first run on. It is safe for concurrent use.
type Hooks struct {
	mu     sync.Mutex
	server *http.Server
	base   string
	inbox  map[string]*inbox // by the path of its run
}

// deliveryHeader names the delivery that a webhook request belongs to.
const deliveryHeader = "Mockserver-Delivery"

// mostHook bounds the body of a webhook, in bytes.
const mostHook = 1 << 20

// inbox holds what one run has received.
type inbox struct {
	mu      sync.Mutex
	bodies  map[string]any // by the identifier of the delivery
	changed chan struct{}  // closed when the next one arrives
}

func newInbox() *inbox { return &inbox{bodies: map[string]any{}, changed: make(chan struct{})} }

func (b *inbox) add(id string, body any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bodies[id] = body
	close(b.changed)
	b.changed = make(chan struct{})
}

// body returns the body of a delivery, and whether it has arrived.
func (b *inbox) body(id string) (body any, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	body, ok = b.bodies[id]
	return body, ok
}

// next returns a channel that is closed when the next delivery arrives.
func (b *inbox) next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changed
}

// open gives the run of a world an empty inbox and returns the URL to which its webhooks go.
func (h *Hooks) open(world string) (*inbox, string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.server == nil {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, "", err
		}
		h.server = &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
		h.base, h.inbox = "http://"+l.Addr().String(), map[string]*inbox{}
		go h.server.Serve(l)
	}
	box := newInbox()
	h.inbox[world] = box
	return box, h.base + "/" + world, nil
}

// close drops the inbox of a world.
func (h *Hooks) close(world string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.inbox, world)
}

// Close stops listening.
func (h *Hooks) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := h.server.Shutdown(ctx)
	h.server = nil
	if errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// ServeHTTP takes a webhook: POST /{world}/{fake}.
func (h *Hooks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	world, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	h.mu.Lock()
	box := h.inbox[world]
	h.mu.Unlock()
	id := r.Header.Get(deliveryHeader)
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostHook))
	var body any
	switch {
	case box == nil || id == "":
		http.Error(w, "no story waits for this webhook", http.StatusNotFound)
	case r.Method != http.MethodPost || err != nil || json.Unmarshal(text, &body) != nil:
		http.Error(w, "expected a POST with JSON", http.StatusBadRequest)
	default:
		box.add(id, body)
		w.WriteHeader(http.StatusOK)
	}
}
