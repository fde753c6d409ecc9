package table

import (
	"encoding/json"
	"iter"
)

// Batches are encoded rows in their order, some at a time. They may be read more than once; a batch is valid
// until the next one. Nil has none for Each.
type Batches iter.Seq[[]json.RawMessage]

// InBatches returns rows as one batch.
func InBatches(rows []json.RawMessage) Batches {
	return func(yield func([]json.RawMessage) bool) { yield(rows) }
}

// batchBytes is how much JSON a batch of Encoded has, but for the last row.
const batchBytes = 128 << 10

// Encoded returns the rows of what Copy of a table returned, in the order of their insertion. They are encoded as they
// are read, again and again in the same memory. Reading them needs no lock: a copy never changes.
func Encoded(copied any) Batches {
	d := &copied.(*frozenTable).data
	return func(yield func([]json.RawMessage) bool) {
		var texts []json.RawMessage
		var text []byte
		more := true
		d.bySeq.Scan(func(_ uint64, row stored) bool {
			start := len(text)
			text = appendRow(text, row)
			texts = append(texts, text[start:len(text):len(text)])
			if len(text) >= batchBytes {
				more = yield(texts)
				texts, text = texts[:0], text[:0]
			}
			return more
		})
		if more && len(texts) > 0 {
			yield(texts)
		}
	}
}

// Each calls visit for each row until it returns an error, and returns that.
func (b Batches) Each(visit func(i int, row json.RawMessage) error) error {
	if b == nil {
		return nil
	}
	n := 0
	for batch := range b {
		for _, row := range batch {
			if err := visit(n, row); err != nil {
				return err
			}
			n++
		}
	}
	return nil
}

// Tables are the rows of an owner by table.
type Tables map[string]Batches

// InTables returns the rows of each map, in one batch per table.
func InTables[M ~map[string][]json.RawMessage](all ...M) (out []Tables) {
	for _, rows := range all {
		tables := Tables{}
		for name := range rows {
			tables[name] = InBatches(rows[name])
		}
		out = append(out, tables)
	}
	return out
}
