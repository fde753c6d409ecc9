package table

import (
	"sync"
	"weak"
)

// encodings are rows that keep their JSON, so that a row that is read often is encoded once. When they have
// too much of it, the row that has kept its JSON for longest drops it.
type encodings struct {
	mu    sync.Mutex
	rows  []encoding // the first one was the first to keep its JSON
	bytes int
}

// encoding is a row with cached JSON. It does not keep the row in memory.
type encoding struct {
	of    weak.Pointer[place]
	bytes int
}

// kept bounds the cached JSON of all rows of the process.
var kept encodings

// mostEncoded is the maximum size, in bytes, of the cached JSON of all rows.
const mostEncoded = 16 << 20

// perEncoding is the overhead, in bytes, of a row with cached JSON.
const perEncoding = 96

// add caches the JSON of a row, unless another goroutine has done so.
func (k *encodings) add(p *place, text Raw) {
	if !p.text.CompareAndSwap(nil, &text) {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.rows = append(k.rows, encoding{weak.Make(p), len(text) + perEncoding})
	k.bytes += len(text) + perEncoding
	for k.bytes > mostEncoded {
		if oldest := k.rows[0].of.Value(); oldest != nil {
			oldest.text.Store(nil)
		}
		k.bytes, k.rows = k.bytes-k.rows[0].bytes, k.rows[1:]
	}
}
