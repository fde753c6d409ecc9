package store

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/afba07b5/mockserver/fake/world"
)

// held is a world in the memory of this node.
type held struct {
	world   *world.World
	subject string
	loaded  time.Time     // into memory
	gate    sync.RWMutex  // held for writing while a Turn writes, until its change is stored
	seq     atomic.Uint64 // of the newest change in memory
	shown   atomic.Uint64 // of the newest change that Turns which only read see
	newest  atomic.Uint64 // of the newest change that the node has heard of
	wakes   atomic.Bool   // a goroutine is about to catch up

	// guarded by gate
	gone      bool // dropped
	broken    bool // a change could not be applied; the next use loads the world again
	changes   int  // since the newest snapshot
	snapshots int  // made by this node and others, and loads
	objects   []string
	tokens    int                     // registered credentials that other nodes know
	owned     []world.SavedCredential // all of them
}

// hold returns what the Store knows of a world.
func (s *Store) hold(w *world.World) *held {
	s.mu.Lock()
	defer s.mu.Unlock()
	h, ok := w.Held.(*held)
	if !ok {
		h = &held{world: w, subject: s.subject(w.Name)}
		w.Held = h
	}
	s.held[w.Name] = h
	return h
}

// mostRuns bounds how often a request runs because other nodes keep writing to its world.
const mostRuns = 50

var (
	errConflict = errors.New("another node has written")
	errBusy     = &world.StoreError{Reason: "other nodes keep writing to the world"}
	errDropped  = &world.StoreError{Reason: "the world was dropped while the request ran"}
	errFull     = &world.StoreError{Reason: "the store of the worlds is full: drop worlds, or give NATS more room"}
)

// away returns the error that a request gets while the engine does not answer.
func away(err error) error {
	if known, ok := errors.AsType[*world.StoreError](err); ok {
		return known
	}
	if isFull(err) {
		return errFull
	}
	return &world.StoreError{Reason: "the store of the worlds is away: " + err.Error()}
}

// Use implements world.Store.
func (s *Store) Use(w *world.World, t *world.Turn) error {
	h, ok := w.Held.(*held)
	if !ok { // a world that is being made: Add stores it
		t.Do()
		return nil
	}
	if !t.Writes {
		return s.read(h, t)
	}
	after, err := s.write(h, t)
	for _, do := range after {
		do()
	}
	return err
}

// read runs a Turn that does not write. If it only reads what is published, it waits for no other Turn.
func (s *Store) read(h *held, t *world.Turn) error {
	if !s.current(h, t.Since) {
		if err := s.reach(h, t.Since); err != nil {
			return away(err)
		}
	}
	if !t.Reads {
		h.gate.RLock()
		defer h.gate.RUnlock()
	}
	t.Do()
	t.Sequence = h.seq.Load() // what is published has no newer change
	return nil
}

// unlock publishes the world as it is now, and releases the gate.
func (h *held) unlock() {
	h.show()
	h.gate.Unlock()
}

// show publishes the world. The gate must be held for writing, or the world be unknown to others.
func (h *held) show() {
	if !h.gone && !h.broken {
		h.world.Publish()
		h.shown.Store(h.seq.Load())
	}
}

// reach applies what other nodes have written, the change with a sequence included.
func (s *Store) reach(h *held, since uint64) error {
	h.gate.Lock()
	defer h.unlock()
	ctx, cancel := context.WithTimeout(context.Background(), s.options.Timeout)
	defer cancel()
	_, err := s.catchUp(ctx, h, since)
	if err == nil && h.gone {
		return errDropped
	}
	return err
}

// write runs t.Do until its change is stored, and returns what follows it.
func (s *Store) write(h *held, t *world.Turn) (after []func(), err error) {
	h.gate.Lock()
	defer h.unlock()
	p := &patience{left: s.options.Timeout}
	for range mostRuns {
		if err := s.prepare(h, t.Since, p); err != nil {
			return nil, away(err)
		}
		if h.gone {
			return nil, errDropped
		}
		after, err = s.try(h, t, p)
		if err == nil {
			t.Sequence = h.seq.Load()
			return after, nil
		}
		if !errors.Is(err, errConflict) {
			return nil, away(err)
		}
	}
	return nil, errBusy
}

