package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/afba07b5/mockserver/fake/world"
)

// entry is what a node knows of a world that it need not have in memory: its newest message.
type entry struct {
	sequence uint64
	at       time.Time
	used     time.Time // when a node last used the world
	dropped  bool
	node     string // that dropped the world
	senders  string // nodes that have webhooks to send, with commas
}

// follow listens to all worlds: to the headers of their messages only, for they are what tells that
// there is something to read.
func (s *Store) follow(ctx context.Context) error {
	if err := s.listen(); err != nil {
		return err
	}
	reading, err := s.consume(ctx)
	if err != nil {
		return err
	}
	s.done.Go(func() { s.keepFollowing(ctx, reading) })
	s.done.Go(func() { s.tend(ctx) })
	return nil
}

// consume starts a consumer of the messages that the node has not heard of. ctx bounds the start.
func (s *Store) consume(ctx context.Context) (jetstream.ConsumeContext, error) {
	ctx, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	config := jetstream.OrderedConsumerConfig{HeadersOnly: true, InactiveThreshold: silence * 10,
		DeliverPolicy:  jetstream.DeliverLastPerSubjectPolicy,
		FilterSubjects: []string{s.options.Prefix + ".w.*", s.options.Prefix + ".c.*"}}
	if to := s.heardTo.Load(); to > 0 {
		config.DeliverPolicy, config.OptStartSeq = jetstream.DeliverByStartSequencePolicy, to+1
	}
	consumer, err := s.stream.OrderedConsumer(ctx, config)
	if err != nil {
		return nil, err
	}
	if info := consumer.CachedInfo(); info != nil && info.NumPending == 0 {
		s.allOnce.Do(func() { close(s.all) })
	}
	return consumer.Consume(s.heard, jetstream.PullHeartbeat(beat), jetstream.PullExpiry(5*time.Second),
		jetstream.ConsumeErrHandler(func(jetstream.ConsumeContext, error) { s.listenAgain() }))
}

// listenAgain makes keepFollowing start another consumer.
func (s *Store) listenAgain() {
	select {
	case s.deaf <- struct{}{}:
	default:
	}
}

// keepFollowing replaces the consumer when it fails: after the loss of a server it would wait for up to ten
// seconds between its own attempts.
func (s *Store) keepFollowing(ctx context.Context, reading jetstream.ConsumeContext) {
	for {
		select {
		case <-ctx.Done():
			reading.Stop()
			return
		case <-s.deaf:
		}
		reading.Stop()
		for next := jetstream.ConsumeContext(nil); next == nil && ctx.Err() == nil; time.Sleep(5 * pause) {
			var err error
			if next, err = s.consume(ctx); err == nil {
				reading = next
			}
		}
	}
}

// heard notes one message of the stream.
func (s *Store) heard(m jetstream.Msg) {
	meta, err := m.Metadata()
	if err != nil {
		return
	}
	if meta.NumPending == 0 {
		defer s.allOnce.Do(func() { close(s.all) })
	}
	s.heardTo.Store(max(s.heardTo.Load(), meta.Sequence.Stream)) // messages come one after the other
	if meta.NumPending == 0 {                                    // else a snapshot may have replaced what came before
		defer s.heardAll(meta.Sequence.Stream)
	}
	name, ok := s.worldOf(m.Subject())
	if !ok {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.owners[strings.TrimPrefix(m.Subject(), s.options.Prefix+".c.")] = m.Headers().Get(headerWorld)
		return
	}
	seq := meta.Sequence.Stream
	s.note(name, entry{sequence: seq, at: meta.Timestamp, used: lastUse(m.Headers(), meta.Timestamp),
		dropped: m.Headers().Get(headerKind) == kindDropped,
		node:    m.Headers().Get(headerNode), senders: m.Headers().Get(headerSenders)})
	s.mu.Lock()
	h := s.held[name]
	s.mu.Unlock()
	if h != nil && seq > h.seq.Load() {
		for old := h.newest.Load(); old < seq && !h.newest.CompareAndSwap(old, seq); old = h.newest.Load() {
		}
		s.wake(h)
	}
}

