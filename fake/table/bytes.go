package table

// weight estimates the memory that a replaced row holds: its value, which takes about twice as much as its
// JSON, and one path of each tree. It also subtracts the row from held. The JSON of a row that reports a
// size may be long, so weight does not encode it.
func (t *core) weight(row stored) int {
	const path = 512
	trees := path * (2 + len(t.indexes) + len(t.orders.all))
	if t.sizeOf == nil {
		return 2*len(once(row)) + trees
	}
	size := t.sizeOf(row)
	t.data.held -= size
	return size + row.encoded() + trees
}

// Held returns the bytes held by rows that report a size, such as uploaded files.
func (t *core) Held() int { return t.data.held }

// Replaced returns the bytes of all rows ever removed or replaced. It only grows.
func (t *core) Replaced() int { return t.replaced }