// patience is how long a request still waits for the engine. What the request does by itself takes no
// time from it.
type patience struct{ left time.Duration }

// start returns a context for one use of the engine, which has a second at least. stop ends the use.
func (p *patience) start() (ctx context.Context, stop func()) {
	since := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), max(p.left, attempt))
	return ctx, func() {
		cancel()
		p.left -= time.Since(since)
	}
}

// prepare applies what this node has heard of, or what a request asks for.
func (s *Store) prepare(h *held, since uint64, p *patience) error {
	upTo := h.newest.Load()
	if !s.current(h, since) {
		upTo = max(upTo, since)
	}
	if !h.broken && h.seq.Load() >= upTo {
		return nil
	}
	ctx, stop := p.start()
	defer stop()
	_, err := s.catchUp(ctx, h, upTo)
	return err
}

// try runs t.Do once. After an error the world is as it was before, or as other nodes have made it.
func (s *Store) try(h *held, t *world.Turn, p *patience) (after []func(), err error) {
	stored := false
	h.world.Begin()
	defer func() { // a panic undoes the change, too
		after = h.world.TakeAfter()
		if !stored {
			after = nil
			if broken := h.world.GoBack(); broken != nil {
				h.broken = true
				s.options.Bug(broken)
			}
		}
		if errors.Is(err, errConflict) {
			err = s.afterConflict(h, p)
		}
	}()
	t.Do()
	ctx, stop := p.start()
	defer stop()
	img, changed, err := h.world.Changes()
	if err != nil {
		return nil, err
	}
	if changed {
		err = s.append(ctx, h, kindChange, img)
		stored = err == nil
		return nil, err
	}
	if _, found, err := s.next(ctx, h, h.seq.Load()); err != nil || found {
		if found {
			err = errConflict // what the request saw was old
		}
		return nil, err
	}
	stored = true
	return nil, nil
}

// afterConflict catches up, and returns errConflict if t.Do may run again.
func (s *Store) afterConflict(h *held, p *patience) error {
	ctx, stop := p.start()
	defer stop()
	n, err := s.catchUp(ctx, h, h.seq.Load()+1)
	if err != nil {
		return err
	}
	if n == 0 && !h.gone { // the other's change is on its way, or the subject is gone
		if _, err := s.last(ctx, h.subject); errors.Is(err, jetstream.ErrMsgNotFound) {
			s.dropped(h)
			return errDropped
		}
		time.Sleep(2 * time.Millisecond)
	}
	return errConflict
}

// append stores a change. The gate must be held for writing.
func (s *Store) append(ctx context.Context, h *held, kind string, img *world.Image) error {
	if img != nil && img.Outline != nil {
		if err := s.publishOwners(ctx, h, img.Outline.Registered); err != nil {
			return err
		}
	}
	msg, err := s.encode(ctx, h, kind, img)
	if err != nil {
		return err
	}
	seq, err := s.publish(ctx, h, msg)
	object := msg.Header.Get(headerObject)
	if err != nil {
		if object != "" && !isUnknown(err) {
			go s.deleteObjects([]string{object})
		}
		return err
	}
	h.stored(seq, object)
	s.note(h.world.Name, entry{sequence: seq, at: time.Now(), used: lastUse(msg.Header, time.Now()),
		senders: msg.Header.Get(headerSenders)})
	if h.changes >= s.options.SnapshotEvery {
		h.changes = 0
		go s.snapshot(h)
	}
	return nil
}

// stored notes that a change of this node is in the store.
func (h *held) stored(seq uint64, object string) {
	h.seq.Store(seq)
	h.world.SetMark()
	h.changes++
	if object != "" {
		h.objects = append(h.objects, object)
	}
}

