package table

import (
	"bytes"
	"container/heap"
	"slices"
)

// top keeps the first of the rows that it is offered.
type top struct {
	limit int
	items keyedRows
}

// keyedRows is a heap with the last row on top.
type keyedRows []keyedRow

type keyedRow struct {
	key []byte
	row stored
}

func (a keyedRow) compare(b keyedRow) int {
	if c := bytes.Compare(a.key, b.key); c != 0 {
		return c
	}
	return int(int64(*a.row.number() - *b.row.number()))
}

func (h keyedRows) Len() int           { return len(h) }
func (h keyedRows) Less(i, j int) bool { return h[i].compare(h[j]) > 0 }
func (h keyedRows) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *keyedRows) Push(x any)        { *h = append(*h, x.(keyedRow)) }
func (h *keyedRows) Pop() any          { panic("not used") } // rows are replaced, never taken out

// offer copies the key if the row is among the first.
func (t *top) offer(key []byte, row stored) {
	if t.limit <= 0 {
		return
	}
	it := keyedRow{key, row}
	if len(t.items) == t.limit {
		if it.compare(t.items[0]) < 0 {
			t.items[0] = keyedRow{append(t.items[0].key[:0], key...), row}
			heap.Fix(&t.items, 0)
		}
		return
	}
	it.key = bytes.Clone(key)
	heap.Push(&t.items, it)
}

func (t *top) rows() []stored {
	slices.SortFunc(t.items, keyedRow.compare)
	out := make([]stored, len(t.items))
	for i, it := range t.items {
		out[i] = it.row
	}
	return out
}
