package table

import (
	"bytes"
	"container/heap"
	"slices"
)

// top keeps the first of the rows that it is offered.
type top[T any] struct {
	limit int
	items keyedRows[T]
}

// keyedRows is a heap with the last row on top.
type keyedRows[T any] []keyedRow[T]

type keyedRow[T any] struct {
	key []byte
	row *Row[T]
}

func (a keyedRow[T]) compare(b keyedRow[T]) int {
	if c := bytes.Compare(a.key, b.key); c != 0 {
		return c
	}
	return int(int64(a.row.seq - b.row.seq))
}

func (h keyedRows[T]) Len() int           { return len(h) }
func (h keyedRows[T]) Less(i, j int) bool { return h[i].compare(h[j]) > 0 }
func (h keyedRows[T]) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *keyedRows[T]) Push(x any)        { *h = append(*h, x.(keyedRow[T])) }
func (h *keyedRows[T]) Pop() any          { panic("not used") } // rows are replaced, never taken out

// offer copies the key if the row is among the first.
func (t *top[T]) offer(key []byte, row *Row[T]) {
	if t.limit <= 0 {
		return
	}
	it := keyedRow[T]{key, row}
	if len(t.items) == t.limit {
		if it.compare(t.items[0]) < 0 {
			t.items[0] = keyedRow[T]{append(t.items[0].key[:0], key...), row}
			heap.Fix(&t.items, 0)
		}
		return
	}
	it.key = bytes.Clone(key)
	heap.Push(&t.items, it)
}

func (t *top[T]) rows() []*Row[T] {
	slices.SortFunc(t.items, keyedRow[T].compare)
	out := make([]*Row[T], len(t.items))
	for i, it := range t.items {
		out[i] = it.row
	}
	return out
}
