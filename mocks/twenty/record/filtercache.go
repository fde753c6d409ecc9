package record

import (
	"iter"
	"slices"
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

func (m *filterCache) get(a cacheKey, version uint64) ([]*Row, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found, ok := m.kept[a]
	return found.rows, ok && found.version == version
}

// put keeps what a filter matched, unless it is known what it matches of later rows.
func (m *filterCache) put(a cacheKey, version uint64, rows []*Row) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil || len(m.kept) >= memoSize {
		m.kept = make(map[cacheKey]cacheEntry, memoSize)
	}
	if m.kept[a].version <= version {
		m.kept[a] = cacheEntry{version, rows}
	}
}

// matches are the rows that a filter matches, in the order of their insertion.
func (s *Scope) matches(t *Table, f *Filter) iter.Seq[*Row] {
	if t == nil {
		return func(func(*Row) bool) {}
	}
	a := cacheKey{table.Identity(t), s.Layout(s.Model), f.kept}
	if f.kept != "" {
		if rows, ok := s.cache.get(a, t.Version()); ok {
			return s.UntilDeadline(slices.Values(rows))
		}
	}
	return func(yield func(*Row) bool) {
		var found []*Row
		for row := range s.rows(t, f) {
			if !f.accepts(row.Value) {
				continue
			}
			if f.kept != "" {
				found = append(found, row)
			}
			if !yield(row) {
				return
			}
		}
		if f.kept != "" && s.DeadlineError() == nil {
			s.cache.put(a, t.Version(), found)
		}
	}
}