// publish publishes a message after the newest one in memory. It repeats what failed without an
// answer: of two copies the engine takes only one, because both name the same message before them.
func (s *Store) publish(ctx context.Context, h *held, msg *nats.Msg, opts ...jetstream.PublishOpt) (uint64, error) {
	last := h.seq.Load()
	msg.Header.Set(headerPrevious, strconv.FormatUint(last, 10))
	opts = append(opts, jetstream.WithExpectLastSequencePerSubject(last), jetstream.WithRetryAttempts(0))
	unknown := false
	settled, cancel := context.WithTimeout(context.WithoutCancel(ctx), settle)
	defer cancel()
	for n := 0; ; n++ {
		wait := min(quick<<min(n, 4), 4*attempt)
		one, cancel := context.WithTimeout(settled, wait)
		ack, err := s.js.PublishMsg(one, msg, opts...)
		cancel()
		if err == nil {
			return ack.Sequence, nil
		}
		if isConflict(err) && !unknown {
			return 0, errConflict
		}
		if isConflict(err) {
			return s.mine(settled, h, last, msg.Header.Get(headerID))
		}
		if isFull(err) && !unknown {
			return 0, errFull
		}
		unknown = unknown || !isUnsent(err)
		if !unknown && !s.nc.IsConnected() {
			return 0, &world.StoreError{Reason: "the store of the worlds is away"}
		}
		if ended := ctx.Err() != nil && !unknown || settled.Err() != nil; ended {
			return 0, &world.StoreError{Reason: "the store of the worlds does not take the change: " + err.Error(),
				Unknown: unknown}
		}
		time.Sleep(backoff(n))
	}
}

// mine returns the sequence of the message after last if it has that identifier, and errConflict if
// it has another: then the request may run again. There may be none yet, because the engine refuses a
// second copy while it still stores the first. Or a snapshot of another node has taken its place, and
// nobody can say whose it was.
func (s *Store) mine(ctx context.Context, h *held, last uint64, id string) (uint64, error) {
	m, ok, err := s.next(ctx, h, last)
	for n := 0; err == nil && !ok && ctx.Err() == nil; n++ {
		time.Sleep(backoff(n))
		m, ok, err = s.next(ctx, h, last)
	}
	if err == nil && !ok {
		err = ctx.Err()
	}
	if err != nil {
		return 0, &world.StoreError{Reason: "the store of the worlds is away: " + err.Error(), Unknown: true}
	}
	switch {
	case m.id == id:
		return m.sequence, nil
	case m.previous != last:
		return 0, &world.StoreError{Reason: "other nodes keep writing to the world", Unknown: true}
	}
	return 0, errConflict
}

// isUnknown reports whether a message may be in the stream although publishing it failed.
func isUnknown(err error) bool {
	failed, ok := errors.AsType[*world.StoreError](err)
	return ok && failed.Unknown
}

func isConflict(err error) bool {
	return isRefused(err, jetstream.JSErrCodeStreamWrongLastSequence,
		jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// Codes that the client library has no names for.
const (
	noRoom        jetstream.ErrorCode = 10023
	noAccountRoom jetstream.ErrorCode = 10002
	noReplicas    jetstream.ErrorCode = 10074 // a server alone is asked for several copies
)

// isFull reports whether the engine refused something because it has no room, at all or for the account.
func isFull(err error) bool { return isRefused(err, noRoom, noAccountRoom) }

// isRefused reports whether the engine answered with one of some codes.
func isRefused(err error, codes ...jetstream.ErrorCode) bool {
	api, ok := errors.AsType[*jetstream.APIError](err)
	return ok && slices.Contains(codes, api.ErrorCode)
}

// notKept is the code of an engine that could not store what a majority may have: the client library
// has no name for it.
const notKept jetstream.ErrorCode = 10077

// isUnsent reports whether a message certainly did not reach the stream.
func isUnsent(err error) bool {
	api, refused := errors.AsType[*jetstream.APIError](err)
	return refused && api.ErrorCode != notKept ||
		errors.Is(err, nats.ErrReconnectBufExceeded) || errors.Is(err, nats.ErrConnectionClosed) ||
		errors.Is(err, nats.ErrNoResponders) || errors.Is(err, jetstream.ErrNoStreamResponse)
}
