package table

import (
	"encoding/json"
	"iter"
)

// Batches are encoded rows in their order, some at a time. They may be read more than once; a batch is valid
// until the next one. Nil has none.
type Batches iter.Seq[[]json.RawMessage]

// InBatches returns rows as one batch. Nil stays nil.
func InBatches(rows []json.RawMessage) Batches {
	if rows == nil {
		return nil
	}
	return func(yield func([]json.RawMessage) bool) { yield(rows) }
}

// all returns the batches, none for nil.
func (b Batches) all() iter.Seq[[]json.RawMessage] {
	if b == nil {
		return func(func([]json.RawMessage) bool) {}
	}
	return iter.Seq[[]json.RawMessage](b)
}

// Each calls visit for each row until it returns an error, and returns that.
func (b Batches) Each(visit func(i int, row json.RawMessage) error) error {
	n := 0
	for batch := range b.all() {
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
