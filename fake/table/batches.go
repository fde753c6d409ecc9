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
