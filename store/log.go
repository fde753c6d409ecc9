package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/afba07b5/mockserver/fake/world"
)

// everything makes catchUp ask the leader of the stream whether there is more.
const everything = math.MaxUint64

// catchUp applies the changes of other nodes until the world has the one with a sequence, or there are no
// more, and returns their number. The gate must be held for writing.
func (s *Store) catchUp(ctx context.Context, h *held, upTo uint64) (n int, err error) {
	for !h.gone && (h.broken || h.seq.Load() < upTo) {
		if h.broken {
			if err := s.reload(ctx, h); err != nil {
				return n, err
			}
			n++
			continue
		}
		all, _, err := s.following(ctx, h, h.seq.Load())
		if err != nil || len(all) == 0 {
			return n, err
		}
		for _, m := range all {
			if m.previous != h.seq.Load() && m.kind != kindDropped {
				h.broken = true // a snapshot has taken the place of some
				break
			}
			if err := s.apply(ctx, h, m); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}

// apply makes the change of a message, which follows the newest one in memory.
func (s *Store) apply(ctx context.Context, h *held, m message) error {
	switch m.kind {
	case kindDropped:
		s.dropped(h)
		return nil
	case kindChange, kindImage:
		img, err := s.image(ctx, m)
		if err == nil {
			h.own(img)
			err = h.world.Apply(img)
		}
		if err != nil {
			h.broken = true
			return fmt.Errorf("world %s: change %d: %w", h.world.Name, m.sequence, err)
		}
	}
	h.stored(m.sequence, m.object)
	if m.kind == kindSnapshot {
		h.changes, h.snapshots, h.objects = 0, h.snapshots+1, []string{m.object}
	}
	return nil
}

// own notes the registered credentials of an image.
func (h *held) own(img *world.Image) {
	if img.Outline != nil {
		h.owned, h.tokens = img.Outline.Registered, len(img.Outline.Registered)
	}
}

// dropped notes that a world is gone.
func (s *Store) dropped(h *held) {
	h.gone = true
	s.release(h)
	s.worlds.Evict(h.world, true)
}

// release forgets a world of this node's memory.
func (s *Store) release(h *held) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held[h.world.Name] == h {
		delete(s.held, h.world.Name)
	}
}

// reload loads a world anew, for as long as that takes: the next request would begin at the same place.
func (s *Store) reload(ctx context.Context, h *held) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadTimeout)
	defer cancel()
	found, err := s.load(ctx, h)
	if err == nil && !found {
		s.dropped(h)
	}
	return err
}

// loadTimeout bounds one load of a world.
const loadTimeout = 30 * time.Second

// load makes a world as it is in the store; found reports whether the store has it.
func (s *Store) load(ctx context.Context, h *held) (found bool, err error) {
	for range 5 {
		found, err = s.loadOnce(ctx, h)
		if err == nil || ctx.Err() != nil {
			return found, err
		}
		time.Sleep(10 * time.Millisecond) // a snapshot has removed what was to be read
	}
	return found, err
}

func (s *Store) loadOnce(ctx context.Context, h *held) (found bool, err error) {
	all, err := s.messages(ctx, h)
	if err != nil || len(all) == 0 || all[len(all)-1].kind == kindDropped {
		return false, err
	}
	start, at := -1, uint64(0)
	for i, m := range all {
		switch m.kind {
		case kindImage:
			start, at = i, m.sequence
		case kindSnapshot:
			if m.at > at { // one that came late would lack what is no longer in the store
				start, at = i, m.at
			}
		}
	}
	if start < 0 {
		return false, errors.New("no snapshot")
	}
	img, err := s.image(ctx, all[start])
	if err != nil {
		return false, err
	}
	h.own(img)
	h.broken = true // until all is applied
	if err := h.world.Apply(img); err != nil {
		return false, err
	}
	h.objects, h.changes, h.snapshots = nil, 0, h.snapshots+1
	h.stored(at, all[start].object)
	for _, m := range all {
		if m.sequence <= at {
			continue
		}
		if m.previous != h.seq.Load() {
			return false, fmt.Errorf("change %d follows %d, not %d", m.sequence, m.previous, h.seq.Load())
		}
		if m.kind == kindSnapshot {
			h.seq.Store(m.sequence)
		} else if err := s.apply(ctx, h, m); err != nil {
			return false, err
		}
	}
	h.broken = false
	return true, nil
}