// heardAll notes that the node has heard of all changes up to a sequence, of all worlds.
func (s *Store) heardAll(seq uint64) { s.allTo.Store(max(s.allTo.Load(), seq)) }

// current reports whether the newest change of a world up to a sequence, which may be one of another world, is
// certainly at or before the one that the node shows.
func (s *Store) current(h *held, since uint64) bool {
	shown := h.shown.Load()
	return shown >= since || s.allTo.Load() >= since && s.heardOf(h.world.Name) <= shown
}

// note keeps the newest entry of a world.
func (s *Store) note(name string, e entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.known[name]
	if e.sequence < known.sequence {
		return
	}
	if !known.dropped && e.used.Before(known.used) {
		e.used = known.used // whoever sent the message had not heard of it
	}
	s.known[name] = e
}

// lastUse returns when a world was last used according to the headers of a message. Earlier versions do not say:
// then it is the time of the message.
func lastUse(h nats.Header, at time.Time) time.Time {
	if used, err := strconv.ParseInt(h.Get(headerUsed), 10, 64); err == nil {
		return time.Unix(used, 0)
	}
	return at
}

// lastUse returns when a world was last used, as far as nodes have said.
func (s *Store) lastUse(name string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[name].used
}

// heardOf returns the sequence of the newest message of a world that the node has heard of.
func (s *Store) heardOf(name string) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[name].sequence
}

// wake makes a world catch up soon.
func (s *Store) wake(h *held) {
	if !h.wakes.CompareAndSwap(false, true) {
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), s.options.Timeout)
		defer cancel()
		h.gate.Lock()
		defer h.unlock()
		h.wakes.Store(false)
		if h.seq.Load() >= h.newest.Load() {
			return // this node's own message
		}
		n, err := s.catchUp(ctx, h, h.newest.Load())
		if err != nil && h.broken && ctx.Err() == nil {
			s.options.Bug(err)
		}
		if err == nil && n == 0 { // see reconnected
			go s.heardRemoved(h.world.Name)
		}
	}()
}

// reconnected makes all worlds in memory catch up.
func (s *Store) reconnected(*nats.Conn) {
	s.listenAgain()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.since = time.Now()
	for _, h := range s.held {
		h.newest.Store(h.seq.Load() + 1)
		s.wake(h)
	}
}

// Names implements world.Store.
func (s *Store) Names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := map[string]bool{}
	for name, e := range s.known {
		if !e.dropped {
			names[name] = true
		}
	}
	for name := range s.held {
		names[name] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// Owner implements world.Store.
func (s *Store) Owner(fake, credential string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.owners[credentialToken(fake, credential)]
}

// credentialToken stands for a credential, which is no reader's of the stream.
func credentialToken(fake, credential string) string {
	sum := sha256.Sum256([]byte(fake + "\x00" + credential))
	return hex.EncodeToString(sum[:])
}

// disown removes the messages of the credentials of a dropped world. Those that stay lead nowhere.
func (s *Store) disown(h *held) {
	ctx, cancel := context.WithTimeout(context.Background(), snapshotTimeout)
	defer cancel()
	for _, c := range h.owned {
		token := credentialToken(c.Fake, c.Value)
		s.mu.Lock()
		mine := s.owners[token] == h.world.Name
		if mine {
			delete(s.owners, token)
		}
		s.mu.Unlock()
		if mine {
			s.stream.Purge(ctx, jetstream.WithPurgeSubject(s.options.Prefix+".c."+token)) // see above
		}
	}
}

// publishOwners tells the other nodes which world the credentials belong to. Those of the default
// world need no mention.
func (s *Store) publishOwners(ctx context.Context, h *held, all []world.SavedCredential) error {
	if h.world.Name == "default" {
		return nil
	}
	for _, c := range all[min(h.tokens, len(all)):] {
		token := credentialToken(c.Fake, c.Value)
		msg := nats.NewMsg(s.options.Prefix + ".c." + token)
		msg.Header.Set(headerWorld, h.world.Name)
		if _, err := s.js.PublishMsg(ctx, msg); err != nil {
			return errors.Join(away(err))
		}
		s.mu.Lock()
		s.owners[token] = h.world.Name
		s.mu.Unlock()
	}
	h.tokens, h.owned = len(all), all
	return nil
}
