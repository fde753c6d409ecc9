package store

import (
	"context"
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
	at, old, others := h.seq.Load(), len(h.objects), h.others
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
	if err == nil && !s.replaceBy(ctx, h, snapshot{object, at, old, others}) {
		s.deleteObjects([]string{object})
	}
}

// snapshot is an object with a world as it was after a message, and what the node held then.
type snapshot struct {
	object      string
	at          uint64
	old, others int
}

// replaceBy appends the message that names a snapshot and removes what the snapshot contains. If
// another node has made one meanwhile, that one stays.
func (s *Store) replaceBy(ctx context.Context, h *held, n snapshot) (done bool) {
	h.gate.Lock()
	defer h.unlock()
	for range mostRuns {
		_, err := s.catchUp(ctx, h, everything)
		if err != nil || h.gone || h.others != n.others || len(h.objects) < n.old {
			return false
		}
		msg := s.newMessage(h, kindSnapshot)
		msg.Header.Set(headerObject, n.object)
		msg.Header.Set(headerAt, strconv.FormatUint(n.at, 10))
		seq, err := s.publish(ctx, h, msg)
		if err == nil {
			gone := h.objects[:n.old]
			h.seq.Store(seq)
			h.objects = append([]string{n.object}, h.objects[n.old:]...)
			go s.clean(h, n.at+1, gone)
			return true
		}
		if err != errConflict {
			return false
		}
	}
	return false
}

// clean removes a world's messages before a sequence, and objects.
func (s *Store) clean(h *held, before uint64, objects []string) {
	ctx, cancel := context.WithTimeout(context.Background(), snapshotTimeout)
	defer cancel()
	if s.stream.Purge(ctx, jetstream.WithPurgeSubject(h.subject), jetstream.WithPurgeSequence(before)) == nil {
		s.deleteObjects(objects)
	}
}
