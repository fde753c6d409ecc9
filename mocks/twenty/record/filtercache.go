package record

import (
	"sync"

	"github.com/afba07b5/mockserver/fake/table"
)

// filterCache caches which rows of a table a filter matched, while the table is unchanged: paging
// or repeated queries evaluate the rows once. It is safe for concurrent use.
type filterCache struct {
	mu   sync.Mutex
	kept map[cacheKey]cacheEntry
}

// memoSize bounds the filters that are remembered, of all tables of a world together.
const memoSize = 16

type cacheKey struct {
	table  any // see Table.Identity
	layout *Layout
	filter string
}

type cacheEntry struct {
	version uint64
	rows    []*Row
}

// Matched returns the rows of a table that a filter, given as a text, matches, if they were set since the table
// changed.
func (s *Store) Matched(t *Table, l *Layout, filter string) ([]*Row, bool) {
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	found, ok := s.cache.kept[cacheKey{table.Identity(t), l, filter}]
	return found.rows, ok && found.version == t.Version()
}

// SetMatched keeps the rows that a filter matches, unless it is known what it matches of later rows.
func (s *Store) SetMatched(t *Table, l *Layout, filter string, rows []*Row) {
	m, key, version := s.cache, cacheKey{table.Identity(t), l, filter}, t.Version()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil || len(m.kept) >= memoSize {
		m.kept = make(map[cacheKey]cacheEntry, memoSize)
	}
	if m.kept[key].version <= version {
		m.kept[key] = cacheEntry{version, rows}
	}
}