// messages returns the messages of a world that one server has, and those that the node has heard of or
// shown. Later ones are heard of, or found by a write.
func (s *Store) messages(ctx context.Context, h *held) (all []message, err error) {
	for after := uint64(0); ; {
		more, whole, err := s.following(ctx, h, after)
		if err != nil || len(more) == 0 {
			return all, err
		}
		all, after = append(all, more...), more[len(more)-1].sequence
		if whole && after >= max(s.heardOf(h.world.Name), h.shown.Load()) {
			return all, nil
		}
	}
}

// loading is a world on its way into memory. The fields are set when done is closed.
type loading struct {
	done  chan struct{}
	world *world.World
	err   error
}

// Open implements world.Store. A world that takes longer than a request waits goes on being loaded, for the
// next request: on a busy machine each would otherwise begin again.
func (s *Store) Open(name string) (*world.World, error) {
	s.mu.Lock()
	l := s.loading[name]
	if l == nil {
		l = &loading{done: make(chan struct{})}
		s.loading[name] = l
		go s.finish(name, l)
	}
	s.mu.Unlock()
	select {
	case <-l.done:
		return l.world, l.err
	case <-time.After(s.options.Timeout):
		return nil, &world.StoreError{Reason: "the world is still being loaded from the store"}
	}
}

// finish loads a world for those who wait for it.
func (s *Store) finish(name string, l *loading) {
	s.loads <- struct{}{}
	l.world, l.err = s.open(name)
	<-s.loads
	s.mu.Lock()
	delete(s.loading, name)
	s.mu.Unlock()
	close(l.done)
}

func (s *Store) open(name string) (*world.World, error) {
	if w := s.worlds.Loaded(name); w != nil {
		return w, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), loadTimeout)
	defer cancel()
	w := s.worlds.NewReplica(name)
	w.SetUsed(s.lastUse(name))
	h := &held{world: w, subject: s.subject(name), loaded: time.Now()}
	found, err := s.load(ctx, h)
	if err != nil {
		return nil, away(err)
	}
	if !found {
		if s.heardOf(name) > 0 {
			s.forgetRemoved(ctx, name)
		}
		return nil, nil
	}
	w.Held = h
	h.show()
	kept := s.worlds.Keep(w)
	if kept == w {
		s.hold(w)
	}
	return kept, nil
}

// Add implements world.Store.
func (s *Store) Add(w *world.World, limit int) error {
	if !s.reserve(w.Name, limit) {
		return world.TooMany(limit)
	}
	defer s.unreserve(w.Name)
	ctx, cancel := context.WithTimeout(context.Background(), s.options.Timeout)
	defer cancel()
	h := &held{world: w, subject: s.subject(w.Name), loaded: time.Now()}
	h.gate.Lock()
	defer h.unlock()
	if err := s.add(ctx, h); err != nil {
		return err
	}
	w.Held = h
	s.hold(w)
	return nil
}

// reserve counts a world that is being added, and reports whether there is room for it beside all worlds that this
// node has heard of. A name that is taken needs no room: add refuses it.
func (s *Store) reserve(name string, limit int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := func(name string) bool {
		e, known := s.known[name]
		return s.held[name] != nil || known && !e.dropped
	}
	n := 0
	for name := range s.known {
		if s.adding[name] == 0 && taken(name) {
			n++
		}
	}
	if n+len(s.adding) >= limit && !taken(name) {
		return false
	}
	s.adding[name]++
	return true
}

func (s *Store) unreserve(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.adding[name]--; s.adding[name] == 0 {
		delete(s.adding, name)
	}
}

// last returns the newest message of a subject.
func (s *Store) last(ctx context.Context, subject string) (raw *jetstream.RawStreamMsg, err error) {
	err = s.ask(ctx, func(ctx context.Context) (err error) {
		raw, err = s.get(ctx, query{LastFor: subject})
		return err
	})
	return raw, err
}

// add stores a new world.
func (s *Store) add(ctx context.Context, h *held) error {
	last, err := s.last(ctx, h.subject)
	switch {
	case err == nil && parse(last).kind == kindDropped:
		h.seq.Store(last.Sequence)
	case err == nil:
		return fmt.Errorf("world %q exists", h.world.Name)
	case !errors.Is(err, jetstream.ErrMsgNotFound):
		return away(err)
	}
	img, err := h.world.Image()
	if err != nil {
		return err
	}
	err = s.append(ctx, h, kindImage, img)
	if errors.Is(err, errConflict) {
		return fmt.Errorf("world %q exists", h.world.Name)
	}
	return err
}
