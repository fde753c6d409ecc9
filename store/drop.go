package store

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/afba07b5/mockserver/fake/world"
)

// Drop implements world.Store.
func (s *Store) Drop(w *world.World) error {
	ctx, cancel := context.WithTimeout(context.Background(), s.options.Timeout)
	defer cancel()
	h := w.Held.(*held)
	h.gate.Lock()
	defer h.unlock()
	return s.drop(ctx, h)
}

func (s *Store) drop(ctx context.Context, h *held) error {
	for range mostRuns {
		if _, err := s.catchUp(ctx, h, everything); err != nil {
			return away(err)
		}
		if h.gone {
			return nil
		}
		seq, err := s.publish(ctx, h, s.newMessage(h, kindDropped))
		switch {
		case errors.Is(err, errConflict):
			continue
		case errors.Is(err, errFull):
			return s.dropFull(ctx, h)
		case err != nil:
			return err
		}
		s.noteDropped(h, seq)
		return nil
	}
	return errBusy
}

// noteDropped removes what is left of a world after the message with a sequence has ended it.
func (s *Store) noteDropped(h *held, seq uint64) {
	s.note(h.world.Name, entry{sequence: seq, at: time.Now(), dropped: true, node: s.node})
	h.seq.Store(seq) // for the answer
	objects := h.objects
	s.dropped(h)
	go s.clean(h.subject, seq, objects)
	go s.disown(h)
}

// dropFull drops a world while the engine has no room for the message that ends it: it removes the messages of the
// world, which takes no room. Nothing can follow them then, because each change names the message before it. The
// message that ends the world comes afterwards, if there is room for it now. If there is still none, the other nodes
// learn of the end from a message that is not stored, or when they next use the world.
func (s *Store) dropFull(ctx context.Context, h *held) error {
	if err := s.removeMessages(ctx, h); err != nil {
		return &world.StoreError{Reason: away(err).Error(), Unknown: true}
	}
	s.deleteObjects(h.objects)
	h.objects = nil
	h.seq.Store(0)
	if seq, err := s.publish(ctx, h, s.newMessage(h, kindDropped)); err == nil {
		s.noteDropped(h, seq)
		return nil
	}
	s.dropped(h)
	s.forgetRemoved(ctx, h.world.Name)
	s.nc.Publish(s.options.Prefix+".removed", []byte(h.world.Name)) // or see reconnected
	go s.disown(h)
	return nil
}

// removeMessages removes all messages of a world, those that other nodes append meanwhile as well, but not those of a
// world that another node makes under its name.
func (s *Store) removeMessages(ctx context.Context, h *held) error {
	for range mostRuns {
		last, err := s.last(ctx, h.subject)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if parse(last).kind == kindImage && last.Sequence > h.seq.Load() {
			return nil
		}
		if err := s.ask(ctx, func(ctx context.Context) error {
			return s.stream.Purge(ctx, jetstream.WithPurgeSubject(h.subject),
				jetstream.WithPurgeSequence(last.Sequence+1))
		}); err != nil {
			return err
		}
	}
	return errBusy
}

// forgetRemoved forgets a world if the store has no message of it any more.
func (s *Store) forgetRemoved(ctx context.Context, name string) {
	s.mu.Lock()
	h, heard := s.held[name], s.known[name].sequence
	s.mu.Unlock()
	if _, err := s.last(ctx, s.subject(name)); !errors.Is(err, jetstream.ErrMsgNotFound) {
		return
	}
	s.mu.Lock()
	if s.known[name].sequence == heard { // else it was made anew
		delete(s.known, name)
	}
	s.mu.Unlock()
	if h != nil {
		h.gate.Lock()
		defer h.unlock()
		s.dropped(h)
	}
}

// heardRemoved forgets a world that another node has removed.
func (s *Store) heardRemoved(name string) {
	ctx, cancel := context.WithTimeout(context.Background(), s.options.Timeout)
	defer cancel()
	s.forgetRemoved(ctx, name)
}
