package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/fake/world"
)

// Images name the seeds that they differ from. In the stream the name is followed by the hash of the rows. A node
// whose seed of that name has the same hash builds from it. The rows are in the stream, too, once for each hash, so
// that a node with other seeds, such as one of another version, reads all images. Nothing removes them: there are few.

// seedKey is a seed as this node names it, or as the stream does.
type seedKey struct{ fake, name string }

// seeds are the seeds that images have named.
type seeds struct {
	mu     sync.Mutex
	stream map[seedKey]string // by the names of this node: the names in the stream, which has the rows
	own    map[seedKey]string // by the names in the stream: those of this node, "" for none
}

// fromSeeds yields the parts of an image that name a seed, with the names of their fakes.
func fromSeeds(img *world.Image) iter.Seq2[string, *world.FakeImage] {
	all := []map[string]*world.FakeImage{img.Fakes}
	if img.Base != nil {
		all = append(all, img.Base.Kept, img.Base.Origins)
	}
	return func(yield func(string, *world.FakeImage) bool) {
		for _, fakes := range all {
			for name, f := range fakes {
				if f != nil && f.Seed != "" && !yield(name, f) {
					return
				}
			}
		}
	}
}

// nameSeeds replaces the names of seeds in an image by those in the stream, and stores what that lacks.
func (s *Store) nameSeeds(ctx context.Context, h *held, img *world.Image) (err error) {
	for fake, f := range fromSeeds(img) {
		if f.Seed, err = s.streamSeed(ctx, h, seedKey{fake, f.Seed}); err != nil {
			return err
		}
	}
	return nil
}

// streamSeed returns the name in the stream of a seed of this node, and stores its rows if the stream lacks them.
func (s *Store) streamSeed(ctx context.Context, h *held, key seedKey) (string, error) {
	s.seeds.mu.Lock()
	name, known := s.seeds.stream[key]
	s.seeds.mu.Unlock()
	if known {
		return name, nil
	}
	name, rows, err := s.hashSeed(key)
	if err == nil {
		err = s.storeSeed(ctx, h, seedKey{key.fake, name}, rows)
	}
	if err != nil {
		return "", err
	}
	s.seeds.mu.Lock()
	defer s.seeds.mu.Unlock()
	s.seeds.stream[key] = name
	return name, nil
}

// hashSeed returns the name that a seed of this node has in the stream, and its rows.
func (s *Store) hashSeed(key seedKey) (name string, rows *world.FakeImage, err error) {
	rows, err = s.worlds.SeedImage(key.fake, key.name)
	if err != nil {
		return "", nil, err
	}
	text, err := json.Marshal(rows)
	sum := sha256.Sum256(text)
	return key.name + "@" + hex.EncodeToString(sum[:16]), rows, err
}

// seedSubject returns the subject of the rows of a seed. The hash is enough: names may have any characters.
func (s *Store) seedSubject(key seedKey) string {
	return s.options.Prefix + ".s.seed." + key.fake + "." + key.name[strings.LastIndex(key.name, "@")+1:]
}

func (s *Store) storeSeed(ctx context.Context, h *held, key seedKey, rows *world.FakeImage) error {
	_, err := s.last(ctx, s.seedSubject(key))
	if !errors.Is(err, jetstream.ErrMsgNotFound) {
		return err
	}
	msg, err := s.encode(ctx, h, kindImage, &world.Image{Fakes: map[string]*world.FakeImage{key.fake: rows}})
	if err != nil {
		return err
	}
	msg.Subject = s.seedSubject(key)
	return s.ask(ctx, func(ctx context.Context) error {
		_, err := s.js.PublishMsg(ctx, msg) // twice does no harm
		return err
	})
}

// findSeeds replaces the names of seeds in an image by those of this node. The parts that name a seed which this node
// does not have get all rows.
func (s *Store) findSeeds(ctx context.Context, img *world.Image) error {
	for fake, f := range fromSeeds(img) {
		key := seedKey{fake, f.Seed}
		if f.Seed = s.ownSeed(key); f.Seed != "" {
			continue
		}
		if err := s.loadSeed(ctx, key, f); err != nil {
			return fmt.Errorf("%s: the seed %s: %w", fake, key.name, err)
		}
	}
	return nil
}

// ownSeed returns this node's name of a seed in the stream, or "" if the node has none with these rows.
func (s *Store) ownSeed(key seedKey) string {
	s.seeds.mu.Lock()
	name, known := s.seeds.own[key]
	s.seeds.mu.Unlock()
	if known {
		return name
	}
	own := seedKey{key.fake, key.name[:max(0, strings.LastIndex(key.name, "@"))]}
	hashed, _, err := s.hashSeed(own)
	if err != nil || hashed != key.name {
		own.name = "" // an error says that there is no such seed
	}
	s.seeds.mu.Lock()
	defer s.seeds.mu.Unlock()
	s.seeds.own[key] = own.name
	return own.name
}

// loadSeed adds the rows of a seed to those that differ from it.
func (s *Store) loadSeed(ctx context.Context, key seedKey, f *world.FakeImage) error {
	raw, err := s.last(ctx, s.seedSubject(key))
	if err != nil {
		return err
	}
	img, err := s.image(ctx, parse(raw))
	if err != nil {
		return err
	}
	for name, seed := range img.Fakes[key.fake].Tables {
		here, changed := f.Tables[name]
		if !changed {
			f.Tables[name] = seed
			continue
		}
		rows, err := mergeRows(seed, here)
		if err != nil {
			return err
		}
		f.Tables[name] = world.TableImage{Numbers: here.Numbers, Rows: rows}
	}
	return nil
}

// mergeRows returns the rows of a table in the order of their numbers, with those of the second image in place of
// those of the first.
func mergeRows(images ...world.TableImage) (out []table.Numbered, err error) {
	byNumber := map[uint64]table.Numbered{}
	for _, img := range images {
		add := func(rows []table.Numbered) bool {
			for _, row := range rows {
				row.Row = slices.Clone(row.Row)
				byNumber[row.Number] = row
			}
			return true
		}
		if add(img.Rows); img.More != nil {
			if err := img.More(add); err != nil {
				return nil, err
			}
		}
	}
	for _, n := range slices.Sorted(maps.Keys(byNumber)) {
		if row := byNumber[n]; row.Row != nil {
			out = append(out, row)
		}
	}
	return out, nil
}
