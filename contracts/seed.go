package contracts

import (
	"crypto/sha256"
	"encoding/json"
	"sync"

	"github.com/afba07b5/mockserver/contracts/compare"
	"github.com/afba07b5/mockserver/contracts/jsontree"
)

// seedFacts is what a replay wants to know of the rows that a world begins with.
type seedFacts struct {
	literals map[string]bool // keys of the values in the rows; never changed
	ids      map[string]bool // of rows with random identifiers

	shown sync.Map // case → whether one of its answers shows such an identifier

	rows    []byte
	once    sync.Once
	tables  *jsontree.Node // the rows, when one of them has been looked for
	numbers sync.Map       // standing thing → its number in the rows
}

func factsOf(rows []byte) *seedFacts {
	b := compare.NewBinding("")
	b.Literal(string(rows))
	return &seedFacts{literals: b.Literals, ids: rowIDs(rows), rows: rows}
}

// isHome reports whether the case was recorded in the workspace of the seed.
func (f *seedFacts) isHome(c *Case) bool {
	if known, ok := f.shown.Load(c); ok {
		return known.(bool)
	}
	home := c.shows(f.ids)
	f.shown.Store(c, home)
	return home
}

// seeder is a world that shares what is known of its seed with others.
type seeder interface{ seed() (*seedFacts, error) }

// seedOf returns the facts of a world's seed, and whether they can be known.
func seedOf(w World) (facts *seedFacts, known bool, err error) {
	if s, ok := w.(seeder); ok {
		facts, err = s.seed()
		return facts, true, err
	}
	rows, err := w.Literals()
	if err != nil {
		return nil, false, err
	}
	return factsOf(rows), rows != nil, nil
}

// seedCache keeps the facts of seeds by their rows. Most worlds of a target begin alike.
type seedCache struct {
	mu    sync.Mutex
	facts map[[sha256.Size]byte]*seedFacts
}

func (s *seedCache) of(tables map[string][]json.RawMessage) (*seedFacts, error) {
	sum := sha256.New()
	for _, name := range sortedKeys(tables) {
		sum.Write([]byte(name))
		for _, row := range tables[name] {
			sum.Write(row)
			sum.Write([]byte{0})
		}
	}
	key := [sha256.Size]byte(sum.Sum(nil))
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.facts[key]; known != nil {
		return known, nil
	}
	rows, err := json.Marshal(tables)
	if err != nil {
		return nil, err
	}
	if s.facts == nil {
		s.facts = map[[sha256.Size]byte]*seedFacts{}
	}
	s.facts[key] = factsOf(rows)
	return s.facts[key], nil
}
