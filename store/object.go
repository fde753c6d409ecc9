package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// An object is what does not fit into one message: a snapshot, or a long change. It is a row of
// messages of separate subjects, each of which is stored before the next one is sent, and its name
// is complete only then. The object store of the client library sends them all at once, and after
// the loss of a server reads some of them as corrupt.

// putObject stores an object and returns its name, which ends with the number of its parts.
func (s *Store) putObject(ctx context.Context, h *held, body []byte) (name string, err error) {
	id := strings.TrimPrefix(h.subject, s.options.Prefix+".w.") + "." + nuid.Next()
	parts := 0
	for part := range slices.Chunk(body, int(s.nc.MaxPayload())-4096) {
		err := s.ask(ctx, func(ctx context.Context) error {
			_, err := s.js.Publish(ctx, s.partSubject(id, parts), part) // twice does no harm
			return err
		})
		if err != nil {
			go s.deleteObjects([]string{id})
			return "", err
		}
		parts++
	}
	return id + ":" + strconv.Itoa(parts), nil
}

func (s *Store) partSubject(id string, part int) string {
	return fmt.Sprintf("%s.s.%s.%d", s.options.Prefix, id, part)
}

// object returns the content of an object.
func (s *Store) object(ctx context.Context, name string) (body []byte, err error) {
	id, count, _ := strings.Cut(name, ":")
	parts, err := strconv.Atoi(count)
	if err != nil {
		return nil, err
	}
	known := s.directParts(ctx, id, parts)
	all := make([][]byte, parts)
	for i := range all {
		var found bool
		if all[i], found = known[i]; found {
			continue
		}
		err = s.ask(ctx, func(ctx context.Context) error {
			m, err := s.get(ctx, query{LastFor: s.partSubject(id, i)})
			if err == nil {
				all[i] = m.Data
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if parts == 1 {
		return all[0], nil
	}
	return slices.Concat(all...), nil
}

// deleteObjects removes objects. One that stays costs room and nothing else.
func (s *Store) deleteObjects(names []string) {
	ctx, cancel := context.WithTimeout(context.Background(), snapshotTimeout)
	defer cancel()
	for _, name := range names {
		id, _, _ := strings.Cut(name, ":")
		s.stream.Purge(ctx, jetstream.WithPurgeSubject(s.options.Prefix+".s."+id+".>")) // see above
	}
}
