package store

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// snapshotTimeout bounds one snapshot.
const snapshotTimeout = 30 * time.Second

// snapshot stores the whole world and removes the changes before it. Writes go on meanwhile. If it
// fails, the changes are all still there.
func (s *Store) snapshot(h *held) {
	ctx, cancel := context.WithTimeout(context.Background(), snapshotTimeout)
	defer cancel()
	h.gate.RLock()
	at, old, before := h.seq.Load(), len(h.objects), h.snapshots
	img, err := h.world.Image()
	unusable := h.broken || h.gone
	h.gate.RUnlock()
	if err != nil || unusable {
		return
	}
	if s.nameSeeds(ctx, h, img) != nil {
		return
	}
	body, err := encodeImage(img)
	if err != nil {
		s.options.Bug(err)
		return
	}
	object, err := s.putObject(ctx, h, body)
	if err != nil {
		return
	}
	if err := s.replaceBy(ctx, h, snapshot{object, at, old, before}); err != nil && !isUnknown(err) {
		s.deleteObjects([]string{object})
	}
}

// snapshot is an object with a world as it was after a message, and what the node held then.
type snapshot struct {
	object         string
	at             uint64
	old, snapshots int
}

var errNeedless = errors.New("another snapshot was made meanwhile, or the world is gone")

// replaceBy appends the message that names a snapshot and removes what the snapshot contains. If
// this node or another has made one meanwhile, that one stays: it may be newer, and what is between
// the two is no longer in the store.
func (s *Store) replaceBy(ctx context.Context, h *held, n snapshot) error {
	h.gate.Lock()
	defer h.unlock()
	for range mostRuns {
		if _, err := s.catchUp(ctx, h, everything); err != nil {
			return err
		}
		if h.gone || h.snapshots != n.snapshots || len(h.objects) < n.old {
			return errNeedless
		}
		msg := s.newMessage(h, kindSnapshot)
		msg.Header.Set(headerObject, n.object)
		msg.Header.Set(headerAt, strconv.FormatUint(n.at, 10))
		seq, err := s.publish(ctx, h, msg)
		if err == nil {
			gone := h.objects[:n.old]
			h.seq.Store(seq)
			h.snapshots++
			h.objects = append([]string{n.object}, h.objects[n.old:]...)
			go s.clean(h.subject, n.at+1, gone)
			return nil
		}
		if !errors.Is(err, errConflict) {
			return err
		}
	}
	return errBusy
}

// clean removes a world's messages before a sequence, and objects.
func (s *Store) clean(subject string, before uint64, objects []string) {
	ctx, cancel := context.WithTimeout(context.Background(), snapshotTimeout)
	defer cancel()
	if s.stream.Purge(ctx, jetstream.WithPurgeSubject(subject), jetstream.WithPurgeSequence(before)) == nil {
		s.deleteObjects(objects)
	}
}
