package table

// weight estimates what a row that was replaced keeps in memory: its value, its JSON, and a path of each tree. It also
// counts the row off.
func (t *core) weight(row stored) int {
	const path = 512
	trees := path * (2 + len(t.indexes))
	if t.sizeOf != nil {
		size := t.sizeOf(row)
		t.data.held -= size
		return size + trees
	}
	return 2*len(row.JSON()) + trees
}

// Held returns the bytes of the rows that say how much they hold, like uploaded files.
func (t *core) Held() int { return t.data.held }

// Replaced returns the bytes of all rows that were ever removed or replaced. It only grows.
func (t *core) Replaced() int { return t.replaced }
