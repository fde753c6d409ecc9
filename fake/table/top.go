package table

import (
	"bytes"
	"cmp"
	"slices"
)

// top keeps the first of the rows that it is offered.
type top struct {
	limit int
	items []keyedRow // twice as many as wanted at most, sorted now and then
	full  bool       // there have been enough: a row behind those sorted last is not among the first
}

type keyedRow struct {
	key []byte
	row stored
}

func (a keyedRow) compare(b keyedRow) int {
	return cmp.Or(bytes.Compare(a.key, b.key), cmp.Compare(a.row.own().seq, b.row.own().seq))
}

// offer copies the key if the row may be among the first.
func (t *top) offer(key []byte, row stored) {
	it := keyedRow{key, row}
	if t.limit <= 0 || t.full && it.compare(t.items[t.limit-1]) > 0 {
		return
	}
	it.key = bytes.Clone(key)
	if t.items = append(t.items, it); len(t.items) == 2*t.limit {
		t.cut()
	}
}

func (t *top) cut() {
	slices.SortFunc(t.items, keyedRow.compare)
	t.full = len(t.items) >= t.limit
	t.items = t.items[:min(len(t.items), t.limit)]
}

func (t *top) rows() []stored {
	t.cut()
	out := make([]stored, len(t.items))
	for i, it := range t.items {
		out[i] = it.row
	}
	return out
}
